#include "worldmill/image/resize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "worldmill/base/distributions.h"

namespace wm::image {
namespace {

using base::RandomKey;

Pixels<float> noise(int width, int height, int channels) {
  Pixels<float> pixels(width, height, channels);
  const RandomKey key = RandomKey::from_seed(5);
  for (std::size_t i = 0; i < pixels.values.size(); ++i) {
    pixels.values[i] = static_cast<float>(base::uniform(key, i, 0, 10));
  }
  return pixels;
}

double mean(const Pixels<float>& pixels) {
  double sum = 0;
  for (const float value : pixels.values) sum += value;
  return sum / static_cast<double>(pixels.values.size());
}

Pixels<float> ramp(int width) {
  Pixels<float> pixels(width, 1, 1);
  for (int x = 0; x < width; ++x) pixels.at(x, 0) = static_cast<float>(x) + 0.5f;
  return pixels;
}

TEST(Downsample, KeepsTheMean) {
  const Pixels<float> pixels = noise(24, 12, 3);
  EXPECT_NEAR(mean(downsample(pixels, 4)), mean(pixels), 1e-5);
}

TEST(Downsample, AveragesWhatAHangingCellHas) {
  Pixels<float> pixels(3, 3, 1);
  pixels.values = {1, 3, 5, 1, 3, 7, 10, 20, 30};
  EXPECT_EQ(downsample(pixels, 2).values, (std::vector<float>{2, 6, 15, 30}));
}

TEST(Downsample, AveragesLightAndNotCodes) {
  SrgbPixels picture{Pixels<std::uint8_t>(2, 1, 3)};
  picture.pixels.values = {0, 0, 0, 255, 255, 255};
  EXPECT_EQ(downsample(picture, 2).pixels.values, (std::vector<std::uint8_t>{188, 188, 188}));  // half the light
  EXPECT_EQ(downsample(picture.pixels, 2).values, (std::vector<std::uint8_t>{128, 128, 128}));  // 127.5, half up
}

TEST(Resize, ToItsOwnSizeIsTheIdentity) {
  EXPECT_EQ(resize(noise(9, 5, 2), 9, 5), noise(9, 5, 2));
}

TEST(Resize, KeepsAFlatPictureFlat) {
  Pixels<std::uint8_t> pixels(13, 7, 3);
  std::fill(pixels.values.begin(), pixels.values.end(), std::uint8_t{255});
  for (const auto& [width, height] : {std::pair(5, 3), std::pair(40, 29), std::pair(1, 1), std::pair(6, 30)}) {
    const auto sized = resize(pixels, width, height);
    EXPECT_EQ(sized.values, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 255));
  }
}

// A linear ramp stays linear away from the edges: the new value at x is x times the step.
TEST(Resize, KeepsARampStraight) {
  for (const int width : {8, 16, 64, 100}) {
    const Pixels<float> sized = resize(ramp(32), width, 1);
    const double step = 32.0 / width;
    for (int x = 0; x < width; ++x) {
      const double centre = (x + 0.5) * step;
      const double margin = std::max(step, 1.0);
      if (centre < margin || centre > 32 - margin) continue;
      EXPECT_NEAR(sized.at(x, 0), centre, 1e-4) << width;
    }
  }
}

TEST(Resize, SkipsNothingWhenItShrinks) {
  Pixels<float> pixels(64, 1, 1);
  pixels.at(37, 0) = 64;
  float sum = 0;
  for (const float value : resize(pixels, 4, 1).values) sum += value;
  EXPECT_NEAR(sum, 4, 1e-4);
}

TEST(Resize, KeepsWhatIsFarFromTheInfinite) {
  Pixels<float> pixels(8, 1, 1);
  pixels.at(0, 0) = std::numeric_limits<float>::infinity();
  const Pixels<float> sized = resize(pixels, 4, 1);
  EXPECT_TRUE(std::isinf(sized.at(0, 0)));
  EXPECT_EQ(sized.at(3, 0), 0);
}

}  // namespace
}  // namespace wm::image
