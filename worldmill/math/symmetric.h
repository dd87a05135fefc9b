#pragma once
#include "worldmill/math/rotation.h"

namespace wm::math {

/// The eigenvectors of a symmetric matrix as the columns of a rotation, and its eigenvalues in their order:
/// m = axes * diag(values) * axes^-1.
struct Principal {
  Rotation axes;
  Vec3 values;
};

/// By Jacobi's rotations (Golub, Van Loan, "Matrix Computations", 8.5): exact to some ulp of the largest value. The
/// lower triangle of `m` is not looked at. A diagonal matrix keeps its axes.
Principal principal_axes(const Mat3& m);

}  // namespace wm::math
