#include <gtest/gtest.h>

#include "worldmill/physics/test_scenes.h"

namespace wm::physics {
namespace {

using scene::JointKind;

struct Gripper {
  TestScene s;
  scene::BodyId box;
};

// Two fingers on sliders, driven to close on a box of 0.5 kg with 20 N; the hand stands in the air.
Gripper gripper() {
  Gripper g;
  TestScene& s = g.s;
  const scene::NodeId hand = s.node({0, 0, 0.5});
  s.body(hand, 1);
  s.shape({.node = hand, .node_from_shape = {{}, {0, 0, 0.15}}, .size = {0.08, 0.02, 0.02}});
  for (const double side : {-1.0, 1.0}) {
    const scene::NodeId at = s.node({side * 0.06, 0, 0}, {}, hand);
    const scene::BodyId finger = s.body(at, 0.1);
    s.shape({.node = at, .size = {0.01, 0.02, 0.04}});
    const scene::JointId slider =
        s.joint({.body = finger, .kind = JointKind::slider, .axis = {-side, 0, 0}, .damping = 10, .armature = 0.1});
    s.m.drives.push_back({.name = side < 0 ? "left" : "right",
                          .joint = slider,
                          .kind = scene::DriveKind::position,
                          .stiffness = 1000,
                          .damping = 50,
                          .force_limited = true,
                          .lower_force = -20,
                          .upper_force = 20});
  }
  g.box = s.box({0, 0, 0.5}, {0.03, 0.03, 0.03}, 0.5);
  return g;
}

// The bound: 10 um/s over 60 s with our own settings. (The engine's own drop it within the first second.)
TEST(Grasp, AParallelGripperHoldsHalfAKilogramForAMinute) {
  const Gripper g = gripper();
  const auto model = g.s.compile();
  const auto batch = model->batch({});
  batch->positions(0);
  batch->commands(0)[0] = batch->commands(0)[1] = 0.05;
  // Closing takes a moment, in which nothing holds the box: it starts between the fingers and falls less than a
  // centimetre.
  batch->step(500);
  const math::Vec3 before = batch->pose(0, g.box).translation;
  EXPECT_GT(before.z, 0.47);
  batch->step(30000);
  const math::Vec3 after = batch->pose(0, g.box).translation;
  EXPECT_EQ(batch->diagnosis(0).trouble, Trouble::none) << batch->diagnosis(0).message;
  const double creep = math::length(after - before) / 60;
  RecordProperty("creep_um_per_s", std::to_string(creep * 1e6));
  EXPECT_LT(creep, 10e-6);
}

TEST(Grasp, LetsGoWhenItOpens) {
  const Gripper g = gripper();
  const auto batch = g.s.compile()->batch({});
  batch->commands(0)[0] = batch->commands(0)[1] = 0.05;
  batch->step(500);
  batch->commands(0)[0] = batch->commands(0)[1] = -0.05;
  batch->step(500);
  EXPECT_LT(batch->pose(0, g.box).translation.z, 0);
}

}  // namespace
}  // namespace wm::physics
