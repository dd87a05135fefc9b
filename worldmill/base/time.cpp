#include "worldmill/base/time.h"

#include <cmath>

#include "worldmill/base/check.h"

namespace wm::base {
namespace {

__extension__ typedef __int128 Wide;
constexpr Wide kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

SimTime SimTime::from_seconds(double seconds) {
  WM_CHECK(std::abs(seconds) < 9.2e9);
  return {std::llround(seconds * 1e9)};
}

SimTime Rate::tick(std::int64_t k) const {
  WM_CHECK(numerator > 0 && denominator > 0 && k >= 0);
  const Wide nanoseconds = Wide{k} * kNanosecondsPerSecond * denominator / numerator;
  WM_CHECK(nanoseconds <= INT64_MAX);
  return {static_cast<std::int64_t>(nanoseconds)};
}

// floor(k * p) < end  <=>  k * p < end  (end is whole)  <=>  k < end / p; the count is the ceiling of that.
std::int64_t Rate::ticks_before(SimTime end) const {
  WM_CHECK(numerator > 0 && denominator > 0);
  if (end.nanoseconds <= 0) return 0;
  const Wide period_times_numerator = kNanosecondsPerSecond * denominator;
  const Wide ticks = (Wide{end.nanoseconds} * numerator + period_times_numerator - 1) / period_times_numerator;
  return static_cast<std::int64_t>(ticks);
}

}  // namespace wm::base
