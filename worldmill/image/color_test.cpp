#include "worldmill/image/color.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wm::image {
namespace {

TEST(Srgb, RoundTripOfEveryCodeIsTheIdentity) {
  for (int code = 0; code < 256; ++code) {
    EXPECT_EQ(srgb_from_linear(linear_from_srgb(static_cast<std::uint8_t>(code))), code);
  }
}

// The standard's formula through libm; float keeps 24 bits.
TEST(Srgb, AgreesWithTheStandard) {
  for (int code = 11; code < 256; ++code) {
    const double expected = std::pow((code / 255.0 + 0.055) / 1.055, 2.4);
    EXPECT_NEAR(linear_from_srgb(static_cast<std::uint8_t>(code)), expected, expected * 0x1p-23);
  }
  EXPECT_EQ(linear_from_srgb(0), 0.0f);
  EXPECT_EQ(linear_from_srgb(255), 1.0f);
}

TEST(Srgb, ClampsWhatIsOutside) {
  EXPECT_EQ(srgb_from_linear(-1), 0);
  EXPECT_EQ(srgb_from_linear(std::numeric_limits<float>::quiet_NaN()), 0);
  EXPECT_EQ(srgb_from_linear(std::numeric_limits<float>::infinity()), 255);
}

}  // namespace
}  // namespace wm::image
