// What recipes vary of bodies, and what they let happen to them.
#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/vary/testing.h"

namespace wm::vary {
namespace {

using namespace wm::vary::testing;

/// A cart of 2 kg that flies freely, on it an arm on a hinge with a drive; all of one surface.
scene::Scene cart() {
  scene::Scene s = body_asset(box_mesh({0.4, 0.2, 0.1}));
  add_mesh(s, "/Body/Arm", scene::NodeId(0), {}, box_mesh({0.05, 0.05, 0.4}));
  scene::Mechanics& m = s.mechanics;
  m.surfaces.push_back({.name = "steel", .friction = 0.5});
  m.bodies.push_back({.node = scene::NodeId(0), .mass = 2});
  m.bodies.push_back({.node = node(s, "/Body/Arm"), .mass = 0.5});
  m.shapes.push_back({.node = scene::NodeId(0), .surface = scene::SurfaceId(0)});
  m.shapes.push_back({.node = node(s, "/Body/Arm"), .surface = scene::SurfaceId(0)});
  m.joints.push_back({.name = "free", .body = scene::BodyId(0), .kind = scene::JointKind::free});
  m.joints.push_back({.name = "hinge", .body = scene::BodyId(1), .stiffness = 10, .damping = 1});
  m.drives.push_back(
      {.name = "motor", .joint = scene::JointId(1), .kind = scene::DriveKind::position, .stiffness = 100});
  return s;
}

class Carts : public ::testing::Test {
 protected:
  Carts() {
    assets_.add("cart", cart());
    job_.adds = {add("cart", "cart", "2")};
    job_.simulate.emplace().run = 4;
  }
  Varied varied(std::int64_t take = 0) {
    staged_ = stage(job_, 0, 0, assets_).value();
    auto result = vary(job_, staged_, take, 0, assets_);
    EXPECT_TRUE(result) << complaint(result);
    return *std::move(result);
  }
  MemoryAssets assets_ = assets();
  Job job_ = job();
  Staged staged_;
};

TEST_F(Carts, MassesActOnTheBodiesAmongWhatMatches) {
  job_.varies = {vary_entry("heavy", "cart/0", "body.mass", "3", Act::scale)};
  const scene::World world = varied().world;
  EXPECT_EQ(world.mass_scales[0] * 2, 6);
  EXPECT_EQ(world.mass_scales[1] * 0.5, 1.5) << "the arm is of the cart";
  EXPECT_EQ(world.mass_scales[2], 1) << "the other one is not";
}

TEST_F(Carts, SurfacesOfOneThingAreNotThoseOfAnother) {
  job_.varies = {vary_entry("slick", "cart/1", "body.friction", "0.1")};
  const scene::World world = varied().world;
  const auto friction = [&](std::size_t shape) {
    return world.surfaces[world.scene->mechanics.shapes[shape].surface.index()].friction;
  };
  EXPECT_EQ(friction(0), 0.5);
  EXPECT_EQ(friction(2), 0.1);
  EXPECT_EQ(friction(3), 0.1);
}

TEST_F(Carts, JointsAndDrivesAreThoseOfTheBodiesThatMatch) {
  job_.varies = {vary_entry("spring", "cart/0/**/Arm", "joint.stiffness", "2", Act::scale),
                 vary_entry("gain", "cart/0/**/Arm", "drive.stiffness", "150"),
                 vary_entry("weak", "cart/0/**/Arm", "drive.force_limit", "7")};
  const scene::World world = varied().world;
  EXPECT_EQ(world.joints[1].stiffness, 20);
  EXPECT_EQ(world.joints[3].stiffness, 10);
  EXPECT_EQ(world.drives[0].stiffness, 150);
  EXPECT_EQ(world.drives[0].upper_force, 7);
  EXPECT_EQ(world.drives[0].lower_force, -7);
  EXPECT_EQ(world.drives[1].stiffness, 100);
}

TEST_F(Carts, BeginWithTheVelocityDrawnForEach) {
  job_.varies = {vary_entry("off", "cart", "body.velocity", "{box: {min: [1, 0, 0], max: [2, 0, 0]}}")};
  const scene::World world = varied().world;
  const double first = world.twists[0].linear.x, second = world.twists[2].linear.x;
  EXPECT_TRUE(first >= 1 && first <= 2 && second >= 1 && second <= 2 && first != second);
}

TEST_F(Carts, GravityIsTheTakesOwn) {
  job_.simulate->gravity = field("simulate.gravity", "[0, 0, -1.62]");
  EXPECT_EQ(varied().world.gravity.z, -1.62);
}

Action fault(const std::string& hazard) {
  Action action;
  action.name = "breaks";
  action.kind = "drive_dead";
  action.fault = true;
  action.of = selector("cart/**/Arm");
  action.hazard = field("simulate.faults.breaks.hazard", hazard);
  return action;
}

TEST_F(Carts, EachMatchOfAnActorDrawsItsOwn) {
  Action push;
  push.name = "shove";
  push.kind = "push";
  push.of = selector("cart");
  push.numbers = {{"at", field("simulate.actors.shove.at", "{uniform: [0, 1]}")},
                  {"force", field("simulate.actors.shove.force", "[1, 2, 3]")}};
  job_.simulate->actions = {push};
  auto drawn = varied().actions;
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_NE(drawn[0].numbers["at"], drawn[1].numbers["at"]);
  EXPECT_EQ(drawn[0].numbers["force_z"], 3);
  job_.simulate->actions[0].shared = true;
  drawn = varied().actions;
  ASSERT_EQ(drawn.size(), 1u);
  EXPECT_EQ(drawn[0].of.size(), 2u);
}

TEST_F(Carts, AGuardLeavesAnActorOut) {
  Action action = fault("1000");
  action.when = expression("1 == 2");
  job_.simulate->actions = {action};
  EXPECT_TRUE(varied().actions.empty());
}

TEST_F(Carts, FaultsComeAtExponentialTimesOrNotInTime) {
  constexpr double kRate = 0.25;  // [Hz]
  constexpr int kTakes = 1000;
  job_.adds = {add("cart", "cart", "1")};
  job_.simulate->actions = {fault("0.25")};
  int came = 0;
  double sum = 0;
  for (int take = 0; take < kTakes; ++take) {
    const Varied one = varied(take);
    if (one.actions.empty()) continue;
    ++came;
    const double at = one.actions[0].numbers.at("at");
    EXPECT_TRUE(at >= 0 && at <= 4) << at;
    sum += at;
    const auto is_its = [](const auto& d) { return d.address.find("faults.breaks.hazard.at") != std::string::npos; };
    EXPECT_EQ(std::ranges::count_if(one.draws, is_its), 1) << "it is on the record";
  }
  // P(T <= 4) = 1 - e^-1; E[T | T <= 4] = 1 / r - 4 e^-1 / (1 - e^-1).
  const double share = 1 - std::exp(-4 * kRate);
  EXPECT_NEAR(came, kTakes * share, 4 * std::sqrt(kTakes * share * (1 - share)));
  EXPECT_NEAR(sum / came, 1 / kRate - 4 * (1 - share) / share, 0.15);
}

TEST_F(Carts, WhatDoesNotFitIsSaid) {
  job_.varies = {vary_entry("odd", "/World/Floor", "body.mass", "3")};
  staged_ = stage(job_, 0, 0, assets_).value();
  EXPECT_NE(complaint(vary(job_, staged_, 0, 0, assets_)).find("/World/Floor"), std::string::npos);
}

}  // namespace
}  // namespace wm::vary
