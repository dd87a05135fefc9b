#include "worldmill/sim/run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "worldmill/base/distributions.h"
#include "worldmill/sim/test_scripts.h"

namespace wm::sim {
namespace {

using base::SimTime;

TEST(Run, ADroppedBallMeetsTheFloorWhenItShould) {
  for (const double height : {0.2, 1.0, 3.0}) {
    TestScene s;
    const scene::BodyId ball = s.ball({0, 0, height + 0.1}, 0.1, 1);
    s.floor();
    Script script = sim::script(s, 1.2);
    script.rules = {{"hit", "contact", {things(s, {ball}), last_node(s)}, {{"gap", 1}}, {}}};  // bounces count as one
    const Take take = take_of(s, script);
    ASSERT_EQ(take.events.size(), 1u) << height;
    // A step is 2 ms: the time is found within it.
    EXPECT_NEAR(take.events[0].begin.seconds(), std::sqrt(2 * height / kGravity), 1e-4) << height;
    EXPECT_NEAR(take.events[0].normal->z, -1, 1e-9);  // from the ball to the floor
    // What was 1 kg fast is stopped, and thrown back a little: the floor gives way for a few steps.
    const double momentum = std::sqrt(2 * kGravity * height);
    EXPECT_GT(take.events[0].severity, momentum);
    EXPECT_LT(take.events[0].severity, 1.3 * momentum + 0.5);
    EXPECT_TRUE(take.events[0].open);
  }
}

TEST(Run, AThousandBoxesThatFallAnyhowMeetTheFloorOnceAndInTime) {
  TestScene s;
  const scene::BodyId box = s.box({0, 0, 1}, {0.1, 0.15, 0.2}, 1);
  s.floor();
  const auto model = s.compile();
  Script script = sim::script(s, 0.6);
  script.rules = {{"hit", "contact", {things(s, {box}), last_node(s)}, {{"gap", 10}}, {}}};
  script.keys = {1, 1};
  const base::RandomKey key = base::RandomKey::from_seed(4);
  double worst = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    double q[4];
    for (std::uint64_t k = 0; k < 4; ++k) q[k] = base::uniform(key, 8 * i + k, -1, 1);
    const math::Rotation rotation = math::Rotation::normalized(q[0], q[1], q[2], q[3]);
    const double height = base::uniform(key, 8 * i + 5, 0.4, 1.2);
    const math::Mat3 m = rotation.matrix();
    const double reach = std::abs(m.row2.x) * 0.1 + std::abs(m.row2.y) * 0.15 + std::abs(m.row2.z) * 0.2;
    script.initial.parent_from_node.set(node_of(s, box).index(), math::Affine(math::Pose{rotation, {0, 0, height}}));
    const auto take = run(*model, script);
    ASSERT_TRUE(take);
    ASSERT_EQ(take->events.size(), 1u) << i;
    worst = std::max(worst, std::abs(take->events[0].begin.seconds() - std::sqrt(2 * (height - reach) / kGravity)));
  }
  EXPECT_LT(worst, 1e-4);  // [s]
}

TEST(Run, BetweenKeysAThrownBodyFliesItsParabola) {
  TestScene s;
  const scene::BodyId box = s.box({0, 0, 2}, {0.1, 0.1, 0.1}, 1);
  Script script = sim::script(s, 1);
  script.actors = {
      {"toss", "throw", things(s, {box}), {{"at", 0.1}, {"velocity_x", 3}, {"velocity_z", 2}, {"spin", 5}}, {}}};
  const auto take = std::make_shared<const Take>(take_of(s, script));
  const auto timeline = sim::timeline(take, script.initial);
  EXPECT_EQ(timeline->end(), SimTime::from_seconds(1));
  for (const double t : {0.05, 0.1, 0.2371, 0.5, 0.98765, 1.0}) {
    const scene::World world = timeline->world_at(SimTime::from_seconds(t));
    const math::Affine map = scene::world_from_nodes(world)[node_of(s, box).index()];
    const double flown = std::max(0.0, t - 0.1);
    EXPECT_NEAR(map.translation.x, 3 * flown, 1e-4) << t;
    EXPECT_NEAR(map.translation.z, 2 + 2 * flown - kGravity * flown * flown / 2, 1e-4) << t;
    EXPECT_NEAR(map.linear.row0.x, std::cos(5 * flown), 1e-3) << t;
    const scene::Twist twist = world.twists[box.index()];
    if (t < 0.12) continue;  // held, or just let go
    EXPECT_NEAR(twist.linear.x, 3, 0.02) << t;
    EXPECT_NEAR(twist.linear.z, 2 - kGravity * flown, 0.02) << t;
    EXPECT_NEAR(twist.angular.z, 5, 0.02) << t;
  }
}

TEST(Run, WhatTurnedWhileSettlingStandsAsItCameToRest) {
  TestScene s;
  const math::Rotation edge = math::Rotation::normalized(0.85, 0.53, 0, 0);  // falls over onto a side
  const scene::BodyId box = s.box({0, 0, 0.3}, {0.1, 0.1, 0.2}, 1, {}, edge);
  s.floor();
  scene::Node& node = s.scene->nodes[node_of(s, box).index()];
  node.parent_from_node.linear = node.parent_from_node.linear * math::Mat3{{1, 0, 0}, {0, 1, 0}, {0, 0, 1.25}};
  Script script = sim::script(s, 0.1);
  script.settle = 2;
  const auto take = std::make_shared<const Take>(take_of(s, script));
  const scene::World world = sim::timeline(take, script.initial)->world_at({});
  const math::Affine map = scene::world_from_nodes(world)[node_of(s, box).index()];
  EXPECT_NEAR(std::abs(map.linear.row2.z), 0, 0.01);                // on its side,
  EXPECT_NEAR(math::length(map.direction({0, 0, 1})), 1.25, 1e-6);  // as long as it was
  EXPECT_NEAR(map.translation.z, 0.1, 0.01);
}

TEST(Run, AThrownThingIsWhatItWasToldToBe) {
  TestScene s;
  const scene::BodyId ball = s.ball({0, 0, 1}, 0.1, 1);
  Script script = sim::script(s, 0.5);
  script.actors = {{"toss", "throw", things(s, {ball}), {{"at", 0.2}, {"velocity_x", 2}}, {}}};
  const Take take = take_of(s, script);
  ASSERT_EQ(take.channels.size(), 1u);
  const Channel& channel = take.channels[0];
  EXPECT_EQ(channel.name, "toss/node0");
  EXPECT_EQ(channel.unit, "m/s");
  ASSERT_EQ(channel.commanded.size(), 3 * channel.times.size());
  EXPECT_EQ(channel.times.size(), 30u);  // 60 Hz, half a second
  EXPECT_EQ(channel.commanded.front(), 0);
  EXPECT_EQ(channel.commanded[channel.commanded.size() - 3], 2);
  EXPECT_NEAR(channel.actual[channel.actual.size() - 3], 2, 1e-9);
}

/// Ten boxes that fall onto each other, one of them pushed.
TestScene heap(std::vector<scene::BodyId>& boxes) {
  TestScene s;
  for (int i = 0; i < 10; ++i) {
    boxes.push_back(s.box({0.03 * (i % 3), 0.02 * (i % 2), 0.2 + 0.3 * i}, {0.1, 0.1, 0.1}, 0.5 + 0.1 * i));
  }
  s.floor();
  return s;
}

Script heap_script(const TestScene& s, const std::vector<scene::BodyId>& boxes) {
  Script script = sim::script(s, 2);
  script.settle = 0.1;
  script.checkpoints = 0.5;
  script.actors = {{"shove", "push", things(s, {boxes[4]}), {{"at", 0.8}, {"force_x", 20}}, {}},
                   {"hang", "drop", things(s, {boxes[9]}), {{"at", 1.2}}, {}}};
  script.rules = {{"hit", "contact", {things(s, {boxes[9]}), last_node(s)}, {}, {}}};
  return script;
}

TEST(Take, IsTheSameEachTimeAndAfterItsFile) {
  std::vector<scene::BodyId> boxes;
  const TestScene s = heap(boxes);
  const Take take = take_of(s, heap_script(s, boxes));
  const std::string bytes = encode(take);
  EXPECT_EQ(encode(take_of(s, heap_script(s, boxes))), bytes);
  const auto again = decode(bytes, "a.take");
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(encode(*again), bytes);
  EXPECT_LT(bytes.size(), 200'000u);
}

TEST(Take, IsTheSameOnManyThreadsAtOnce) {
  std::vector<scene::BodyId> boxes;
  const TestScene s = heap(boxes);
  const auto model = s.compile();
  Script script = heap_script(s, boxes);
  script.run = 0.6;
  const std::string alone = encode(run(*model, script).value());
  std::vector<std::string> together(3);
  std::vector<std::thread> threads;
  for (std::string& bytes : together) threads.emplace_back([&] { bytes = encode(run(*model, script).value()); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& bytes : together) EXPECT_EQ(bytes, alone);
}

TEST(Take, GoesOnFromAnyCheckpointWithTheSameBits) {
  std::vector<scene::BodyId> boxes;
  const TestScene s = heap(boxes);
  const auto model = s.compile();
  const Script script = heap_script(s, boxes);
  const Take take = take_of(s, script);
  ASSERT_EQ(take.checkpoints.size(), 4u);
  Take from_the_start = take;
  from_the_start.checkpoints.resize(1);
  for (const std::int64_t step : {130, 499, 777, 1000}) {
    EXPECT_EQ(state_at(*model, script, take, step).value(), state_at(*model, script, from_the_start, step).value())
        << step;
  }
  EXPECT_EQ(state_at(*model, script, take, 500).value(), take.checkpoints[2].block);
  EXPECT_FALSE(state_at(*model, script, take, 1001));
}

TEST(Take, ABrokenFileIsRefused) {
  std::vector<scene::BodyId> boxes;
  const TestScene s = heap(boxes);
  Script script = heap_script(s, boxes);
  script.run = 0.2;
  const std::string bytes = encode(take_of(s, script));
  EXPECT_EQ(to_string(decode("WMTAKE00" + bytes.substr(8), "a.take").error()), "a.take: is no take of this version");
  for (std::size_t at = 9; at < bytes.size(); at += 97) {
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 4);
    EXPECT_FALSE(decode(broken, "a.take")) << at;
  }
  EXPECT_FALSE(decode(bytes.substr(0, 100), "a.take"));
  EXPECT_FALSE(decode(bytes, "a.take", 100));
}

TEST(Run, WorldsThatExplodeEndEarlyAndSaySo) {
  TestScene s;
  s.ball({0, 0, 1}, 0.1, 1);
  Script script = sim::script(s, 1);
  script.limits.speed = 5;
  const auto take = run(*s.compile(), script);
  ASSERT_TRUE(take);
  EXPECT_EQ(take->trouble.trouble, physics::Trouble::too_fast);
  EXPECT_NEAR(take->trouble.time, 5 / kGravity, 0.01);
  EXPECT_LT(take->end().seconds(), 0.52);
}

TEST(Run, ACauseIsPassedOnFromThingToThing) {
  TestScene s;
  const scene::BodyId first = s.ball({0, 0, 0.1}, 0.1, 1), second = s.ball({0.5, 0, 0.1}, 0.1, 1);
  const scene::BodyId third = s.ball({1.0, 0, 0.1}, 0.1, 1), bystander = s.ball({0, 3, 1}, 0.1, 1);
  s.floor();
  Script script = sim::script(s, 2);
  script.actors = {{"shove", "push", things(s, {first}), {{"at", 0.1}, {"force_x", 60}}, {}}};
  const Group balls = things(s, {first, second, third});
  script.rules = {{"bump", "collision", {balls, balls}, {}, {}},
                  {"fall", "collision", {things(s, {bystander}), last_node(s)}, {}, {}}};
  const Take take = take_of(s, script);
  int bumps = 0;
  for (const Event& event : take.events) {
    EXPECT_EQ(event.cause, event.name == "bump" ? "shove" : "") << event.name;
    bumps += event.name == "bump";
  }
  EXPECT_GE(bumps, 2);
}

TEST(Run, WhatRestsOnAThingThatIsSetGoingGoesWithIt) {
  TestScene s;
  const scene::BodyId plank = s.box({0, 0, 0.55}, {0.5, 0.2, 0.05}, 5), load = s.box({0, 0, 0.7}, {0.1, 0.1, 0.1}, 1);
  s.box({0, 0, 0.25}, {0.3, 0.2, 0.25}, 50);  // what the plank lies on
  const scene::BodyId bystander = s.ball({0, 3, 1}, 0.1, 1);
  s.floor();
  Script script = sim::script(s, 2);
  script.actors = {{"shove", "push", things(s, {plank}), {{"at", 0.5}, {"lasting", 0.2}, {"force_x", 150}}, {}}};
  const Group floor = last_node(s);
  script.rules = {{"carried", "speed", {things(s, {load})}, {{"above", 0.1}}, {}},
                  {"fall", "collision", {things(s, {bystander}), floor}, {}, {}}};
  const Take take = take_of(s, script);
  int carried = 0;
  for (const Event& event : take.events) {
    carried += event.name == "carried";
    EXPECT_EQ(event.cause, event.name == "carried" ? "shove" : "") << event.name;
  }
  EXPECT_GE(carried, 1);
}

}  // namespace
}  // namespace wm::sim
