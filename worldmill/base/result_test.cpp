#include "worldmill/base/result.h"

#include <gtest/gtest.h>

#include <array>

namespace wm::base {
namespace {

Result<int> half(int whole) {
  if (whole % 2 != 0) return error("odd", {"numbers.yaml", 3, 7});
  return whole / 2;
}

Result<int> quarter(int whole) {
  WM_TRY(first, half(whole));
  WM_TRY(second, half(first));
  return second;
}

TEST(Result, CarriesAValueThroughTry) {
  EXPECT_EQ(quarter(12).value(), 3);
}

TEST(Result, CarriesTheFirstErrorThroughTry) {
  EXPECT_EQ(to_string(quarter(6).error()), "numbers.yaml:3:7: odd");
}

TEST(Result, LeavesUnknownPartsOfAPlaceOut) {
  EXPECT_EQ(to_string({{}, "bare"}), "bare");
  EXPECT_EQ(to_string({{"a.yaml"}, "whole file"}), "a.yaml: whole file");
  EXPECT_EQ(to_string({{"a.yaml", 2}, "a line"}), "a.yaml:2: a line");
}

TEST(DidYouMean, NamesTheNearestWord) {
  constexpr std::array<std::string_view, 3> kKeys = {"intensity", "color", "switch"};
  EXPECT_EQ(did_you_mean("intensty", kKeys), "; did you mean \"intensity\"?");
  EXPECT_EQ(did_you_mean("swicth", kKeys), "; did you mean \"switch\"?");
}

TEST(DidYouMean, KeepsSilentWhenNothingIsNear) {
  constexpr std::array<std::string_view, 2> kKeys = {"intensity", "color"};
  EXPECT_EQ(did_you_mean("penguin", kKeys), "");
}

TEST(EditDistance, CountsASwapOfNeighboursOnce) {
  EXPECT_EQ(edit_distance("ab", "ba"), 1);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

}  // namespace
}  // namespace wm::base
