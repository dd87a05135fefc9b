#include "worldmill/math/elementary.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "worldmill/base/distributions.h"
#include "worldmill/base/hash.h"

namespace wm::math {
namespace {

using base::RandomKey;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kTiniest = std::numeric_limits<double>::denorm_min();
constexpr double kHalfPi = 0x1.921fb54442d18p+0, kPi = 0x1.921fb54442d18p+1;
constexpr std::uint64_t kMany = 40'000;

/// How far `value` is from `truth`, in units of the last place of a T at `truth`.
template <class T>
double ulps(T value, long double truth) {
  if (std::isnan(value) || std::isnan(truth)) return std::isnan(value) == std::isnan(truth) ? 0 : kInf;
  const T near = static_cast<T>(std::abs(truth));
  if (std::isinf(near)) return static_cast<long double>(value) == truth || static_cast<T>(truth) == value ? 0 : kInf;
  const T step = std::nextafter(near, std::numeric_limits<T>::infinity()) - near;
  if (std::isinf(step)) return static_cast<T>(truth) == value ? 0 : 1;
  return static_cast<double>(std::abs(static_cast<long double>(value) - truth) / static_cast<long double>(step));
}

/// Draws evenly in low..high.
struct Even {
  double low, high;
  double operator()(RandomKey key, std::uint64_t i) const { return base::uniform(key, i, low, high); }
};

/// Draws a size evenly in its exponent, 2^low..2^high, and a sign if wanted.
struct Sizes {
  int low, high;
  bool both_signs = true;
  double operator()(RandomKey key, std::uint64_t i) const {
    const double size = std::ldexp(base::uniform(key, i, 1, 2),
                                   static_cast<int>(base::integer(key.child("exponent"), i, low, high - 1)));
    return both_signs && base::bernoulli(key.child("sign"), i, 0.5) ? -size : size;
  }
};

/// The worst error of `ours` against libm's long double (64 bits, itself within 1 of its own ulps: 2^-11 of a
/// double's).
template <class T, class Ours, class Truth, class Draw>
void expect_within(double limit, const char* name, Ours ours, Truth truth, Draw draw) {
  double worst = 0, where = 0;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const T x = static_cast<T>(draw(RandomKey::from_seed(1).child(name), i));
    const double error = ulps<T>(ours(x), truth(static_cast<long double>(x)));
    if (error > worst) worst = error, where = x;
  }
  EXPECT_LE(worst, limit) << name << " at " << std::hexfloat << where;
  ::testing::Test::RecordProperty(name, std::to_string(worst));
}

template <class T, class Ours, class Truth, class Draw1, class Draw2>
void expect_within(double limit, const char* name, Ours ours, Truth truth, Draw1 draw1, Draw2 draw2) {
  double worst = 0, where1 = 0, where2 = 0;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const RandomKey key = RandomKey::from_seed(2).child(name);
    const T a = static_cast<T>(draw1(key.child("first"), i)), b = static_cast<T>(draw2(key.child("second"), i));
    const double error = ulps<T>(ours(a, b), truth(static_cast<long double>(a), static_cast<long double>(b)));
    if (error > worst) worst = error, where1 = a, where2 = b;
  }
  EXPECT_LE(worst, limit) << name << " at " << std::hexfloat << where1 << ", " << where2;
  ::testing::Test::RecordProperty(name, std::to_string(worst));
}

// A call of ours and the same call of libm's, as two lambdas.
#define WM_PAIR(T, f) [](T x) { return f(x); }, [](long double x) { return std::f(x); }
#define WM_PAIR2(T, f) [](T a, T b) { return f(a, b); }, [](long double a, long double b) { return std::f(a, b); }

TEST(Elementary, ExponentialsAreWithinTheirUlps) {
  expect_within<double>(0.53, "exp", WM_PAIR(double, exp), Even{-708, 709.7});
  expect_within<double>(0.53, "exp near 0", WM_PAIR(double, exp), Sizes{-60, 3});
  expect_within<double>(1, "exp to subnormals", WM_PAIR(double, exp), Even{-745.5, -708});
  expect_within<double>(0.53, "exp2", WM_PAIR(double, exp2), Even{-1022, 1024});
  expect_within<double>(1, "exp2 to subnormals", WM_PAIR(double, exp2), Even{-1075, -1022});
  expect_within<double>(0.6, "expm1", WM_PAIR(double, expm1), Even{-60, 60});
  expect_within<double>(0.6, "expm1 near 0", WM_PAIR(double, expm1), Sizes{-70, 3});
}

TEST(Elementary, LogarithmsAreWithinTheirUlps) {
  expect_within<double>(0.51, "log", WM_PAIR(double, log), Sizes{-1074, 1023, false});
  expect_within<double>(0.51, "log near 1", WM_PAIR(double, log), Even{0.5, 2});
  expect_within<double>(0.51, "log very near 1", WM_PAIR(double, log), Even{0.9999, 1.0001});
  expect_within<double>(0.51, "log2", WM_PAIR(double, log2), Sizes{-1074, 1023, false});
  expect_within<double>(0.51, "log2 near 1", WM_PAIR(double, log2), Even{0.5, 2});
  expect_within<double>(0.51, "log10", WM_PAIR(double, log10), Sizes{-1074, 1023, false});
  expect_within<double>(0.51, "log10 near 1", WM_PAIR(double, log10), Even{0.5, 2});
  expect_within<double>(0.51, "log1p", WM_PAIR(double, log1p), Sizes{-80, 1023, false});
  expect_within<double>(0.51, "log1p near 0", WM_PAIR(double, log1p), Even{-1, 2});
  expect_within<double>(0.51, "log1p very near 0", WM_PAIR(double, log1p), Sizes{-60, -3});
}

TEST(Elementary, SinesAreWithinTheirUlps) {
  for (const Sizes sizes : {Sizes{-60, 0}, Sizes{0, 20}, Sizes{19, 50}, Sizes{50, 63}}) {
    expect_within<double>(0.8, "sin", WM_PAIR(double, sin), sizes);
    expect_within<double>(0.8, "cos", WM_PAIR(double, cos), sizes);
    expect_within<double>(0.9, "tan", WM_PAIR(double, tan), sizes);
  }
}

// The multiple of pi/2 that comes nearest to a double, and its sine: Kahan's example, in Muller's "Elementary
// functions", 2nd edition, 11.1; libm's long double gives the rest.
TEST(Elementary, SinesOfHugeAnglesAreReducedHonestly) {
  EXPECT_LE(ulps(cos(0x1.6ac5b262ca1ffp+849), std::cos(0x1.6ac5b262ca1ffp+849L)), 0.6);
  EXPECT_LE(std::abs(cos(0x1.6ac5b262ca1ffp+849)), 5e-19);
  for (const double x : {1e22, 1e300, kMax, -kMax, 0x1p1023, 0x1p20, 0x1p64}) {
    EXPECT_LE(ulps(sin(x), std::sin(static_cast<long double>(x))), 0.6) << x;
    EXPECT_LE(ulps(tan(x), std::tan(static_cast<long double>(x))), 0.8) << x;
  }
}

// Doubles next to multiples of pi/2 leave the smallest remainders.
TEST(Elementary, SinesKeepTheirDigitsNextToQuarterTurns) {
  for (int k = -700'000; k <= 700'000; k += 37) {
    const double x = k * kHalfPi;
    ASSERT_LE(ulps(sin(x), std::sin(static_cast<long double>(x))), 0.6) << k;
    ASSERT_LE(ulps(cos(x), std::cos(static_cast<long double>(x))), 0.6) << k;
  }
}

TEST(Elementary, ArcFunctionsAreWithinTheirUlps) {
  expect_within<double>(1.5, "asin", WM_PAIR(double, asin), Even{-1, 1});
  expect_within<double>(1.5, "asin near 0", WM_PAIR(double, asin), Sizes{-60, 0});
  expect_within<double>(1.5, "acos", WM_PAIR(double, acos), Even{-1, 1});
  expect_within<double>(1.5, "acos near 1", WM_PAIR(double, acos), Even{0.9999, 1});
  expect_within<double>(1, "atan", WM_PAIR(double, atan), Sizes{-60, 60});
  expect_within<double>(1, "atan near 1", WM_PAIR(double, atan), Even{-3, 3});
  expect_within<double>(1, "atan2", WM_PAIR2(double, atan2), Even{-1, 1}, Even{-1, 1});
  expect_within<double>(1, "atan2 of all sizes", WM_PAIR2(double, atan2), Sizes{-1074, 1023}, Sizes{-1074, 1023});
}

TEST(Elementary, PowersAreWithinTheirUlps) {
  expect_within<double>(0.53, "pow", WM_PAIR2(double, pow), Even{0, 10}, Even{-100, 100});
  expect_within<double>(0.53, "pow near 1", WM_PAIR2(double, pow), Even{0.999, 1.001}, Even{-7e5, 7e5});
  expect_within<double>(1, "pow of all sizes", WM_PAIR2(double, pow), Sizes{-1074, 1023, false}, Sizes{-60, 12});
  expect_within<double>(0.53, "cbrt", WM_PAIR(double, cbrt), Sizes{-1074, 1023});
  expect_within<double>(0.53, "hypot", WM_PAIR2(double, hypot), Even{-1, 1}, Even{-1, 1});
  expect_within<double>(1, "hypot of all sizes", WM_PAIR2(double, hypot), Sizes{-1074, 1022}, Sizes{-1074, 1022});
}

TEST(ElementaryFloat, IsWithinItsUlps) {
  expect_within<float>(0.6, "expf", WM_PAIR(float, exp), Even{-104, 89});
  expect_within<float>(0.6, "expf near 0", WM_PAIR(float, exp), Sizes{-40, 3});
  expect_within<float>(0.6, "logf", WM_PAIR(float, log), Sizes{-149, 127, false});
  expect_within<float>(0.6, "logf near 1", WM_PAIR(float, log), Even{0.9, 1.1});
  expect_within<float>(0.6, "powf", WM_PAIR2(float, pow), Even{0, 10}, Even{-40, 40});
  expect_within<float>(0.6, "powf near 1", WM_PAIR2(float, pow), Even{0.9, 1.1}, Even{-800, 800});
  for (const Sizes sizes : {Sizes{-40, 0}, Sizes{0, 20}, Sizes{19, 127}}) {
    expect_within<float>(0.6, "sinf", WM_PAIR(float, sin), sizes);
    expect_within<float>(0.6, "cosf", WM_PAIR(float, cos), sizes);
  }
  expect_within<float>(0.6, "asinf", WM_PAIR(float, asin), Even{-1, 1});
  expect_within<float>(0.6, "asinf near 0", WM_PAIR(float, asin), Sizes{-40, 0});
  expect_within<float>(0.6, "acosf", WM_PAIR(float, acos), Even{-1, 1});
  expect_within<float>(0.6, "acosf near 1", WM_PAIR(float, acos), Even{0.999, 1});
  expect_within<float>(0.6, "atan2f", WM_PAIR2(float, atan2), Even{-1, 1}, Even{-1, 1});
  expect_within<float>(0.6, "atan2f of all sizes", WM_PAIR2(float, atan2), Sizes{-149, 127}, Sizes{-149, 127});
}

/// Same zero, same infinity, both NaN; other numbers within an ulp.
template <class T>
bool same(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (b == 0) return a == 0 && std::signbit(a) == std::signbit(b);
  return ulps<T>(a, b) <= 1;
}

// libm follows Annex F.
TEST(Elementary, FollowsAnnexFAtTheEnds) {
  const std::vector<double> ends = {0.0, -0.0, 1, -1, kInf, -kInf, kNaN};
  for (const double x : ends) {
    EXPECT_TRUE(same(exp(x), std::exp(x))) << x;
    EXPECT_TRUE(same(exp2(x), std::exp2(x))) << x;
    EXPECT_TRUE(same(expm1(x), std::expm1(x))) << x;
    EXPECT_TRUE(same(log(x), std::log(x))) << x;
    EXPECT_TRUE(same(log2(x), std::log2(x))) << x;
    EXPECT_TRUE(same(log10(x), std::log10(x))) << x;
    EXPECT_TRUE(same(log1p(x), std::log1p(x))) << x;
    EXPECT_TRUE(same(sin(x), std::sin(x))) << x;
    EXPECT_TRUE(same(cos(x), std::cos(x))) << x;
    EXPECT_TRUE(same(tan(x), std::tan(x))) << x;
    EXPECT_TRUE(same(sincos(x).sin, std::sin(x)) && same(sincos(x).cos, std::cos(x))) << x;
    EXPECT_TRUE(same(asin(x), std::asin(x))) << x;
    EXPECT_TRUE(same(acos(x), std::acos(x))) << x;
    EXPECT_TRUE(same(atan(x), std::atan(x))) << x;
    EXPECT_TRUE(same(cbrt(x), std::cbrt(x))) << x;
  }
}

TEST(ElementaryFloat, FollowsAnnexFAtTheEnds) {
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> ends = {0.0f, -0.0f, 1, -1, inf, -inf, nan};
  for (const float x : ends) {
    EXPECT_TRUE(same(exp(x), std::exp(x))) << x;
    EXPECT_TRUE(same(log(x), std::log(x))) << x;
    EXPECT_TRUE(same(sin(x), std::sin(x))) << x;
    EXPECT_TRUE(same(cos(x), std::cos(x))) << x;
    EXPECT_TRUE(same(asin(x), std::asin(x))) << x;
    EXPECT_TRUE(same(acos(x), std::acos(x))) << x;
    for (const float y : ends) {
      EXPECT_TRUE(same(pow(x, y), std::pow(x, y))) << x << ", " << y;
      EXPECT_TRUE(same(atan2(x, y), std::atan2(x, y))) << x << ", " << y;
    }
  }
}

TEST(Elementary, FunctionsOfTwoFollowAnnexFAtTheEnds) {
  const std::vector<double> ends = {0.0, -0.0, 1,    -1,       kInf,      -kInf, kNaN,  2,    -2,   3,    -3,
                                    0.5, -0.5, kMax, kTiniest, -kTiniest, 1e18,  -1e18, 1e16, -2.5, -kMax};
  for (const double a : ends) {
    for (const double b : ends) {
      EXPECT_TRUE(same(pow(a, b), std::pow(a, b))) << a << ", " << b;
      EXPECT_TRUE(same(atan2(a, b), std::atan2(a, b))) << a << ", " << b;
      EXPECT_TRUE(same(hypot(a, b), std::hypot(a, b))) << a << ", " << b;
    }
  }
}

TEST(Elementary, OverflowsAndUnderflowsWhereDoubleEnds) {
  EXPECT_EQ(exp(709.782712893384), std::exp(709.782712893384));
  EXPECT_EQ(exp(709.782712893385), kInf);
  EXPECT_EQ(exp(-745.13321910194110), kTiniest);
  EXPECT_EQ(exp(-745.13321910194122), 0);
  EXPECT_EQ(exp2(1024), kInf);
  EXPECT_EQ(exp2(-1074), kTiniest);
  EXPECT_EQ(exp2(-1076), 0);
  EXPECT_EQ(expm1(710), kInf);
  EXPECT_EQ(expm1(-1000), -1);
  EXPECT_EQ(log(kTiniest), std::log(kTiniest));
  EXPECT_EQ(hypot(kMax, kMax), kInf);
  EXPECT_EQ(hypot(3 * kTiniest, 4 * kTiniest), 5 * kTiniest);
  EXPECT_EQ(hypot(kInf, kNaN), kInf);
}

TEST(Elementary, IsExactWhereTheAnswerIs) {
  for (int n = -1074; n <= 1023; ++n) {
    ASSERT_EQ(exp2(static_cast<double>(n)), std::ldexp(1.0, n));
    ASSERT_EQ(log2(std::ldexp(1.0, n)), n);
    ASSERT_EQ(pow(2.0, static_cast<double>(n)), std::ldexp(1.0, n));
  }
  double ten = 1;
  for (int n = 0; n <= 22; ++n, ten *= 10) {
    EXPECT_EQ(log10(ten), n);
    EXPECT_EQ(pow(10.0, static_cast<double>(n)), ten);
  }
  for (int n = 0; n <= 2000; ++n) {
    const double x = n;
    ASSERT_EQ(pow(x, 2.0), x * x);
    ASSERT_EQ(pow(-x, 3.0), -x * x * x);
    ASSERT_EQ(cbrt(x * x * x), x);
    ASSERT_EQ(pow(x * x, 0.5), x);
  }
}

TEST(Elementary, KeepsItsSymmetries) {
  const RandomKey key = RandomKey::from_seed(3);
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const double x = Sizes{-30, 200}(key, i);
    ASSERT_EQ(sin(-x), -sin(x));
    ASSERT_EQ(cos(-x), cos(x));
    ASSERT_EQ(tan(-x), -tan(x));
    ASSERT_EQ(atan(-x), -atan(x));
    ASSERT_EQ(sincos(x).sin, sin(x));
    ASSERT_EQ(sincos(x).cos, cos(x));
    ASSERT_NEAR(sin(x) * sin(x) + cos(x) * cos(x), 1, 5e-16);  // two errors of an ulp, two roundings
  }
}

TEST(Elementary, InversesUndo) {
  const RandomKey key = RandomKey::from_seed(4);
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const double x = Even{-1.5, 1.5}(key, i), positive = Even{0.001, 700}(key, i);
    ASSERT_NEAR(asin(sin(x)), x, 4e-15);  // an ulp of the sine is up to 14 of x near 1.5
    ASSERT_NEAR(atan(tan(x)), x, 5e-16);
    ASSERT_NEAR(atan2(sin(x), cos(x)), x, 5e-16);
    ASSERT_NEAR(log(exp(positive)), positive, 1e-13);
    ASSERT_NEAR(acos(x / 1.5) + asin(x / 1.5), kHalfPi, 8e-16);
    ASSERT_NEAR(log1p(expm1(x)), x, 1e-15);
  }
  EXPECT_EQ(atan2(0.0, -1.0), kPi);
  EXPECT_EQ(atan2(-0.0, -1.0), -kPi);
}

/// Digests the bits of what it is given; every NaN counts the same.
class Bits {
 public:
  void add(double x) {
    const std::uint64_t word = std::isnan(x) ? 0x7ff8ULL << 48 : std::bit_cast<std::uint64_t>(x);
    for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>(word >> shift & 0xff));
  }
  std::string hash() const { return base::to_string(base::hash_bytes(bytes_)); }

 private:
  std::string bytes_;
};

template <class T>
void add_all_of_one(Bits& bits, T x) {
  for (const T y : {exp(x), log(x), sin(x), cos(x), sincos(x).sin, sincos(x).cos, asin(x), acos(x)}) bits.add(y);
}

// Whoever changes a bit changes every dataset. On every compiler, optimisation level and machine this is one number.
TEST(Elementary, GivesKnownBits) {
  Bits bits;
  const RandomKey key = RandomKey::from_seed(5);
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const double any = std::bit_cast<double>(std::uint64_t{key.bits(i)[0]} << 32 | key.bits(i)[1]);
    for (const double x : {any, Even{-1, 1}(key, i), Even{0, 100}(key, i), Sizes{-20, 30}(key, i)}) {
      add_all_of_one(bits, x);
      for (const double y : {exp2(x), expm1(x), log2(x), log10(x), log1p(x), tan(x), atan(x), cbrt(x)}) bits.add(y);
      const double other = Even{-9, 9}(key.child("other"), i);
      for (const double y : {atan2(x, other), pow(std::abs(x), other), hypot(x, other)}) bits.add(y);
    }
  }
  EXPECT_EQ(bits.hash(), "6fd21832c38061f184a589f075936a36");
}

TEST(ElementaryFloat, GivesKnownBits) {
  Bits bits;
  const RandomKey key = RandomKey::from_seed(6);
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const float any = std::bit_cast<float>(key.bits(i)[0]);
    for (const double wide : {double{any}, Even{-1, 1}(key, i), Even{0, 100}(key, i), Sizes{-20, 30}(key, i)}) {
      const auto x = static_cast<float>(wide), other = static_cast<float>(Even{-9, 9}(key.child("other"), i));
      add_all_of_one(bits, x);
      for (const float y : {atan2(x, other), pow(std::abs(x), other)}) bits.add(double{y});
    }
  }
  EXPECT_EQ(bits.hash(), "d826012f10f09a1a25dad3f7b5c924f7");
}

}  // namespace
}  // namespace wm::math
