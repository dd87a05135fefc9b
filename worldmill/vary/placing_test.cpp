#include "worldmill/vary/placing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <span>

#include "worldmill/vary/testing.h"

namespace wm::vary {
namespace {

using namespace testing;
using math::Vec3;
using Triangle = std::array<Vec3, 3>;

std::vector<Triangle> triangles(const scene::World& world, const std::string& root) {
  const auto map = scene::world_from_nodes(world);
  std::vector<Triangle> all;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const scene::Node& n = world.scene->nodes[i];
    if (n.path != root && !n.path.starts_with(root + "/")) continue;
    for (const scene::Part& part : n.parts) {
      const geometry::Mesh& mesh = *world.scene->meshes[part.mesh.index()];
      for (const geometry::Triangle& t : mesh.triangles) {
        Triangle world_triangle;
        for (std::size_t k = 0; k < 3; ++k) {
          const math::Vec3f p = mesh.positions[t[k]];
          world_triangle[k] = map[i].point({p.x, p.y, p.z});
        }
        all.push_back(world_triangle);
      }
    }
  }
  return all;
}

/// Whether the segment goes through the triangle (Moeller, Trumbore 1997).
bool pierces(Vec3 from, Vec3 to, const Triangle& t) {
  const Vec3 d = to - from, e1 = t[1] - t[0], e2 = t[2] - t[0];
  const Vec3 p = math::cross(d, e2);
  const double det = math::dot(e1, p);
  if (std::abs(det) < 1e-15) return false;
  const Vec3 s = from - t[0];
  const double u = math::dot(s, p) / det;
  const Vec3 q = math::cross(s, e1);
  const double v = math::dot(d, q) / det, along = math::dot(e2, q) / det;
  return u >= 0 && v >= 0 && u + v <= 1 && along >= 0 && along <= 1;
}

math::Box3 bounds(std::span<const Triangle> all) {
  math::Box3 box;
  for (const Triangle& t : all) {
    for (const Vec3 p : t) box.add(p);
  }
  return box;
}

bool intersect(const std::vector<Triangle>& a, const std::vector<Triangle>& b) {
  if (!bounds(a).overlaps(bounds(b))) return false;
  for (const Triangle& s : a) {
    for (const Triangle& t : b) {
      if (!bounds({&s, 1}).overlaps(bounds({&t, 1}))) continue;
      for (std::size_t k = 0; k < 3; ++k) {
        if (pierces(s[k], s[(k + 1) % 3], t) || pierces(t[k], t[(k + 1) % 3], s)) return true;
      }
    }
  }
  return false;
}

double lowest(const std::vector<Triangle>& all) {
  double low = 1e9;
  for (const Triangle& t : all) low = std::min({low, t[0].z, t[1].z, t[2].z});
  return low;
}

Result<Staged> arranged(const Job& job, std::int64_t scene, MemoryAssets source = assets()) {
  return stage(job, scene, 0, source);
}

std::vector<std::string> shown(const Staged& s, const std::string& name) {
  std::vector<std::string> paths;
  for (const scene::NodeId id : s.names.entries.at(name)) {
    if (s.world.visible[id.index()]) paths.push_back(s.scene->node(id).path);
  }
  return paths;
}

Place turned(Place entry) {
  entry.yaw = field("scene.place." + entry.name + ".yaw", "{uniform: [0, 6.283185307179586]}");
  return entry;
}

TEST(Placing, ThingsStandOnTheSurfaceAndNoTwoMeet) {
  Job j = job();
  j.adds = {add("mug", "{choice: [box, ball]}", "25")};
  j.adds[0].rpy = field("scene.add.mug.rpy", "[{uniform: [0, 6]}, {uniform: [0, 6]}, 0]");
  j.places = {turned(place("spots", "mug"))};
  j.places[0].clear_of = selector("/World/Pillar");
  j.places[0].gap = 0.02;
  for (int scene = 0; scene < 20; ++scene) {
    const Result<Staged> s = arranged(j, scene);
    ASSERT_TRUE(s) << complaint(s);
    std::vector<std::vector<Triangle>> bodies = {triangles(s->world, "/World/Pillar")};
    const auto paths = shown(*s, "mug");
    EXPECT_EQ(paths.size(), 25u);
    for (const std::string& path : paths) {
      bodies.push_back(triangles(s->world, path));
      EXPECT_NEAR(lowest(bodies.back()), 0, 1e-9) << path;
      for (const Triangle& t : bodies.back()) {
        for (const Vec3 p : t) EXPECT_LE(std::max(std::abs(p.x), std::abs(p.y)), 2 + 1e-6) << path;
      }
    }
    for (std::size_t a = 0; a < bodies.size(); ++a) {
      for (std::size_t b = a + 1; b < bodies.size(); ++b) EXPECT_FALSE(intersect(bodies[a], bodies[b]));
    }
  }
}

TEST(Placing, SpotsAreUniform) {
  constexpr int kSide = 4, kDraws = 12000;
  Job j = job();
  j.adds = {add("mug", "box")};
  j.places = {place("spots", "mug")};
  std::array<int, kSide * kSide> bins{};
  MemoryAssets source = assets();
  for (int scene = 0; scene < kDraws; ++scene) {
    const Result<Staged> s = stage(j, scene, 0, source);
    ASSERT_TRUE(s) << complaint(s);
    const Vec3 at = s->world.parent_from_node[s->names.entries.at("mug")[0].index()].translation;
    // The box is 0.2 x 0.3 m: its middle keeps off the border by half of that.
    const auto bin = [](double x, double half) {
      const double u = (x + 2 - half) / (4 - 2 * half);
      EXPECT_GE(u, -1e-6);
      EXPECT_LE(u, 1 + 1e-6);
      return static_cast<std::size_t>(std::clamp(u * kSide, 0.0, kSide - 1e-9));
    };
    ++bins[bin(at.x, 0.1) * kSide + bin(at.y, 0.15)];
  }
  double chi = 0;
  constexpr double kExpected = kDraws / double(kSide * kSide);
  for (const int n : bins) chi += (n - kExpected) * (n - kExpected) / kExpected;
  EXPECT_LT(chi, 37.7);  // fifteen degrees of freedom: 0.1 % of seeds lie above
}

TEST(Placing, WhatFindsNoSpotIsHiddenAndWrittenDown) {
  Job j = job();
  j.adds = {add("slab", "slab", "2")};
  j.places = {place("spots", "slab")};
  j.places[0].tries = 100;
  MemoryAssets source = assets();
  source.add("slab", body_asset(box_mesh({2.5, 2.5, 0.1})));  // one fits, two do not
  const Result<Staged> s = arranged(j, 0, source);
  ASSERT_TRUE(s) << complaint(s);
  EXPECT_EQ(shown(*s, "slab"), std::vector<std::string>{"/slab/0"});
  ASSERT_EQ(s->draws.size(), 2u);
  EXPECT_EQ(s->draws[1].address, "scene/0/0/scene.place.spots.spot/slab/1");
  EXPECT_EQ(s->draws[1].distribution, "uniform on /World/Floor");
  EXPECT_FALSE(std::get<bool>(s->draws[1].value.find("placed")->data));
  EXPECT_TRUE(std::get<bool>(s->draws[0].value.find("placed")->data));
}

TEST(Placing, KeepsItsGapAndItsEdge) {
  Job j = job();
  j.adds = {add("ball", "ball", "12")};
  j.places = {place("spots", "ball")};
  j.places[0].gap = 0.3;
  j.places[0].edge = 0.25;
  const Result<Staged> s = arranged(j, 1);
  ASSERT_TRUE(s) << complaint(s);
  std::vector<Vec3> at;
  for (const scene::NodeId id : s->names.entries.at("ball")) {
    ASSERT_TRUE(s->world.visible[id.index()]);
    at.push_back(s->world.parent_from_node[id.index()].translation);
    EXPECT_LE(std::max(std::abs(at.back().x), std::abs(at.back().y)), 2 - 0.35 + 1e-3);
  }
  for (std::size_t a = 0; a < at.size(); ++a) {
    for (std::size_t b = a + 1; b < at.size(); ++b) EXPECT_GE(math::length(at[a] - at[b]), 0.5 - 1e-3);
  }
}

TEST(Placing, NothingIsPutInsideOfASolid) {
  Job j = job();
  j.adds = {add("ball", "ball", "10")};
  j.places = {place("spots", "ball")};
  j.places[0].clear_of = selector("/World/Crate");
  MemoryAssets source = assets();
  scene::Scene stage = stage_asset();
  add_mesh(stage, "/World/Crate", scene::NodeId(0), {}, box_mesh({3, 3, 3}));  // half of the floor and more
  source.add("stage", stage);
  for (int scene = 0; scene < 5; ++scene) {
    const Result<Staged> s = arranged(j, scene, source);
    ASSERT_TRUE(s) << complaint(s);
    EXPECT_GE(shown(*s, "ball").size(), 8u);
    for (const std::string& path : shown(*s, "ball")) {
      const Vec3 at = s->world.parent_from_node[node(*s->scene, path).index()].translation;
      EXPECT_GE(std::max(std::abs(at.x), std::abs(at.y)), 1.6 - 1e-3);
    }
  }
}

TEST(Placing, ARoomAroundIsNoObstacle) {
  Job j = job();
  j.adds = {add("ball", "ball", "5")};
  j.places = {place("spots", "ball")};
  j.places[0].clear_of = selector("/World/Room");
  MemoryAssets source = assets();
  scene::Scene stage = stage_asset();
  geometry::Mesh room = box_mesh({4, 4, 3});
  for (geometry::Triangle& t : room.triangles) std::swap(t[1], t[2]);  // looks inwards
  add_mesh(stage, "/World/Room", scene::NodeId(0), {}, room);
  source.add("stage", stage);
  const Result<Staged> s = arranged(j, 0, source);
  ASSERT_TRUE(s) << complaint(s);
  EXPECT_EQ(shown(*s, "ball").size(), 5u);
}

TEST(Placing, TheLaterEntryYields) {
  Job j = job();
  j.adds = {add("slab", "slab"), add("ball", "ball", "15")};
  j.places = {place("slabs", "slab"), place("balls", "ball")};
  j.places[0].clear_of = selector("ball");  // not placed yet: they will yield
  MemoryAssets source = assets();
  source.add("slab", body_asset(box_mesh({3.9, 1, 0.1})));
  Job alone = j;
  alone.places.pop_back();
  alone.places[0].clear_of.reset();
  const auto slab_at = [](const Staged& s) { return s.world.parent_from_node[s.names.entries.at("slab")[0].index()]; };
  for (int scene = 0; scene < 10; ++scene) {
    const Result<Staged> s = arranged(j, scene, source), without = arranged(alone, scene, source);
    ASSERT_TRUE(s) << complaint(s);
    ASSERT_TRUE(without) << complaint(without);
    if (shown(*without, "slab").empty()) continue;
    EXPECT_EQ(shown(*s, "slab").size(), 1u);
    const auto slab = triangles(s->world, "/slab/0");
    for (const std::string& path : shown(*s, "ball")) EXPECT_FALSE(intersect(slab, triangles(s->world, path)));
    EXPECT_EQ(slab_at(*s).translation, slab_at(*without).translation) << "later entries move nobody";
  }
}

TEST(Placing, APoissonDiskSpreadsEvenly) {
  Job j = job();
  j.adds = {add("ball", "ball", "30")};
  j.places = {place("spots", "ball")};
  MemoryAssets source = assets();
  source.add("ball", body_asset(ball_mesh(0.01, 3)));
  const auto least_distance = [&](std::int64_t scene) {
    const Result<Staged> s = arranged(j, scene, source);
    EXPECT_TRUE(s) << complaint(s);
    double least = 1e9;
    std::vector<Vec3> at;
    for (const scene::NodeId id : s->names.entries.at("ball")) {
      EXPECT_TRUE(s->world.visible[id.index()]);
      for (const Vec3 other : at) {
        least = std::min(least, math::length(other - s->world.parent_from_node[id.index()].translation));
      }
      at.push_back(s->world.parent_from_node[id.index()].translation);
    }
    return least / std::sqrt(16.0 / 30);
  };
  for (int scene = 0; scene < 20; ++scene) {
    j.places[0].spread = Place::Spread::uniform;
    EXPECT_LT(least_distance(scene), 0.35);  // thirty random points: some pair is near
    j.places[0].spread = Place::Spread::poisson_disk;
    EXPECT_GT(least_distance(scene), 0.55);  // of the 0.8 that it begins with
  }
}

TEST(Placing, ThingsStandOnTheBoardTheyAreDrawnFor) {
  Job j = job();
  j.adds = {add("ball", "ball", "8")};
  j.places = {place("spots", "ball", "/World/Shelf")};
  j.places[0].clear_of = selector("/World/Shelf");
  MemoryAssets source = assets();
  scene::Scene stage = stage_asset();
  for (int board = 0; board < 3; ++board) {
    if (board == 0) {
      stage.nodes.push_back({.path = "/World/Shelf", .parent = scene::NodeId(0)});
    }
    add_mesh(stage, "/World/Shelf/Board_" + std::to_string(board), scene::NodeId(5), {{}, {0, 0, 0.5 * board + 0.3}},
             box_mesh({2, 0.5, 0.02}));
  }
  source.add("stage", stage);
  std::set<int> boards;
  for (int scene = 0; scene < 10; ++scene) {
    const Result<Staged> s = arranged(j, scene, source);
    ASSERT_TRUE(s) << complaint(s);
    for (const std::string& path : shown(*s, "ball")) {
      const double level = (lowest(triangles(s->world, path)) - 0.32) / 0.5;
      EXPECT_NEAR(level, std::round(level), 1e-6);
      boards.insert(static_cast<int>(std::round(level)));
    }
  }
  EXPECT_EQ(boards, (std::set<int>{0, 1, 2}));
}

TEST(Placing, OnASlopeThingsStandOnTheHighestPoint) {
  Job j = job();
  j.adds = {add("mug", "box", "5")};
  j.places = {turned(place("spots", "mug", "/World/Ramp"))};
  MemoryAssets source = assets();
  scene::Scene stage = stage_asset();
  const math::Rotation tilt = math::Rotation::normalized(1, 0, 0.05, 0);  // 5.7 degrees
  add_mesh(stage, "/World/Ramp", scene::NodeId(0), math::Affine(math::Pose{tilt, {0, 0, 1}}), floor_mesh(3, 3, 3));
  source.add("stage", stage);
  const Result<Staged> s = arranged(j, 0, source);
  ASSERT_TRUE(s) << complaint(s);
  const auto ramp = triangles(s->world, "/World/Ramp");
  const Vec3 n = tilt * Vec3{0, 0, 1};
  ASSERT_EQ(shown(*s, "mug").size(), 5u);
  for (const std::string& path : shown(*s, "mug")) {
    double least = 1e9;
    for (const Triangle& t : triangles(s->world, path)) {
      for (const Vec3 p : t) least = std::min(least, math::dot(n, p - Vec3{0, 0, 1}));
    }
    EXPECT_NEAR(least, 0, 1e-6) << path;
  }
  j.places[0].slope = 0.05;
  EXPECT_EQ(complaint(arranged(j, 0, source)),
            "scene.place.spots: nothing of the surface \"/World/Ramp\" looks up within slope 0.05 rad");
}

TEST(Placing, MayBePerTake) {
  Job j = job();
  j.adds = {add("mug", "box", "3"), add("ball", "ball", "3")};
  j.places = {place("mugs", "mug"), place("balls", "ball")};
  j.places[0].per = Per::take;
  MemoryAssets source = assets();
  const Result<Staged> s = stage(j, 0, 0, source);
  ASSERT_TRUE(s) << complaint(s);
  EXPECT_EQ(s->draws.size(), 3u);
  const Result<Varied> a = vary(j, *s, 0, 0, source), b = vary(j, *s, 1, 0, source);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->draws.size(), 3u);
  for (const scene::NodeId id : s->names.entries.at("mug")) {
    EXPECT_NE(a->world.parent_from_node[id.index()].translation, b->world.parent_from_node[id.index()].translation);
    for (const scene::NodeId other : s->names.entries.at("ball")) {
      EXPECT_FALSE(
          intersect(triangles(a->world, s->scene->node(id).path), triangles(a->world, s->scene->node(other).path)));
    }
  }
  for (const scene::NodeId id : s->names.entries.at("ball")) {
    EXPECT_EQ(a->world.parent_from_node[id.index()].translation, b->world.parent_from_node[id.index()].translation);
  }
}

TEST(Placing, TwoEntriesMustNotBothSayWhereAThingIs) {
  Job j = job();
  j.adds = {add("mug", "box")};
  j.places = {place("a", "mug"), place("b", "mug")};
  EXPECT_EQ(complaint(arranged(j, 0)),
            "scene.place.a and scene.place.b both say where /mug/0 is; take it from one of them");
  j.places.pop_back();
  j.varies = {vary_entry("v", "mug", "pose.position", "[0, 0, 0]")};
  EXPECT_EQ(complaint(arranged(j, 0)), "no complaint") << "a take may move what its scene has placed";
  j.varies[0].per = Per::scene;
  EXPECT_EQ(complaint(arranged(j, 0)), "scene.place.a and vary.v both say where /mug/0 is; take it from one of them");
}

}  // namespace
}  // namespace wm::vary
