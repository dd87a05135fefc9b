#include "worldmill/base/progress.h"

#include <gtest/gtest.h>

namespace wm::base {
namespace {

using std::chrono::seconds;

TEST(Progress, TellsRateAndTimeLeft) {
  EXPECT_EQ(to_line({20, 1000, 0, seconds(10)}, "samples"), "20/1000 samples  2.0 %  2.0/s  8 min 10 s left");
}

TEST(Progress, DoesNotCountEarlierRunsAsSpeed) {
  EXPECT_EQ(to_line({520, 1000, 500, seconds(10)}, "samples"), "520/1000 samples  52.0 %  2.0/s  4 min 00 s left");
  EXPECT_EQ(to_line({500, 1000, 500, seconds(1)}, "samples"), "500/1000 samples  50.0 %");
}

TEST(Progress, NothingOrderedIsDone) {
  EXPECT_EQ(to_line({}, "samples"), "0/0 samples  100.0 %");
}

TEST(Progress, BarFillsTheWidthOrLeavesItselfOut) {
  const Progress half{50, 100, 50, seconds(0)};
  EXPECT_EQ(to_bar(half, "samples", 46), "[##########..........]  50/100 samples  50.0 %");
  EXPECT_EQ(to_bar(half, "samples", 30), "50/100 samples  50.0 %");
}

TEST(Progress, SpellsSpans) {
  EXPECT_EQ(to_text(seconds(59)), "59 s");
  EXPECT_EQ(to_text(seconds(61)), "1 min 01 s");
  EXPECT_EQ(to_text(seconds(11100)), "3 h 05 min");
  EXPECT_EQ(to_text(seconds(-1)), "0 s");
}

}  // namespace
}  // namespace wm::base
