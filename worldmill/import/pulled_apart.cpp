#include "worldmill/import/pulled_apart.h"

#include <algorithm>
#include <cmath>

namespace wm::import {

std::optional<Pulled> pulled_apart(const math::Mat3& m) {
  const math::Mat3 columns = math::transposed(m);
  math::Vec3 scale{length(columns.row0), length(columns.row1), length(columns.row2)};
  if (!(scale.x > 0 && scale.y > 0 && scale.z > 0)) return std::nullopt;
  math::Mat3 turn{columns.row0 / scale.x, columns.row1 / scale.y, columns.row2 / scale.z};
  constexpr double kSkew = 1e-12;
  const double skew = std::max(
      {std::abs(dot(turn.row0, turn.row1)), std::abs(dot(turn.row0, turn.row2)), std::abs(dot(turn.row1, turn.row2))});
  if (skew > kSkew || math::determinant(m) <= 0) return std::nullopt;
  for (double* s : {&scale.x, &scale.y, &scale.z}) {
    if (std::abs(*s - 1) < 1e-14) *s = 1;
  }
  return Pulled{math::Rotation::from_matrix(math::transposed(turn)), scale};
}

}  // namespace wm::import
