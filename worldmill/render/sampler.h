#pragma once
#include <array>
#include <cstdint>

#include "worldmill/base/random_key.h"
#include "worldmill/math/vec.h"

/// The numbers of one path: sample `index` of a pixel. Dimensions are pairs of a (0, 2)-sequence (Sobol's first two
/// dimensions), each pair shuffled and Owen-scrambled by hashing (Burley, "Practical hash-based Owen scrambling", JCGT
/// 2020), so that the samples of a pixel spread evenly in each pair, and any 2^k of them, from the first, very evenly.
namespace wm::render {

class Sampler {
 public:
  /// `pixel`: random bits of the pixel, from its key.
  Sampler(const base::Counter& pixel, std::uint32_t index) : pixel_(pixel), index_(index) {}

  /// In [0, 1) each.
  math::Vec2f pair(std::uint32_t dimension) const;
  /// Plain random bits, as even as dice.
  std::uint32_t bits(std::uint32_t dimension) const;

 private:
  base::Counter pixel_;
  std::uint32_t index_;
};

/// Points `index` of Sobol's first two dimensions, 32 bits each, unscrambled.
std::array<std::uint32_t, 2> sobol(std::uint32_t index);

}  // namespace wm::render
