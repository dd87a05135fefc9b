#include "worldmill/formats/box_3d.h"

#include <algorithm>
#include <cmath>

namespace wm::formats {

Result<std::vector<std::optional<Box3d>>> boxes_3d(const sample::Sample& sample, const sample::View& view) {
  WM_TRY(sizes, column(sample, view, "box_3d_size", 3));
  WM_TRY(centers, column(sample, view, "box_3d_center", 3));
  WM_TRY(rotations, column(sample, view, "box_3d_rotation", 4));
  const auto known = [](std::span<const double> numbers) {
    return std::ranges::all_of(numbers, [](double x) { return std::isfinite(x); });
  };
  std::vector<std::optional<Box3d>> boxes(sample.objects.size());
  for (std::size_t row = 0; row < boxes.size(); ++row) {
    const auto s = sizes.subspan(3 * row, 3), c = centers.subspan(3 * row, 3), r = rotations.subspan(4 * row, 4);
    if (!known(s) || !known(c) || !known(r)) continue;
    boxes[row] = Box3d{{s[0], s[1], s[2]}, {{r[0], r[1], r[2], r[3]}, {c[0], c[1], c[2]}}};
  }
  return boxes;
}

}  // namespace wm::formats
