#include "worldmill/import/colliders.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>

#include "worldmill/geometry/convex.h"
#include "worldmill/import/convex_pieces.h"
#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"
#include "worldmill/import/primitives.h"

namespace wm::import {
namespace {

namespace fs = std::filesystem;
using scene::BodyOptions;
using scene::Shape;
using scene::ShapeKind;

const fs::path kAssets = fs::path(WM_SOURCE_DIR) / "recipes" / "assets";

class Solid : public testing::Test {
 protected:
  Solid() { setenv("WORLDMILL_CACHE", (testing::TempDir() + "/solid").c_str(), 1); }

  std::shared_ptr<const scene::Asset> solid(const std::string& file, const BodyOptions& options = {}) {
    auto asset = source_->load_body(file, options);
    EXPECT_TRUE(asset) << (asset ? "" : to_string(asset.error()));
    return asset ? *asset : nullptr;
  }
  const Shape& shape(const std::string& file, BodyOptions::Collider collider = BodyOptions::Collider::automatic) {
    kept_ = solid(file, {.collider = collider});
    EXPECT_EQ(kept_->scene.mechanics.shapes.size(), 1u);
    return kept_->scene.mechanics.shapes.front();
  }

 private:
  std::unique_ptr<scene::AssetSource> source_ = make_asset_source(base::disk(), {kAssets});
  std::shared_ptr<const scene::Asset> kept_;
};

TEST_F(Solid, TheSimplestShapeThatFitsIsTaken) {
  EXPECT_EQ(shape("warehouse/medium_box.glb").kind, ShapeKind::box);
  EXPECT_EQ(shape("warehouse/paint_can.glb").kind, ShapeKind::cylinder);
  EXPECT_EQ(shape("tabletop/tennis_ball.glb").kind, ShapeKind::sphere);
  EXPECT_EQ(shape("tabletop/lemon.glb").kind, ShapeKind::hull);
  EXPECT_EQ(shape("tabletop/bowl.glb").kind, ShapeKind::pieces);
}

TEST_F(Solid, ABoxIsAsLargeAsWhatIsSeen) {
  const Shape box = shape("warehouse/medium_box.glb");
  std::array<double, 3> size{2 * box.size.x, 2 * box.size.y, 2 * box.size.z};
  std::ranges::sort(size);
  EXPECT_NEAR(size[0], 0.22, 1e-6);
  EXPECT_NEAR(size[1], 0.25, 1e-6);
  EXPECT_NEAR(size[2], 0.33, 1e-6);
}

TEST_F(Solid, ARigidThingIsOneFreeBodyOfItsDensity) {
  const auto asset = solid("warehouse/small_box.glb", {.density = 120});
  const scene::Mechanics& m = asset->scene.mechanics;
  ASSERT_EQ(m.bodies.size(), 1u);
  EXPECT_FALSE(asset->scene.node(m.bodies[0].node).parent.exists());
  ASSERT_EQ(m.joints.size(), 1u);
  EXPECT_EQ(m.joints[0].kind, scene::JointKind::free);
  EXPECT_EQ(m.shapes[0].density, 120);
}

TEST_F(Solid, AFixedThingHasNoBodies) {
  const auto asset = solid("warehouse/small_box.glb", {.kind = BodyOptions::Kind::fixed});
  EXPECT_TRUE(asset->scene.mechanics.bodies.empty());
  EXPECT_EQ(asset->scene.mechanics.shapes.size(), 1u);
}

TEST_F(Solid, SceneryIsSolidPartByPartAndFlushWithWhatIsSeen) {
  const auto asset = solid("tabletop/stage.glb", {.kind = BodyOptions::Kind::fixed});
  std::map<std::string, std::vector<const Shape*>> of;
  for (const Shape& shape : asset->scene.mechanics.shapes) {
    of[asset->scene.node(shape.node).path].push_back(&shape);
  }
  EXPECT_EQ(of["/Stage/Table/Legs"].size(), 4u);
  EXPECT_EQ(of["/Stage/Table/Rails"].size(), 4u);
  ASSERT_EQ(of["/Stage/Floor"].size(), 1u);
  const Shape& floor = *of["/Stage/Floor"][0];
  ASSERT_EQ(floor.kind, ShapeKind::box);
  const math::Pose& pose = floor.node_from_shape;  // y is up in the file
  EXPECT_NEAR(pose.translation.y, -0.025, 1e-6);
  ASSERT_EQ(of["/Stage/Table/Top"].size(), 1u);
  EXPECT_EQ(of["/Stage/Table/Top"][0]->kind, ShapeKind::box);
}

TEST_F(Solid, AnySimpleShapeMayBeAskedFor) {
  using Collider = BodyOptions::Collider;
  EXPECT_EQ(shape("tabletop/lemon.glb", Collider::box).kind, ShapeKind::box);
  EXPECT_EQ(shape("tabletop/lemon.glb", Collider::sphere).kind, ShapeKind::sphere);
  EXPECT_EQ(shape("tabletop/lemon.glb", Collider::capsule).kind, ShapeKind::capsule);
  EXPECT_EQ(shape("tabletop/lemon.glb", Collider::cylinder).kind, ShapeKind::cylinder);
  EXPECT_EQ(shape("tabletop/bowl.glb", Collider::hull).kind, ShapeKind::hull);
  EXPECT_EQ(shape("warehouse/small_box.glb", Collider::pieces).kind, ShapeKind::pieces);
}

TEST_F(Solid, WhatHasBodiesOfItsOwnKeepsThem) {
  const auto asset = solid("warehouse/shelf.xml");
  EXPECT_EQ(asset->scene.mechanics.bodies.size(), 5u);
}

TEST(Pieces, AreConvexAndFillTheThing) {
  scene::Asset bowl = import_file(base::disk(), kAssets / "tabletop/bowl.glb", {kAssets}).value();
  bowl = make_solid(base::disk(), std::move(bowl), {.collider = BodyOptions::Collider::pieces}).value();
  double volume = 0;
  const Shape& shape = bowl.scene.mechanics.shapes.front();
  ASSERT_GT(shape.pieces.size(), 4u);
  for (const auto& piece : shape.pieces) {
    EXPECT_TRUE(geometry::is_convex(*piece));
    EXPECT_LE(piece->positions.size(), 64u);
    volume += geometry::volume(*piece);
  }
  const auto hull =
      make_solid(base::disk(), import_file(base::disk(), kAssets / "tabletop/bowl.glb", {kAssets}).value(),
                 {.collider = BodyOptions::Collider::hull})
          .value();
  EXPECT_LT(volume, 0.6 * geometry::volume(*hull.scene.mechanics.shapes.front().mesh)) << "it stays hollow";
}

TEST(Pieces, AreKeptByContentAndMadeAnewWhenDamaged) {
  MemoryFiles files;
  // An L of two boxes.
  geometry::Mesh mesh = make_box({1, 1, 1});
  const geometry::Mesh arm = make_box({3, 0.3, 1});
  const auto first = static_cast<std::uint32_t>(mesh.positions.size());
  mesh.positions.insert(mesh.positions.end(), arm.positions.begin(), arm.positions.end());
  for (const geometry::Triangle& t : arm.triangles) {
    mesh.triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
  }
  const Pieces made = convex_pieces(files, "/cache", mesh);
  ASSERT_FALSE(made.empty());
  ASSERT_EQ(files.contents.size(), 1u);
  auto& [path, bytes] = *files.contents.begin();
  const std::string kept = bytes;
  const auto same = [&](const Pieces& other) {
    return std::ranges::equal(made, other, [](const auto& a, const auto& b) {
      return a->triangles == b->triangles && std::ranges::equal(a->positions, b->positions, [](auto p, auto q) {
               return p.x == q.x && p.y == q.y && p.z == q.z;
             });
    });
  };
  EXPECT_TRUE(same(convex_pieces(files, "/cache", mesh))) << "as read";
  for (const std::size_t at : {std::size_t{12}, kept.size() - 1}) {
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    EXPECT_TRUE(same(convex_pieces(files, "/cache", mesh)));
    EXPECT_EQ(bytes, kept) << "mended";
  }
}

}  // namespace
}  // namespace wm::import
