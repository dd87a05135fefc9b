#include "worldmill/render/sampler.h"

namespace wm::render {
namespace {

std::uint32_t reversed(std::uint32_t x) {
  x = __builtin_bswap32(x);
  x = (x >> 4 & 0x0f0f0f0fU) | (x & 0x0f0f0f0fU) << 4;
  x = (x >> 2 & 0x33333333U) | (x & 0x33333333U) << 2;
  return (x >> 1 & 0x55555555U) | (x & 0x55555555U) << 1;
}

// lowbias32 by Chris Wellons.
std::uint32_t hashed(std::uint32_t x) {
  x = (x ^ x >> 16) * 0x7feb352dU;
  x = (x ^ x >> 15) * 0x846ca68bU;
  return x ^ x >> 16;
}

// An Owen scrambling of the bits of x from the lowest on (Laine and Karras 2011, constants of Burley 2020).
std::uint32_t scrambled_upwards(std::uint32_t x, std::uint32_t seed) {
  x += seed;
  x ^= x * 0x6c50b47cU;
  x ^= x * 0xb82f1e52U;
  x ^= x * 0xc7afe638U;
  return x ^ x * 0x8d22f6e6U;
}

// Multiplies the bits of x, lowest first, by Pascal's triangle modulo 2: binomial (j, i) is odd when the bits of i are
// among those of j (Lucas), so that this is a sum over supersets.
std::uint32_t times_pascal(std::uint32_t x) {
  x ^= x >> 16 & 0x0000ffffU;
  x ^= x >> 8 & 0x00ff00ffU;
  x ^= x >> 4 & 0x0f0f0f0fU;
  x ^= x >> 2 & 0x33333333U;
  return x ^ (x >> 1 & 0x55555555U);
}

float to_unit(std::uint32_t x) {
  return static_cast<float>(x >> 8) * 0x1p-24f;
}

}  // namespace

std::array<std::uint32_t, 2> sobol(std::uint32_t index) {
  return {reversed(index), reversed(times_pascal(index))};
}

math::Vec2f Sampler::pair(std::uint32_t dimension) const {
  const std::uint32_t seed = hashed(pixel_[0] ^ hashed(pixel_[1] + dimension));
  const std::uint32_t i = reversed(scrambled_upwards(reversed(index_), seed));
  return {to_unit(reversed(scrambled_upwards(i, pixel_[2] ^ seed))),
          to_unit(reversed(scrambled_upwards(times_pascal(i), hashed(pixel_[3] ^ seed))))};
}

std::uint32_t Sampler::bits(std::uint32_t dimension) const {
  return hashed(hashed(pixel_[2] ^ hashed(index_ ^ pixel_[3])) + dimension * 0x9e3779b9U);
}

}  // namespace wm::render
