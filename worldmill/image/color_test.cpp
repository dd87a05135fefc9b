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

// A code begins exactly where its encoded value is nearer than its neighbour's, seen from floats on both sides.
TEST(Srgb, ChangesCodeHalfwayAndNowhereElse) {
  int changes = 0;
  std::uint8_t last = 0;
  for (float light = 0x1p-14f; light < 1.1f; light = std::nextafter(light * (1 + 0x1p-16f), 2.0f)) {
    const std::uint8_t code = srgb_from_linear(light);
    ASSERT_TRUE(code == last || code == last + 1) << light;
    changes += code != last;
    last = code;
    if (light > 1) continue;
    const double encoded = light <= 0.0031308f ? light * 12.92 : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
    ASSERT_NEAR(code, encoded * 255, 0.5 + 1e-4) << light;  // 1e-4: the standard's two pieces meet only so well
  }
  EXPECT_EQ(changes, 255);
}

TEST(Srgb, ClampsWhatIsOutside) {
  EXPECT_EQ(srgb_from_linear(-1), 0);
  EXPECT_EQ(srgb_from_linear(std::numeric_limits<float>::quiet_NaN()), 0);
  EXPECT_EQ(srgb_from_linear(std::numeric_limits<float>::infinity()), 255);
}

}  // namespace
}  // namespace wm::image
