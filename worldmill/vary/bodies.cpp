#include "worldmill/vary/bodies.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "worldmill/math/elementary.h"

namespace wm::vary {
namespace {

using math::Vec2;
using math::Vec3;

constexpr std::size_t kMostCorners = 32;
constexpr double kPointSize = 5e-4;  // [m]

Vec3 wide(math::Vec3f v) {
  return {v.x, v.y, v.z};
}

Vec3 across(const WorldTriangle& t) {
  return math::cross(t[1] - t[0], t[2] - t[0]);
}

std::vector<Vec3> points_of(const Snapshot& snapshot, std::span<const std::size_t> nodes) {
  const scene::Scene& scene = *snapshot.world.scene;
  std::vector<Vec3> points;
  std::vector<char> used;
  for (const std::size_t i : nodes) {
    if (!snapshot.visible[i]) continue;
    const math::Affine& world_from_node = snapshot.world_from_node[i];
    for (const scene::Part& part : scene.nodes[i].parts) {
      const geometry::Mesh& mesh = *scene.meshes[part.mesh.index()];
      used.assign(mesh.positions.size(), 0);
      for (const geometry::Triangle& t : mesh.triangles) {
        for (const std::uint32_t corner : t) used[corner] = 1;
      }
      for (std::size_t v = 0; v < used.size(); ++v) {
        if (used[v]) points.push_back(world_from_node.point(wide(mesh.positions[v])));
      }
    }
  }
  return points;
}

/// Cuts a polygon in space at a height; `sign` +1 keeps what is above, -1 what is below.
std::vector<Vec3> cut(const std::vector<Vec3>& polygon, double z, double sign) {
  std::vector<Vec3> kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Vec3 p = polygon[i], q = polygon[(i + 1) % polygon.size()];
    const double of_p = sign * (p.z - z), of_q = sign * (q.z - z);
    if (of_p > 0) kept.push_back(p);
    if ((of_p > 0) != (of_q > 0)) kept.push_back(p + (q - p) * (of_p / (of_p - of_q)));
  }
  return kept;
}

bool meets(const Prism& prism, const WorldTriangle& t) {
  const double low = std::min({t[0].z, t[1].z, t[2].z}), high = std::max({t[0].z, t[1].z, t[2].z});
  if (low >= prism.high || high <= prism.low) return false;
  std::vector<Vec3> slice = cut({t[0], t[1], t[2]}, prism.low, 1);
  slice = cut(slice, prism.high, -1);
  Polygon flat;
  for (const Vec3 p : slice) flat.push_back({p.x, p.y});
  if (flat.empty()) return false;
  return overlap(convex_hull(std::move(flat)), prism.outline);
}

/// z of the triangle's plane above `p`, when the triangle lies there.
std::optional<double> plane_at(const WorldTriangle& t, Vec2 p) {
  const Vec3 n = across(t);
  if (n.z == 0) return std::nullopt;
  const double sign = n.z > 0 ? 1 : -1;
  for (std::size_t i = 0; i < 3; ++i) {
    const Vec3 a = t[i], b = t[(i + 1) % 3];
    if (sign * ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) < 0) return std::nullopt;
  }
  return t[0].z - (n.x * (p.x - t[0].x) + n.y * (p.y - t[0].y)) / n.z;
}

}  // namespace

Snapshot::Snapshot(const scene::World& w)
    : world(w), world_from_node(scene::world_from_nodes(w)), visible(scene::effective_visibility(w)) {}

Body body_of(const Snapshot& snapshot, scene::NodeId root, std::span<const std::size_t> nodes) {
  std::vector<Vec3> points = points_of(snapshot, nodes);
  if (points.empty()) points.push_back(snapshot.world_from_node[root.index()].translation);
  math::Box3 box;
  std::vector<Vec2> flat;
  flat.reserve(points.size());
  for (const Vec3 p : points) {
    box.add(p);
    flat.push_back({p.x, p.y});
  }
  Body body;
  body.root = root;
  body.anchor = {box.center().x, box.center().y};
  body.low = box.low.z;
  body.high = box.high.z;
  for (Vec2& p : flat) p = p - body.anchor;
  body.outline = simplified(convex_hull(std::move(flat)), kMostCorners);
  if (area(body.outline) < kPointSize * kPointSize) body.outline = grown(body.outline, kPointSize);
  for (const Vec2 p : body.outline) body.radius = std::max(body.radius, std::sqrt(p.x * p.x + p.y * p.y));
  return body;
}

void gather(const Snapshot& snapshot, const math::Affine& move, std::span<const std::size_t> nodes,
            const std::function<bool(const WorldTriangle&, std::size_t)>& keep, TriangleGrid& grid) {
  const scene::Scene& scene = *snapshot.world.scene;
  for (const std::size_t i : nodes) {
    const math::Affine map = move * snapshot.world_from_node[i];
    const bool mirrored = math::determinant(map.linear) < 0;
    for (const scene::Part& part : scene.nodes[i].parts) {
      const geometry::Mesh& mesh = *scene.meshes[part.mesh.index()];
      for (const geometry::Triangle& t : mesh.triangles) {
        WorldTriangle triangle;
        for (std::size_t k = 0; k < 3; ++k) triangle[k] = map.point(wide(mesh.positions[t[k]]));
        if (mirrored) std::swap(triangle[1], triangle[2]);
        if (keep(triangle, i)) grid.add(triangle);
      }
    }
  }
}

bool is_blocked(const Prism& prism, const TriangleGrid& grid) {
  Vec2 low = prism.outline[0], high = low;
  for (const Vec2 p : prism.outline) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  const double middle = (prism.low + prism.high) / 2;
  // The nearest surfaces straight above and below the middle: both show their inside only from within a solid.
  struct Nearest {
    double distance = std::numeric_limits<double>::infinity();
    bool from_inside = false;
  } above, below;
  bool met = false;
  grid.visit(low, high, [&](const WorldTriangle& t) {
    met = meets(prism, t);
    if (met) return false;
    if (const std::optional<double> z = plane_at(t, prism.middle)) {
      Nearest& nearest = *z >= middle ? above : below;
      const double distance = std::abs(*z - middle);
      const bool looks_up = across(t).z > 0;
      if (distance < nearest.distance) nearest = {distance, looks_up == (*z >= middle)};
    }
    return true;
  });
  return met || (above.from_inside && below.from_inside);
}

Ground::Ground(const Snapshot& snapshot, std::span<const std::size_t> nodes, double slope) {
  const math::SinCos steepest = math::sincos(slope);
  least_up_ = steepest.cos - 1e-9;
  steepest_ = steepest.sin / std::max(steepest.cos, 1e-3);
  gather(
      snapshot, {}, nodes, [this](const WorldTriangle& t, std::size_t) { return counts(t); }, grid_);
  grid_.build();
  double total = 0;
  for (const WorldTriangle& t : grid_.triangles()) {
    total += math::length(across(t)) / 2;
    cumulative_.push_back(total);
    for (const Vec3 corner : t) bounds_.add(corner);
  }
}

bool Ground::counts(const WorldTriangle& triangle) const {
  const Vec3 n = across(triangle);
  const double size = math::length(n);
  return size > 1e-14 && n.z >= least_up_ * size;
}

Vec3 Ground::point(double u, double v, double w) const {
  const auto at = std::ranges::upper_bound(cumulative_, u * cumulative_.back());
  const std::size_t i = std::min(static_cast<std::size_t>(at - cumulative_.begin()), cumulative_.size() - 1);
  const WorldTriangle& t = grid_.triangles()[i];
  const double root = std::sqrt(v);
  return t[0] * (1 - root) + t[1] * (root * (1 - w)) + t[2] * (root * w);
}

std::optional<double> Ground::height(const Polygon& outline, double z) const {
  Vec2 low = outline[0], high = low;
  for (const Vec2 p : outline) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  // Farther up or down is another level: the board below, the rung above.
  const double step =
      1e-3 + steepest_ * std::sqrt((high.x - low.x) * (high.x - low.x) + (high.y - low.y) * (high.y - low.y));
  const double whole = vary::area(outline);
  double covered = 0, highest = -std::numeric_limits<double>::infinity();
  grid_.visit(low, high, [&](const WorldTriangle& t) {
    const Polygon piece = intersection(outline, {{t[0].x, t[0].y}, {t[1].x, t[1].y}, {t[2].x, t[2].y}});
    const double share = vary::area(piece);
    if (share <= 1e-12 * whole) return true;
    const Vec3 n = across(t);
    double top = -std::numeric_limits<double>::infinity(), bottom = -top;
    for (const Vec2 p : piece) {
      const double at = t[0].z - (n.x * (p.x - t[0].x) + n.y * (p.y - t[0].y)) / n.z;
      top = std::max(top, at);
      bottom = std::min(bottom, at);
    }
    if (bottom < z - step || top > z + step) return true;
    covered += share;
    highest = std::max(highest, top);
    return true;
  });
  if (covered < whole * (1 - 1e-6)) return std::nullopt;
  return highest;
}

}  // namespace wm::vary
