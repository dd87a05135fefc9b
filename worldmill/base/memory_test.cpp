#include "worldmill/base/memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace wm::base {
namespace {

/// The most of `jobs` jobs, each of 100 bytes, that were through the gate at once.
int most_at_once(std::optional<std::uint64_t> limit, int jobs) {
  std::atomic<int> running{0}, most{0};
  std::atomic<std::uint64_t> peak{1000};
  const auto use = [&] {
    const std::uint64_t now = 1000 + 100 * static_cast<std::uint64_t>(running.load());
    std::uint64_t before = peak.load();
    while (now > before && !peak.compare_exchange_weak(before, now)) {
    }
    return MemoryUse{now, peak.load()};
  };
  MemoryGate gate(limit, use);
  std::vector<std::thread> threads;
  for (int i = 0; i < jobs; ++i) {
    threads.emplace_back([&] {
      const MemoryGate::Pass pass(gate);
      const int now = ++running;
      (void)use();
      int before = most.load();
      while (now > before && !most.compare_exchange_weak(before, now)) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      --running;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return most;
}

TEST(MemoryUse, SeesWhatIsAllocated) {
  const MemoryUse before = memory_use();
  const std::vector<char> block(64 << 20, 'x');
  const MemoryUse after = memory_use();
  EXPECT_GT(after.now, before.now + (60 << 20));
  EXPECT_GE(after.peak + (1 << 20), after.now);
  EXPECT_EQ(block[12345], 'x');
}

TEST(MemoryGate, LetsAsManyThroughAsFit) {
  EXPECT_LE(most_at_once(1350, 12), 3);
  EXPECT_LE(most_at_once(1200, 6), 2);
}

TEST(MemoryGate, LetsOneThroughHoweverLittleThereIs) {
  EXPECT_EQ(most_at_once(10, 4), 1);
}

}  // namespace
}  // namespace wm::base
