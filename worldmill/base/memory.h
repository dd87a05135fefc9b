#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace wm::base {

/// What this process holds in memory now, and the most that it ever held [bytes].
struct MemoryUse {
  std::uint64_t now = 0, peak = 0;
};
MemoryUse memory_use();

/// Keeps jobs from beginning while memory is short. The first runs alone, and what it took is what each is expected to
/// take; one always runs, however much it takes. Thread-safe.
class MemoryGate {
 public:
  /// `limit` [bytes]; none: everybody passes.
  explicit MemoryGate(std::optional<std::uint64_t> limit, std::function<MemoryUse()> use = memory_use);

  /// Open while it lives; waits for it.
  class Pass {
   public:
    explicit Pass(MemoryGate& gate) : gate_(gate) { gate_.enter(); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() { gate_.leave(); }

   private:
    MemoryGate& gate_;
  };

  /// What one job is expected to take [bytes]; 0 before the first is done.
  std::uint64_t share() const;

 private:
  void enter();
  void leave();

  std::optional<std::uint64_t> limit_;
  std::function<MemoryUse()> use_;
  std::uint64_t before_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable left_;
  int running_ = 0;
  std::uint64_t share_ = 0;
};

}  // namespace wm::base
