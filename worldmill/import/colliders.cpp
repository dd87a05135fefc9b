#include "worldmill/import/colliders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "worldmill/geometry/convex.h"
#include "worldmill/import/convex_pieces.h"

namespace wm::import {
namespace {

using geometry::Fit;
using geometry::Mesh;
using geometry::Primitive;
using math::Affine;
using math::Vec3;
using math::Vec3f;
using scene::BodyOptions;
using scene::NodeId;
using scene::Shape;
using scene::ShapeKind;

constexpr double kSheetDepth = 0.05, kLeafDepth = 0.002;  // [m] of what has no thickness: fixed, rigid
constexpr double kConvex = 0.92;                          // of its hull that a thing fills to count as convex
constexpr std::size_t kMostSheets = 128;
constexpr double kOnePlane = 0.02;  // [rad]
struct Candidate {
  Primitive kind;
  double least;  // of its volume that the hull fills
};
constexpr std::array kCandidates{Candidate{Primitive::box, 0.97}, Candidate{Primitive::cylinder, 0.96},
                                 Candidate{Primitive::sphere, 0.95}, Candidate{Primitive::capsule, 0.96}};

Vec3f narrow(Vec3 p) {
  return {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)};
}

/// Adds the triangles of `from` after `map`; a mirror turns them over.
void append(Mesh& mesh, const Mesh& from, const Affine& map) {
  const auto first = static_cast<std::uint32_t>(mesh.positions.size());
  for (const Vec3f& p : from.positions) mesh.positions.push_back(narrow(map.point({p.x, p.y, p.z})));
  const Vec3 x = map.direction({1, 0, 0}), y = map.direction({0, 1, 0}), z = map.direction({0, 0, 1});
  const bool mirrored = dot(cross(x, y), z) < 0;
  for (geometry::Triangle t : from.triangles) {
    if (mirrored) std::swap(t[1], t[2]);
    mesh.triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
  }
}

/// What a sheet becomes when it is `depth` thick, its front where it was.
Mesh thickened(const Mesh& sheet, double depth) {
  Vec3 normal;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> edges;
  for (const geometry::Triangle& t : sheet.triangles) {
    const auto at = [&](int k) {
      const Vec3f& p = sheet.positions[t[static_cast<std::size_t>(k)]];
      return Vec3{p.x, p.y, p.z};
    };
    normal += cross(at(1) - at(0), at(2) - at(0));
    for (std::size_t k = 0; k < 3; ++k) ++edges[{t[k], t[(k + 1) % 3]}];
  }
  const Vec3 back = length(normal) > 0 ? normal * (-depth / length(normal)) : Vec3{0, 0, -depth};
  Mesh solid;
  append(solid, sheet, Affine());
  const auto first = static_cast<std::uint32_t>(solid.positions.size());
  append(solid, sheet, Affine(math::Mat3(), back));
  for (std::size_t k = sheet.triangles.size(); k < solid.triangles.size(); ++k) {
    std::swap(solid.triangles[k][1], solid.triangles[k][2]);
  }
  for (const auto& [edge, count] : edges) {
    if (edges.contains({edge.second, edge.first})) continue;  // inner
    const auto [a, b] = edge;
    solid.triangles.push_back({a, a + first, b});
    solid.triangles.push_back({b, a + first, b + first});
  }
  return solid;
}

/// Whether its vertices lie in one plane.
bool is_sheet(const Mesh& mesh) {
  return !geometry::convex_hull(mesh.positions);
}

bool is_convex_enough(const Mesh& mesh, const Mesh& hull) {
  if (geometry::is_closed(mesh)) return geometry::volume(mesh) >= kConvex * geometry::volume(hull);
  return geometry::is_convex(mesh);
}

class Solidifier {
 public:
  Solidifier(base::Files& files, scene::Asset& asset, const BodyOptions& options)
      : files_(files), asset_(asset), options_(options), cache_(cache_folder()) {}

  Status run() { return options_.kind == BodyOptions::Kind::rigid ? add_body() : add_scenery(); }

 private:
  std::vector<char> visible() const {
    std::vector<char> seen;
    for (const scene::Node& node : asset_.scene.nodes) {
      seen.push_back(node.visible && (!node.parent.exists() || seen[node.parent.index()]));
    }
    return seen;
  }

  Status add_body() {
    scene::Scene& s = asset_.scene;
    const auto is_root = [](const scene::Node& n) { return !n.parent.exists(); };
    if (std::ranges::count_if(s.nodes, is_root) > 1) {
      scene::Scene rooted;
      scene::add(rooted, s, "/Body", {}, Affine());
      s = std::move(rooted);
    }
    std::vector<Affine> root_from_node;
    Mesh all;
    const std::vector<char> seen = visible();
    for (std::size_t n = 0; n < s.nodes.size(); ++n) {
      const scene::Node& node = s.nodes[n];
      root_from_node.push_back(node.parent.exists() ? root_from_node[node.parent.index()] * node.parent_from_node
                                                    : Affine());
      for (const scene::Part& part : node.parts) {
        if (seen[n]) append(all, *s.meshes[part.mesh.index()], root_from_node[n]);
      }
    }
    if (all.triangles.empty()) return base::error("has no surface that could be a body");
    scene::Body body;
    body.node = NodeId(0);
    scene::Joint free;
    free.name = s.nodes[0].path;
    free.body = scene::BodyId(0);
    free.kind = scene::JointKind::free;
    s.mechanics.bodies.push_back(body);
    s.mechanics.joints.push_back(free);
    return add_shape(is_sheet(all) ? thickened(all, kLeafDepth) : all, NodeId(0));
  }

  Status add_scenery() {
    scene::Scene& s = asset_.scene;
    const std::vector<char> seen = visible();
    for (std::size_t n = 0; n < s.nodes.size(); ++n) {
      Mesh mesh;
      for (const scene::Part& part : s.nodes[n].parts) append(mesh, *s.meshes[part.mesh.index()], Affine());
      if (!seen[n] || mesh.triangles.empty()) continue;
      for (const Mesh& part : geometry::connected_parts(mesh)) WM_TRY_STATUS(add_part(part, NodeId(n)));
    }
    return {};
  }

  Status add_part(const Mesh& part, NodeId node) {
    if (is_sheet(part)) return add_shape(thickened(part, kSheetDepth), node);
    if (options_.collider == BodyOptions::Collider::automatic && !geometry::is_closed(part) &&
        !geometry::is_convex(part)) {
      const std::vector<Mesh> sheets = geometry::flat_parts(part, kOnePlane);
      if (sheets.size() <= kMostSheets && std::ranges::all_of(sheets, is_sheet)) {
        for (const Mesh& sheet : sheets) WM_TRY_STATUS(add_shape(thickened(sheet, kSheetDepth), node));
        return {};
      }
    }
    return add_shape(part, node);
  }

  Status add_shape(const Mesh& mesh, NodeId node) {
    Shape shape;
    shape.node = node;
    shape.density = options_.density;
    WM_TRY_STATUS(set_form(mesh, shape));
    asset_.scene.mechanics.shapes.push_back(std::move(shape));
    return {};
  }

  Status set_form(const Mesh& mesh, Shape& shape) {
    using Collider = BodyOptions::Collider;
    const std::optional<Mesh> hull = geometry::convex_hull(mesh.positions, mesh.positions.size() + 8);
    if (!hull) return base::error("is too thin to be solid");
    const auto as_hull = [&] {
      shape.kind = ShapeKind::hull;
      shape.mesh = std::make_shared<const Mesh>(*geometry::convex_hull(hull->positions));
    };
    const auto as_pieces = [&] {
      shape.kind = ShapeKind::pieces;
      shape.pieces = convex_pieces(files_, cache_, mesh);
      if (shape.pieces.empty()) as_hull();  // nothing inside that could be split
    };
    switch (options_.collider) {
      case Collider::box:
        return set_primitive(geometry::fit(hull->positions, Primitive::box), shape), Status();
      case Collider::sphere:
        return set_primitive(geometry::fit(hull->positions, Primitive::sphere), shape), Status();
      case Collider::capsule:
        return set_primitive(geometry::fit(hull->positions, Primitive::capsule), shape), Status();
      case Collider::cylinder:
        return set_primitive(geometry::fit(hull->positions, Primitive::cylinder), shape), Status();
      case Collider::hull:
        return as_hull(), Status();
      case Collider::pieces:
        return as_pieces(), Status();
      case Collider::automatic:
        break;
    }
    if (!is_convex_enough(mesh, *hull)) return as_pieces(), Status();
    const double volume = geometry::volume(*hull);
    for (const Candidate& candidate : kCandidates) {
      const Fit fit = geometry::fit(hull->positions, candidate.kind);
      if (keeps_shape(shape.node) && volume >= candidate.least * fit.volume) {
        return set_primitive(fit, shape), Status();
      }
    }
    return as_hull(), Status();
  }

  /// Whether a simple shape is still one under the scale of its node.
  bool keeps_shape(NodeId node) const {
    for (; node.exists(); node = asset_.scene.nodes[node.index()].parent) {
      const math::Mat3& m = asset_.scene.nodes[node.index()].parent_from_node.linear;
      const Vec3 x{m.row0.x, m.row1.x, m.row2.x}, y{m.row0.y, m.row1.y, m.row2.y}, z{m.row0.z, m.row1.z, m.row2.z};
      const double size = dot(x, x);
      const auto differs = [&](double a) { return std::abs(a) > 1e-6 * size; };
      if (differs(dot(y, y) - size) || differs(dot(z, z) - size) || differs(dot(x, y)) || differs(dot(y, z)) ||
          differs(dot(z, x))) {
        return false;
      }
    }
    return true;
  }

  static void set_primitive(const Fit& fit, Shape& shape) {
    constexpr ShapeKind kKinds[] = {ShapeKind::box, ShapeKind::sphere, ShapeKind::capsule, ShapeKind::cylinder};
    shape.kind = kKinds[static_cast<std::size_t>(fit.kind)];
    shape.node_from_shape = fit.mesh_from_shape;
    shape.size = fit.size;
  }

  base::Files& files_;
  scene::Asset& asset_;
  const BodyOptions& options_;
  const std::optional<std::filesystem::path> cache_;
};

}  // namespace

Result<scene::Asset> make_solid(base::Files& files, scene::Asset asset, const BodyOptions& options) {
  if (!asset.scene.mechanics.empty()) return asset;
  WM_TRY_STATUS(Solidifier(files, asset, options).run());
  return asset;
}

}  // namespace wm::import
