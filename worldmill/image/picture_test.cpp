#include "worldmill/image/picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace wm::image {
namespace {

TEST(Picture, ThereAndBackIsTheIdentityOfEveryCode) {
  for (int channels = 1; channels <= 4; ++channels) {
    SrgbPixels picture{Pixels<std::uint8_t>(16, 16 * channels, 1)};
    std::iota(picture.pixels.values.begin(), picture.pixels.values.end(), std::uint8_t{0});
    picture.pixels.height = 16;
    picture.pixels.channels = channels;
    EXPECT_EQ(to_srgb(to_linear(picture)), picture) << channels;
  }
}

TEST(Picture, AlphaHasNoTransfer) {
  SrgbPixels picture{Pixels<std::uint8_t>(1, 1, 4)};
  picture.pixels.values = {51, 51, 51, 51};
  const Pixels<float> light = to_linear(picture).pixels;
  EXPECT_NEAR(light.at(0, 0, 0), 0.0331f, 1e-4f);  // ((51/255 + 0.055) / 1.055)^2.4
  EXPECT_EQ(light.at(0, 0, 3), 0.2f);
}

TEST(Picture, ClampsWhatCannotBeShown) {
  LinearPixels picture{Pixels<float>(1, 1, 4)};
  picture.pixels.values = {-1, 2, NAN, 7};
  EXPECT_EQ(to_srgb(picture).pixels.values, (std::vector<std::uint8_t>{0, 255, 0, 255}));
}

TEST(Picture, LuminanceOfWhiteIsOneAndAlphaIsLeftOut) {
  LinearPixels picture{Pixels<float>(2, 1, 4)};
  picture.pixels.values = {1, 1, 1, 0, 0, 1, 0, 0.5f};
  const Pixels<float> light = luminance(picture);
  EXPECT_EQ(light.channels, 1);
  EXPECT_FLOAT_EQ(light.at(0, 0), 1);
  EXPECT_EQ(light.at(1, 0), 0.7152f);
}

}  // namespace
}  // namespace wm::image
