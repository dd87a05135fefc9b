// Each detector in a scene whose answer is known.
#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/sim/test_scripts.h"

namespace wm::sim {
namespace {

using base::SimTime;

/// Without weight, so that what moves goes straight on.
TestScene space() {
  TestScene s;
  s.m.options.gravity = {};
  s.m.has_options = true;
  return s;
}

Part thrown(const TestScene& s, scene::BodyId body, math::Vec3 velocity, double at = 0.1) {
  return {"toss" + std::to_string(body.index()),
          "throw",
          things(s, {body}),
          {{"at", at}, {"velocity_x", velocity.x}, {"velocity_y", velocity.y}, {"velocity_z", velocity.z}},
          {}};
}

std::vector<Event> events_of(const TestScene& s, Script script, Rule rule) {
  rule.name = "it";
  script.rules = {std::move(rule)};
  return take_of(s, script).events;
}

TEST(Collision, ItsImpulseIsTheMomentumThatChanged) {
  TestScene s = space();
  const scene::BodyId a = s.ball({0, 0, 0}, 0.1, 2), b = s.ball({1, 0, 0}, 0.1, 3);
  Script script = sim::script(s, 1);
  script.actors = {thrown(s, a, {4, 0, 0})};
  const auto events = events_of(s, script, {"", "collision", {things(s, {a}), things(s, {b})}, {{"window", 0.2}}, {}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NEAR(events[0].begin.seconds(), 0.1 + 0.8 / 4, 1e-4);
  // They stick: 2 kg at 4 m/s become 5 kg at 1.6 m/s. Soft contacts give a little back.
  EXPECT_GT(events[0].severity, 3 * 1.6);
  EXPECT_LT(events[0].severity, 1.15 * 3 * 1.6);
  EXPECT_NEAR(events[0].normal->x, 1, 1e-9);
  EXPECT_NEAR(events[0].point->x, 0.9, 0.02);
  EXPECT_EQ(events[0].cause, "toss0");
  EXPECT_TRUE(events_of(s, script, {"", "collision", {things(s, {a}), things(s, {b})}, {{"impulse", 9}}, {}}).empty());
}

TEST(TimeToCollision, IsExactForTwoThatApproach) {
  TestScene s = space();
  const scene::BodyId a = s.ball({0, 0, 0}, 0.1, 1), b = s.box({5, 0, 0}, {0.2, 0.5, 0.5}, 1);
  Script script = sim::script(s, 1);
  script.actors = {thrown(s, a, {3, 0, 0}, 0), thrown(s, b, {-1, 0, 0}, 0)};
  const auto events =
      events_of(s, script, {"", "time_to_collision", {things(s, {a}), things(s, {b})}, {{"below", 0.7}}, {}});
  ASSERT_EQ(events.size(), 1u);
  // 4.7 m between the surfaces, 4 m/s: 1.175 s are left at first, 0.7 s after 0.475 s.
  EXPECT_NEAR(events[0].begin.seconds(), 0.475, 1e-4);
  EXPECT_TRUE(events[0].open);
}

TEST(Proximity, IsTheDistanceOfSurfaces) {
  TestScene s = space();
  const scene::BodyId a = s.ball({0, 0, 0}, 0.1, 1), b = s.ball({2, 0.5, 0}, 0.1, 1);
  Script script = sim::script(s, 2);
  script.actors = {thrown(s, a, {2, 0, 0}, 0)};
  const auto near = events_of(s, script, {"", "proximity", {things(s, {a}), things(s, {b})}, {{"below", 0.6}}, {}});
  ASSERT_EQ(near.size(), 1u);
  const double away = std::sqrt(0.8 * 0.8 - 0.5 * 0.5);  // along x, when the surfaces are 0.6 m apart
  EXPECT_NEAR(near[0].begin.seconds(), (2 - away) / 2, 1e-4);
  EXPECT_NEAR(near[0].end.seconds(), (2 + away) / 2, 1e-4);
  EXPECT_NEAR(-near[0].severity, 0.3, 1e-5);
  const auto miss = events_of(s, script, {"", "near_miss", {things(s, {a}), things(s, {b})}, {{"below", 0.4}}, {}});
  ASSERT_EQ(miss.size(), 1u);
  EXPECT_NEAR(miss[0].severity, 0.3, 1e-5);
  EXPECT_NEAR(miss[0].begin.seconds(), 1, 0.0021);  // of the nearest step
}

TEST(NearMiss, IsNoneWhereTheyTouch) {
  TestScene s = space();
  const scene::BodyId a = s.ball({0, 0, 0}, 0.1, 1), b = s.ball({1, 0.1, 0}, 0.1, 1);
  Script script = sim::script(s, 1.5);
  script.actors = {thrown(s, a, {2, 0, 0}, 0)};
  EXPECT_TRUE(events_of(s, script, {"", "near_miss", {things(s, {a}), things(s, {b})}, {{"below", 0.3}}, {}}).empty());
}

TEST(Zone, IsEnteredAndLeftInTime) {
  TestScene s = space();
  const scene::BodyId a = s.ball({0, 0, 0}, 0.1, 1);
  Script script = sim::script(s, 2);
  script.actors = {thrown(s, a, {2, 0, 0}, 0)};
  const std::map<std::string, double> box{{"min_x", 1}, {"max_x", 2.5}, {"min_y", -1},
                                          {"max_y", 1}, {"min_z", -1},  {"max_z", 1}};
  const auto events = events_of(s, script, {"", "zone", {things(s, {a})}, box, {}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NEAR(events[0].begin.seconds(), 0.5, 1e-5);
  EXPECT_NEAR(events[0].end.seconds(), 1.25, 1e-5);
  EXPECT_FALSE(events[0].open);
}

TEST(Speed, BeginsWhereItIsReached) {
  TestScene s;
  const scene::BodyId a = s.ball({0, 0, 9}, 0.1, 1);
  const auto events = events_of(s, sim::script(s, 1), {"", "speed", {things(s, {a})}, {{"above", 5}}, {}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NEAR(events[0].begin.seconds(), 5 / kGravity, 0.0011);  // velocities stand half a step behind
  EXPECT_TRUE(events_of(s, sim::script(s, 1), {"", "acceleration", {things(s, {a})}, {{"above", 10}}, {}}).empty());
  EXPECT_EQ(events_of(s, sim::script(s, 1), {"", "acceleration", {things(s, {a})}, {{"above", 9.8}}, {}}).size(), 1u);
}

TEST(Drop, IsFromTheLastContactToTheNext) {
  TestScene s;
  const scene::BodyId box = s.box({0, 0, 1.1}, {0.1, 0.1, 0.1}, 1);
  const scene::NodeId table = s.node({0, 0, 0.9});
  s.shape({.node = table, .kind = scene::ShapeKind::box, .size = {0.3, 0.3, 0.1}});
  s.floor();
  Script script = sim::script(s, 2);
  script.actors = {{"shove", "push", things(s, {box}), {{"at", 0.3}, {"lasting", 0.2}, {"force_x", 20}}, {}}};
  const auto events = events_of(s, script, {"", "drop", {things(s, {box})}, {}, {}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NEAR(events[0].severity, 0.9, 0.15);  // it tips over the edge before it falls
  EXPECT_EQ(events[0].cause, "shove");
  EXPECT_GT(events[0].begin.seconds(), 0.3);
}

TEST(Topple, IsAtItsAngle) {
  TestScene s;
  const scene::BodyId tower = s.box({0, 0, 0.5}, {0.05, 0.05, 0.5}, 1);
  s.floor();
  Script script = sim::script(s, 2);
  script.actors = {{"shove", "push", things(s, {tower}), {{"at", 0.1}, {"lasting", 0.1}, {"force_x", 6}}, {}}};
  const auto events = events_of(s, script, {"", "topple", {things(s, {tower})}, {{"angle", 1}}, {}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NEAR(events[0].severity, 1.5708, 0.2);
  script.actors[0].numbers["force_x"] = 0.5;  // sways, and stands
  EXPECT_TRUE(events_of(s, script, {"", "topple", {things(s, {tower})}, {{"angle", 1}}, {}}).empty());
}

TEST(Rest, BeginsWhenNothingStirsAnyMore) {
  TestScene s;
  const scene::BodyId box = s.box({0, 0, 0.6}, {0.1, 0.1, 0.1}, 1);
  s.floor();
  const auto events = events_of(s, sim::script(s, 2), {"", "rest", {things(s, {box})}, {}, {}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_GT(events[0].begin.seconds(), std::sqrt(2 * 0.5 / kGravity));
  EXPECT_LT(events[0].begin.seconds(), 0.6);
  EXPECT_TRUE(events[0].open);
}

TEST(Slip, IsAboveTheFrictionAngleAlone) {
  for (const double degrees : {20.0, 40.0}) {
    TestScene s;
    const math::Rotation tilt = math::Rotation::between(
        {0, 0, 1}, math::normalized(math::Vec3{std::sin(degrees * 0.0174533), 0, std::cos(degrees * 0.0174533)}));
    const scene::SurfaceId rough = s.surface({.name = "rough", .friction = 0.5});  // 26.6 degrees
    const scene::BodyId box = s.box(tilt * math::Vec3{0, 0, 0.1}, {0.1, 0.1, 0.1}, 1, rough, tilt);
    s.floor(rough, tilt);
    const auto events = events_of(s, sim::script(s, 1),
                                  {"", "slip", {things(s, {box}), last_node(s)}, {{"speed", 0.05}, {"gap", 0.3}}, {}});
    // What slides rocks on its edges: its contacts come and go.
    EXPECT_EQ(events.size(), degrees > 26.6 ? 1u : 0u) << degrees;
  }
}

TEST(JointLimit, IsFeltAtTheEndOfTheRange) {
  TestScene s;
  const scene::NodeId at = s.node({0, 0, 1});
  s.shape({.node = at, .node_from_shape = {{}, {0.3, 0, 0}}, .kind = scene::ShapeKind::sphere, .size = {0.05, 0, 0}});
  const scene::BodyId arm = s.body(at, 1);
  s.joint({.body = arm, .axis = {0, 1, 0}, .limited = true, .lower = -1, .upper = 0.5});
  const auto events = events_of(s, sim::script(s, 1), {"", "joint_limit", {things(s, {arm})}, {}, {}});
  ASSERT_GE(events.size(), 1u);
  EXPECT_GT(events[0].begin.seconds(), 0.1);
  EXPECT_LT(events[0].begin.seconds(), 0.4);
}

TEST(Expression, HoldsWhileItIsTrue) {
  TestScene s = space();
  const scene::BodyId a = s.ball({0, 0, 0}, 0.1, 1);
  Script script = sim::script(s, 2);
  script.actors = {thrown(s, a, {2, 0, 0}, 0)};
  Rule rule{
      "", "expression", {things(s, {a})}, {}, base::Expression::parse("$x > 1 and $x < 2 and $speed > 1", {}).value()};
  const auto events = events_of(s, script, rule);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NEAR(events[0].begin.seconds(), 0.5, 0.0021);
  EXPECT_NEAR(events[0].end.seconds(), 1.0, 0.0021);
}

TEST(Fault, ADeadDriveLetsGoAndIsTheCause) {
  TestScene s;
  const scene::NodeId at = s.node({0, 0, 1});
  s.shape({.node = at, .node_from_shape = {{}, {0.3, 0, 0}}, .kind = scene::ShapeKind::sphere, .size = {0.05, 0, 0}});
  const scene::BodyId arm = s.body(at, 1);
  const scene::JointId joint = s.joint({.body = arm, .axis = {0, 1, 0}});
  s.m.drives.push_back(
      {.name = "servo", .joint = joint, .kind = scene::DriveKind::position, .stiffness = 500, .damping = 20});
  Script script = sim::script(s, 1);
  script.actors = {{"motor fails", "drive_dead", things(s, {arm}), {{"at", 0.5}}, {}}};
  const auto events = events_of(
      s, script, {"", "expression", {things(s, {arm})}, {}, base::Expression::parse("$spin > 1", {}).value()});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_GT(events[0].begin.seconds(), 0.5);
  EXPECT_EQ(events[0].cause, "motor fails");
}

TEST(Conveyor, CarriesWhatLiesOnIt) {
  TestScene s;
  const scene::NodeId belt_at = s.node({0, 0, 0.1});
  s.shape({.node = belt_at, .kind = scene::ShapeKind::box, .size = {2, 0.5, 0.1}});
  const scene::BodyId belt = s.body(belt_at, 50);
  s.joint({.body = belt, .kind = scene::JointKind::slider, .axis = {1, 0, 0}});
  const scene::BodyId box = s.box({-1, 0, 0.3}, {0.1, 0.1, 0.1}, 1);
  Script script = sim::script(s, 3);
  script.actors = {{"belt", "conveyor", things(s, {belt}), {{"at", 0.5}, {"speed", 0.5}}, {}}};
  const auto take = std::make_shared<const Take>(take_of(s, script));
  const scene::World world = timeline(take, script.initial)->world_at(SimTime::from_seconds(3));
  EXPECT_NEAR(scene::world_from_nodes(world)[node_of(s, box).index()].translation.x, -1 + 0.5 * 2.5, 0.05);
  EXPECT_NEAR(scene::world_from_nodes(world)[belt_at.index()].translation.x, 0, 0.0011);  // the last step's
}

TEST(Waypoints, AreGoneThroughAtTheirSpeed) {
  TestScene s;
  const scene::NodeId at = s.node({0, 0, 0.5});
  s.shape({.node = at, .kind = scene::ShapeKind::box, .size = {0.1, 0.1, 0.1}});
  s.m.bodies.push_back({.node = at, .mass = 1, .kinematic = true});
  const scene::BodyId cart(s.m.bodies.size() - 1);
  Script script = sim::script(s, 4);
  script.actors = {{"cart",
                    "waypoints",
                    things(s, {cart}),
                    {{"speed", 1}, {"acceleration", 2}},
                    {{0, 0, 0.5}, {2, 0, 0.5}, {2, 1, 0.5}}}};
  const auto take = std::make_shared<const Take>(take_of(s, script));
  const auto timeline = sim::timeline(take, script.initial);
  const auto at_time = [&](double t) {
    return scene::world_from_nodes(timeline->world_at(SimTime::from_seconds(t)))[at.index()].translation;
  };
  EXPECT_NEAR(at_time(0.5).x, 0.25, 2e-3);  // half a second of 2 m/s^2
  EXPECT_NEAR(at_time(1.25).x, 1.0, 2e-3);
  EXPECT_NEAR(at_time(2.75).y, 0.5, 2e-3);
  EXPECT_NEAR(at_time(3.9).y, 1.0, 1e-6);
}

TEST(Rules, WhatTheyLackIsSaid) {
  TestScene s;
  const scene::BodyId a = s.ball({0, 0, 1}, 0.1, 1);
  const auto refusal = [](const Rule& rule) {
    const auto made = make_detector(rule);
    return made ? "none" : to_string(made.error());
  };
  const Group group = things(s, {a});
  EXPECT_EQ(refusal({"hit", "contakt", {group}, {}, {}}),
            "hit: there is no detector \"contakt\"; did you mean \"contact\"?");
  EXPECT_EQ(refusal({"hit", "contact", {group}, {}, {}}), "hit: contact is about between and between");
  EXPECT_EQ(refusal({"fast", "speed", {group}, {}, {}}), "fast: speed needs \"above\" [m/s]: At least.");
  EXPECT_EQ(refusal({"fast", "speed", {group}, {{"over", 1}}, {}}), "fast: speed has no \"over\"");
  EXPECT_EQ(refusal({"odd", "expression", {group}, {}, base::Expression::parse("$hight > 1", {}).value()}),
            "odd: a thing has no $hight; known are $x, $y, $z, $vx, $vy, $vz, $speed, $spin, $tilt, $time");
  EXPECT_EQ(to_string(make_actor({"go", "waypoints", group, {}, {}}, *s.compile()).error()),
            "go: waypoints lead kinematic bodies, and /node0 is none");
}

}  // namespace
}  // namespace wm::sim
