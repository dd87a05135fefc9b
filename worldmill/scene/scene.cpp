#include "worldmill/scene/scene.h"

#include <fmt/core.h>

#include "worldmill/base/check.h"

namespace wm::scene {
namespace {

template <class Handle>
Handle moved(Handle id, std::size_t by) {
  return id.exists() ? Handle(id.index() + by) : id;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

const char* name_of(LightKind kind) {
  switch (kind) {
    case LightKind::sphere:
      return "sphere light";
    case LightKind::rect:
      return "rect light";
    case LightKind::distant:
      return "distant light";
    case LightKind::spot:
      return "spot light";
    case LightKind::environment:
      return "environment";
  }
  WM_CHECK(false);
  return "";
}

std::string describe(const Scene& scene, const Node& node) {
  std::string text;
  std::size_t triangles = 0;
  std::string materials;
  for (const Part& part : node.parts) {
    triangles += scene.meshes[part.mesh.index()]->triangles.size();
    materials += (materials.empty() ? "" : ", ") + scene.materials[part.material.index()].name;
  }
  if (!node.parts.empty()) text += fmt::format("  {} triangles ({})", triangles, materials);
  if (node.light.exists()) text += fmt::format("  {}", name_of(scene.lights[node.light.index()].kind));
  if (node.camera.exists()) text += "  camera";
  if (!node.semantic.empty()) text += fmt::format("  class {}", node.semantic);
  if (!node.visible) text += "  hidden";
  return text;
}

}  // namespace

NodeId add(Scene& scene, const Scene& part, const std::string& path, NodeId parent,
           const math::Affine& parent_from_root) {
  const std::size_t first = scene.nodes.size() + 1;
  const std::size_t meshes = scene.meshes.size(), materials = scene.materials.size();
  const std::size_t lights = scene.lights.size(), cameras = scene.cameras.size();
  const NodeId root(scene.nodes.size());
  Node& top = scene.nodes.emplace_back();
  top.path = path;
  top.parent = parent;
  top.parent_from_node = parent_from_root;
  for (Node node : part.nodes) {
    node.path = path + node.path;
    node.parent = node.parent.exists() ? moved(node.parent, first) : root;
    for (Part& p : node.parts) p = {moved(p.mesh, meshes), moved(p.material, materials)};
    node.light = moved(node.light, lights);
    node.camera = moved(node.camera, cameras);
    scene.nodes.push_back(std::move(node));
  }
  append(scene.meshes, part.meshes);
  append(scene.materials, part.materials);
  append(scene.lights, part.lights);
  append(scene.cameras, part.cameras);
  append(scene.mechanics, part.mechanics, first, path);
  return root;
}

std::vector<math::Affine> world_from_nodes(const Scene& scene, std::span<const math::Affine> parent_from_node) {
  WM_CHECK(parent_from_node.size() == scene.nodes.size());
  std::vector<math::Affine> world(scene.nodes.size());
  for (std::size_t i = 0; i < world.size(); ++i) {
    const NodeId parent = scene.nodes[i].parent;
    world[i] = parent.exists() ? world[parent.index()] * parent_from_node[i] : parent_from_node[i];
  }
  return world;
}

std::string to_tree(const Scene& scene) {
  std::vector<math::Affine> local;
  for (const Node& node : scene.nodes) local.push_back(node.parent_from_node);
  const std::vector<math::Affine> world = world_from_nodes(scene, local);
  std::string text;
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    const Node& node = scene.nodes[i];
    math::Box3 box;
    for (const Part& part : node.parts)
      box.add(transformed(world[i], geometry::bounds(*scene.meshes[part.mesh.index()])));
    text += node.path + describe(scene, node);
    if (!box.is_empty()) {
      text += fmt::format("  [{:.3f} {:.3f} {:.3f}]..[{:.3f} {:.3f} {:.3f}] m", box.low.x, box.low.y, box.low.z,
                          box.high.x, box.high.y, box.high.z);
    }
    text += '\n';
  }
  return text;
}

}  // namespace wm::scene
