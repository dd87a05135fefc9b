#include "worldmill/scene/world.h"

#include <gtest/gtest.h>

namespace wm::scene {
namespace {

/// A unit cube's diagonal triangle on a node that hangs below another.
std::shared_ptr<const Scene> small() {
  auto mesh = std::make_shared<geometry::Mesh>();
  mesh->positions = {{0, 0, 0}, {1, 0, 0}, {0, 1, 1}};
  mesh->triangles = {{0, 1, 2}};
  Scene part;
  part.meshes.push_back(mesh);
  part.materials.emplace_back();
  part.nodes.push_back({.path = "/a", .parent = {}, .parent_from_node = math::Affine({}, {1, 0, 0})});
  part.nodes.push_back({.path = "/a/b",
                        .parent = NodeId(0),
                        .parent_from_node = math::Affine({}, {0, 2, 0}),
                        .parts = {{MeshId(0), MaterialId(0)}}});
  auto scene = std::make_shared<Scene>();
  add(*scene, part, "/one", {}, {});
  add(*scene, part, "/two", {}, math::Affine({}, {0, 0, 5}));
  return scene;
}

TEST(Scene, AddedPartsKeepTheirOwnTables) {
  const auto scene = small();
  ASSERT_EQ(scene->nodes.size(), 6u);
  EXPECT_EQ(scene->nodes[5].path, "/two/a/b");
  EXPECT_EQ(scene->nodes[5].parts[0].material, MaterialId(1));
  EXPECT_EQ(scene->meshes[0], scene->meshes[1]);  // shared, not copied
  EXPECT_EQ(scene->nodes[5].name(), "b");
}

TEST(World, TransformsRunFromTheRootsDown) {
  const World world = World::of(small());
  EXPECT_EQ(world_from_nodes(world)[5].translation, (math::Vec3{1, 2, 5}));
  const math::Box3 box = world_bounds(world, NodeId(3));
  EXPECT_EQ(box.low, (math::Vec3{1, 2, 5}));
  EXPECT_EQ(box.high, (math::Vec3{2, 3, 6}));
}

TEST(World, HidingANodeHidesWhatIsBelow) {
  World world = World::of(small());
  const World before = world;
  world.visible.set(4, 0);
  EXPECT_EQ(effective_visibility(world), (std::vector<char>{1, 1, 1, 1, 0, 0}));
  EXPECT_EQ(effective_visibility(before), (std::vector<char>(6, 1)));  // copies are independent
}

TEST(Column, CopiesShareWhatNeitherChanged) {
  const std::vector<int> numbers(1000, 7);
  Column<int> a(numbers);
  const Column<int> b = a;
  a.set(500, 8);
  EXPECT_EQ(a[500], 8);
  EXPECT_EQ(b[500], 7);
  EXPECT_EQ(&a[0], &b[0]);
  EXPECT_NE(&a[500], &b[500]);
}

TEST(Timeline, AStillIsTheSameAtAnyTime) {
  const auto timeline = still(World::of(small()));
  EXPECT_EQ(timeline->end(), base::SimTime{});
  EXPECT_EQ(timeline->world_at({}).scene->nodes.size(), 6u);
}

}  // namespace
}  // namespace wm::scene
