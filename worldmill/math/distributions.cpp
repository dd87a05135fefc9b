#include "worldmill/math/distributions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "worldmill/base/check.h"
#include "worldmill/math/elementary.h"

// The 128 bits of a draw, and the uniform numbers made of them:
//
//   word 1 | word 0 (first 64)    word 3 | word 2 (second 64)
//   Two:   the upper 53 bits of each                            [0, 1)
//   open:  the upper 52 bits of the first, and a half           (0, 1), as far from 0 as from 1
//   Three: the upper 42 bits of each; the lower 21 of both      [0, 1)

namespace wm::math {
namespace {

using base::RandomKey;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kPi = 0x1.921fb54442d18p+1;

struct Words {
  std::uint64_t first, second;
};

Words words(RandomKey key, std::uint64_t index) {
  const base::Counter bits = key.bits(index);
  return {std::uint64_t{bits[1]} << 32 | bits[0], std::uint64_t{bits[3]} << 32 | bits[2]};
}

double half_open(std::uint64_t word) {
  return static_cast<double>(word >> 11) * 0x1p-53;
}

double open(std::uint64_t word) {
  return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
}

std::array<double, 3> three(RandomKey key, std::uint64_t index) {
  const auto [a, b] = words(key, index);
  constexpr std::uint64_t low = (1u << 21) - 1;
  const auto share = [](std::uint64_t bits) { return static_cast<double>(bits) * 0x1p-42; };
  return {share(a >> 22), share(b >> 22), share((a & low) << 21 | (b & low))};
}

/// Try 0 is the draw itself, later ones are its child's.
Words attempt(RandomKey key, std::uint64_t index, std::uint64_t number) {
  return number == 0 ? words(key, index) : words(key.child(index), number);
}

template <std::size_t N>
double polynomial(const double (&lowest_first)[N], double x) {
  double sum = 0;
  for (std::size_t i = N; i-- > 0;) sum = sum * x + lowest_first[i];
  return sum;
}

// Wichura's rational functions of AS 241: about the middle, and of sqrt(-log(tail)) below and above 5.
constexpr double kMiddleOver[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                  1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                  3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double kMiddleUnder[] = {1,
                                   4.2313330701600911252e1,
                                   6.8718700749205790830e2,
                                   5.3941960214247511077e3,
                                   2.1213794301586595867e4,
                                   3.9307895800092710610e4,
                                   2.8729085735721942674e4,
                                   5.2264952788528545610e3};
constexpr double kTailOver[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double kTailUnder[] = {1,
                                 2.05319162663775882187e0,
                                 1.67638483018380384940e0,
                                 6.89767334985100004550e-1,
                                 1.48103976427480074590e-1,
                                 1.51986665636164571966e-2,
                                 5.47593808499534494600e-4,
                                 1.05075007164441684324e-9};
constexpr double kFarOver[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                               2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double kFarUnder[] = {1,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};

/// Draws of a standard normal given a <= x <= b, the nearer end first in size: 0 <= a, or a < 0 < b with -a <= b.
class TruncatedNormal {
 public:
  TruncatedNormal(double a, double b) : a_(a), b_(b) {
    // How much wider than the density at its highest point each proposal is; the narrowest is refused least.
    const double even = b - a, bell = 2.5066282746310002;
    const double folded = bell / 2 * exp(0.5 * a * a), tail = -expm1(-0.5 * (b - a) * (b + a)) / a;
    if (a < 0) {
      proposal_ = even < bell ? Proposal::uniform : Proposal::normal;
    } else if (even <= std::min(folded, tail)) {
      proposal_ = Proposal::uniform;
    } else {
      proposal_ = a == 0 || folded <= tail ? Proposal::folded : Proposal::tail;
    }
  }

  /// Writes a draw to x, or says that this try was refused.
  bool accepts(Words random, double& x) const {
    const double u = open(random.first), v = half_open(random.second);
    switch (proposal_) {
      case Proposal::uniform: {
        x = a_ + u * (b_ - a_);
        const double nearest = std::max(a_, 0.0);
        return v < exp(-0.5 * (x - nearest) * (x + nearest));
      }
      case Proposal::normal:
        x = inverse_normal(u);
        return a_ <= x && x <= b_;
      case Proposal::folded:
        x = std::abs(inverse_normal(u));
        return a_ <= x && x <= b_;
      case Proposal::tail: {
        const double energy = -log1p(u * expm1(-0.5 * (b_ - a_) * (b_ + a_)));  // of (x^2 - a^2) / 2: exponential
        x = a_ + 2 * energy / (a_ + hypot(a_, std::sqrt(2 * energy)));
        return v * x < a_;
      }
    }
    return false;
  }

 private:
  enum class Proposal { uniform, normal, folded, tail };
  double a_, b_;
  Proposal proposal_;
};

/// The logarithm of a gamma draw of scale 1, from all draws of `key`.
double log_gamma_draw(RandomKey key, double shape) {
  const double boost = shape < 1 ? log(open(words(key, 0).first)) / shape : 0;  // G(a) = G(a + 1) U^(1/a)
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (std::uint64_t number = 1;; ++number) {
    const Words random = words(key, number);
    const double x = inverse_normal(open(random.first)), root = 1 + c * x;
    if (root <= 0) continue;
    const double log_v = 3 * log(root), v = root * root * root;
    if (log(open(random.second)) < 0.5 * x * x + d * (1 - v + log_v)) return log(d) + log_v + boost;
  }
}

/// log(n!) less Stirling's n log n - n + log(2 pi n) / 2; the series to n^-7 beyond 9 (Abramowitz, Stegun, 6.1.41).
double stirling_rest(double n) {
  if (n < 10) {
    double factorial = 1;
    for (double i = 2; i <= n; ++i) factorial *= i;
    return log(factorial) - (n * log(n) - n + 0.5 * log(2 * kPi * n));
  }
  const double z = 1 / (n * n);
  return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680)))) / n;
}

/// The logarithm of the chance of k when `mean` are expected.
double log_poisson(double k, double mean) {
  if (k == 0) return -mean;
  const double x = (mean - k) / k;
  return k * (log1p(x) - x) - 0.5 * log(2 * kPi * k) - stirling_rest(k);
}

std::int64_t small_poisson(double u, double mean) {
  double chance = exp(-mean), below = chance;
  std::int64_t count = 0;
  while (u >= below && chance > 0x1p-60) {  // a chance too small to move the sum ends it
    ++count;
    chance *= mean / static_cast<double>(count);
    below += chance;
  }
  return count;
}

std::int64_t large_poisson(RandomKey key, std::uint64_t index, double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
  for (std::uint64_t number = 0;; ++number) {
    const Words random = attempt(key, index, number);
    const double u = open(random.first) - 0.5, v = open(random.second), edge = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= squeeze) return static_cast<std::int64_t>(k);
    if (k < 0 || (edge < 0.013 && v > edge)) continue;
    if (log(v * inverse_alpha / (a / (edge * edge) + b)) <= log_poisson(k, mean)) return static_cast<std::int64_t>(k);
  }
}

/// On the sphere of radius 1: z falls evenly from 1 to -1 as u grows.
Vec3 direction(double u, double v) {
  const SinCos around = sincos(2 * kPi * v);
  const double from_axis = 2 * std::sqrt(u * (1 - u));
  return {from_axis * around.cos, from_axis * around.sin, 1 - 2 * u};
}

}  // namespace

double inverse_normal(double probability) {
  const double p = probability, q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double z = 0.180625 - q * q;
    return q * polynomial(kMiddleOver, z) / polynomial(kMiddleUnder, z);
  }
  const double tail = q < 0 ? p : 1 - p;
  if (!(tail > 0)) return tail == 0 ? std::copysign(kInfinity, q) : std::numeric_limits<double>::quiet_NaN();
  const double r = std::sqrt(-log(tail));
  const double size = r <= 5 ? polynomial(kTailOver, r - 1.6) / polynomial(kTailUnder, r - 1.6)
                             : polynomial(kFarOver, r - 5) / polynomial(kFarUnder, r - 5);
  return std::copysign(size, q);
}

double normal(RandomKey key, std::uint64_t index, double mean, double sd) {
  WM_CHECK(std::isfinite(mean) && std::isfinite(sd) && sd >= 0);
  return mean + sd * inverse_normal(open(words(key, index).first));
}

double truncated_normal(RandomKey key, std::uint64_t index, double mean, double sd, double min, double max) {
  WM_CHECK(std::isfinite(mean) && std::isfinite(sd) && sd >= 0 && min <= max);
  const double a = (min - mean) / sd, b = (max - mean) / sd;
  if (sd == 0 || min == max || a == kInfinity || b == -kInfinity) return std::clamp(mean, min, max);
  const bool mirrored = -b > a;  // the nearer end first
  const TruncatedNormal density = mirrored ? TruncatedNormal(-b, -a) : TruncatedNormal(a, b);
  double x = 0;
  for (std::uint64_t number = 0; !density.accepts(attempt(key, index, number), x);) ++number;
  return std::clamp(mean + sd * (mirrored ? -x : x), min, max);
}

double log_uniform(RandomKey key, std::uint64_t index, double low, double high) {
  WM_CHECK(low > 0 && low <= high && high < kInfinity);
  const double from = log(low), to = log(high);
  return std::clamp(exp(from + half_open(words(key, index).first) * (to - from)), low, high);
}

double exponential(RandomKey key, std::uint64_t index, double mean) {
  WM_CHECK(std::isfinite(mean) && mean >= 0);
  return mean * -log(open(words(key, index).first));
}

double gamma(RandomKey key, std::uint64_t index, double shape, double scale) {
  WM_CHECK(std::isfinite(shape) && shape > 0 && std::isfinite(scale) && scale >= 0);
  return scale * exp(log_gamma_draw(key.child(index), shape));
}

double beta(RandomKey key, std::uint64_t index, double a, double b, double min, double max) {
  WM_CHECK(std::isfinite(a) && a > 0 && std::isfinite(b) && b > 0 && std::isfinite(max - min) && min <= max);
  const RandomKey place = key.child(index);
  const double first = log_gamma_draw(place.child(0), a), second = log_gamma_draw(place.child(1), b);
  return std::clamp(min + (max - min) / (1 + exp(second - first)), min, max);
}

std::int64_t poisson(RandomKey key, std::uint64_t index, double mean) {
  WM_CHECK(mean >= 0 && mean <= 1e15);
  return mean < 10 ? small_poisson(half_open(words(key, index).first), mean) : large_poisson(key, index, mean);
}

Vec3 point_in_box(RandomKey key, std::uint64_t index, const Box3& box) {
  WM_CHECK(!box.is_empty());
  const auto [x, y, z] = three(key, index);
  return min(box.low + Vec3{x, y, z} * box.size(), box.high);
}

Vec3 point_in_ball(RandomKey key, std::uint64_t index, double radius) {
  return point_in_shell(key, index, 0, radius);
}

Vec3 point_in_shell(RandomKey key, std::uint64_t index, double inner, double outer) {
  WM_CHECK(0 <= inner && inner <= outer && outer < kInfinity);
  if (outer == 0) return {};
  const auto [u, v, w] = three(key, index);
  const double ratio = inner / outer, cube = ratio * ratio * ratio;
  return std::clamp(outer * cbrt(cube + w * (1 - cube)), inner, outer) * direction(u, v);
}

Vec3 uniform_direction(RandomKey key, std::uint64_t index) {
  const auto [first, second] = words(key, index);
  return direction(half_open(first), half_open(second));
}

Rotation uniform_rotation(RandomKey key, std::uint64_t index) {
  const auto [u, v, w] = three(key, index);
  const SinCos a = sincos(2 * kPi * v), b = sincos(2 * kPi * w);
  const double one = std::sqrt(1 - u), other = std::sqrt(u);
  return {other * b.cos, one * a.sin, one * a.cos, other * b.sin};
}

}  // namespace wm::math
