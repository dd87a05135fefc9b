#include "worldmill/image/color.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

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

// Light from 2^-13 to 1 is cut into cells by the exponent and the first 7 bits of the mantissa of its float: so finely
// that at most one code begins within a cell.
constexpr std::uint32_t kCellShift = 23 - 7;
constexpr std::uint32_t kFirstCell = std::bit_cast<std::uint32_t>(0x1p-13f) >> kCellShift;
constexpr std::uint32_t kCells = (std::bit_cast<std::uint32_t>(1.0f) >> kCellShift) - kFirstCell;

struct Tables {
  std::array<float, 256> linear;
  std::array<float, 256> above;  // code i ends, and code i + 1 begins, at the light of i + 1/2; the last never ends
  std::array<std::uint8_t, kCells> code;  // at the lower end of each cell

  Tables() {
    for (int i = 0; i < 256; ++i) linear[i] = static_cast<float>(decode(i / 255.0));
    for (int i = 0; i < 255; ++i) above[i] = static_cast<float>(decode((i + 0.5) / 255.0));
    above[255] = std::numeric_limits<float>::infinity();
    for (std::uint32_t cell = 0; cell < kCells; ++cell) {
      const float light = std::bit_cast<float>((kFirstCell + cell) << kCellShift);
      code[cell] = static_cast<std::uint8_t>(std::upper_bound(above.begin(), above.end(), light) - above.begin());
    }
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
  if (!(linear >= 0x1p-13f)) return 0;  // code 1 begins at 2^-12.7
  if (linear >= 1) return 255;
  const Tables& table = tables();
  const std::uint8_t code = table.code[(std::bit_cast<std::uint32_t>(linear) >> kCellShift) - kFirstCell];
  return static_cast<std::uint8_t>(code + (linear >= table.above[code]));
}

}  // namespace wm::image
