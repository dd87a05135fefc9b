#include "worldmill/scene/soft.h"

#include <fmt/format.h>

#include "worldmill/base/check.h"

namespace wm::scene {
namespace {

class Grid {
 public:
  explicit Grid(const SoftGrid& grid) : count_(grid.count) {}
  int vertex(int x, int y, int z) const { return (z * count_[1] + y) * count_[0] + x; }
  int cells(std::size_t axis) const { return std::max(count_[axis] - 1, 1); }

 private:
  std::array<int, 3> count_;
};

void add_vertex(Scene& scene, const SoftGrid& grid, NodeId root, std::array<int, 3> at, double mass, Deformable& soft) {
  Mechanics& m = scene.mechanics;
  Node node;
  node.path = fmt::format("{}/{}", grid.path, soft.vertices.size());
  node.parent = root;
  node.parent_from_node.translation = math::Vec3{at[0] * 1.0, at[1] * 1.0, at[2] * 1.0} * grid.spacing;
  const BodyId body(m.bodies.size());
  const double inertia = 1e-4 * mass;  // a vertex does not turn; the engine wants a number
  m.bodies.push_back({.node = NodeId(scene.nodes.size()), .mass = mass, .inertia = {inertia, inertia, inertia}});
  soft.vertices.push_back(body);
  if (!grid.pinned || !grid.pinned(at[0], at[1], at[2])) {
    for (const math::Vec3 axis : {math::Vec3{1, 0, 0}, math::Vec3{0, 1, 0}, math::Vec3{0, 0, 1}}) {
      m.joints.push_back({.name = fmt::format("{}/{}", node.path,
                                              axis.x > 0   ? "x"
                                              : axis.y > 0 ? "y"
                                                           : "z"),
                          .body = body,
                          .kind = JointKind::slider,
                          .axis = axis});
    }
  }
  scene.nodes.push_back(std::move(node));
}

void add_elements(const SoftGrid& grid, Deformable& soft) {
  const Grid at(grid);
  for (int z = 0; z < at.cells(2); ++z) {
    for (int y = 0; y < at.cells(1); ++y) {
      for (int x = 0; x < at.cells(0); ++x) {
        const auto v = [&](int i) { return at.vertex(x + (i & 1), y + (i >> 1 & 1), z + (i >> 2 & 1)); };
        const auto add = [&](std::initializer_list<int> corners) {
          for (const int corner : corners) soft.elements.push_back(v(corner));
        };
        if (soft.dimension == 1) add({0, 1});
        if (soft.dimension == 2) add({0, 1, 3}), add({0, 3, 2});
        if (soft.dimension < 3) continue;
        // Kuhn's six tetrahedra around the diagonal from corner 0 to corner 7.
        add({0, 1, 3, 7}), add({0, 3, 2, 7}), add({0, 2, 6, 7});
        add({0, 6, 4, 7}), add({0, 4, 5, 7}), add({0, 5, 1, 7});
      }
    }
  }
}

}  // namespace

std::size_t add_soft(Scene& scene, const SoftGrid& grid) {
  Deformable soft = grid.material;
  soft.dimension = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    WM_CHECK(grid.count[axis] >= 1);
    if (grid.count[axis] == 1) break;
    ++soft.dimension;
  }
  WM_CHECK(soft.dimension >= 1);
  if (soft.name.empty()) soft.name = grid.path;
  const NodeId root(scene.nodes.size());
  scene.nodes.push_back({.path = grid.path, .parent = {}, .parent_from_node = math::Affine(grid.pose)});
  const double mass = grid.mass / (grid.count[0] * grid.count[1] * grid.count[2]);
  for (int z = 0; z < grid.count[2]; ++z) {
    for (int y = 0; y < grid.count[1]; ++y) {
      for (int x = 0; x < grid.count[0]; ++x) add_vertex(scene, grid, root, {x, y, z}, mass, soft);
    }
  }
  add_elements(grid, soft);
  scene.mechanics.deformables.push_back(std::move(soft));
  return scene.mechanics.deformables.size() - 1;
}

}  // namespace wm::scene
