#include "worldmill/math/symmetric.h"

#include <gtest/gtest.h>

namespace wm::math {
namespace {

Mat3 made_of(const Principal& p) {
  const Mat3 axes = p.axes.matrix();
  const Mat3 scaled{axes.row0 * p.values, axes.row1 * p.values, axes.row2 * p.values};
  return scaled * transposed(axes);
}

double distance(const Mat3& a, const Mat3& b) {
  return length(a.row0 - b.row0) + length(a.row1 - b.row1) + length(a.row2 - b.row2);
}

TEST(PrincipalAxes, MakeTheMatrixAgain) {
  const Mat3 matrices[] = {{{2, 0.3, -0.1}, {0.3, 1, 0.2}, {-0.1, 0.2, 3}},
                           {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
                           {{1e-6, 2e-9, 0}, {2e-9, 1e-6, -3e-8}, {0, -3e-8, 2e-6}},
                           {{0, 0, 5}, {0, 0, 0}, {5, 0, 0}}};
  // Some ulp of the largest entry.
  for (const Mat3& m : matrices) EXPECT_LT(distance(made_of(principal_axes(m)), m), 1e-14 * length(m.row0 + m.row2));
}

TEST(PrincipalAxes, LeaveADiagonalMatrixAsItIs) {
  const Principal p = principal_axes({{3, 0, 0}, {0, 1, 0}, {0, 0, 2}});
  EXPECT_EQ(p.values, (Vec3{3, 1, 2}));
  EXPECT_EQ(p.axes.w, 1);
}

}  // namespace
}  // namespace wm::math
