#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

namespace wm::usd {

/// IEEE 754 half precision as its 16 bits.
struct Half {
  std::uint16_t bits = 0;
  friend constexpr bool operator==(Half, Half) = default;
};

inline float to_float(Half half) {
  const std::uint32_t sign = (half.bits & 0x8000u) << 16, exponent = (half.bits >> 10) & 31,
                      fraction = half.bits & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | fraction << 13);
  if (exponent == 0) {
    const float tiny = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -tiny : tiny;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

/// The nearest half, ties to even; too large ones become infinite.
inline Half to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value), magnitude = bits & 0x7FFFFFFFu;
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  std::uint32_t half;
  if (magnitude > 0x7F800000u) {
    half = 0x7C00u | 0x200u | ((magnitude >> 13) & 0x3FFu);
  } else if (magnitude >= 0x477FF000u) {  // rounds beyond 65504
    half = 0x7C00u;
  } else if (magnitude < 0x38800000u) {  // below the smallest normal half: a count of 2^-24
    half = static_cast<std::uint32_t>(std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24f));
  } else {
    half = (magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1)) >> 13;
  }
  return {static_cast<std::uint16_t>(sign | half)};
}

}  // namespace wm::usd
