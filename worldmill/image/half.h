#pragma once
#include <cstdint>

namespace wm::image {

/// 16 bits of IEEE 754 binary16: 1 sign, 5 exponent, 10 mantissa; up to 65504, steps of 2^-24 around zero.
struct Half {
  std::uint16_t bits = 0;
  friend bool operator==(Half, Half) = default;
};

/// The nearest half, ties to even; above 65520 infinity; NaN stays NaN, made quiet. By the processor (F16C).
Half half_from_float(float value);

/// Exact; a signalling NaN becomes quiet.
float float_from_half(Half half);

}  // namespace wm::image
