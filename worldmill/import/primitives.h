#pragma once
#include "worldmill/geometry/mesh.h"

/// Meshes of the shapes that robot files are drawn with: about the origin, smooth normals, texture coordinates.
/// Sizes in metres, all positive.
namespace wm::import {

geometry::Mesh make_box(math::Vec3 half);
geometry::Mesh make_ellipsoid(math::Vec3 radii);
/// Along z; `half` is of the straight part.
geometry::Mesh make_capsule(double radius, double half);
geometry::Mesh make_cylinder(double radius, double half);
/// In z = 0, seen from above; texture coordinates run once over it.
geometry::Mesh make_plane(double half_x, double half_y);

}  // namespace wm::import
