#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "worldmill/usd/value.h"

namespace wm::usd {

/// A curve of one number over time. SPEC 12.4.
struct Spline {
  enum class Curve : std::uint8_t { bezier = 0, hermite = 1 };
  enum class Beyond : std::uint8_t {  ///< What lies outside the knots; the numbers are the crate's.
    none = 0,
    held = 1,
    linear = 2,
    sloped = 3,
    loop_repeat = 4,
    loop_reset = 5,
    loop_oscillate = 6
  };
  enum class Next : std::uint8_t { none = 0, held = 1, linear = 2, curve = 3 };

  struct Side {
    Beyond mode = Beyond::held;
    double slope = 0;  ///< Of `sloped`.
    friend bool operator==(const Side&, const Side&) = default;
  };
  struct Loop {
    double start = 0, end = 0;  ///< The part that repeats, [time codes].
    std::int32_t before = 0, after = 0;
    double value_offset = 0;
    friend bool operator==(const Loop&, const Loop&) = default;
  };
  struct Knot {
    double time = 0, value = 0;
    std::optional<double> pre_value;  ///< Where the curve jumps.
    double pre_width = 0, pre_slope = 0, post_width = 0, post_slope = 0;
    Next next = Next::held;
    Dictionary custom_data;
    friend bool operator==(const Knot&, const Knot&) = default;
  };

  Type value_type = Type::double_;  ///< double, float or half.
  bool time_valued = false;
  Curve curve = Curve::bezier;
  Side before, after;
  bool before_said = false, after_said = false;  ///< Whether text named them.
  std::optional<Loop> loop;
  std::vector<Knot> knots;  ///< By time, each once.

  friend bool operator==(const Spline&, const Spline&) = default;
};

/// The value at `time`, or nothing where the curve has none. SPEC 12.4.2.
std::optional<double> evaluate(const Spline& spline, double time);

}  // namespace wm::usd
