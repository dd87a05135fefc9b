#include "worldmill/import/usd_export.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "worldmill/import/import.h"
#include "worldmill/import/primitives.h"
#include "worldmill/math/elementary.h"
#include "worldmill/usd/layer_file.h"
#include "worldmill/usd/stage.h"

namespace wm::import {
namespace {

namespace fs = std::filesystem;
using math::Affine;
using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::NodeId;

class UsdExportTest : public testing::Test {
 protected:
  const fs::path folder = fs::temp_directory_path() / ("worldmill_usd_" + std::to_string(getpid()));

  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  static NodeId add(scene::Scene& scene, const std::string& path, NodeId parent = {}, const Affine& map = {}) {
    scene.nodes.push_back({.path = path, .parent = parent, .parent_from_node = map});
    return NodeId(scene.nodes.size() - 1);
  }

  /// A room with what a scene can have: shared and own meshes, pictures, lights, a camera, bodies on joints.
  static std::shared_ptr<const scene::Scene> make_room() {
    auto out = std::make_shared<scene::Scene>();
    scene::Scene& s = *out;
    s.meshes.push_back(std::make_shared<const geometry::Mesh>(make_box({0.5, 0.25, 0.125})));
    s.meshes.push_back(std::make_shared<const geometry::Mesh>(make_capsule(0.1, 0.2)));
    image::Pixels<std::uint8_t> wood(2, 2, 3);
    for (std::size_t i = 0; i < wood.values.size(); ++i) wood.values[i] = static_cast<std::uint8_t>(20 * i);
    scene::Material oak{.name = "oak", .base_color = {0.5f, 1, 0.75f}, .roughness = 0.25f};
    oak.base_color_texture.picture = std::make_shared<const scene::Picture>(scene::Picture{"wood.png", wood});
    oak.base_color_texture.offset = {0.25, 0.5};
    oak.base_color_texture.scale = {2, 3};
    oak.base_color_texture.rotation = 0.3;
    s.materials = {oak, {.name = "steel", .base_color = {0.7f, 0.7f, 0.7f}, .metallic = 1, .double_sided = true}};
    const Rotation tilt = Rotation::normalized(0.9, 0.1, -0.2, 0.3);
    const NodeId world = add(s, "/shelf", {}, Affine(Pose{tilt, {1, 2, 3}}));
    for (int i = 0; i < 3; ++i) {
      const Affine map(math::Mat3{{1.5, 0, 0}, {0, 1, 0}, {0, 0, 0.5}}, {0.1 * i, 0, 0});
      s.nodes[add(s, "/shelf/" + std::to_string(i), world, map).index()].parts = {
          {scene::MeshId(0), scene::MaterialId(i == 2 ? 1 : 0)}};
    }
    const NodeId both = add(s, "/shelf/both", world, Affine(Pose{{}, {0, 0, 1}}));
    s.nodes[both.index()].parts = {{scene::MeshId(0), scene::MaterialId(0)}, {scene::MeshId(1), scene::MaterialId(1)}};
    s.nodes[both.index()].semantic = "bracket";
    s.lights = {{.kind = scene::LightKind::sphere, .intensity = 40, .radius = 0.1f},
                {.kind = scene::LightKind::spot, .intensity = 30, .inner_cone = 0.3f, .outer_cone = 0.6f},
                {.kind = scene::LightKind::rect, .intensity = 500, .width = 2, .height = 0.5f},
                {.kind = scene::LightKind::distant, .intensity = 900, .angle = 0.01f},
                {.kind = scene::LightKind::environment, .color = {0.5f, 0.6f, 0.7f}, .intensity = 100}};
    for (std::size_t i = 0; i < s.lights.size(); ++i) {
      s.nodes[add(s, "/lamp" + std::to_string(i), {}, Affine(Pose{tilt, {0, 0, 2}})).index()].light = scene::LightId(i);
    }
    s.nodes[add(s, "/cup/0", {}, Affine(Pose{{}, {0, 1, 0}})).index()].parts = {
        {scene::MeshId(1), scene::MaterialId(0)}};  // as recipes have it: without a /cup
    s.cameras = {{.name = "eye", .vertical_fov = 0.7, .aspect = 1.5}};
    s.nodes[add(s, "/eye", {}, Affine(Pose{tilt, {3, 0, 1}})).index()].camera = scene::CameraId(0);
    add_arm(s);
    return out;
  }

  static void add_arm(scene::Scene& s) {
    scene::Mechanics& m = s.mechanics;
    const auto body = [&](NodeId node) {
      m.bodies.push_back({.node = node, .mass = 2, .inertia = {0.1, 0.2, 0.25}, .center = {0, 0, 0.1}});
      return scene::BodyId(m.bodies.size() - 1);
    };
    const NodeId base = add(s, "/arm", {}, Affine(Pose{{}, {0, 0, 0.5}}));
    const NodeId upper = add(s, "/arm/upper", base, Affine(Pose{Rotation::normalized(1, 0, 0.2, 0), {0, 0, 0.3}}));
    const NodeId slide = add(s, "/arm/upper/slide", upper, Affine(Pose{{}, {0, 0, 0.4}}));
    const NodeId ball = add(s, "/ball", {}, Affine(Pose{{}, {2, 0, 1}}));
    body(base);
    const auto upper_body = body(upper), slide_body = body(slide), ball_body = body(ball);
    m.joints.push_back({.name = "pitch",
                        .body = upper_body,
                        .kind = scene::JointKind::hinge,
                        .axis = {0, 1, 0},
                        .reference = 0.4,
                        .limited = true,
                        .lower = -1,
                        .upper = 1.5});
    m.joints.push_back({.name = "reach",
                        .body = slide_body,
                        .kind = scene::JointKind::slider,
                        .axis = {0, 0, 1},
                        .reference = 0.05,
                        .limited = true,
                        .lower = 0,
                        .upper = 0.2});
    m.joints.push_back({.name = "/ball", .body = ball_body, .kind = scene::JointKind::free});
    m.surfaces.push_back({.name = "rubber", .friction = 0.9, .static_friction = 1.1, .restitution = 0.5});
    m.shapes.push_back({.name = "a",
                        .node = upper,
                        .node_from_shape = {{}, {0, 0, 0.2}},
                        .kind = scene::ShapeKind::box,
                        .size = {0.1, 0.2, 0.3},
                        .surface = scene::SurfaceId(0)});
    m.shapes.push_back({.name = "c", .node = slide, .kind = scene::ShapeKind::capsule, .size = {0.05, 0.1, 0}});
    m.shapes.push_back({.name = "b", .node = ball, .kind = scene::ShapeKind::sphere, .size = {0.08, 0.08, 0.08}});
    m.drives.push_back({.name = "pitch",
                        .joint = scene::JointId(0),
                        .kind = scene::DriveKind::position,
                        .stiffness = 50,
                        .damping = 2,
                        .force_limited = true,
                        .lower_force = -9,
                        .upper_force = 9});
    m.options.gravity = {0, 0, -3.7};
  }

  scene::Asset there_and_back(const scene::World& world, const std::string& name) {
    const auto left_out = write_usd(base::disk(), folder / name, world);
    EXPECT_TRUE(left_out);
    auto back = import_file(base::disk(), folder / name, {folder});
    EXPECT_TRUE(back) << to_string(back.error());
    return back ? std::move(*back) : scene::Asset{};
  }
};

void expect_near(Vec3 a, Vec3 b, double tolerance, const std::string& what) {
  EXPECT_LE(math::length(a - b), tolerance) << what;
}

void expect_same(const Affine& a, const Affine& b, const std::string& what) {
  expect_near(a.translation, b.translation, 1e-9, what);
  expect_near(a.linear.row0, b.linear.row0, 1e-9, what);
  expect_near(a.linear.row1, b.linear.row1, 1e-9, what);
  expect_near(a.linear.row2, b.linear.row2, 1e-9, what);
}

TEST_F(UsdExportTest, WhatIsWrittenReadsBackAsTheSameNodes) {
  const auto room = make_room();
  for (const std::string name : {"room.usda", "room.usdc", "room.usdz"}) {
    const scene::Asset back = there_and_back(scene::World::of(room), name);
    EXPECT_TRUE(back.ignored.empty()) << back.ignored.front();
    ASSERT_EQ(back.scene.nodes.size(), room->nodes.size()) << name;
    for (std::size_t i = 0; i < room->nodes.size(); ++i) {
      const scene::Node &a = room->nodes[i], &b = back.scene.nodes[i];
      EXPECT_EQ(a.path, b.path);
      EXPECT_EQ(a.parent, b.parent) << a.path;
      EXPECT_EQ(a.semantic, b.semantic) << a.path;
      expect_same(a.parent_from_node, b.parent_from_node, a.path);
      ASSERT_EQ(a.parts.size(), b.parts.size()) << a.path;
      EXPECT_EQ(a.camera.exists(), b.camera.exists()) << a.path;
      EXPECT_EQ(a.light.exists(), b.light.exists()) << a.path;
    }
  }
}

TEST_F(UsdExportTest, MeshesOfSeveralNodesStayOneMesh) {
  const auto room = make_room();
  const scene::Asset back = there_and_back(scene::World::of(room), "room.usdc");
  // Once for each of one-sided and two-sided, as USD has that with the mesh.
  EXPECT_EQ(back.scene.nodes[1].parts[0].mesh, back.scene.nodes[2].parts[0].mesh);
  ASSERT_EQ(back.scene.meshes.size(), 4u);
  for (std::size_t i = 0; i < room->nodes.size(); ++i) {
    for (std::size_t p = 0; p < room->nodes[i].parts.size(); ++p) {
      const auto& a = *room->meshes[room->nodes[i].parts[p].mesh.index()];
      const auto& b = *back.scene.meshes[back.scene.nodes[i].parts[p].mesh.index()];
      EXPECT_EQ(a.triangles.size(), b.triangles.size());
      const math::Box3 x = geometry::bounds(a), y = geometry::bounds(b);
      EXPECT_EQ(x.low, y.low);
      EXPECT_EQ(x.high, y.high);
      EXPECT_EQ(b.normals.size(), b.positions.size());
      EXPECT_EQ(b.uv[0].size(), b.positions.size());
    }
  }
}

TEST_F(UsdExportTest, MaterialsAndTheirPicturesReadBackAsTheyWere) {
  const auto room = make_room();
  const scene::Asset back = there_and_back(scene::World::of(room), "room.usdz");
  const auto look = [&](std::size_t node) {
    return back.scene.materials[back.scene.nodes[node].parts[0].material.index()];
  };
  const scene::Material oak = look(1), steel = look(3);
  EXPECT_EQ(oak.name, "oak");
  EXPECT_EQ(oak.base_color, room->materials[0].base_color);
  EXPECT_EQ(oak.roughness, 0.25f);
  ASSERT_TRUE(oak.base_color_texture.picture);
  EXPECT_EQ(oak.base_color_texture.picture->pixels, room->materials[0].base_color_texture.picture->pixels);
  const scene::Texture &a = room->materials[0].base_color_texture, &b = oak.base_color_texture;
  EXPECT_NEAR(a.offset.x, b.offset.x, 1e-6);  // kept as floats
  EXPECT_NEAR(a.offset.y, b.offset.y, 1e-6);
  EXPECT_NEAR(a.scale.x, b.scale.x, 1e-6);
  EXPECT_NEAR(a.scale.y, b.scale.y, 1e-6);
  EXPECT_NEAR(a.rotation, b.rotation, 1e-6);
  EXPECT_EQ(steel.metallic, 1);
  EXPECT_TRUE(steel.double_sided);
  EXPECT_EQ(steel.alpha_mode, scene::AlphaMode::opaque);
}

TEST_F(UsdExportTest, LightsAndCamerasReadBackAsTheyWere) {
  const auto room = make_room();
  const scene::Asset back = there_and_back(scene::World::of(room), "room.usda");
  ASSERT_EQ(back.scene.lights.size(), room->lights.size());
  for (std::size_t i = 0; i < room->lights.size(); ++i) {
    const scene::Light &a = room->lights[i], &b = back.scene.lights[i];
    EXPECT_EQ(a.kind, b.kind) << i;
    EXPECT_EQ(a.color, b.color) << i;
    EXPECT_NEAR(a.intensity, b.intensity, 1e-5 * a.intensity) << i;
    EXPECT_NEAR(a.radius, b.radius, 1e-6) << i;
    EXPECT_NEAR(a.inner_cone, b.inner_cone, 1e-6) << i;
    EXPECT_NEAR(a.outer_cone, b.outer_cone, 1e-6) << i;
    EXPECT_EQ(a.width, b.width) << i;
    EXPECT_NEAR(a.angle, b.angle, 1e-7) << i;
  }
  ASSERT_EQ(back.scene.cameras.size(), 1u);
  EXPECT_EQ(back.scene.cameras[0].name, "eye");
  EXPECT_NEAR(back.scene.cameras[0].vertical_fov, 0.7, 1e-6);
  EXPECT_NEAR(back.scene.cameras[0].aspect, 1.5, 1e-6);
}

TEST_F(UsdExportTest, BodiesJointsAndDrivesReadBackAsTheyWere) {
  const auto room = make_room();
  const scene::Asset back = there_and_back(scene::World::of(room), "room.usdc");
  const scene::Mechanics &a = room->mechanics, &b = back.scene.mechanics;
  expect_near(b.options.gravity, a.options.gravity, 1e-6, "gravity");
  ASSERT_EQ(a.bodies.size(), b.bodies.size());
  for (std::size_t i = 0; i < a.bodies.size(); ++i) {
    EXPECT_EQ(a.bodies[i].node, b.bodies[i].node);
    EXPECT_NEAR(a.bodies[i].mass, b.bodies[i].mass, 1e-6);
    expect_near(a.bodies[i].inertia, b.bodies[i].inertia, 1e-7, "inertia");
    expect_near(a.bodies[i].center, b.bodies[i].center, 1e-7, "center");
  }
  ASSERT_EQ(a.joints.size(), b.joints.size());
  for (std::size_t i = 0; i < a.joints.size(); ++i) {
    const scene::Joint &x = a.joints[i], &y = b.joints[i];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.body, y.body) << x.name;
    EXPECT_EQ(x.kind, y.kind) << x.name;
    if (x.kind == scene::JointKind::free) continue;
    expect_near(x.axis, y.axis, 1e-6, x.name);
    expect_near(x.anchor, y.anchor, 1e-6, x.name);
    EXPECT_NEAR(x.reference, y.reference, 1e-6) << x.name;
    EXPECT_NEAR(x.lower, y.lower, 1e-6) << x.name;
    EXPECT_NEAR(x.upper, y.upper, 1e-6) << x.name;
  }
  ASSERT_EQ(b.shapes.size(), a.shapes.size());
  for (std::size_t i = 0; i < a.shapes.size(); ++i) {
    EXPECT_EQ(a.shapes[i].kind, b.shapes[i].kind);
    EXPECT_EQ(a.shapes[i].node, b.shapes[i].node);
    expect_near(a.shapes[i].size, b.shapes[i].size, 1e-7, a.shapes[i].name);
    expect_near(a.shapes[i].node_from_shape.translation, b.shapes[i].node_from_shape.translation, 1e-9, "shape");
  }
  ASSERT_TRUE(b.shapes[0].surface.exists());
  EXPECT_NEAR(b.surfaces[b.shapes[0].surface.index()].friction, 0.9, 1e-6);
  ASSERT_EQ(b.drives.size(), 1u);
  EXPECT_EQ(b.drives[0].kind, scene::DriveKind::position);
  EXPECT_NEAR(b.drives[0].stiffness, 50, 1e-4);
  EXPECT_NEAR(b.drives[0].upper_force, 9, 1e-6);
}

/// A ball that falls from its place and turns, until it stops.
class Falling final : public scene::Timeline {
 public:
  Falling(scene::World world, NodeId node) : world_(std::move(world)), node_(node) {}
  base::SimTime end() const override { return base::SimTime::from_seconds(2); }
  scene::World world_at(base::SimTime time) const override {
    scene::World now = world_;
    const double t = std::min(time.seconds(), 1.0);
    const math::SinCos half = math::sincos(0.5 * t);
    now.parent_from_node.set(node_.index(), Affine(Pose{{half.cos, 0, 0, half.sin}, {2, 0, 1 - t}}));
    return now;
  }

 private:
  scene::World world_;
  NodeId node_;
};

TEST_F(UsdExportTest, WhatMovesIsWrittenAsTimeSamplesAndReadBackAtATime) {
  const auto room = make_room();
  const scene::World world = scene::World::of(room);
  const auto ball = static_cast<std::size_t>(
      std::find_if(room->nodes.begin(), room->nodes.end(), [](const auto& n) { return n.path == "/ball"; }) -
      room->nodes.begin());
  const Falling take(world, NodeId(ball));
  UsdExportOptions options{.timeline = &take, .rate = {10, 1}, .end = take.end()};
  const UsdExport made = export_usd(take.world_at({}), options);
  auto stage = usd::Stage::open(made.layer, {});
  ASSERT_TRUE(stage);
  const usd::Prim prim = (*stage)->find(*usd::Path::parse("/World/ball"));
  ASSERT_TRUE(prim);
  const usd::Property move(prim, usd::Token("xformOp:translate"));
  // Samples where it moves alone: the last holds until the end.
  ASSERT_EQ(move.sample_times().size(), 11u);
  EXPECT_NEAR(move.value(usd::Time(5)).get<Vec3>().z, 0.5, 1e-12);
  EXPECT_NEAR(move.value(usd::Time(20)).get<Vec3>().z, 0, 1e-12);
  const usd::Prim shelf = (*stage)->find(*usd::Path::parse("/World/shelf"));
  EXPECT_TRUE(usd::Property(shelf, usd::Token("xformOp:translate")).sample_times().empty());
}

TEST_F(UsdExportTest, EqualWorldsGiveEqualBytes) {
  const auto bytes = [] {
    const UsdExport made = export_usd(scene::World::of(make_room()));
    return *usd::write_layer(*made.layer, "a.usdc") + *usd::write_layer(*made.layer, "a.usda");
  };
  EXPECT_EQ(bytes(), bytes());
}

TEST_F(UsdExportTest, ColumnsOfTheWorldCountNotTheScenes) {
  const auto room = make_room();
  scene::World world = scene::World::of(room);
  scene::Material red = world.materials[1];
  red.base_color = {0.9f, 0.1f, 0.1f};
  world.materials.set(1, red);
  world.visible.set(1, 0);
  world.masses.set(0, 7);
  const scene::Asset back = there_and_back(world, "changed.usda");
  EXPECT_EQ(back.scene.materials[back.scene.nodes[3].parts[0].material.index()].base_color, red.base_color);
  EXPECT_FALSE(back.scene.nodes[1].visible);
  EXPECT_NEAR(back.scene.mechanics.bodies[0].mass, 7, 1e-6);
}

TEST_F(UsdExportTest, WhatUsdCannotSayIsNamed) {
  auto room = std::make_shared<scene::Scene>(*make_room());
  room->mechanics.joints[0].armature = 0.1;
  room->mechanics.tendons.emplace_back();
  const UsdExport made = export_usd(scene::World::of(room));
  EXPECT_EQ(made.left_out, (std::vector<std::string>{"armature and dry friction of joints are not written",
                                                     "tendons are not written"}));
}

}  // namespace
}  // namespace wm::import
