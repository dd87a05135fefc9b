#include "worldmill/base/random_key.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "worldmill/base/distributions.h"
#include "worldmill/base/hash.h"

namespace wm::base {
namespace {

// The three vectors published with the Random123 library for philox4x32-10.
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The value published with xxHash for the empty input and seed 0.
TEST(Hash, OfNothingIsThePublishedAnswer) {
  EXPECT_EQ(to_string(hash_bytes("")), "99aa06d3014798d86001c324468d497f");
}

TEST(RandomKey, TellsNamesFromNumbers) {
  const RandomKey key = RandomKey::from_seed(1);
  EXPECT_NE(key.child("1"), key.child(1));
  EXPECT_NE(key.child(""), key);
}

TEST(RandomKey, SiblingsDoNotDisturbEachOther) {
  const RandomKey parent = RandomKey::from_seed(2024).child("scene");
  const Counter alone = parent.child("lamps").bits(5);
  parent.child("sky").bits(0);
  parent.child("lamps").bits(4);
  EXPECT_EQ(parent.child("lamps").bits(5), alone);
}

// An independent program (Python's xxhash binding and big integers) gave these; every dataset leans on them.
TEST(RandomKey, GivesKnownAnswers) {
  const RandomKey key = RandomKey::from_seed(2024).child("scene").child(12).child("vary.sun");
  EXPECT_EQ(key.high(), 0x997a929a54ae8353u);
  EXPECT_EQ(key.low(), 0xd5352049ebc83f34u);
  EXPECT_EQ(key.bits(3), (Counter{0x5ab3558d, 0x0f8566db, 0x7fec70d3, 0xd8877c57}));
}

TEST(Distributions, GiveKnownAnswers) {
  const RandomKey key = RandomKey::from_seed(2024).child("scene").child(12).child("vary.sun");
  const std::array<double, 3> weights = {1, 2, 3};
  EXPECT_EQ(unit(key, 0), 0x1.0d5871eee0334p-1);
  EXPECT_EQ(unit(key, 2), 0x1.f8b7f5cbe9064p-3);
  EXPECT_EQ(uniform(key, 1, -2, 5), 0x1.5bfa864de6a44p+1);
  EXPECT_EQ(integer(key, 0, -100, 100), 5);
  EXPECT_EQ(integer(key, 2, -100, 100), -51);
  EXPECT_FALSE(bernoulli(key, 0, 0.5));
  EXPECT_TRUE(bernoulli(key, 2, 0.5));
  EXPECT_EQ(choice(key, 0, weights), 2u);
  EXPECT_EQ(choice(key, 2, weights), 1u);
}

// Pearson's statistic of `counts` against equal shares.
double chi_squared(const std::vector<int>& counts) {
  double total = 0;
  for (const int count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// 99 degrees of freedom: mean 99, standard deviation 14; 160 is exceeded once in 10^4 (and the draws are fixed).
TEST(Distributions, UnitFillsItsBinsEvenly) {
  std::vector<int> counts(100);
  const RandomKey key = RandomKey::from_seed(7);
  for (std::uint64_t i = 0; i < 100'000; ++i) ++counts[static_cast<std::size_t>(unit(key, i) * 100)];
  EXPECT_LT(chi_squared(counts), 160);
}

TEST(Distributions, SiblingKeysAreIndependent) {
  std::vector<int> counts(100);
  const RandomKey key = RandomKey::from_seed(7);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double a = unit(key.child(i), 0), b = unit(key.child(i + 1), 0);
    ++counts[static_cast<std::size_t>(a * 10) * 10 + static_cast<std::size_t>(b * 10)];
  }
  EXPECT_LT(chi_squared(counts), 160);
}

TEST(Distributions, IntegerReachesBothEndsEvenly) {
  std::vector<int> counts(7);
  const RandomKey key = RandomKey::from_seed(9);
  for (std::uint64_t i = 0; i < 70'000; ++i) ++counts[static_cast<std::size_t>(integer(key, i, -3, 3) + 3)];
  EXPECT_LT(chi_squared(counts), 24);  // 6 degrees of freedom, once in 2000
  EXPECT_EQ(integer(key, 0, 5, 5), 5);
  EXPECT_NE(integer(key, 0, INT64_MIN, INT64_MAX), integer(key, 1, INT64_MIN, INT64_MAX));
}

TEST(Distributions, UniformStaysBelowItsHighEnd) {
  const RandomKey key = RandomKey::from_seed(3);
  const double next = 1 + 0x1p-52;
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(uniform(key, i, 1, next), 1);
  EXPECT_EQ(uniform(key, 0, 2, 2), 2);
}

TEST(Distributions, ChoiceFollowsTheWeightsAndSkipsZero) {
  const std::array<double, 4> weights = {1, 0, 3, 0};
  std::vector<int> counts(4);
  const RandomKey key = RandomKey::from_seed(4);
  for (std::uint64_t i = 0; i < 40'000; ++i) ++counts[choice(key, i, weights)];
  EXPECT_EQ(counts[1] + counts[3], 0);
  EXPECT_NEAR(counts[0], 10'000, 4 * 87);  // four standard deviations of a binomial
}

TEST(Distributions, BernoulliIsCertainAtItsEnds) {
  const RandomKey key = RandomKey::from_seed(5);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    EXPECT_FALSE(bernoulli(key, i, 0));
    EXPECT_TRUE(bernoulli(key, i, 1));
  }
}

}  // namespace
}  // namespace wm::base
