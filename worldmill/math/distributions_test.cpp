#include "worldmill/math/distributions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "worldmill/base/hash.h"

namespace wm::math {
namespace {

using base::RandomKey;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kPi = 0x1.921fb54442d18p+1;
constexpr std::uint64_t kMany = 20'000;

const RandomKey kAnswers = RandomKey::from_seed(2024).child("distributions");

// Nearest doubles to what tools/distribution_answers.py finds at 50 digits; ours may be a few roundings away (the
// macro's 4 ulp).
TEST(MathDistributions, GiveKnownAnswers) {
  const RandomKey& key = kAnswers;
  EXPECT_DOUBLE_EQ(normal(key, 0, 10, 2), 0x1.1210dac96124fp+3);
  EXPECT_DOUBLE_EQ(normal(key, 1, 10, 2), 0x1.ea5c231391e29p+2);
  EXPECT_DOUBLE_EQ(log_uniform(key, 0, 0.01, 100), 0x1.69976fdbff76fp-4);
  EXPECT_DOUBLE_EQ(exponential(key, 0, 3), 0x1.14db10127c6a5p+2);
  EXPECT_DOUBLE_EQ(gamma(key, 0, 2.5, 3), 0x1.3f593c622d1c1p+4);
  EXPECT_DOUBLE_EQ(gamma(key, 0, 0.5, 1), 0x1.ffaea3fa15638p+1);
  EXPECT_DOUBLE_EQ(beta(key, 0, 2, 5, 0, 1), 0x1.646e07f214f97p-2);
  EXPECT_DOUBLE_EQ(beta(key, 0, 0.5, 0.5, -1, 3), 0x1.3d725ae45a88cp+1);
  EXPECT_EQ(poisson(key, 0, 4), 2);
  EXPECT_EQ(poisson(key, 2, 4), 4);
  EXPECT_EQ(poisson(key, 0, 50), 43);
  EXPECT_EQ(poisson(key, 1, 50), 40);
  EXPECT_EQ(poisson(key, 0, 10000), 9903);
  EXPECT_EQ(poisson(key, 1, 10000), 9865);
}

TEST(MathDistributions, TruncatedNormalGivesKnownAnswersByEachProposal) {
  const RandomKey& key = kAnswers;
  EXPECT_DOUBLE_EQ(truncated_normal(key, 0, 0, 1, -3, kInf), -0x1.6f7929b4f6d89p-1);
  EXPECT_DOUBLE_EQ(truncated_normal(key, 0, 0, 1, 0.1, kInf), 0x1.6f7929b4f6d89p-1);
  EXPECT_DOUBLE_EQ(truncated_normal(key, 2, 0, 1, 0.1, kInf), 0x1.c29978f9c7016p-1);  // the third try
  EXPECT_DOUBLE_EQ(truncated_normal(key, 0, 5, 2, 30, 40), 0x1.e0b0a934fd449p+4);
  EXPECT_DOUBLE_EQ(truncated_normal(key, 0, 5, 2, -kInf, -100), -0x1.900a862ab7455p+6);
  EXPECT_DOUBLE_EQ(truncated_normal(key, 0, 0, 1, -0.5, 1), -0x1.2994afb1c23aep-3);
}

void expect_vector(Vec3 a, Vec3 b) {
  EXPECT_NEAR(a.x, b.x, 1e-15);
  EXPECT_NEAR(a.y, b.y, 1e-15);
  EXPECT_NEAR(a.z, b.z, 1e-15);
}

TEST(MathDistributions, PointsAndTurnsGiveKnownAnswers) {
  const RandomKey& key = kAnswers;
  expect_vector(point_in_box(key, 0, {{-1, 0, 2}, {1, 5, 2.5}}),
                {-0x1.0ddc3a9097000p-1, 0x1.33e1bc7507b00p+2, 0x1.36339252ab000p+1});
  expect_vector(point_in_ball(key, 0, 2), {0x1.90106443c21ccp+0, -0x1.841e4a843b909p-2, 0x1.fea32a71b3b4cp-1});
  expect_vector(point_in_shell(key, 1, 1, 2), {-0x1.09ebd150fc6d3p+0, -0x1.41485f9282722p-1, 0x1.689ef9ec38f7ep+0});
  expect_vector(uniform_direction(key, 0), {0x1.a6d97b27bdca2p-1, -0x1.9a39351bf760fp-3, 0x1.0ddc3a909613ap-1});
  const Rotation r = uniform_rotation(key, 0);
  EXPECT_NEAR(r.w, 0x1.1cc73a5bfc929p-2, 1e-15);
  expect_vector({r.x, r.y, r.z}, {-0x1.a5cd04c73ff2ap-3, 0x1.b2c88394b6928p-1, -0x1.9879cb105e59cp-2});
}

/// Kolmogorov's statistic times sqrt(n): 1.95 is exceeded once in 1000, 2.23 once in 10^4 (and the draws are fixed).
double kolmogorov(std::vector<double> sample, const std::function<double(double)>& cumulative) {
  std::sort(sample.begin(), sample.end());
  const double n = static_cast<double>(sample.size());
  double worst = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double f = cumulative(sample[i]), below = static_cast<double>(i) / n;
    worst = std::max({worst, f - below, below + 1 / n - f});
  }
  return worst * std::sqrt(n);
}
constexpr double kOnceIn1000 = 1.95;

template <class Draw>
std::vector<double> many(const char* name, Draw draw) {
  std::vector<double> sample(kMany);
  const RandomKey key = RandomKey::from_seed(11).child(name);
  for (std::uint64_t i = 0; i < kMany; ++i) sample[i] = draw(key, i);
  return sample;
}

double normal_below(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

TEST(MathDistributions, NormalFollowsItsCumulative) {
  const auto sample = many("normal", [](RandomKey key, std::uint64_t i) { return normal(key, i, 3, 0.5); });
  EXPECT_LT(kolmogorov(sample, [](double x) { return normal_below((x - 3) / 0.5); }), kOnceIn1000);
}

TEST(MathDistributions, InverseNormalUndoesTheCumulative) {
  for (double x = -38; x <= 8; x += 0.01) {
    // An ulp of the probability moves x by less than an ulp on the left; on the right by 2^-53 over the density.
    const double tolerance = 4e-15 * std::max(1.0, std::abs(x)) + (x > 0 ? 2e-16 * 2.51 * std::exp(x * x / 2) : 0);
    ASSERT_NEAR(inverse_normal(normal_below(x)), x, x < -37 ? 0.01 : tolerance);  // subnormal beyond -37.5
  }
  EXPECT_EQ(inverse_normal(0.5), 0);
  EXPECT_EQ(inverse_normal(0), -kInf);
  EXPECT_EQ(inverse_normal(1), kInf);
  EXPECT_TRUE(std::isnan(inverse_normal(-0.1)));
  EXPECT_TRUE(std::isnan(inverse_normal(1.1)));
  EXPECT_TRUE(std::isnan(inverse_normal(std::nan(""))));
}

TEST(MathDistributions, TruncatedNormalFollowsItsCumulative) {
  const std::vector<std::array<double, 2>> ends = {{-1, 3},    {-0.01, 2.6}, {0, 0.5}, {0, kInf},     {0.5, kInf},
                                                   {0.6, 2.2}, {0.8, 1.9},   {2, 2.1}, {-kInf, -0.3}, {-kInf, kInf},
                                                   {-6, -3},   {5, kInf},    {-9, -8}, {20, 30},      {-3.2, 0.2}};
  for (const auto& [a, b] : ends) {
    const auto sample =
        many("truncated", [&](RandomKey key, std::uint64_t i) { return truncated_normal(key, i, 0, 1, a, b); });
    EXPECT_GE(*std::min_element(sample.begin(), sample.end()), a);
    EXPECT_LE(*std::max_element(sample.begin(), sample.end()), b);
    const double mirror = a > 0 ? -1 : 1;  // where the tails keep their digits
    const double from = normal_below(mirror * a), whole = normal_below(mirror * b) - from;
    EXPECT_LT(kolmogorov(sample, [&](double x) { return (normal_below(mirror * x) - from) / whole; }), kOnceIn1000)
        << a << ", " << b;
  }
}

// Beyond a, x - a is nearly exponential with mean 1/a: exactly 1/a - 2/a^3 + ...
TEST(MathDistributions, TruncatedNormalHoldsInTheFarthestTail) {
  for (const double a : {40.0, 1e3, 1e6}) {
    const auto sample =
        many("far", [&](RandomKey key, std::uint64_t i) { return (truncated_normal(key, i, 0, 1, a, kInf) - a) * a; });
    EXPECT_LT(kolmogorov(sample, [&](double x) { return 1 - std::exp(-x - x * x / (2 * a * a)); }), 2.2) << a;
  }
  EXPECT_EQ(truncated_normal(kAnswers, 0, 0, 1, 1e200, 1e201), 1e200);
}

TEST(MathDistributions, TruncatedNormalWithoutSpreadIsTheMeanMovedInside) {
  EXPECT_EQ(truncated_normal(kAnswers, 0, 3, 0, 1, 5), 3);
  EXPECT_EQ(truncated_normal(kAnswers, 0, 9, 0, 1, 5), 5);
  EXPECT_EQ(truncated_normal(kAnswers, 0, 9, 1, 1, 1), 1);
  EXPECT_EQ(truncated_normal(kAnswers, 0, 9, 1e-320, 1, 5), 5);
}

TEST(MathDistributions, LogUniformFollowsItsCumulative) {
  const auto sample = many("log", [](RandomKey key, std::uint64_t i) { return log_uniform(key, i, 0.01, 1000); });
  EXPECT_LT(kolmogorov(sample, [](double x) { return std::log(x / 0.01) / std::log(1e5); }), kOnceIn1000);
  EXPECT_EQ(log_uniform(kAnswers, 0, 7, 7), 7);
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_LE(log_uniform(kAnswers, i, 1, 1 + 0x1p-52), 1 + 0x1p-52);
}

TEST(MathDistributions, ExponentialFollowsItsCumulative) {
  const auto sample = many("exponential", [](RandomKey key, std::uint64_t i) { return exponential(key, i, 4); });
  EXPECT_LT(kolmogorov(sample, [](double x) { return 1 - std::exp(-x / 4); }), kOnceIn1000);
}

/// The regularized incomplete gamma function at half-odd shapes: P(1/2, x) = erf(sqrt(x)) and a recurrence.
double gamma_below(double x, double shape) {
  double sum = std::erf(std::sqrt(x));
  for (double a = 0.5; a < shape; ++a) sum -= std::exp(a * std::log(x) - x - std::lgamma(a + 1));
  return sum;
}

TEST(MathDistributions, GammaFollowsItsCumulative) {
  for (const double shape : {0.5, 1.5, 2.5, 30.5}) {
    const auto sample = many("gamma", [&](RandomKey key, std::uint64_t i) { return gamma(key, i, shape, 2); });
    EXPECT_LT(kolmogorov(sample, [&](double x) { return gamma_below(x / 2, shape); }), kOnceIn1000) << shape;
  }
}

TEST(MathDistributions, BetaFollowsItsCumulative) {
  const auto hump = many("beta", [](RandomKey key, std::uint64_t i) { return beta(key, i, 2, 5, 10, 20); });
  EXPECT_LT(kolmogorov(hump,
                       [](double x) {
                         const double t = (x - 10) / 10, s = 1 - t;
                         return 1 - std::pow(s, 5) * (1 + 5 * t);
                       }),
            kOnceIn1000);
  const auto valley = many("beta", [](RandomKey key, std::uint64_t i) { return beta(key, i, 0.5, 0.5, 0, 1); });
  EXPECT_LT(kolmogorov(valley, [](double x) { return 2 / kPi * std::asin(std::sqrt(x)); }), kOnceIn1000);
  const auto edge = many("beta", [](RandomKey key, std::uint64_t i) { return beta(key, i, 0.01, 1, 0, 1); });
  EXPECT_LT(kolmogorov(edge, [](double x) { return std::pow(x, 0.01); }), kOnceIn1000);
}

/// Pearson's statistic of drawn counts against the Poisson law, classes expected fewer than 10 times put together, and
/// its limit: mean + 3.3 standard deviations and a little for its skewness.
void expect_poisson(double mean) {
  std::vector<double> counts;
  for (const double k :
       many("poisson", [&](RandomKey key, std::uint64_t i) { return static_cast<double>(poisson(key, i, mean)); })) {
    counts.resize(std::max(counts.size(), static_cast<std::size_t>(k) + 1));
    ++counts[static_cast<std::size_t>(k)];
  }
  double sum = 0, classes = 0, seen = 0, expected = 0, left = static_cast<double>(kMany);
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double n = static_cast<double>(k);
    seen += counts[k];
    expected += static_cast<double>(kMany) * std::exp(n * std::log(mean) - mean - std::lgamma(n + 1));
    if (expected < 10) continue;
    sum += (seen - expected) * (seen - expected) / expected;
    left -= expected;
    seen = expected = 0;
    ++classes;
  }
  sum += (seen - left) * (seen - left) / std::max(left, 1.0);
  EXPECT_LT(sum, classes + 3.3 * std::sqrt(2 * classes) + 8) << mean;
}

TEST(MathDistributions, PoissonFollowsItsLaw) {
  for (const double mean : {0.1, 1.0, 9.99, 10.0, 30.0, 1000.0, 20'000.0}) expect_poisson(mean);
  EXPECT_EQ(poisson(kAnswers, 0, 0), 0);
}

TEST(MathDistributions, PoissonOfAManyIsNormal) {
  for (const double mean : {1e9, 1e15}) {
    const auto sample = many("poisson", [&](RandomKey key, std::uint64_t i) {
      return (static_cast<double>(poisson(key, i, mean)) - mean) / std::sqrt(mean);
    });
    EXPECT_LT(kolmogorov(sample, normal_below), kOnceIn1000) << mean;
  }
}

TEST(MathDistributions, PointsFillTheirBoxEvenly) {
  const Box3 box{{-1, 2, 5}, {1, 2, 8}};
  const auto x = many("box", [&](RandomKey key, std::uint64_t i) { return point_in_box(key, i, box).x; });
  const auto z = many("box", [&](RandomKey key, std::uint64_t i) { return point_in_box(key, i, box).z; });
  EXPECT_LT(kolmogorov(x, [](double v) { return (v + 1) / 2; }), kOnceIn1000);
  EXPECT_LT(kolmogorov(z, [](double v) { return (v - 5) / 3; }), kOnceIn1000);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(box.contains(point_in_box(kAnswers, i, box)));
}

TEST(MathDistributions, PointsFillShellsEvenly) {
  const auto radii = many("shell", [](RandomKey key, std::uint64_t i) { return length(point_in_shell(key, i, 1, 3)); });
  EXPECT_LT(kolmogorov(radii, [](double r) { return (r * r * r - 1) / 26; }), kOnceIn1000);
  const auto ball = many("ball", [](RandomKey key, std::uint64_t i) { return length(point_in_ball(key, i, 3)); });
  EXPECT_LT(kolmogorov(ball, [](double r) { return r * r * r / 27; }), kOnceIn1000);
  EXPECT_EQ(point_in_ball(kAnswers, 0, 0), Vec3());
  EXPECT_NEAR(length(point_in_shell(kAnswers, 0, 2, 2)), 2, 1e-15);
}

void expect_uniform_directions(const std::function<Vec3(RandomKey, std::uint64_t)>& draw) {
  const auto z = many("direction", [&](RandomKey key, std::uint64_t i) { return draw(key, i).z; });
  const auto x = many("direction", [&](RandomKey key, std::uint64_t i) { return draw(key, i).x; });
  const auto around = many("direction", [&](RandomKey key, std::uint64_t i) {
    const Vec3 d = draw(key, i);
    return std::atan2(d.y, d.x);
  });
  EXPECT_LT(kolmogorov(z, [](double v) { return (v + 1) / 2; }), kOnceIn1000);
  EXPECT_LT(kolmogorov(x, [](double v) { return (v + 1) / 2; }), kOnceIn1000);
  EXPECT_LT(kolmogorov(around, [](double a) { return (a + kPi) / (2 * kPi); }), kOnceIn1000);
}

TEST(MathDistributions, DirectionsCoverTheSphereEvenly) {
  expect_uniform_directions(uniform_direction);
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_NEAR(length(uniform_direction(kAnswers, i)), 1, 1e-15);
}

// A uniform rotation takes any direction anywhere, and turns by less than angle a with (a - sin a) / pi.
TEST(MathDistributions, RotationsAreUniform) {
  const Vec3 v = normalized(Vec3{1, 2, -3});
  expect_uniform_directions([&](RandomKey key, std::uint64_t i) { return uniform_rotation(key, i) * v; });
  const auto angles = many("rotation", [](RandomKey key, std::uint64_t i) {
    const Rotation r = uniform_rotation(key, i);
    return 2 * std::acos(std::min(1.0, std::abs(r.w)));
  });
  EXPECT_LT(kolmogorov(angles, [](double a) { return (a - std::sin(a)) / kPi; }), kOnceIn1000);
}

/// Pearson's statistic of pairs of numbers in 0..1 on a 10 x 10 grid; 160 is exceeded once in 10^4.
template <class Pairs>
double pairs_chi_squared(Pairs pairs) {
  std::vector<double> counts(100);
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const auto [a, b] = pairs(i);
    ++counts[static_cast<std::size_t>(a * 10) * 10 + static_cast<std::size_t>(b * 10)];
  }
  double sum = 0;
  for (const double count : counts) sum += (count - kMany / 100.0) * (count - kMany / 100.0) / (kMany / 100.0);
  return sum;
}

TEST(MathDistributions, SiblingsAndNeighboursAreIndependent) {
  const RandomKey key = RandomKey::from_seed(12);
  using Pair = std::array<double, 2>;
  const auto share = [](RandomKey k, std::uint64_t i) { return normal_below(normal(k, i, 0, 1)); };
  EXPECT_LT(pairs_chi_squared([&](std::uint64_t i) { return Pair{share(key, 2 * i), share(key, 2 * i + 1)}; }), 160);
  EXPECT_LT(pairs_chi_squared([&](std::uint64_t i) {
              return Pair{share(key.child(i), 0), share(key.child(i + 1), 0)};
            }),
            160);
  const auto tail = [](RandomKey k, std::uint64_t i) {  // refused often: the tries of neighbours must not meet
    return gamma_below(gamma(k, i, 1.5, 1), 1.5);
  };
  EXPECT_LT(pairs_chi_squared([&](std::uint64_t i) { return Pair{tail(key, 2 * i), tail(key, 2 * i + 1)}; }), 160);
  EXPECT_LT(pairs_chi_squared([&](std::uint64_t i) {
              const Vec3 p = point_in_box(key, i, {{0, 0, 0}, {1, 1, 1}});
              return Pair{p.x, p.z};
            }),
            160);
}

// Every bit, on every compiler and machine.
TEST(MathDistributions, GiveKnownBits) {
  std::string bytes;
  const auto add = [&](double x) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes.push_back(static_cast<char>(std::bit_cast<std::uint64_t>(x) >> shift & 0xff));
    }
  };
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const RandomKey& key = kAnswers;
    add(normal(key, i, 1, 2));
    for (const double a : {-2.0, -0.1, 0.1, 0.7, 3.0}) add(truncated_normal(key, i, 0, 1, a, a + 2));
    add(log_uniform(key, i, 1e-3, 1e3));
    add(exponential(key, i, 2));
    add(gamma(key, i, 0.3, 1));
    add(gamma(key, i, 3, 1));
    add(beta(key, i, 0.4, 3, 0, 1));
    for (const double mean : {3.0, 33.0, 1e6}) add(static_cast<double>(poisson(key, i, mean)));
    for (const Vec3 v : {point_in_box(key, i, {{0, 0, 0}, {1, 2, 3}}), point_in_shell(key, i, 1, 2),
                         uniform_direction(key, i), uniform_rotation(key, i) * Vec3{1, 0, 0}}) {
      for (const double x : {v.x, v.y, v.z}) add(x);
    }
  }
  EXPECT_EQ(base::to_string(base::hash_bytes(bytes)), "5244f97a9c75e2938d2349c5968f4037");
}

}  // namespace
}  // namespace wm::math
