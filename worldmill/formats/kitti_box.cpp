#include <algorithm>
#include <cmath>
#include <limits>

#include "worldmill/formats/kitti.h"
#include "worldmill/math/elementary.h"

namespace wm::formats {
namespace {

using math::Vec2;
using math::Vec3;

constexpr double kPi = 3.141592653589793;

double dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}
Vec2 across(Vec2 a) {
  return {-a.y, a.x};
}

/// Whole turns taken away, so that it lies in [-pi, pi].
double wrapped(double angle) {
  if (angle > kPi) angle -= 2 * kPi;
  if (angle < -kPi) angle += 2 * kPi;
  return std::clamp(angle, -kPi, kPi);
}

/// A rectangle on the ground plane (x, z) around the corners, with one side along `direction`.
struct Footprint {
  Vec2 direction{1, 0};
  double low = 0, high = 0, left = 0, right = 0;  // along, across
  double area() const { return (high - low) * (right - left); }
};

Footprint around(const std::array<Vec3, 8>& corners, Vec2 direction) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Footprint print{direction, kFar, -kFar, kFar, -kFar};
  for (const Vec3& corner : corners) {
    const double along = dot({corner.x, corner.z}, direction), beside = dot({corner.x, corner.z}, across(direction));
    print.low = std::min(print.low, along), print.high = std::max(print.high, along);
    print.left = std::min(print.left, beside), print.right = std::max(print.right, beside);
  }
  return print;
}

/// Of the rectangle's four directions the one nearest to `forward`.
Vec2 nearest(Vec2 direction, Vec2 forward) {
  Vec2 best = direction;
  for (const Vec2 turned : {across(direction), direction * -1.0, across(direction) * -1.0}) {
    if (dot(turned, forward) > dot(best, forward)) best = turned;
  }
  return best;
}

/// A side of the smallest rectangle lies along an edge of the hull, which joins two of the corners: all pairs are
/// tried.
Footprint smallest(const std::array<Vec3, 8>& corners, Vec2 forward) {
  Footprint best = around(corners, forward);
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Vec2 edge{corners[i].x - corners[j].x, corners[i].z - corners[j].z};
      const double length = std::sqrt(dot(edge, edge));
      if (!(length > 1e-9)) continue;
      const Footprint tried = around(corners, edge * (1 / length));
      if (tried.area() < best.area() * (1 - 1e-9)) best = tried;
    }
  }
  return around(corners, nearest(best.direction, forward));
}

}  // namespace

double KittiBox::alpha() const {
  return wrapped(rotation_y - math::atan2(bottom.x, bottom.z));
}

std::array<Vec3, 8> KittiBox::corners() const {
  const math::SinCos turn = math::sincos(rotation_y);
  std::array<Vec3, 8> all;
  for (unsigned i = 0; i < 8; ++i) {
    const double x = (i & 1 ? 0.5 : -0.5) * length, z = (i & 4 ? 0.5 : -0.5) * width;
    all[i] = bottom + Vec3{turn.cos * x + turn.sin * z, i & 2 ? 0 : -height, turn.cos * z - turn.sin * x};
  }
  return all;
}

KittiBox upright(const Box3d& box) {
  const auto corners = box.corners();
  const Vec3 x_axis = box.camera_from_box.rotation * Vec3{1, 0, 0};
  const double flat = std::sqrt(x_axis.x * x_axis.x + x_axis.z * x_axis.z);
  const Vec2 forward = flat > 1e-6 ? Vec2{x_axis.x / flat, x_axis.z / flat} : Vec2{1, 0};
  const Footprint print = smallest(corners, forward);
  math::Box3 extent;
  for (const Vec3& corner : corners) extent.add(corner);
  const double along = (print.low + print.high) / 2, beside = (print.left + print.right) / 2;
  const Vec2 center = print.direction * along + across(print.direction) * beside;
  return {extent.size().y,
          print.right - print.left,
          print.high - print.low,
          {center.x, extent.high.y, center.y},
          wrapped(math::atan2(-print.direction.y, print.direction.x))};
}

}  // namespace wm::formats
