#include "worldmill/render/sampler.h"

#include <gtest/gtest.h>

#include <set>

namespace wm::render {
namespace {

const base::RandomKey kKey = base::RandomKey::from_seed(3);

TEST(Sobol, HasItsFirstPoints) {
  // 0, 1/2, 1/4, 3/4 and 0, 1/2, 3/4, 1/4.
  EXPECT_EQ(sobol(1), (std::array<std::uint32_t, 2>{0x80000000U, 0x80000000U}));
  EXPECT_EQ(sobol(2), (std::array<std::uint32_t, 2>{0x40000000U, 0xc0000000U}));
  EXPECT_EQ(sobol(3), (std::array<std::uint32_t, 2>{0xc0000000U, 0x40000000U}));
}

TEST(Sampler, PutsEachPowerOfTwoOfSamplesOneInEveryBox) {
  for (std::uint64_t pixel = 0; pixel < 50; ++pixel) {
    for (std::uint32_t dimension = 0; dimension < 5; ++dimension) {
      for (int log_wide = 0; log_wide <= 4; ++log_wide) {
        const int wide = 1 << log_wide, high = 16 / wide;
        std::set<int> boxes;
        for (std::uint32_t i = 0; i < 16; ++i) {
          const math::Vec2f p = Sampler(kKey.bits(pixel), i).pair(dimension);
          boxes.insert(static_cast<int>(p.x * static_cast<float>(wide)) * 16 +
                       static_cast<int>(p.y * static_cast<float>(high)));
        }
        EXPECT_EQ(boxes.size(), 16u);
      }
    }
  }
}

TEST(Sampler, SpreadsPixelsAndDimensionsIndependently) {
  // The mean of products of two numbers, each uniform: 1/4 if independent. 1/sqrt(12 * 12 * 40000) = 0.0004 a sigma.
  const auto product = [](auto first, auto second) {
    double sum = 0;
    for (std::uint64_t pixel = 0; pixel < 40000; ++pixel) sum += static_cast<double>(first(pixel)) * second(pixel);
    return sum / 40000;
  };
  const auto at = [](std::uint32_t index, std::uint32_t dimension) {
    return [=](std::uint64_t pixel) { return Sampler(kKey.bits(pixel), index).pair(dimension).x; };
  };
  const auto next = [&](std::uint64_t pixel) { return at(0, 0)(pixel + 1); };
  EXPECT_NEAR(product(at(0, 0), at(0, 1)), 0.25, 0.003);
  EXPECT_NEAR(product(at(5, 3), at(5, 7)), 0.25, 0.003);
  EXPECT_NEAR(product(at(0, 0), next), 0.25, 0.003);
}

}  // namespace
}  // namespace wm::render
