#include "worldmill/image/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace wm::image {
namespace {

// The value of a half's bits by the definition of binary16.
double by_definition(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int mantissa = bits & 1023;
  const double size = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

bool is_finite(std::uint16_t bits) {
  return (bits >> 10 & 31) != 31;
}

TEST(Half, IsWhatBinary16Says) {
  for (int bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (!is_finite(half)) continue;
    EXPECT_EQ(float_from_half({half}), by_definition(half)) << bits;
  }
}

TEST(Half, RoundTripOfEveryNumberIsTheIdentity) {
  for (int bits = 0; bits < 65536; ++bits) {
    const Half half{static_cast<std::uint16_t>(bits)};
    const float value = float_from_half(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(float_from_half(half_from_float(value))));
    } else {
      EXPECT_EQ(half_from_float(value), half) << bits;
    }
  }
}

TEST(Half, RoundsTheMiddleToTheEvenNeighbour) {
  for (int bits = 0; bits < 0x7bff; ++bits) {
    const double low = by_definition(static_cast<std::uint16_t>(bits));
    const double high = by_definition(static_cast<std::uint16_t>(bits + 1));
    const auto middle = static_cast<float>((low + high) / 2);
    EXPECT_EQ(half_from_float(middle).bits, bits + (bits & 1)) << bits;
    EXPECT_EQ(half_from_float(std::nextafter(middle, 0.0f)).bits, bits);
    EXPECT_EQ(half_from_float(std::nextafter(middle, 1e6f)).bits, bits + 1);
  }
}

TEST(Half, OverflowsToInfinityHalfwayPastTheLargest) {
  EXPECT_EQ(half_from_float(65519.996f).bits, 0x7bff);
  EXPECT_EQ(half_from_float(65520.0f).bits, 0x7c00);
  EXPECT_EQ(half_from_float(-std::numeric_limits<float>::infinity()).bits, 0xfc00);
  EXPECT_TRUE(std::isnan(float_from_half(half_from_float(std::numeric_limits<float>::quiet_NaN()))));
}

}  // namespace
}  // namespace wm::image
