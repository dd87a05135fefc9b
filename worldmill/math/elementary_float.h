#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "worldmill/math/elementary.h"
#include "worldmill/math/elementary_tables.h"

/// The float functions of elementary.h: computed in double, where float's 24 bits leave room to spare, rounded once.
namespace wm::math {
namespace detail {

/// Added to a double below 2^51 it leaves the nearest whole number in the low bits.
inline constexpr double kToWhole = 0x1.8p52;

/// e^x for |x| < 700, to 2^-40: 2^(k/64) from the table times the series of e^r, |r| <= ln2 / 128.
inline double exp_about(double x) {
  const double shifted = x * tables::k64ByLn2 + kToWhole;
  const double k = shifted - kToWhole;
  const auto whole = std::bit_cast<std::uint64_t>(shifted);
  const double r = x - k * (tables::kLn2Full.high / 64);
  const double scale =
      std::bit_cast<double>(std::bit_cast<std::uint64_t>(tables::kExp2[whole & 63].high) + (whole >> 6 << 52));
  return scale + scale * (r + r * r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24))));
}

/// log(x) for finite x > 0 that is not subnormal, to a relative 2^-40 when x holds a float. x = 2^k m; a reciprocal of
/// few bits brings m to 1 + r exactly.
inline double log_about(double x) {
  constexpr std::uint64_t start = 0x3fe6000000000000;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x), from_start = bits - start;
  const auto k = static_cast<double>(static_cast<std::int64_t>(from_start) >> 52);
  const double m = std::bit_cast<double>(bits - (from_start & 0xfffULL << 52));
  const tables::LogSlice& slice = tables::kLog[from_start >> 45 & 127];
  const double r = m * slice.reciprocal - 1;
  const double tail = -0.5 + r * (1.0 / 3 + r * (-0.25 + r * (0.2 + r * (-1.0 / 6))));
  return k * tables::kLn2Full.high + slice.high + (r + r * r * tail);
}

inline float exp_to_float(double x) {
  if (x > 88.722839355) return std::numeric_limits<float>::infinity();
  if (x < -103.98) return 0;
  return static_cast<float>(exp_about(x));
}

/// Sines and cosines of |x| < 1e6: whole quarter turns taken off in two parts, the first of 33 bits.
inline SinCos sincos_about(double x) {
  const double shifted = x * tables::k2ByPi + kToWhole;
  const double k = shifted - kToWhole;
  const double r = (x - k * tables::kHalfPiParts[0]) - k * (tables::kHalfPiParts[1] + tables::kHalfPiParts[2]);
  const double z = r * r;
  const double s = r * (1 + z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880)))));
  const double c = 1 - 0.5 * z + z * z * (1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320 + z * (-1.0 / 3628800))));
  const auto quarter = std::bit_cast<std::uint64_t>(shifted);
  const double sine = quarter & 1 ? c : s, cosine = quarter & 1 ? s : c;
  return {quarter & 2 ? -sine : sine, (quarter + 1) & 2 ? -cosine : cosine};
}

/// acos of x in 0..1, by a polynomial times sqrt(1 - x).
inline double acos_about(double x) {
  double sum = 0;
  for (int i = 11; i >= 0; --i) sum = sum * x + tables::kAcos[i];
  return std::sqrt(1 - x) * sum;
}

/// atan(low / high), 0 <= low <= high, high > 0: about the diagonal beyond half of 45 degrees.
inline double atan_about(double low, double high) {
  const bool steep = low > 0.41421356237309503 * high;
  const double t = steep ? (low - high) / (low + high) : low / high;
  const double z = t * t;
  double sum = 0;
  for (int i = 7; i >= 0; --i) sum = sum * z + tables::kAtanSmall[i];
  return (steep ? tables::kHalfPi.high / 2 : 0) + t * sum;
}

}  // namespace detail

inline float exp(float x) {
  return x == x ? detail::exp_to_float(double{x}) : x;
}

inline float log(float x) {
  if (x > 0 && x <= std::numeric_limits<float>::max()) [[likely]]
    return static_cast<float>(detail::log_about(double{x}));
  if (x == 0) return -std::numeric_limits<float>::infinity();
  return x > 0 ? x : std::numeric_limits<float>::quiet_NaN();
}

inline float pow(float x, float y) {
  constexpr float most = std::numeric_limits<float>::max();
  if (x > 0 && x <= most && std::abs(y) <= most) [[likely]]
    return detail::exp_to_float(double{y} * detail::log_about(double{x}));
  return static_cast<float>(pow(double{x}, double{y}));
}

inline SinCosF sincos(float x) {
  const SinCos both = std::abs(x) < 1e6f ? detail::sincos_about(double{x}) : sincos(double{x});
  return {static_cast<float>(both.sin), static_cast<float>(both.cos)};
}

inline float sin(float x) {
  return sincos(x).sin;
}

inline float cos(float x) {
  return sincos(x).cos;
}

inline float asin(float x) {
  const double size = std::abs(double{x});
  if (!(size <= 1)) return std::numeric_limits<float>::quiet_NaN();
  if (size > 0.5) return std::copysign(static_cast<float>(tables::kHalfPi.high - detail::acos_about(size)), x);
  const double z = size * size;
  double sum = 0;
  for (int i = 7; i >= 0; --i) sum = sum * z + tables::kAsinSmall[i];
  return static_cast<float>(double{x} * sum);
}

inline float acos(float x) {
  if (!(std::abs(x) <= 1)) return std::numeric_limits<float>::quiet_NaN();
  const double angle = detail::acos_about(std::abs(double{x}));
  return static_cast<float>(x < 0 ? tables::kPi.high - angle : angle);
}

inline float atan2(float y, float x) {
  const double up = std::abs(double{y}), along = std::abs(double{x});
  const double low = up < along ? up : along, high = up < along ? along : up;
  if (!(high > 0 && high <= std::numeric_limits<float>::max() && low == low))
    return static_cast<float>(atan2(double{y}, double{x}));
  double angle = detail::atan_about(low, high);
  if (up > along) angle = tables::kHalfPi.high - angle;
  if (x < 0) angle = tables::kPi.high - angle;
  return std::copysign(static_cast<float>(angle), y);
}

}  // namespace wm::math
