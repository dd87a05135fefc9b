#include "worldmill/math/rotation.h"

#include "worldmill/base/check.h"

namespace wm::math {

Mat3 operator*(const Mat3& a, const Mat3& b) {
  const Mat3 columns = transposed(b);
  const auto row = [&columns](Vec3 r) {
    return Vec3{dot(r, columns.row0), dot(r, columns.row1), dot(r, columns.row2)};
  };
  return {row(a.row0), row(a.row1), row(a.row2)};
}

Mat3 inverse(const Mat3& m) {
  const double d = determinant(m);
  WM_CHECK(d != 0);
  return transposed({cross(m.row1, m.row2) / d, cross(m.row2, m.row0) / d, cross(m.row0, m.row1) / d});
}

Rotation Rotation::normalized(double w, double x, double y, double z) {
  const double length = std::sqrt(w * w + x * x + y * y + z * z);
  WM_CHECK(length > 0);
  return {w / length, x / length, y / length, z / length};
}

Rotation Rotation::between(Vec3 from, Vec3 to) {
  const double w = 1 + dot(from, to);
  if (w > 1e-12) {
    const Vec3 axis = cross(from, to);
    return normalized(w, axis.x, axis.y, axis.z);
  }
  const Vec3 helper = std::abs(from.x) < 0.5 ? Vec3{1, 0, 0} : Vec3{0, 1, 0};
  const Vec3 axis = cross(from, helper);
  return normalized(0, axis.x, axis.y, axis.z);
}

Rotation Rotation::from_matrix(const Mat3& m) {
  const double xx = m.row0.x, yy = m.row1.y, zz = m.row2.z, trace = xx + yy + zz;
  if (trace >= xx && trace >= yy && trace >= zz) {
    return normalized(1 + trace, m.row2.y - m.row1.z, m.row0.z - m.row2.x, m.row1.x - m.row0.y);
  }
  if (xx >= yy && xx >= zz) {
    return normalized(m.row2.y - m.row1.z, 1 + xx - yy - zz, m.row0.y + m.row1.x, m.row0.z + m.row2.x);
  }
  if (yy >= zz) {
    return normalized(m.row0.z - m.row2.x, m.row0.y + m.row1.x, 1 + yy - xx - zz, m.row1.z + m.row2.y);
  }
  return normalized(m.row1.x - m.row0.y, m.row0.z + m.row2.x, m.row1.z + m.row2.y, 1 + zz - xx - yy);
}

Mat3 Rotation::matrix() const {
  return {{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
          {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
          {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
}

Rotation operator*(const Rotation& a, const Rotation& b) {
  return {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
          a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

// v + 2w(u x v) + 2u x (u x v), u the vector part.
Vec3 operator*(const Rotation& r, Vec3 v) {
  const Vec3 u{r.x, r.y, r.z};
  const Vec3 t = 2.0 * cross(u, v);
  return v + r.w * t + cross(u, t);
}

}  // namespace wm::math
