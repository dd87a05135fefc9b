#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/base/jobs.h"
#include "worldmill/base/progress.h"
#include "worldmill/mill/book.h"
#include "worldmill/mill/plan.h"

namespace wm::mill {

/// How a dataset is to be made. None of it changes the bytes.
struct MakeOptions {
  std::filesystem::path folder;
  std::optional<std::pair<std::int64_t, std::int64_t>> scenes;  ///< First and last, from 0, inclusive; none: all.
  int workers = 1;
  Planned plan;                             ///< Slots that it names are not searched for again.
  std::optional<std::uint64_t> shuffle;     ///< Works on the slots in this keyed order instead of their own.
  std::optional<double> time_limit;         ///< [s] No sample is begun after it.
  std::optional<std::uint64_t> max_memory;  ///< [bytes] No further sample is begun while it is near, unless none runs.
  const base::Cancel* cancel = nullptr;     ///< Samples in flight are finished.
  std::function<void(const base::Progress&)> progress;  ///< Called from any thread, one at a time.
  std::function<void(const std::string&)> warn;         ///< One sentence; the same.
};

struct MakeSummary {
  std::int64_t ordered = 0;      ///< Slots of this run's range
  std::int64_t ok = 0;           ///< Of these, accepted and done now, those of earlier runs included
  std::int64_t samples = 0;      ///< That exist now: one for each moment of those.
  std::int64_t whole_takes = 0;  ///< So many they would be, were each take rendered whole; 0: nothing was simulated.
  std::int64_t failed = 0;
  std::int64_t unfilled = 0;
  Seconds spent;                      ///< By this run alone, summed over its workers ...
  double worker_seconds = 0;          ///< ... out of this, with encoding and writing [s].
  bool sealed = false;                ///< false: stopped before; run again to go on.
  std::string tree_hash;              ///< When sealed.
  std::vector<std::string> pictures;  ///< A few files worth opening, relative to the folder.
};

/// Makes, or goes on making, a dataset. An error is the user's: a folder that belongs to another recipe, another run at
/// work there. What the machine does (disk full) is thrown; nothing committed is lost.
Result<MakeSummary> make(const Studio& studio, base::Files& files, const MakeOptions& options);

/// The scenes of shard `index` (from 1) of `count`: a range that may be empty (last < first).
std::pair<std::int64_t, std::int64_t> shard_range(std::int64_t scenes, std::int64_t index, std::int64_t count);

}  // namespace wm::mill
