#include "worldmill/base/jobs.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "worldmill/base/distributions.h"

namespace wm::base {
namespace {

// Jobs of uneven length, so that they end out of order.
void doze(std::int64_t job) {
  const RandomKey key = RandomKey::from_seed(11);
  std::this_thread::sleep_for(std::chrono::microseconds(integer(key, static_cast<std::uint64_t>(job), 0, 300)));
}

TEST(Jobs, FinishInOrderForAnyNumberOfWorkers) {
  for (const int workers : {1, 3, 8}) {
    std::vector<std::int64_t> order;
    const auto work = [&](std::int64_t job) -> Finish {
      doze(job);
      return [&order, job] { order.push_back(job); };
    };
    EXPECT_EQ(run_in_order(200, workers, work), 200);
    ASSERT_EQ(order.size(), 200u);
    for (std::int64_t i = 0; i < 200; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  }
}

TEST(Jobs, StayBoundedBetweenStartAndFinish) {
  std::atomic<int> between = 0, most = 0;
  const auto work = [&](std::int64_t job) -> Finish {
    const int now = ++between;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    if (job == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return [&] { --between; };
  };
  run_in_order(1000, 3, work);
  EXPECT_LE(most, 6);
}

TEST(Jobs, FinishWhatIsInFlightWhenCancelled) {
  Cancel cancel;
  std::atomic<std::int64_t> started = 0;
  const auto work = [&](std::int64_t job) -> Finish {
    ++started;
    if (job == 20) cancel.request();
    doze(job);
    return [] {};
  };
  const std::int64_t finished = run_in_order(1000, 3, work, &cancel);
  EXPECT_EQ(finished, started);
  EXPECT_GE(finished, 21);
  EXPECT_LT(finished, 40);
}

TEST(Jobs, ThrowAgainWhatAJobThrew) {
  const auto work = [](std::int64_t job) -> Finish {
    if (job == 7) throw std::runtime_error("disk full");
    return {};
  };
  EXPECT_THROW(run_in_order(100, 3, work), std::runtime_error);
}

TEST(Jobs, RunOnThisThreadWhatMustNotSpread) {
  const std::thread::id here = std::this_thread::get_id();
  std::thread::id there;
  run_on_this_thread([&] { there = std::this_thread::get_id(); });
  EXPECT_EQ(there, here);
  EXPECT_THROW(run_on_this_thread([] { throw std::runtime_error("disk full"); }), std::runtime_error);
}

TEST(Jobs, DoNothingWhenThereAreNone) {
  EXPECT_EQ(run_in_order(0, 3, [](std::int64_t) { return Finish(); }), 0);
}

}  // namespace
}  // namespace wm::base
