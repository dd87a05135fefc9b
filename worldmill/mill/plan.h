#pragma once
#include <functional>
#include <map>
#include <string>

#include "worldmill/base/jobs.h"
#include "worldmill/base/progress.h"
#include "worldmill/mill/studio.h"

namespace wm::mill {

struct PlanOptions {
  int workers = 1;
  const base::Cancel* cancel = nullptr;
  std::function<void(const base::Progress&)> progress;
};

/// What an order will come to, found out without light.
struct Plan {
  std::string lines;  ///< As plan.jsonl will have them.
  std::int64_t accepted = 0, unfilled = 0, failed = 0;
  std::int64_t attempts = 0;                    ///< In all, those of accepted slots.
  std::map<std::string, std::int64_t> reasons;  ///< Why slots stay unfilled or fail -> how many.
  std::map<std::string, std::int64_t> objects;  ///< Class -> labelled objects in all accepted slots.
  std::map<std::string, std::int64_t> seen;     ///< Class -> objects with at least one visible pixel.
  std::map<std::string, std::int64_t> parts;    ///< Part of the split -> slots.
  double seconds_per_slot = 0;                  ///< Of acceptance on one worker; light comes on top.
  std::int64_t bytes_per_sample = 0;            ///< Raw pixels of all channels, before encoding: an upper bound.
  bool stopped = false;
};

Plan make_plan(const Studio& studio, const PlanOptions& options);

/// For a person.
std::string to_text(const Plan& plan);

}  // namespace wm::mill
