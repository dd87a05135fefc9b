#include "worldmill/base/memory.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace wm::base {

MemoryUse memory_use() {
  std::uint64_t all = 0, resident = 0;  // [pages], see proc(5)
  std::ifstream("/proc/self/statm") >> all >> resident;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)),
          static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
}

MemoryGate::MemoryGate(std::optional<std::uint64_t> limit, std::function<MemoryUse()> use)
    : limit_(limit), use_(std::move(use)), before_(use_().now) {}

void MemoryGate::enter() {
  if (!limit_) return;
  std::unique_lock lock(mutex_);
  const auto may = [this] {
    if (running_ == 0) return true;
    if (share_ == 0) return false;
    // Those that run may not have taken theirs yet.
    const std::uint64_t taken = std::max(use_().now, before_ + static_cast<std::uint64_t>(running_) * share_);
    return taken + share_ <= *limit_;
  };
  while (!may()) {
    // Memory grows and shrinks without telling; what malloc keeps back is not needed.
    left_.wait_for(lock, std::chrono::milliseconds(20));
    malloc_trim(0);
  }
  ++running_;
}

void MemoryGate::leave() {
  if (!limit_) return;
  const std::lock_guard lock(mutex_);
  if (share_ == 0) share_ = std::max<std::uint64_t>(1, use_().peak - std::min(use_().peak, before_));
  --running_;
  left_.notify_all();
}

std::uint64_t MemoryGate::share() const {
  const std::lock_guard lock(mutex_);
  return share_;
}

}  // namespace wm::base
