#include "worldmill/image/color.h"

#include <algorithm>
#include <array>

namespace wm::image {
namespace {

// The fifth root of x in (0, 1], by Newton's method on y^5 = x from above; it settles within 100 steps for x >= 1e-4.
double fifth_root(double x) {
  double y = 1;
  for (int step = 0; step < 100; ++step) {
    const double y4 = y * y * y * y;
    y -= (y * y4 - x) / (5 * y4);
  }
  return y;
}

// x^2.4 = x^2 (x^2)^(1/5).
double decode(double encoded) {
  if (encoded <= 0.04045) return encoded / 12.92;
  const double x = (encoded + 0.055) / 1.055;
  return x * x * fifth_root(x * x);
}

struct Tables {
  std::array<float, 256> linear;
  std::array<float, 255> above;  // code i ends, and code i + 1 begins, at the light of i + 1/2

  Tables() {
    for (int i = 0; i < 256; ++i) linear[i] = static_cast<float>(decode(i / 255.0));
    for (int i = 0; i < 255; ++i) above[i] = static_cast<float>(decode((i + 0.5) / 255.0));
  }
};

const Tables& tables() {
  static const Tables tables;
  return tables;
}

}  // namespace

float linear_from_srgb(std::uint8_t code) {
  return tables().linear[code];
}

std::uint8_t srgb_from_linear(float linear) {
  if (!(linear > 0)) return 0;
  const auto& above = tables().above;
  return static_cast<std::uint8_t>(std::upper_bound(above.begin(), above.end(), linear) - above.begin());
}

}  // namespace wm::image
