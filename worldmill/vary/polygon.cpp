#include "worldmill/vary/polygon.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

#include "worldmill/math/elementary.h"

namespace wm::vary {
namespace {

using math::Vec2;

constexpr double kTouch = 1e-9;  // [m]

double cross(Vec2 a, Vec2 b) {
  return a.x * b.y - a.y * b.x;
}
double dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}

/// Leaves out what lies well inside the octagon of the farthest points: most of a mesh.
std::vector<Vec2> without_inner(const std::vector<Vec2>& points) {
  constexpr std::array<Vec2, 8> kDirections = {{{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}}};
  std::array<Vec2, 8> octagon;
  for (std::size_t d = 0; d < 8; ++d) {
    octagon[d] = points[0];
    for (const Vec2 p : points) {
      if (dot(p, kDirections[d]) > dot(octagon[d], kDirections[d])) octagon[d] = p;
    }
  }
  std::vector<Vec2> kept(octagon.begin(), octagon.end());
  for (const Vec2 p : points) {
    bool inside = true;
    for (std::size_t d = 0; d < 8 && inside; ++d) {
      const Vec2 edge = octagon[(d + 1) % 8] - octagon[d];
      inside = edge == Vec2{} || cross(edge, p - octagon[d]) > 0;
    }
    if (!inside) kept.push_back(p);
  }
  return kept;
}

/// Where the lines a + s * u and b + t * v meet, when v turns left of u.
Vec2 meeting(Vec2 a, Vec2 u, Vec2 b, Vec2 v) {
  return a + u * (cross(b - a, v) / cross(u, v));
}

}  // namespace

Polygon convex_hull(std::vector<Vec2> points) {
  if (points.size() > 16) points = without_inner(points);
  std::ranges::sort(points, {}, [](Vec2 p) { return std::tuple(p.x, p.y); });
  points.erase(std::unique(points.begin(), points.end()), points.end());
  if (points.size() < 3) return points;
  Polygon hull;
  const auto add = [&hull](Vec2 p, std::size_t least) {
    while (hull.size() > least && cross(hull.back() - hull[hull.size() - 2], p - hull.back()) <= 0) hull.pop_back();
    hull.push_back(p);
  };
  for (const Vec2 p : points) add(p, 1);
  const std::size_t lower = hull.size();
  for (std::size_t i = points.size() - 1; i-- > 0;) add(points[i], lower);
  hull.pop_back();
  return hull;
}

Polygon simplified(Polygon hull, std::size_t most) {
  while (hull.size() > most) {
    const std::size_t n = hull.size();
    double least = std::numeric_limits<double>::infinity();
    std::size_t at = n;
    Vec2 corner;
    for (std::size_t i = 0; i < n; ++i) {
      const Vec2 a = hull[i], b = hull[(i + 1) % n];
      const Vec2 before = a - hull[(i + n - 1) % n], after = hull[(i + 2) % n] - b;
      if (cross(before, after) <= 1e-12 * std::sqrt(dot(before, before) * dot(after, after))) continue;
      const Vec2 x = meeting(a, before, b, after);
      const double added = cross(x - a, b - a);
      if (added >= least) continue;
      least = added;
      at = i;
      corner = x;
    }
    if (at == n) break;
    hull[at] = corner;
    hull.erase(hull.begin() + static_cast<std::ptrdiff_t>((at + 1) % n));
  }
  return hull;
}

Polygon grown(const Polygon& polygon, double distance) {
  if (distance <= 0) return polygon;
  constexpr int kSides = 16;
  constexpr double kTau = 6.283185307179586;
  const double radius = distance / math::cos(kTau / (2 * kSides));
  std::vector<Vec2> points;
  for (int i = 0; i < kSides; ++i) {
    const math::SinCos direction = math::sincos(kTau * i / kSides);
    for (const Vec2 p : polygon) points.push_back(p + Vec2{direction.cos, direction.sin} * radius);
  }
  return convex_hull(std::move(points));
}

Polygon moved(const Polygon& polygon, double cos, double sin, Vec2 offset) {
  Polygon result;
  result.reserve(polygon.size());
  for (const Vec2 p : polygon) result.push_back(Vec2{cos * p.x - sin * p.y, sin * p.x + cos * p.y} + offset);
  return result;
}

double area(const Polygon& polygon) {
  double twice = 0;
  for (std::size_t i = 2; i < polygon.size(); ++i) {
    twice += cross(polygon[i - 1] - polygon[0], polygon[i] - polygon[0]);
  }
  return twice / 2;
}

// Sutherland, Hodgman, "Reentrant polygon clipping", CACM 17, 1974.
Polygon intersection(const Polygon& a, const Polygon& b) {
  Polygon result = a, next;
  for (std::size_t i = 0; i < b.size() && !result.empty(); ++i) {
    const Vec2 from = b[i], edge = b[(i + 1) % b.size()] - from;
    next.clear();
    for (std::size_t k = 0; k < result.size(); ++k) {
      const Vec2 p = result[k], q = result[(k + 1) % result.size()];
      const double of_p = cross(edge, p - from), of_q = cross(edge, q - from);
      if (of_p >= 0) next.push_back(p);
      if ((of_p < 0) != (of_q < 0)) next.push_back(p + (q - p) * (of_p / (of_p - of_q)));
    }
    std::swap(result, next);
  }
  return result;
}

namespace {

/// Whether an edge of `a` parts the two.
bool parted_by_edge(const Polygon& a, const Polygon& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Vec2 edge = a[(i + 1) % a.size()] - a[i];
    const double size = std::sqrt(dot(edge, edge));
    if (size == 0) continue;
    const Vec2 out = Vec2{edge.y, -edge.x} * (1 / size);
    const double border = dot(out, a[i]) - kTouch;
    if (std::ranges::all_of(b, [&](Vec2 p) { return dot(out, p) >= border; })) return true;
  }
  return false;
}

}  // namespace

bool overlap(const Polygon& a, const Polygon& b) {
  return !parted_by_edge(a, b) && !parted_by_edge(b, a);
}

}  // namespace wm::vary
