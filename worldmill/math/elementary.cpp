#include "worldmill/math/elementary.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "worldmill/math/elementary_tables.h"

// Every function works with some 12 bits more than a double holds and rounds once at the end. A number in work is a
// Pair, the sum of a double and a small correction; sums and products of doubles leave their rounding errors exactly
// (Knuth, TAOCP 2, 4.2.2; Dekker, "A floating-point technique for extending the available precision", 1971).
//
//   exp   x = k ln2/64 + r        2^(k/64) from a table, e^r by its series             Tang, TOMS 15 (1989)
//   log   x = 2^k m, m c = 1 + r  -log(c) from a table, log(1 + r) by its series        Tang, TOMS 16 (1990)
//   sin   x = k pi/2 + r          pi/2 in four parts (Cody, Waite 1980), or, for large x, 192 digits of 2/pi
//                                 where they matter (Payne, Hanek, SIGNUM 18, 1983); then the series
//   atan  t = (y - c x)/(x + c y) atan(c) from a table, atan(t) by its series
//
// Series are Taylor's: their coefficients explain themselves, and the arguments are small.

namespace wm::math {
namespace {

using tables::Pair;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kToWhole = detail::kToWhole;

std::uint64_t bits_of(double x) {
  return std::bit_cast<std::uint64_t>(x);
}

bool is_finite(double x) {
  return std::abs(x) <= std::numeric_limits<double>::max();
}

/// 2^n, -1022 <= n <= 1023.
double power_of_two(int n) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

/// y 2^n; rounds twice only when the result is subnormal.
double scaled(double y, int n) {
  if (n > 1023) return y * 2 * power_of_two(n - 1);
  if (n < -1021) return y * power_of_two(n + 100) * 0x1p-100;
  return y * power_of_two(n);
}

/// a + b with its error; |a| >= |b|, or the sum is exact.
Pair fast_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// a + b with its error.
Pair exact_sum(double a, double b) {
  const double sum = a + b, b_part = sum - a, a_part = sum - b_part;
  return {sum, (a - a_part) + (b - b_part)};
}

/// The 26 upper bits of x, and the rest (Veltkamp).
Pair halves(double x) {
  const double big = x * 0x8000001p0, high = big - (big - x);
  return {high, x - high};
}

/// a b with its error.
Pair exact_product(double a, double b) {
  const double product = a * b;
  const Pair p = halves(a), q = halves(b);
  return {product, ((p.high * q.high - product) + p.high * q.low + p.low * q.high) + p.low * q.low};
}

Pair product(Pair a, Pair b) {
  const Pair p = exact_product(a.high, b.high);
  return fast_sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

/// The square root of a positive p, rounded once: one Newton step from the double nearest.
double root(Pair p) {
  const double near = std::sqrt(p.high);
  const Pair back = exact_product(near, near);
  return near + ((p.high - back.high) - back.low + p.low) / (2 * near);
}

/// The table entry and the exponent that make 2^(k/64), and e^r - 1 for what is left of x.
struct ExpParts {
  Pair power;
  int exponent;
  double rest;
};

double expm1_series(double r) {
  return r + r * r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720)))));
}

double expm1_near_0(double x) {
  double sum = 0;
  for (int n = 11; n > 2; --n) sum = (sum + 1) * x / n;
  return x + 0.5 * x * x * (1 + sum);
}

ExpParts exp_parts(Pair x) {
  const double shifted = x.high * tables::k64ByLn2 + kToWhole, k = shifted - kToWhole;
  const auto whole = static_cast<std::int32_t>(bits_of(shifted));
  const double r = (x.high - k * tables::kLn2By64High) - k * tables::kLn2By64Low + x.low;
  return {tables::kExp2[whole & 63], whole >> 6, expm1_series(r)};
}

double exp_of(Pair x) {
  if (x.high > 709.79) return kInfinity;
  if (x.high < -745.14) return 0;
  const auto [power, exponent, rest] = exp_parts(x);
  return scaled(power.high + (power.low + power.high * rest), exponent);
}

/// x = 2^k m, with the logarithm of m.
struct LogParts {
  double k;
  Pair log_m;
};

/// The logarithm of x + low, finite and positive, |low| at most half an ulp of x: to a relative 2^-65.
LogParts log_parts(double x, double low = 0) {
  double k = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    k = -54;
  }
  constexpr std::uint64_t start = 0x3fe6000000000000;
  const std::uint64_t from_start = bits_of(x) - start, exponent = from_start & 0xfffULL << 52;
  const auto octave = static_cast<int>(static_cast<std::int64_t>(from_start) >> 52);
  const double m = std::bit_cast<double>(bits_of(x) - exponent);
  const tables::LogSlice& slice = tables::kLog[from_start >> 45 & 127];

  const double m_high = std::bit_cast<double>(bits_of(m) & ~0x1fffffULL);  // times 10 bits: exact
  Pair r = fast_sum(m_high * slice.reciprocal - 1, (m - m_high) * slice.reciprocal);
  if (low != 0) {
    const Pair more = exact_sum(r.high, low * power_of_two(-octave) * slice.reciprocal);
    r = fast_sum(more.high, more.low + r.low);
  }
  const double z = r.high;
  const Pair square = exact_product(z, z);
  const double tail = 1.0 / 3 + z * (-0.25 + z * (0.2 + z * (-1.0 / 6 + z * (1.0 / 7 + z * (-0.125 + z / 9)))));
  const Pair first = exact_sum(slice.high, z), second = exact_sum(first.high, -0.5 * square.high);
  const double rest = z * square.high * tail - 0.5 * square.low + (r.low - z * r.low) + slice.low;
  return {k + octave, fast_sum(second.high, second.low + first.low + rest)};
}

Pair log_of(double x, double low = 0) {
  const auto [k, log_m] = log_parts(x, low);
  const Pair sum = exact_sum(k * tables::kLn2High, log_m.high);
  return fast_sum(sum.high, sum.low + (log_m.low + k * tables::kLn2Low));
}

/// What a logarithm is where it is not a number of ours: x is 0, negative, infinite or NaN.
double log_elsewhere(double x) {
  if (x == 0) return -kInfinity;
  return x > 0 ? x : kNaN;
}

bool has_log(double x) {
  return x > 0 && is_finite(x);
}

/// An angle as `quarter` quarter turns (only the two low bits count) and what is left, |rest| <= pi/4.
struct Quarters {
  std::uint64_t quarter;
  Pair rest;
};

/// |x| < 2^20.
Quarters quarters_of_small(double x) {
  const double shifted = x * tables::k2ByPi + kToWhole, k = shifted - kToWhole;
  const double first = x - k * tables::kHalfPiParts[0];  // exact, and so is each product but the last
  const Pair second = exact_sum(first, -(k * tables::kHalfPiParts[1]));
  const Pair third = exact_sum(second.high, -(k * tables::kHalfPiParts[2]));
  return {bits_of(shifted), fast_sum(third.high, third.low + second.low - k * tables::kHalfPiParts[3])};
}

__extension__ typedef unsigned __int128 Wide;

/// Three words, most significant first.
struct Words {
  std::uint64_t a, b, c;
};

/// 192 binary digits of 2/pi from digit `start` of the table on.
Words two_by_pi(int start) {
  const std::uint64_t* word = tables::k2ByPiBits + start / 64;
  const int shift = start % 64;
  const auto at = [&](int i) { return shift ? word[i] << shift | word[i + 1] >> (64 - shift) : word[i]; };
  return {at(0), at(1), at(2)};
}

/// The low 192 bits of m w.
Words times(std::uint64_t m, Words w) {
  const Wide c = Wide{m} * w.c, b = Wide{m} * w.b + static_cast<std::uint64_t>(c >> 64);
  return {m * w.a + static_cast<std::uint64_t>(b >> 64), static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(c)};
}

/// w 2^-192, w not 0, as a Pair: its first 106 digits.
Pair fraction(Words w) {
  int zeros = 0;
  if (w.a == 0) {
    w = {w.b, w.c, 0};
    zeros = 64;
  }
  const int shift = std::countl_zero(w.a);
  if (shift) w = {w.a << shift | w.b >> (64 - shift), w.b << shift | w.c >> (64 - shift), w.c << shift};
  const double unit = power_of_two(-zeros - shift);
  const auto high = static_cast<double>(w.a >> 11);
  const auto low = static_cast<double>((w.a & 0x7ff) << 42 | w.b >> 22);
  return {high * 0x1p-53 * unit, low * 0x1p-106 * unit};
}

/// |x| >= 2^20, finite. x = m 2^e; digits of 2/pi that stand for whole turns of m 2^e are left out:
///
///   2/pi  0 . 1 0 1 0 | 0 0 1 0 1 1 1 1 ...     x 2/pi  q q . f f f f f f ...
///                     ^ digit e - 2, then 192               ^ modulo 4, so that q is the quarter
Quarters quarters_of_large(double x) {
  const std::uint64_t bits = bits_of(x);
  const std::uint64_t m = (bits & 0xfffffffffffff) | 1ULL << 52;
  const int e = static_cast<int>(bits >> 52 & 0x7ff) - 1075;
  Words w = times(m, two_by_pi(64 + e - 2));
  std::uint64_t quarter = w.a >> 62;
  w = {w.a << 2 | w.b >> 62, w.b << 2 | w.c >> 62, w.c << 2};
  const bool above = w.a >> 63;  // more than half a quarter: the next one, less the difference
  if (above) {
    quarter += 1;
    w = {~w.a, ~w.b, ~w.c};  // one unit in 2^-192 short, far below what is kept
  }
  const bool negative = (bits >> 63) != 0;
  const double sign = above != negative ? -1 : 1;
  const Pair rest = product(fraction(w), tables::kHalfPi);
  return {negative ? 0 - quarter : quarter, {sign * rest.high, sign * rest.low}};
}

Quarters quarters_of(double x) {
  return std::abs(x) < 0x1p20 ? quarters_of_small(x) : quarters_of_large(x);
}

/// The sine of r, |r| <= pi/4: r.high and a correction.
Pair sine(Pair r) {
  const double z = r.high * r.high;
  const double tail =
      -1.0 / 6 +
      z * (1.0 / 120 +
           z * (-1.0 / 5040 + z * (1.0 / 362880 + z * (-1.0 / 39916800 +
                                                       z * (1.0 / 6227020800 + z * (-1.0 / 1307674368000 +
                                                                                    z * (1.0 / 355687428096000)))))));
  return {r.high, r.high * z * tail + r.low * (1 - 0.5 * z)};
}

/// The cosine of r, |r| <= pi/4: 1 - r^2/2 and a correction.
Pair cosine(Pair r) {
  const Pair square = exact_product(r.high, r.high);
  const double z = square.high;
  const double tail =
      1.0 / 24 +
      z * (-1.0 / 720 +
           z * (1.0 / 40320 +
                z * (-1.0 / 3628800 + z * (1.0 / 479001600 + z * (-1.0 / 87178291200 + z * (1.0 / 20922789888000))))));
  const Pair start = fast_sum(1, -0.5 * z);
  return {start.high, start.low + (z * z * tail - (0.5 * square.low + r.high * r.low))};
}

double rounded(Pair p) {
  return p.high + p.low;
}

/// atan(low / high), 0 <= low <= high, high > 0 and neither near the ends of double's range.
Pair atan_ratio(double low, double high) {
  const double ratio = low / high;
  const double c = ratio < 0x1p-4 ? 0 : (ratio * 32 + kToWhole - kToWhole) * 0x1p-5;
  const Pair start = tables::kAtan[static_cast<int>(c * 32)];
  double t = ratio;
  if (c != 0) {
    const Pair h = halves(high);
    t = ((low - c * h.high) - c * h.low) / (high + c * low);
  }
  const double z = t * t;
  const double tail = -1.0 / 3 + z * (0.2 + z * (-1.0 / 7 + z * (1.0 / 9 + z * (-1.0 / 11 + z / 13))));
  const Pair sum = fast_sum(start.high, t);
  return {sum.high, sum.low + (start.low + t * z * tail)};
}

/// The angle of (along, up), both >= 0 and not both 0, in 0..pi/2; `behind` turns it to pi - angle.
double quadrant_angle(double up, double along, bool behind) {
  const bool steep = up > along;
  const Pair a = steep ? atan_ratio(along, up) : atan_ratio(up, along);
  const double sign = steep != behind ? -1 : 1;
  const Pair base = steep ? tables::kHalfPi : behind ? tables::kPi : Pair{0, 0};
  const Pair sum = exact_sum(base.high, sign * a.high);
  return sum.high + (sum.low + (base.low + sign * a.low));
}

/// sqrt(1 - x^2), |x| <= 1.
double other_leg(double x) {
  const Pair square = exact_product(x, x), rest = exact_sum(1, -square.high);
  return std::abs(x) < 1 ? root({rest.high, rest.low - square.low}) : 0;
}

bool is_whole(double y) {
  return std::floor(y) == y;
}

bool is_odd(double y) {
  return is_whole(y) && !is_whole(y * 0.5);
}

/// x^y for finite x > 0.
double power(double x, Pair y) {
  const Pair log_x = log_of(x);
  const double rough = log_x.high * y.high;
  if (rough > 710) return kInfinity;
  if (rough < -746) return 0;
  if (std::abs(rough) < 0x1p-60) return 1;  // keeps the exact product below away from subnormal errors
  return exp_of(product(log_x, y));
}

/// pow where x or y is 0, infinite or NaN, neither x = 1 nor y = 0.
double pow_at_the_ends(double x, double y) {
  if (x != x || y != y) return kNaN;
  if (!is_finite(y)) {
    const double size = std::abs(x);
    if (size == 1) return 1;
    return (size > 1) == (y > 0) ? kInfinity : 0;
  }
  const double size = (x == 0) == (y > 0) ? 0 : kInfinity;
  return is_odd(y) ? std::copysign(size, x) : size;
}

}  // namespace

double exp(double x) {
  return x == x ? exp_of({x, 0}) : x;
}

double exp2(double x) {
  if (x != x) return x;
  if (x >= 1024) return kInfinity;
  if (x < -1075) return 0;
  const double shifted = x * 64 + kToWhole, k = shifted - kToWhole;
  const auto whole = static_cast<std::int32_t>(bits_of(shifted));
  const double rest = expm1_series((x - k * 0x1p-6) * tables::kLn2Full.high);
  const Pair power = tables::kExp2[whole & 63];
  return scaled(power.high + (power.low + power.high * rest), whole >> 6);
}

double expm1(double x) {
  if (x != x || std::abs(x) < 0x1p-54) return x;
  if (x > 709.79) return kInfinity;
  if (x < -50) return -1;
  if (x > 50) return exp(x);
  if (std::abs(x) < 0x1p-4) return expm1_near_0(x);
  const auto [power, exponent, rest] = exp_parts({x, 0});
  const double scale = power_of_two(exponent);
  const Pair sum = exact_sum(-1, power.high * scale);
  return sum.high + (sum.low + scale * (power.low + power.high * rest));
}

double log(double x) {
  return has_log(x) ? log_of(x).high : log_elsewhere(x);
}

double log2(double x) {
  if (!has_log(x)) return log_elsewhere(x);
  const auto [k, log_m] = log_parts(x);
  const Pair p = product(log_m, tables::kInverseLn2), sum = exact_sum(k, p.high);
  return sum.high + (sum.low + p.low);
}

double log10(double x) {
  return has_log(x) ? product(log_of(x), tables::kInverseLn10).high : log_elsewhere(x);
}

double log1p(double x) {
  if (std::abs(x) < 0x1p-54) return x;
  const Pair sum = exact_sum(1, x);
  return has_log(sum.high) ? log_of(sum.high, sum.low).high : log_elsewhere(sum.high);
}

SinCos sincos(double x) {
  if (!is_finite(x)) return {kNaN, kNaN};
  if (std::abs(x) < 0x1p-27) return {x, 1};
  const auto [quarter, rest] = quarters_of(x);
  const double s = rounded(sine(rest)), c = rounded(cosine(rest));
  const double sin = quarter & 1 ? c : s, cos = quarter & 1 ? s : c;
  return {quarter & 2 ? -sin : sin, (quarter + 1) & 2 ? -cos : cos};
}

double sin(double x) {
  if (!is_finite(x)) return kNaN;
  if (std::abs(x) < 0x1p-27) return x;
  const auto [quarter, rest] = quarters_of(x);
  const double size = rounded(quarter & 1 ? cosine(rest) : sine(rest));
  return quarter & 2 ? -size : size;
}

double cos(double x) {
  if (!is_finite(x)) return kNaN;
  const auto [quarter, rest] = quarters_of(x);
  const double size = rounded(quarter & 1 ? sine(rest) : cosine(rest));
  return (quarter + 1) & 2 ? -size : size;
}

double tan(double x) {
  if (!is_finite(x)) return kNaN;
  if (std::abs(x) < 0x1p-27) return x;
  const auto [quarter, rest] = quarters_of(x);
  const Pair s = sine(rest), c = cosine(rest);
  const Pair over = quarter & 1 ? Pair{-c.high, -c.low} : s, under = quarter & 1 ? s : c;
  const Pair n = fast_sum(over.high, over.low), d = fast_sum(under.high, under.low);
  const double q = n.high / d.high;
  const Pair back = exact_product(q, d.high);
  return q + ((n.high - back.high) - back.low + n.low - q * d.low) / d.high;
}

double asin(double x) {
  if (!(std::abs(x) <= 1)) return kNaN;
  if (std::abs(x) < 0x1p-27) return x;
  return atan2(x, other_leg(x));
}

double acos(double x) {
  if (!(std::abs(x) <= 1)) return kNaN;
  return atan2(other_leg(x), x);
}

double atan(double x) {
  return atan2(x, 1);
}

double atan2(double y, double x) {
  if (x != x || y != y) return kNaN;
  double up = std::abs(y), along = std::abs(x);
  const bool behind = std::signbit(x);
  if (up == 0 && along == 0) along = 1;
  if (!is_finite(up) && !is_finite(along)) up = along = 1;
  if (!is_finite(up)) along = 0, up = 1;
  if (!is_finite(along)) up = 0, along = 1;
  const double most = up > along ? up : along;
  if (most > 0x1p900) up *= 0x1p-200, along *= 0x1p-200;
  if (most < 0x1p-800) up *= 0x1p200, along *= 0x1p200;
  const double angle = quadrant_angle(up, along, behind);
  return std::copysign(angle, y);
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x == 0 || y != y || !is_finite(x) || !is_finite(y)) return pow_at_the_ends(x, y);
  if (x > 0) return power(x, {y, 0});
  if (!is_whole(y)) return kNaN;
  const double size = power(-x, {y, 0});
  return is_odd(y) ? -size : size;
}

double cbrt(double x) {
  if (x == 0 || !is_finite(x)) return x;
  return std::copysign(power(std::abs(x), tables::kThird), x);
}

double hypot(double x, double y) {
  x = std::abs(x);
  y = std::abs(y);
  if (x == kInfinity || y == kInfinity) return kInfinity;
  const double most = x > y ? x : y;
  const double scale = most > 0x1p500 ? 0x1p-600 : most < 0x1p-400 ? 0x1p600 : 1;
  x *= scale;
  y *= scale;
  const Pair xx = exact_product(x, x), yy = exact_product(y, y), sum = exact_sum(xx.high, yy.high);
  return sum.high > 0 ? root({sum.high, sum.low + xx.low + yy.low}) / scale : sum.high;
}

}  // namespace wm::math
