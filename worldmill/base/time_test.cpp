#include "worldmill/base/time.h"

#include <gtest/gtest.h>

namespace wm::base {
namespace {

TEST(SimTime, RoundsSecondsToTheNearestNanosecond) {
  EXPECT_EQ(SimTime::from_seconds(0.002).nanoseconds, 2'000'000);
  EXPECT_EQ(SimTime::from_seconds(-1.5).nanoseconds, -1'500'000'000);
}

TEST(Rate, PutsEveryTickOnItsOwnFloor) {
  const Rate thirty{30, 1};
  EXPECT_EQ(thirty.tick(1).nanoseconds, 33'333'333);
  EXPECT_EQ(thirty.tick(3).nanoseconds, 100'000'000);
}

TEST(Rate, NeverDrifts) {
  const Rate film{30000, 1001};
  EXPECT_EQ(film.tick(30000).nanoseconds, 1001 * 1'000'000'000LL);
  EXPECT_EQ(film.tick(30000LL * 1'000'000).nanoseconds, 1001LL * 1'000'000 * 1'000'000'000);
}

TEST(Rate, CountsTheTicksBeforeAMoment) {
  for (const Rate rate : {Rate{30, 1}, Rate{30000, 1001}, Rate{7, 3}, Rate{1, 10}}) {
    for (std::int64_t k = 0; k < 100; ++k) {
      EXPECT_EQ(rate.ticks_before(rate.tick(k)), k);
      EXPECT_EQ(rate.ticks_before(rate.tick(k) + SimTime{1}), k + 1);
    }
  }
}

}  // namespace
}  // namespace wm::base
