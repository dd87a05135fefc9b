#pragma once
#include <compare>
#include <cstdint>

namespace wm::base {

/// A moment on the simulation's clock [ns], or a span between two. Whole nanoseconds: sums never drift.
struct SimTime {
  std::int64_t nanoseconds = 0;

  /// The nearest whole nanosecond, halves away from zero; `seconds` within ±9.2e9.
  static SimTime from_seconds(double seconds);
  /// The nearest double: what from_seconds was given, if that had at most nine decimals.
  double seconds() const { return static_cast<double>(nanoseconds) / 1e9; }

  friend constexpr auto operator<=>(SimTime, SimTime) = default;
  friend constexpr SimTime operator+(SimTime a, SimTime b) { return {a.nanoseconds + b.nanoseconds}; }
  friend constexpr SimTime operator-(SimTime a, SimTime b) { return {a.nanoseconds - b.nanoseconds}; }
};

/// `numerator / denominator` ticks per second, both positive: 30000/1001 is exact, 29.97 is not.
struct Rate {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;

  /// When tick `k` >= 0 falls: floor(k * 1e9 * denominator / numerator) [ns], never an accumulated period.
  SimTime tick(std::int64_t k) const;
  /// How many ticks 0, 1, 2, ... fall before `end`.
  std::int64_t ticks_before(SimTime end) const;
};

}  // namespace wm::base
