#pragma once
#include <vector>

#include "worldmill/geometry/mesh.h"

namespace wm::import {

/// Cuts a simple polygon, convex or not, flat or nearly so, into size - 2 triangles with its facing (ears; those of
/// more than 256 corners as a fan). At least 3 corners.
std::vector<geometry::Triangle> cut_polygon(const std::vector<math::Vec3>& outline);

/// Whether any triangle has an area.
bool has_area(const geometry::Mesh& mesh);

/// Makes every corner of `mesh` a vertex of its own with its face's normal.
void make_flat(geometry::Mesh& mesh);

}  // namespace wm::import
