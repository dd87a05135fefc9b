#include "worldmill/import/gltf_export.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/base/json.h"
#include "worldmill/import/gltf.h"
#include "worldmill/import/memory_files.h"
#include "worldmill/import/primitives.h"
#include "worldmill/math/elementary.h"

namespace wm::import {
namespace {

using base::SimTime;
using math::Affine;
using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::NodeId;

NodeId add(scene::Scene& scene, const std::string& path, NodeId parent = {}, const Affine& map = {}) {
  scene.nodes.push_back({.path = path, .parent = parent, .parent_from_node = map});
  return NodeId(scene.nodes.size() - 1);
}

const Rotation kTilt = Rotation::normalized(0.9, 0.1, -0.2, 0.3);

/// What glTF can say of a scene: shared meshes, pictures, materials with extensions, lights, a camera, a hidden node, a
/// skewed one, and a name between (/cup).
std::shared_ptr<const scene::Scene> make_room() {
  auto out = std::make_shared<scene::Scene>();
  scene::Scene& s = *out;
  s.meshes.push_back(std::make_shared<const geometry::Mesh>(make_box({0.5, 0.25, 0.125})));
  s.meshes.push_back(std::make_shared<const geometry::Mesh>(make_capsule(0.1, 0.2)));
  image::Pixels<std::uint8_t> wood(2, 2, 3);
  for (std::size_t i = 0; i < wood.values.size(); ++i) wood.values[i] = static_cast<std::uint8_t>(20 * i);
  scene::Material oak{.name = "oak", .base_color = {0.5f, 1, 0.75f}, .roughness = 0.25f};
  oak.base_color_texture.picture = std::make_shared<const scene::Picture>(scene::Picture{"my wood.png", wood});
  oak.base_color_texture.wrap_u = scene::Wrap::mirror;
  oak.base_color_texture.offset = {0.25, 0.5};
  oak.base_color_texture.rotation = 0.3;
  scene::Material glass{.name = "glass", .base_color = {1, 1, 1}, .opacity = 0.5f};
  glass.alpha_mode = scene::AlphaMode::blend;
  glass.emission = {3, 6, 0.5f};
  glass.ior = 1.33f;
  glass.transmission = 0.75f;
  glass.clearcoat = 0.5f;
  glass.clearcoat_roughness = 0.125f;
  glass.double_sided = true;
  s.materials = {oak, glass};
  const NodeId shelf = add(s, "/shelf", {}, Affine(Pose{kTilt, {1, 2, 3}}));
  for (int i = 0; i < 3; ++i) {
    const Affine map(math::Mat3{{1.5, 0, 0}, {0, 1, 0}, {0, 0, 0.5}}, {0.1 * i, 0, 0});
    const NodeId board = add(s, fmt::format("/shelf/{}", i), shelf, map);
    s.nodes[board.index()].parts = {{scene::MeshId(0), scene::MaterialId(i == 2 ? 1u : 0u)}};
  }
  const NodeId both = add(s, "/shelf/both", shelf, Affine(math::Mat3{{1, 0.5, 0}, {0, 1, 0}, {0, 0, -1}}, {0, 0, 1}));
  s.nodes[both.index()].parts = {{scene::MeshId(0), scene::MaterialId(0)}, {scene::MeshId(1), scene::MaterialId(1)}};
  s.nodes[both.index()].visible = false;
  s.lights = {{.kind = scene::LightKind::sphere, .intensity = 40},
              {.kind = scene::LightKind::spot, .intensity = 30, .inner_cone = 0.3f, .outer_cone = 0.6f},
              {.kind = scene::LightKind::distant, .color = {0.5f, 1, 0.25f}, .intensity = 900}};
  for (std::size_t i = 0; i < s.lights.size(); ++i) {
    const NodeId lamp = add(s, fmt::format("/lamp{}", i), {}, Affine(Pose{kTilt, {0, 0, 2}}));
    s.nodes[lamp.index()].light = scene::LightId(i);
  }
  const NodeId cup = add(s, "/cup/0", {}, Affine(Pose{{}, {0, 1, 0}}));
  s.nodes[cup.index()].parts = {{scene::MeshId(1), scene::MaterialId(0)}};
  s.cameras = {{.name = "eye", .vertical_fov = 0.7, .aspect = 1.5}};
  s.nodes[add(s, "/eye", {}, Affine(Pose{kTilt, {3, 0, 1}})).index()].camera = scene::CameraId(0);
  return out;
}

scene::Asset read(MemoryFiles& files, const std::string& name, std::optional<double> time = {}) {
  Source source(files, "/out/" + name, name, Roots(files, {"/out"}), {});
  const auto back = import_gltf(source, files.contents.at("/out/" + name), time);
  EXPECT_TRUE(back) << to_string(back.error());
  return back ? *back : scene::Asset{};
}

const scene::Node& node(const scene::Asset& asset, const std::string& path) {
  const auto at = std::ranges::find(asset.scene.nodes, path, &scene::Node::path);
  EXPECT_NE(at, asset.scene.nodes.end()) << path;
  return *at;
}

void expect_near(const Affine& a, const Affine& b, double tolerance, const std::string& what) {
  for (const Vec3 d : {a.translation - b.translation, a.linear.row0 - b.linear.row0, a.linear.row1 - b.linear.row1,
                       a.linear.row2 - b.linear.row2}) {
    EXPECT_LE(math::length(d), tolerance) << what;
  }
}

/// Place, normal and texture coordinates of each corner of each triangle: the same with and without vertices that
/// no triangle uses.
std::vector<std::array<float, 8>> corners(const geometry::Mesh& mesh) {
  std::vector<std::array<float, 8>> all;
  for (const geometry::Triangle& triangle : mesh.triangles) {
    for (const std::uint32_t v : triangle) {
      const math::Vec3f p = mesh.positions[v], n = mesh.normals.empty() ? math::Vec3f{} : mesh.normals[v];
      const math::Vec2f uv = mesh.uv[0].empty() ? math::Vec2f{} : mesh.uv[0][v];
      all.push_back({p.x, p.y, p.z, n.x, n.y, n.z, uv.x, uv.y});
    }
  }
  return all;
}

TEST(GltfExport, WhatIsWrittenReadsBackAsTheSameNodes) {
  const auto room = make_room();
  for (const std::string name : {"a room.gltf", "room.glb"}) {
    MemoryFiles files;
    const auto left_out = write_gltf(files, "/out/" + name, scene::World::of(room));
    ASSERT_TRUE(left_out) << to_string(left_out.error());
    EXPECT_TRUE(left_out->empty());
    const scene::Asset back = read(files, name);
    EXPECT_TRUE(back.ignored.empty());
    EXPECT_EQ(back.scene.nodes.size(), room->nodes.size() + 1);  // and /cup
    for (const scene::Node& a : room->nodes) {
      const scene::Node& b = node(back, a.path);
      expect_near(a.parent_from_node, b.parent_from_node, 1e-12, a.path);
      EXPECT_EQ(a.visible, b.visible) << a.path;
      EXPECT_EQ(a.camera.exists(), b.camera.exists()) << a.path;
      ASSERT_EQ(a.parts.size(), b.parts.size()) << a.path;
      for (std::size_t p = 0; p < a.parts.size(); ++p) {
        const geometry::Mesh &x = *room->meshes[a.parts[p].mesh.index()],
                             &y = *back.scene.meshes[b.parts[p].mesh.index()];
        EXPECT_TRUE(corners(x) == corners(y)) << a.path;
      }
    }
    EXPECT_EQ(back.scene.nodes[1].parts[0].mesh, back.scene.nodes[2].parts[0].mesh);  // shared before and after
  }
}

TEST(GltfExport, MaterialsLightsAndCamerasReadBackAsTheyWere) {
  const auto room = make_room();
  MemoryFiles files;
  ASSERT_TRUE(write_gltf(files, "/out/room.glb", scene::World::of(room)));
  const scene::Asset back = read(files, "room.glb");
  const auto look = [&](const char* path) { return back.scene.materials[node(back, path).parts[0].material.index()]; };
  const scene::Material oak = look("/shelf/0"), glass = look("/shelf/2");
  const scene::Material &oak_was = room->materials[0], &glass_was = room->materials[1];
  EXPECT_EQ(oak.name, "oak");
  EXPECT_EQ(oak.base_color, oak_was.base_color);
  EXPECT_EQ(oak.roughness, oak_was.roughness);
  EXPECT_EQ(oak.metallic, oak_was.metallic);
  ASSERT_TRUE(oak.base_color_texture.picture);
  EXPECT_EQ(oak.base_color_texture.picture->pixels, oak_was.base_color_texture.picture->pixels);
  EXPECT_EQ(oak.base_color_texture.offset, oak_was.base_color_texture.offset);
  EXPECT_EQ(oak.base_color_texture.rotation, oak_was.base_color_texture.rotation);
  EXPECT_EQ(oak.base_color_texture.wrap_u, scene::Wrap::mirror);
  EXPECT_EQ(glass.opacity, glass_was.opacity);
  EXPECT_EQ(glass.alpha_mode, glass_was.alpha_mode);
  EXPECT_EQ(glass.emission, glass_was.emission);
  EXPECT_EQ(glass.ior, glass_was.ior);
  EXPECT_EQ(glass.transmission, glass_was.transmission);
  EXPECT_EQ(glass.clearcoat, glass_was.clearcoat);
  EXPECT_EQ(glass.clearcoat_roughness, glass_was.clearcoat_roughness);
  EXPECT_TRUE(glass.double_sided);
  ASSERT_EQ(back.scene.lights.size(), room->lights.size());
  for (std::size_t i = 0; i < room->lights.size(); ++i) {
    const scene::Light &a = room->lights[i], &b = back.scene.lights[i];
    EXPECT_EQ(a.kind, b.kind) << i;
    EXPECT_EQ(a.color, b.color) << i;
    EXPECT_EQ(a.intensity, b.intensity) << i;
    EXPECT_EQ(a.outer_cone, b.outer_cone) << i;
  }
  ASSERT_EQ(back.scene.cameras.size(), 1u);
  EXPECT_EQ(back.scene.cameras[0].vertical_fov, 0.7);
  EXPECT_EQ(back.scene.cameras[0].aspect, 1.5);
}

/// A shelf that slides, a board on it that turns, until both stop.
class Moving final : public scene::Timeline {
 public:
  explicit Moving(scene::World world) : world_(std::move(world)) {}
  SimTime end() const override { return SimTime::from_seconds(3); }
  scene::World world_at(SimTime time) const override {
    scene::World now = world_;
    const double t = std::min(time.seconds(), 1.0);
    now.parent_from_node.set(0, Affine(Pose{kTilt, {1 + t, 2, 3}}));
    const math::SinCos half = math::sincos(2 * t);  // through more than half a turn: the sign of q must follow
    const Affine size(math::Mat3{{1.5, 0, 0}, {0, 1, 0}, {0, 0, 0.5}}, {});
    now.parent_from_node.set(1, Affine(Pose{{half.cos, 0, 0, half.sin}, {0, 0, t * t}}) * size);
    return now;
  }

 private:
  scene::World world_;
};

TEST(GltfExport, WhatMovesReadsBackWhereItWasAtEveryKey) {
  const auto room = make_room();
  const Moving take(scene::World::of(room));
  GltfExportOptions options{.timeline = &take};
  for (int k = 0; k <= 30; ++k) options.times.push_back(SimTime::from_seconds(0.1 * k));
  MemoryFiles files;
  ASSERT_TRUE(write_gltf(files, "/out/room.glb", take.world_at({}), options));
  for (const double t : {0.0, 0.3, 0.8, 1.0, 2.0, 3.0}) {
    const scene::Asset back = read(files, "room.glb", t);
    const scene::World then = take.world_at(SimTime::from_seconds(t));
    for (std::size_t n = 0; n < room->nodes.size(); ++n) {
      const std::string& path = room->nodes[n].path;
      // Keys are floats: of numbers up to 4, a few 1e-7.
      expect_near(then.parent_from_node[n], node(back, path).parent_from_node, 2e-6, fmt::format("{} at {}", path, t));
    }
  }
  // Halfway between keys, along the chord and the arc.
  const scene::Asset between = read(files, "room.glb", 0.45);
  EXPECT_NEAR(node(between, "/shelf/0").parent_from_node.translation.z, 0.5 * (0.16 + 0.25), 1e-6);
  const math::SinCos half = math::sincos(2 * 0.45 * 2);
  EXPECT_NEAR(node(between, "/shelf/0").parent_from_node.linear.row0.x, 1.5 * half.cos, 1e-5);
}

TEST(GltfExport, WhatStandsStillHasNoKeys) {
  const auto room = make_room();
  const Moving take(scene::World::of(room));
  GltfExportOptions options{.binary = false, .timeline = &take};
  for (int k = 0; k <= 300; ++k) options.times.push_back(SimTime::from_seconds(0.01 * k));
  const auto made = export_gltf(take.world_at({}), options);
  ASSERT_TRUE(made);
  const auto root = base::parse_json(made->bytes, "a.gltf");
  ASSERT_TRUE(root);
  const base::Value& animation = (*root->find("animations")->list())[0];
  ASSERT_EQ(animation.find("channels")->list()->size(), 4u);  // two nodes: place and turn each
  std::int64_t most = 0;
  for (const base::Value& sampler : *animation.find("samplers")->list()) {
    const auto input = static_cast<std::size_t>(std::get<std::int64_t>(sampler.find("input")->data));
    const base::Value& accessor = (*root->find("accessors")->list())[input];
    most = std::max(most, std::get<std::int64_t>(accessor.find("count")->data));
  }
  EXPECT_EQ(most, 101);  // of 301
}

TEST(GltfExport, EqualWorldsGiveEqualBytes) {
  const auto bytes = [] { return export_gltf(scene::World::of(make_room()))->bytes; };
  EXPECT_EQ(bytes(), bytes());
}

TEST(GltfExport, WhatGltfCannotSayIsNamed) {
  auto room = std::make_shared<scene::Scene>(*make_room());
  room->lights[0].radius = 0.1f;
  room->lights[1].kind = scene::LightKind::rect;
  room->lights[2].kind = scene::LightKind::environment;
  room->nodes[0].semantic = "furniture";
  room->mechanics.bodies.push_back({.node = NodeId(0), .mass = 1});
  const auto made = export_gltf(scene::World::of(room));
  EXPECT_EQ(made->left_out,
            (std::vector<std::string>{
                "sizes of lights are not written", "rectangular lights are not written", "skies are not written",
                "bodies, joints and what else moves them are not written: only how they look and go",
                "classes and tags of nodes are not written"}));
}

}  // namespace
}  // namespace wm::import
