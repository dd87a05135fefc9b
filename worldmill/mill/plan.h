#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <variant>

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
  std::int64_t samples = 0;                     ///< Moments of accepted slots.
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

/// What a plan says of a slot: the attempt that was accepted, or why none was.
using Planned = std::map<Slot, std::variant<int, Unfilled>>;

/// A plan as a file: a line that says which recipe it is for, and the lines of plan.jsonl.
std::string to_file(const Plan& plan, const recipe::Recipe& recipe);

/// Reads such a file; one for another recipe, engine or platform is an error.
Result<Planned> read_plan(base::Files& files, const std::filesystem::path& path, const recipe::Recipe& recipe);

/// For a person.
std::string to_text(const Plan& plan);

}  // namespace wm::mill
