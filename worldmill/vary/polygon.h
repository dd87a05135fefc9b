#pragma once
#include <vector>

#include "worldmill/math/vec.h"

namespace wm::vary {

/// A convex polygon in the plane, counter-clockwise [m]. Fewer than three corners: a point or a segment.
using Polygon = std::vector<math::Vec2>;

/// Around `points`, no three corners in a line (Andrew, "Another efficient algorithm for convex hulls in two
/// dimensions", 1979).
Polygon convex_hull(std::vector<math::Vec2> points);
/// Holds `hull` in at most `most` >= 4 corners: edges are left out, the least area first.
Polygon simplified(Polygon hull, std::size_t most);
/// All within `distance` of `polygon`, and up to 2 % of it more at corners.
Polygon grown(const Polygon& polygon, double distance);
Polygon moved(const Polygon& polygon, double cos, double sin, math::Vec2 offset);
double area(const Polygon& polygon);
/// What `a` and `b` share; `b` has three corners or more.
Polygon intersection(const Polygon& a, const Polygon& b);
/// Whether two share more than a border: by an axis that parts them (Gottschalk, "Separating axis theorem", 1996).
bool overlap(const Polygon& a, const Polygon& b);

}  // namespace wm::vary
