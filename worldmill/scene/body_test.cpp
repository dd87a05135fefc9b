#include "worldmill/scene/body.h"

#include <gtest/gtest.h>

#include "worldmill/scene/world.h"

namespace wm::scene {
namespace {

// A door: frame (fixed) and leaf on a hinge with a drive, one shape, one keyframe.
Scene door() {
  Scene scene;
  scene.nodes.resize(2);
  scene.nodes[0].path = "/frame";
  scene.nodes[1].path = "/frame/leaf";
  scene.nodes[1].parent = NodeId(0);
  Mechanics& m = scene.mechanics;
  m.surfaces.push_back({.name = "wood", .friction = 0.4});
  m.bodies.push_back({.node = NodeId(1), .mass = 12});
  m.shapes.push_back({.name = "panel", .node = NodeId(1), .surface = SurfaceId(0)});
  m.joints.push_back({.name = "hinge", .body = BodyId(0), .damping = 0.2});
  m.drives.push_back({.name = "closer", .joint = JointId(0), .kind = DriveKind::position, .stiffness = 3});
  m.sensors.push_back({"angle", {Ref::Kind::joint, 0}, {}, {}});
  m.keyframes.push_back({.name = "open", .positions = {1.2}});
  return scene;
}

TEST(Mechanics, PartsOfASceneKeepTheirOwnJointsWhenTheyAreAddedTwice) {
  Scene scene;
  add(scene, door(), "/door/0", {}, {});
  add(scene, door(), "/door/1", {}, {});
  const Mechanics& m = scene.mechanics;
  ASSERT_EQ(m.joints.size(), 2u);
  EXPECT_EQ(m.joints[1].name, "/door/1/hinge");
  EXPECT_EQ(m.joints[1].body, BodyId(1));
  EXPECT_EQ(scene.node(m.bodies[1].node).path, "/door/1/frame/leaf");
  EXPECT_EQ(m.drives[1].joint, JointId(1));
  EXPECT_EQ(m.shapes[1].surface, SurfaceId(1));
  EXPECT_EQ(m.sensors[1].object.index, 1u);
  EXPECT_EQ(m.keyframes[1].first_joint, 1u);
}

TEST(Mechanics, TheFirstPartThatSaysHowItIsSteppedDecides) {
  Scene moon = door(), earth = door();
  moon.mechanics.options.gravity = {0, 0, -1.62};
  moon.mechanics.has_options = true;
  earth.mechanics.has_options = true;
  Scene scene;
  add(scene, door(), "/silent", {}, {});
  add(scene, moon, "/moon", {}, {});
  add(scene, earth, "/earth", {}, {});
  EXPECT_EQ(scene.mechanics.options.gravity.z, -1.62);
}

TEST(World, StartsWithTheValuesOfItsSpecs) {
  const World world = World::of(std::make_shared<const Scene>(door()));
  EXPECT_EQ(world.surfaces[0].friction, 0.4);
  EXPECT_EQ(world.joints[0].damping, 0.2);
  EXPECT_EQ(world.drives[0].stiffness, 3);
  EXPECT_EQ(world.masses[0], 0) << "as the spec says";
}

}  // namespace
}  // namespace wm::scene
