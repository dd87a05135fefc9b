#include "worldmill/sim/cast.h"

#include <algorithm>

namespace wm::sim {

Group group_of(const scene::Scene& scene, std::span<const scene::NodeId> things) {
  constexpr int kNone = -1;
  Group group;
  std::vector<int> thing_at(scene.nodes.size(), kNone);
  for (std::size_t i = 0; i < things.size(); ++i) {
    group.names.push_back(scene.node(things[i]).path);
    thing_at[things[i].index()] = static_cast<int>(i);
  }
  for (std::size_t n = 0; n < scene.nodes.size(); ++n) {  // parents stand before children
    const scene::NodeId parent = scene.nodes[n].parent;
    if (thing_at[n] == kNone && parent.exists()) thing_at[n] = thing_at[parent.index()];
  }
  for (const scene::Shape& shape : scene.mechanics.shapes) {
    group.of_shape.push_back(shape.node.exists() ? thing_at[shape.node.index()] : kNone);
  }
  std::vector<scene::BodyId> body_at(scene.nodes.size());
  for (std::size_t b = 0; b < scene.mechanics.bodies.size(); ++b) {
    body_at[scene.mechanics.bodies[b].node.index()] = scene::BodyId(b);
  }
  for (std::size_t i = 0; i < things.size(); ++i) {
    scene::BodyId body;
    for (scene::NodeId n = things[i]; n.exists() && !body.exists(); n = scene.node(n).parent) body = body_at[n.index()];
    for (std::size_t n = 0; n < scene.nodes.size() && !body.exists(); ++n) {
      if (thing_at[n] == static_cast<int>(i)) body = body_at[n];
    }
    group.bodies.push_back(body);
  }
  return group;
}

std::vector<scene::BodyId> bodies_of_shapes(const scene::Scene& scene) {
  std::vector<scene::BodyId> at(scene.nodes.size());
  for (std::size_t b = 0; b < scene.mechanics.bodies.size(); ++b) {
    at[scene.mechanics.bodies[b].node.index()] = scene::BodyId(b);
  }
  for (std::size_t n = 0; n < at.size(); ++n) {
    const scene::NodeId parent = scene.nodes[n].parent;
    if (!at[n].exists() && parent.exists()) at[n] = at[parent.index()];
  }
  std::vector<scene::BodyId> bodies;
  for (const scene::Shape& shape : scene.mechanics.shapes) {
    bodies.push_back(shape.node.exists() ? at[shape.node.index()] : scene::BodyId());
  }
  return bodies;
}

math::Pose rigid_part(const math::Affine& map) {
  const math::Mat3 columns = math::transposed(map.linear);
  const math::Vec3 x = math::normalized(columns.row0);
  const math::Vec3 y = math::normalized(columns.row1 - x * math::dot(x, columns.row1));
  return {math::Rotation::from_matrix(math::transposed({x, y, math::cross(x, y)})), map.translation};
}

base::SimTime Instant::crossing(double from, double to) const {
  const double share = from == to ? 1 : std::clamp(from / (from - to), 0.0, 1.0);
  const std::int64_t step = now.time.nanoseconds - before.time.nanoseconds;
  return {before.time.nanoseconds + static_cast<std::int64_t>(share * static_cast<double>(step))};
}

math::Vec3 Instant::velocity(scene::BodyId body, math::Vec3 point) const {
  if (!body.exists()) return {};
  const scene::Twist& twist = now.twists[body.index()];
  return twist.linear + math::cross(twist.angular, point - now.poses[body.index()].translation);
}

}  // namespace wm::sim
