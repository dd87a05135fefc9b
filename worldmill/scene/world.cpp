#include "worldmill/scene/world.h"

namespace wm::scene {
namespace {

class Still : public Timeline {
 public:
  explicit Still(World world) : world_(std::move(world)) {}
  base::SimTime end() const override { return {}; }
  World world_at(base::SimTime) const override { return world_; }

 private:
  World world_;
};

template <class Spec>
auto column_of(const std::vector<Spec>& specs) {
  std::vector<decltype(values_of(specs.front()))> values;
  values.reserve(specs.size());
  for (const Spec& spec : specs) values.push_back(values_of(spec));
  return Column<typename decltype(values)::value_type>(values);
}

}  // namespace

SurfaceValues values_of(const Surface& s) {
  return {s.friction, s.torsional_friction, s.rolling_friction, s.restitution};
}

JointValues values_of(const Joint& j) {
  return {j.lower, j.upper, j.stiffness, j.spring_reference, j.damping, j.armature, j.friction_loss, j.reference};
}

DriveValues values_of(const Drive& d) {
  return {d.stiffness, d.damping, d.lower_force, d.upper_force, d.delay};
}

World World::of(std::shared_ptr<const Scene> scene) {
  std::vector<math::Affine> local;
  std::vector<char> visible;
  for (const Node& node : scene->nodes) {
    local.push_back(node.parent_from_node);
    visible.push_back(node.visible);
  }
  World world;
  world.parent_from_node = Column<math::Affine>(local);
  world.visible = Column<char>(visible);
  world.materials = Column<Material>(scene->materials);
  world.lights = Column<Light>(scene->lights);
  const Mechanics& mechanics = scene->mechanics;
  world.gravity = mechanics.options.gravity;
  world.masses = Column<double>(std::vector<double>(mechanics.bodies.size()));
  world.mass_scales = Column<double>(std::vector<double>(mechanics.bodies.size(), 1.0));
  world.surfaces = column_of(mechanics.surfaces);
  world.joints = column_of(mechanics.joints);
  world.drives = column_of(mechanics.drives);
  world.twists = Column<Twist>(std::vector<Twist>(mechanics.bodies.size()));
  world.scene = std::move(scene);
  return world;
}

std::vector<math::Affine> world_from_nodes(const World& world) {
  std::vector<math::Affine> local;
  local.reserve(world.parent_from_node.size());
  for (std::size_t i = 0; i < world.parent_from_node.size(); ++i) local.push_back(world.parent_from_node[i]);
  return world_from_nodes(*world.scene, local);
}

std::vector<char> effective_visibility(const World& world) {
  std::vector<char> visible(world.visible.size());
  for (std::size_t i = 0; i < visible.size(); ++i) {
    const NodeId parent = world.scene->nodes[i].parent;
    visible[i] = static_cast<char>(world.visible[i] && (!parent.exists() || visible[parent.index()]));
  }
  return visible;
}

math::Box3 world_bounds(const World& world, NodeId root) {
  const std::vector<math::Affine> world_from_node = world_from_nodes(world);
  const Scene& scene = *world.scene;
  std::vector<char> inside(scene.nodes.size());
  math::Box3 box;
  for (std::size_t i = root.index(); i < scene.nodes.size(); ++i) {
    const Node& node = scene.nodes[i];
    inside[i] = i == root.index() || (node.parent.exists() && inside[node.parent.index()]);
    if (!inside[i]) continue;
    for (const Part& part : node.parts) {
      const geometry::Mesh& mesh = *scene.meshes[part.mesh.index()];
      for (const geometry::Triangle& t : mesh.triangles) {
        for (const std::uint32_t corner : t) {
          const math::Vec3f p = mesh.positions[corner];
          box.add(world_from_node[i].point({p.x, p.y, p.z}));
        }
      }
    }
  }
  return box;
}

std::unique_ptr<Timeline> still(World world) {
  return std::make_unique<Still>(std::move(world));
}

}  // namespace wm::scene
