#include "worldmill/geometry/lens.h"

#include "worldmill/base/check.h"
#include "worldmill/math/elementary.h"

namespace wm::geometry {

Pinhole Pinhole::from_fov(int width, int height, double horizontal_fov) {
  WM_CHECK(width > 0 && height > 0 && horizontal_fov > 0 && horizontal_fov < 3.141592653589793);
  const double focal = 0.5 * width / math::tan(0.5 * horizontal_fov);
  return {width, height, focal, focal, 0.5 * width, 0.5 * height};
}

double Pinhole::horizontal_fov() const {
  return 2 * math::atan(0.5 * width / fx);
}

Pinhole Pinhole::resized(int to_width, int to_height) const {
  const double x = double(to_width) / width, y = double(to_height) / height;
  return {to_width, to_height, fx * x, fy * y, cx * x, cy * y};
}

std::optional<math::Vec2> Pinhole::project(math::Vec3 point) const {
  if (!(point.z > 0)) return std::nullopt;
  return math::Vec2{fx * point.x / point.z + cx, fy * point.y / point.z + cy};
}

}  // namespace wm::geometry
