#pragma once
#include <string>

#include "worldmill/base/yaml.h"
#include "worldmill/vary/memory_assets.h"
#include "worldmill/vary/vary.h"

/// Jobs written short, for the tests of this module.
namespace wm::vary::testing {

inline base::Value yaml(const std::string& text) {
  return base::parse_yaml(text, "r.yaml").value();
}
inline Field field(const std::string& name, const std::string& text) {
  return {yaml(text), name, std::nullopt, false};
}
inline scene::Selector selector(const std::string& text) {
  return scene::Selector::parse(yaml(text)).value();
}
inline base::Expression expression(const std::string& text) {
  return base::Expression::parse(text, {"r.yaml", 1, 1}).value();
}

inline Add add(const std::string& name, const std::string& asset, const std::string& count = "1") {
  Add entry;
  entry.name = name;
  entry.asset = field("scene.add." + name + ".asset", asset);
  entry.count = field("scene.add." + name + ".count", count);
  return entry;
}

inline Place place(const std::string& name, const std::string& of, const std::string& surface = "/World/Floor") {
  Place entry;
  entry.name = name;
  entry.of = selector(of);
  entry.surface = selector(surface);
  return entry;
}

inline Vary vary_entry(const std::string& name, const std::string& of, const std::string& target,
                       const std::string& value, Act act = Act::set) {
  Vary entry;
  entry.name = name;
  entry.of = selector(of);
  entry.changes = {{target, act, field("vary." + name + "." + target, value)}};
  return entry;
}

inline Label label(const std::string& name, const std::string& of, std::uint16_t id) {
  Label entry;
  entry.name = name;
  entry.of = selector(of);
  entry.id = id;
  return entry;
}

inline MemoryAssets assets() {
  MemoryAssets all;
  all.add("stage", stage_asset());
  all.add("box", body_asset(box_mesh({0.2, 0.3, 0.1})));
  all.add("ball", body_asset(ball_mesh(0.1, 8)));
  auto picture = std::make_shared<scene::Picture>();
  picture->name = "sky.hdr";
  all.add_picture("sky.hdr", picture);
  return all;
}

inline Job job() {
  Job order;
  order.seed = 2024;
  order.stage = "stage";
  return order;
}

template <class T>
std::string complaint(const Result<T>& result) {
  return result ? "no complaint" : base::to_string(result.error());
}

inline scene::NodeId node(const scene::Scene& scene, const std::string& path) {
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    if (scene.nodes[i].path == path) return scene::NodeId(i);
  }
  WM_CHECK(!"there is such a node");
  return {};
}

inline const scene::Material& material(const scene::World& world, const std::string& path) {
  return world.materials[world.scene->node(node(*world.scene, path)).parts.at(0).material.index()];
}
inline const scene::Light& light(const scene::World& world, const std::string& path) {
  return world.lights[world.scene->node(node(*world.scene, path)).light.index()];
}

/// All that a staged scene or a take decided, as text: two of them are alike when these are.
inline std::string print(const scene::World& world) {
  std::string text;
  for (std::size_t i = 0; i < world.scene->nodes.size(); ++i) {
    const math::Affine& a = world.parent_from_node[i];
    text += world.scene->nodes[i].path + (world.visible[i] ? " " : " hidden ");
    for (const math::Vec3 v : {a.linear.row0, a.linear.row1, a.linear.row2, a.translation}) {
      for (const double x : {v.x, v.y, v.z}) text += std::to_string(x) + " ";
    }
    text += "\n";
  }
  for (std::size_t i = 0; i < world.materials.size(); ++i) {
    const math::Vec3f c = world.materials[i].base_color;
    text += std::to_string(c.x) + " " + std::to_string(c.y) + " " + std::to_string(c.z) + "\n";
  }
  for (std::size_t i = 0; i < world.lights.size(); ++i) text += std::to_string(world.lights[i].intensity) + "\n";
  return text;
}

}  // namespace wm::vary::testing
