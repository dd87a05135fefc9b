#pragma once
#include <cstdint>
#include <span>

#include "worldmill/base/random_key.h"

/// Each draw is a pure function of (key, index). The algorithms are fixed by known answers in random_key_test.cpp:
/// to change one is to change every dataset.
namespace wm::base {

/// Uniform in [0, 1): the first 64 bits of the draw, the top 53 of them, times 2^-53.
double unit(RandomKey key, std::uint64_t index);

/// Uniform in [low, high); `low` itself when both are equal. low <= high, both finite.
double uniform(RandomKey key, std::uint64_t index, double low, double high);

/// Uniform among the whole numbers low..high, both ends in; low <= high. By the upper half of a 64 x 64 bit product
/// (Lemire, "Fast random integer generation in an interval", 2019, without its rejection: the bias is below
/// (high - low + 1) / 2^64).
std::int64_t integer(RandomKey key, std::uint64_t index, std::int64_t low, std::int64_t high);

/// True with `probability` in [0, 1].
bool bernoulli(RandomKey key, std::uint64_t index, double probability);

/// Which of `weights` (each >= 0, finite, not all 0) was drawn, in proportion to its weight.
std::size_t choice(RandomKey key, std::uint64_t index, std::span<const double> weights);

}  // namespace wm::base
