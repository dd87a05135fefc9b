#pragma once
#include "worldmill/math/vec.h"

namespace wm::math {

/// Rows of a 3 x 3 matrix; vectors are columns: (m * v).x = dot(row0, v).
struct Mat3 {
  Vec3 row0{1, 0, 0}, row1{0, 1, 0}, row2{0, 0, 1};
  friend constexpr Vec3 operator*(const Mat3& m, Vec3 v) { return {dot(m.row0, v), dot(m.row1, v), dot(m.row2, v)}; }
};

Mat3 operator*(const Mat3& a, const Mat3& b);
constexpr Mat3 transposed(const Mat3& m) {
  return {{m.row0.x, m.row1.x, m.row2.x}, {m.row0.y, m.row1.y, m.row2.y}, {m.row0.z, m.row1.z, m.row2.z}};
}
/// Also the factor by which `m` scales volumes; negative when it mirrors.
constexpr double determinant(const Mat3& m) {
  return dot(m.row0, cross(m.row1, m.row2));
}
/// By cofactors; the determinant must not be 0.
Mat3 inverse(const Mat3& m);

/// A unit quaternion w + xi + yj + zk; q and -q are the same rotation.
struct Rotation {
  double w = 1, x = 0, y = 0, z = 0;

  /// Scales the four to length 1; they must not all be 0.
  static Rotation normalized(double w, double x, double y, double z);
  /// The shortest way from one unit direction to another; half a turn about some fixed axis when they are opposite.
  static Rotation between(Vec3 from, Vec3 to);
  /// From a proper rotation matrix (Shepperd, "Quaternion from rotation matrix", 1978: divide by the largest).
  static Rotation from_matrix(const Mat3& m);

  Mat3 matrix() const;
  Rotation inverse() const { return {w, -x, -y, -z}; }
  friend Rotation operator*(const Rotation& a, const Rotation& b);
  friend Vec3 operator*(const Rotation& r, Vec3 v);
};

}  // namespace wm::math
