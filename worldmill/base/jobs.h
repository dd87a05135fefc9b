#pragma once
#include <atomic>
#include <cstdint>
#include <functional>

namespace wm::base {

/// A wish to stop, from any thread or signal handler. Jobs in flight finish; no new one starts.
class Cancel {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_ = false;
  static_assert(std::atomic<bool>::is_always_lock_free);
};

/// What a job leaves to be done in its turn; may be empty.
using Finish = std::function<void()>;
using Work = std::function<Finish(std::int64_t)>;

/// Runs `work(i)` for i in [0, count) on up to `workers` >= 1 threads, and what each returns one at a time in the order
/// of i, so that results do not depend on the number of workers. At most 2 * workers jobs are between start and
/// finish: memory stays bounded. Returns how many were finished: always the first so many, fewer than `count` only
/// after `cancel`. What a job throws ends the run and is thrown again here.
std::int64_t run_in_order(std::int64_t count, int workers, const Work& work, const Cancel* cancel = nullptr);

/// Runs `work` here and now, and keeps what a library would hand to TBB's other threads on this one, so that what it
/// makes does not depend on how many there are. (Not so with the std::thread backend: TBB is not ours there.)
void run_on_this_thread(const std::function<void()>& work);

}  // namespace wm::base
