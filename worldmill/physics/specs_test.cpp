// Each kind of shape, joint, drive and constraint does what its spec says.
#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/physics/test_scenes.h"

namespace wm::physics {
namespace {

using math::Rotation;
using math::Vec3;
using scene::ConstraintKind;
using scene::DriveKind;
using scene::JointKind;
using scene::ShapeKind;

std::shared_ptr<geometry::Mesh> cube(Vec3 low, Vec3 high) {
  auto mesh = std::make_shared<geometry::Mesh>();
  math::Box3 box{low, high};
  for (const Vec3 c : box.corners()) {
    mesh->positions.push_back({static_cast<float>(c.x), static_cast<float>(c.y), static_cast<float>(c.z)});
  }
  mesh->triangles = {{0, 2, 3}, {0, 3, 1}, {4, 5, 7}, {4, 7, 6}, {0, 1, 5}, {0, 5, 4},
                     {2, 6, 7}, {2, 7, 3}, {0, 4, 6}, {0, 6, 2}, {1, 3, 7}, {1, 7, 5}};
  return mesh;
}

// Where a ball of 5 cm comes to rest that is let go a little above the top of a fixed shape.
double rests_on(scene::Shape shape, double top, math::Pose pose = {}) {
  TestScene s;
  shape.node = s.node(pose.translation, pose.rotation);
  s.shape(shape);
  const scene::BodyId ball = s.ball({0.01, 0.02, top + 0.06}, 0.05, 0.5);
  s.m.joints[0].damping = 0.05;
  const auto batch = s.compile()->batch({});
  EXPECT_EQ(batch->step(1500), 0) << batch->diagnosis(0).message;
  return batch->pose(0, ball).translation.z - 0.05;
}

TEST(Shapes, EachKindHoldsABallAtItsTop) {
  const double give = 1e-3;  // of a contact under half a kilogram: a tenth of a millimetre, and rolling off the middle
  EXPECT_NEAR(rests_on({.kind = ShapeKind::plane, .size = {}}, 0), 0, give);
  EXPECT_NEAR(rests_on({.kind = ShapeKind::box, .size = {1, 1, 0.2}}, 0.2), 0.2, give);
  EXPECT_NEAR(rests_on({.kind = ShapeKind::cylinder, .size = {1, 0.3, 0}}, 0.3), 0.3, give);
  EXPECT_NEAR(rests_on({.kind = ShapeKind::hull, .mesh = cube({-1, -1, -1}, {1, 1, 0.25})}, 0.25), 0.25, give);
  EXPECT_NEAR(rests_on({.kind = ShapeKind::pieces,
                        .pieces = {cube({-1, -1, -1}, {0.5, 1, 0.25}), cube({0.5, -1, -1}, {1, 1, 0.6})}},
                       0.25),
              0.25, give);
  EXPECT_NEAR(rests_on({.kind = ShapeKind::distance_field, .mesh = cube({-1, -1, -1}, {1, 1, 0.25})}, 0.25), 0.25, 0.02)
      << "a field is a grid";
  auto heights = std::make_shared<scene::HeightField>();
  heights->rows = heights->columns = 5;
  heights->half_size = {1, 1, 0.4};
  heights->values.assign(25, 0.5f);
  heights->values[0] = 0;
  heights->values[24] = 1;
  EXPECT_NEAR(rests_on({.kind = ShapeKind::height_field, .heights = heights}, 0.2), 0.2, give);
}

TEST(Shapes, RoundOnesHoldABallInATrough) {
  TestScene s;
  for (const double side : {-0.2, 0.2}) {
    const scene::NodeId at = s.node({side, 0, 0}, Rotation::normalized(std::sqrt(0.5), std::sqrt(0.5), 0, 0));
    s.shape({.node = at,
             .kind = side < 0 ? ShapeKind::capsule : ShapeKind::ellipsoid,
             .size = side < 0 ? Vec3{0.2, 1, 0} : Vec3{0.2, 0.2, 1}});
  }
  const scene::BodyId ball = s.ball({0, 0, 0.5}, 0.2, 1);
  s.m.joints[0].damping = 0.5;
  const auto batch = s.compile()->batch({});
  batch->step(3000);
  EXPECT_NEAR(batch->pose(0, ball).translation.z, std::sqrt(0.4 * 0.4 - 0.2 * 0.2), 2e-3);
}

TEST(Shapes, TouchOnlyWhomTheirMasksName) {
  TestScene s;
  s.floor();
  s.m.shapes[0].category = 2;
  s.m.shapes[0].collides_with = 2;
  const scene::BodyId ghost = s.ball({0, 0, 0.2}, 0.1, 1), other = s.ball({1, 0, 0.2}, 0.1, 1);
  s.m.shapes[2].category = 2;
  const auto batch = s.compile()->batch({.check = false});
  batch->step(500);
  EXPECT_LT(batch->pose(0, ghost).translation.z, -1);
  EXPECT_NEAR(batch->pose(0, other).translation.z, 0.1, 1e-3);
}

/// A cart of 2 kg on a slider along x, without weight.
struct Cart {
  TestScene s;
  scene::BodyId body;
  scene::JointId slider;
};
Cart cart() {
  Cart c;
  c.s.m.options.gravity = {};
  const scene::NodeId at = c.s.node({});
  c.body = c.s.body(at, 2);
  c.s.shape({.node = at, .size = {0.1, 0.1, 0.1}});
  c.slider = c.s.joint({.body = c.body, .kind = JointKind::slider, .axis = {1, 0, 0}});
  return c;
}

TEST(Drives, AMotorPushesAndItsLimitHolds) {
  Cart c = cart();
  c.s.m.drives.push_back({.name = "m", .joint = c.slider, .force_limited = true, .lower_force = -3, .upper_force = 3});
  const auto batch = c.s.compile()->batch({});
  batch->commands(0)[0] = 100;
  batch->step(500);
  EXPECT_NEAR(batch->velocities(0)[0], 3.0 / 2 * 1, 1e-9);
  EXPECT_EQ(batch->drive_forces(0)[0], 3);
}

TEST(Drives, AServoGoesWhereItIsTold) {
  Cart c = cart();
  c.s.m.drives.push_back(
      {.name = "p", .joint = c.slider, .kind = DriveKind::position, .stiffness = 200, .damping = 40});
  c.s.m.drives.push_back({.name = "unused", .joint = c.slider, .kind = DriveKind::velocity, .damping = 0});
  const auto batch = c.s.compile()->batch({});
  batch->commands(0)[0] = 0.3;
  batch->step(1500);
  EXPECT_NEAR(batch->positions(0)[0], 0.3, 1e-6);  // e^(-10 t) of a critically damped one
}

TEST(Drives, ADelayIsWaitedFor) {
  Cart c = cart();
  c.s.m.drives.push_back({.name = "late", .joint = c.slider, .delay = 0.1});
  const auto batch = c.s.compile()->batch({});
  batch->commands(0)[0] = 2;
  batch->step(49);
  EXPECT_EQ(batch->velocities(0)[0], 0);
  batch->step(20);
  EXPECT_GT(batch->velocities(0)[0], 0);
}

TEST(Values, GainsLimitsAndFrictionAreAWorldsOwn) {
  Cart c = cart();
  c.s.m.drives.push_back({.name = "p",
                          .joint = c.slider,
                          .kind = DriveKind::position,
                          .stiffness = 10,
                          .damping = 40,
                          .force_limited = true,
                          .lower_force = -100,
                          .upper_force = 100});
  const auto model = c.s.compile();
  const auto batch = model->batch({.worlds = 3});
  scene::World stiff = scene::World::of(model->scene()), weak = stiff;
  stiff.drives.set(0, {.stiffness = 200, .damping = 40, .lower_force = -100, .upper_force = 100});
  weak.drives.set(0, {.stiffness = 10, .damping = 40, .lower_force = -0.1, .upper_force = 0.1});
  ASSERT_TRUE(batch->set_values(1, stiff));
  ASSERT_TRUE(batch->set_values(2, weak));
  for (int w = 0; w < 3; ++w) batch->commands(w)[0] = 1;
  batch->step(500);
  EXPECT_GT(batch->positions(1)[0], 2 * batch->positions(0)[0]);
  EXPECT_LT(batch->positions(2)[0], 0.5 * batch->positions(0)[0]);
}

TEST(Values, ASlipperyWorldSlides) {
  TestScene s;
  const scene::SurfaceId wood = s.surface({.friction = 0.6, .static_friction = 0.6});
  s.floor(wood);
  const scene::BodyId box = s.box({0, 0, 0.05}, {0.1, 0.1, 0.05}, 1, wood);
  const auto model = s.compile();
  const auto batch = model->batch({.worlds = 2});
  scene::World ice = scene::World::of(model->scene());
  ice.surfaces.set(wood.index(), {.friction = 0.02, .torsional_friction = 0.005, .rolling_friction = 0.0001});
  ASSERT_TRUE(batch->set_values(1, ice));
  for (int w = 0; w < 2; ++w) batch->velocities(w)[0] = 1;
  batch->step(500);
  EXPECT_LT(batch->pose(0, box).translation.x, 0.12);  // v^2 / (2 mu g) = 0.085 m
  EXPECT_GT(batch->pose(1, box).translation.x, 0.8);
}

/// Two balls in the air, 1 m apart, with a site in the middle of each.
struct Pair {
  TestScene s;
  scene::BodyId a, b;
};
Pair pair() {
  Pair p;
  p.s.m.options.gravity = {};
  p.a = p.s.ball({0, 0, 0}, 0.1, 1);
  p.b = p.s.ball({1, 0, 0}, 0.1, 1);
  p.s.m.sites.push_back({.name = "a", .node = p.s.m.bodies[0].node});
  p.s.m.sites.push_back({.name = "b", .node = p.s.m.bodies[1].node});
  return p;
}

double apart(Pair& p, const scene::Constraint& constraint) {
  p.s.m.constraints.push_back(constraint);
  const auto batch = p.s.compile()->batch({.check = false});
  batch->velocities(0)[1] = 1;    // a along y
  batch->velocities(0)[6] = 0.5;  // b away along x
  batch->step(1000);
  return length(batch->pose(0, p.b).translation - batch->pose(0, p.a).translation);
}

TEST(Constraints, ADistanceIsKept) {
  Pair p = pair();
  const double d = apart(p, {.kind = ConstraintKind::distance, .site_a = scene::SiteId(0), .site_b = scene::SiteId(1)});
  EXPECT_NEAR(d, 1, 0.02);  // the engine's constraints are springs; this one is pulled at 1 N
}

TEST(Constraints, AWeldKeepsPlaceAndAConnectionItsPoint) {
  Pair welded = pair();
  EXPECT_NEAR(apart(welded, {.kind = ConstraintKind::weld, .body_a = welded.a, .body_b = welded.b}), 1, 0.02);
  Pair connected = pair();
  EXPECT_NEAR(
      apart(connected,
            {.kind = ConstraintKind::connect, .body_a = connected.a, .body_b = connected.b, .anchor = {0.5, 0, 0}}),
      1, 0.02);
}

TEST(Tendons, PullTwoJointsTogether) {
  TestScene s;
  s.m.options.gravity = {};
  std::vector<scene::JointId> sliders;
  for (const double y : {0.0, 1.0}) {
    const scene::NodeId at = s.node({0, y, 0});
    const scene::BodyId body = s.body(at, 1);
    s.shape({.node = at, .size = {0.1, 0.1, 0.1}});
    sliders.push_back(s.joint({.body = body, .kind = JointKind::slider, .axis = {1, 0, 0}, .damping = 1}));
  }
  s.m.tendons.push_back(
      {.name = "sum", .path = {{.joint = sliders[0], .factor = 1}, {.joint = sliders[1], .factor = 2}}});
  s.m.drives.push_back({.name = "pull", .tendon = scene::TendonId(0)});
  const auto batch = s.compile()->batch({});
  batch->commands(0)[0] = 1;
  batch->step(500);
  EXPECT_NEAR(batch->velocities(0)[1], 2 * batch->velocities(0)[0], 1e-12);
  EXPECT_GT(batch->velocities(0)[0], 0.5);
}

}  // namespace
}  // namespace wm::physics
