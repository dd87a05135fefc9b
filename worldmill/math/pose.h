#pragma once
#include "worldmill/math/rotation.h"

namespace wm::math {

/// A rigid transform, named for what it does: point_in_a = a_from_b * point_in_b. Translation in metres.
struct Pose {
  Rotation rotation;
  Vec3 translation;

  Pose inverse() const { return {rotation.inverse(), -(rotation.inverse() * translation)}; }
  /// Takes a point; a direction is turned by `rotation` alone.
  friend Vec3 operator*(const Pose& pose, Vec3 point) { return pose.rotation * point + pose.translation; }
  friend Pose operator*(const Pose& a, const Pose& b) { return {a.rotation * b.rotation, a * b.translation}; }
};

/// A linear map and a translation [m]: what a scaled, sheared or mirrored instance needs.
struct Affine {
  Mat3 linear;
  Vec3 translation;

  Affine() = default;
  Affine(const Mat3& map, Vec3 offset) : linear(map), translation(offset) {}
  explicit Affine(const Pose& pose) : linear(pose.rotation.matrix()), translation(pose.translation) {}

  /// The linear map must have an inverse.
  Affine inverse() const {
    const Mat3 back = math::inverse(linear);
    return {back, -(back * translation)};
  }
  Vec3 point(Vec3 p) const { return linear * p + translation; }
  Vec3 direction(Vec3 d) const { return linear * d; }
  /// Across, not along: by the inverse transpose, so that it stays perpendicular to its surface. Not of length 1.
  Vec3 normal(Vec3 n) const { return transposed(math::inverse(linear)) * n; }
  friend Affine operator*(const Affine& a, const Affine& b) { return {a.linear * b.linear, a.point(b.translation)}; }
};

}  // namespace wm::math
