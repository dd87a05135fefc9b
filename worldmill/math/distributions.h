#pragma once
#include <cstdint>

#include "worldmill/base/random_key.h"
#include "worldmill/math/box.h"
#include "worldmill/math/rotation.h"

/// More draws, as in worldmill/base/distributions.h: each is a pure function of (key, index), and one index is one
/// value. Where an algorithm tries more than once, its further tries are draws of key.child(index): do not draw from
/// that child yourself. Algorithms are fixed by known answers; to change one is to change every dataset.
namespace wm::math {

/// Gaussian with `mean` and standard deviation `sd` >= 0; at most 8.13 sd from the mean. By the inverse of its
/// cumulative function, so it grows with the random number behind it (Wichura, "Algorithm AS 241", Appl. Stat. 37,
/// 1988).
double normal(base::RandomKey key, std::uint64_t index, double mean, double sd);

/// A normal one given that it fell into [min, max], min <= max; either may be infinite. As true a hundred sd out in the
/// tail as at the mean. With sd = 0, the mean moved into [min, max]. Rejection from the best of a normal, a uniform and
/// a tail proposal (Robert, "Simulation of truncated normal variables", Stat. Comput. 5, 1995, with the tail of
/// Marsaglia, Technometrics 6, 1964); two tries on average at most.
double truncated_normal(base::RandomKey key, std::uint64_t index, double mean, double sd, double min, double max);

/// In [low, high], 0 < low <= high, its logarithm uniform: as often in 1..10 as in 10..100.
double log_uniform(base::RandomKey key, std::uint64_t index, double low, double high);

/// The wait for an event that comes at random once in `mean` on average; mean >= 0.
double exponential(base::RandomKey key, std::uint64_t index, double mean);

/// Gamma with `shape` > 0 and `scale` >= 0: mean shape * scale, variance shape * scale^2 (Marsaglia, Tsang, "A simple
/// method for generating gamma variables", ACM TOMS 26, 2000).
double gamma(base::RandomKey key, std::uint64_t index, double shape, double scale);

/// Beta with a, b > 0, stretched from [0, 1] to [min, max]: mean min + (max - min) a / (a + b). The share of the first
/// of two gamma draws of shapes a and b, in logarithms, so that tiny shapes lose nothing.
double beta(base::RandomKey key, std::uint64_t index, double a, double b, double min, double max);

/// How many events when `mean` are expected, 0 <= mean <= 1e15. Below a mean of 10 by inversion, above by Hoermann's
/// PTRS ("The transformed rejection method for generating Poisson random variables", Insur. Math. Econ. 12, 1993).
std::int64_t poisson(base::RandomKey key, std::uint64_t index, double mean);

/// Uniform in `box`, which must not be empty; in steps of 2^-42 of its sides.
Vec3 point_in_box(base::RandomKey key, std::uint64_t index, const Box3& box);

/// Uniform in the ball of `radius` >= 0 about the origin.
Vec3 point_in_ball(base::RandomKey key, std::uint64_t index, double radius);

/// Uniform by volume between the spheres of radii `inner` and `outer` about the origin, 0 <= inner <= outer.
Vec3 point_in_shell(base::RandomKey key, std::uint64_t index, double inner, double outer);

/// A unit vector, uniform over the sphere (Archimedes: its z is uniform).
Vec3 uniform_direction(base::RandomKey key, std::uint64_t index);

/// Uniform over all rotations (Shoemake, "Uniform random rotations", Graphics Gems III, 1992).
Rotation uniform_rotation(base::RandomKey key, std::uint64_t index);

/// What `normal` rests on: the x below which a standard normal falls with `probability`, to 1e-15 of x; +-infinity at
/// 1 and 0, NaN outside.
double inverse_normal(double probability);

}  // namespace wm::math
