#include "worldmill/math/symmetric.h"

#include <array>
#include <utility>

namespace wm::math {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;

// Makes m[p][q] zero by a turn in that plane; the turn goes into the columns of v.
void rotate(Matrix& m, Matrix& v, std::size_t p, std::size_t q) {
  if (m[p][q] == 0) return;
  const double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
  const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
  const double c = 1 / std::sqrt(t * t + 1), s = t * c;
  for (std::size_t k = 0; k < 3; ++k) {
    const double a = m[k][p], b = m[k][q];
    m[k][p] = c * a - s * b;
    m[k][q] = s * a + c * b;
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const double a = m[p][k], b = m[q][k];
    m[p][k] = c * a - s * b;
    m[q][k] = s * a + c * b;
    const double e = v[k][p], f = v[k][q];
    v[k][p] = c * e - s * f;
    v[k][q] = s * e + c * f;
  }
}

}  // namespace

Principal principal_axes(const Mat3& in) {
  Matrix m = {
      {{in.row0.x, in.row0.y, in.row0.z}, {in.row0.y, in.row1.y, in.row1.z}, {in.row0.z, in.row1.z, in.row2.z}}};
  Matrix v = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  constexpr int kSweeps = 12;  // converges quadratically: 6 do for doubles
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    rotate(m, v, 0, 1);
    rotate(m, v, 0, 2);
    rotate(m, v, 1, 2);
  }
  Mat3 axes{{v[0][0], v[0][1], v[0][2]}, {v[1][0], v[1][1], v[1][2]}, {v[2][0], v[2][1], v[2][2]}};
  return {Rotation::from_matrix(axes), {m[0][0], m[1][1], m[2][2]}};
}

}  // namespace wm::math
