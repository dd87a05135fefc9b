#include "worldmill/physics/physics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/physics/test_scenes.h"

namespace wm::physics {
namespace {

using math::Vec3;
using scene::JointKind;
using scene::ShapeKind;

TEST(Model, ManyWorldsOfASceneShareOneCompiledModel) {
  TestScene s;
  s.floor();
  const scene::BodyId ball = s.ball({0, 0, 1}, 0.1, 1);
  const std::int64_t before = compile_count();
  const auto model = s.compile();
  const auto batch = model->batch({.worlds = 100});
  const auto more = model->batch({.worlds = 4});
  for (int w = 0; w < 100; ++w) {
    scene::World world = scene::World::of(model->scene());
    world.masses.set(ball.index(), 1 + w);
    world.gravity = {0, 0, -w * 0.1};
    ASSERT_TRUE(batch->set_values(w, world));
  }
  EXPECT_EQ(compile_count() - before, 1);
  batch->step(100);
  for (int w = 1; w < 100; ++w) EXPECT_LT(batch->pose(w, ball).translation.z, batch->pose(w - 1, ball).translation.z);
}

// Five tumbling boxes over a floor, thrown so that they meet.
TestScene tumble() {
  TestScene s;
  s.floor();
  for (int i = 0; i < 5; ++i) {
    const double x = 0.11 * i;
    s.box({x, 0.03 * i, 0.5 + 0.25 * i}, {0.1, 0.08, 0.06}, 1 + i, {},
          math::Rotation::normalized(1, 0.2 * i, 0.3, 0.1 * i));
  }
  return s;
}

std::vector<double> positions_after(const Model& model, int workers, int steps) {
  const auto batch = model.batch({.worlds = 12, .workers = workers, .contacts = true});
  for (int w = 0; w < 12; ++w) batch->velocities(w)[0] = 0.2 * w;
  for (int i = 0; i < steps; ++i) batch->step();
  std::vector<double> all;
  for (int w = 0; w < 12; ++w) all.insert(all.end(), batch->positions(w).begin(), batch->positions(w).end());
  return all;
}

TEST(Batch, GivesTheSameBitsForAnyNumberOfWorkers) {
  const auto model = tumble().compile();
  const std::vector<double> alone = positions_after(*model, 1, 400);
  EXPECT_EQ(alone, positions_after(*model, 3, 400));
  EXPECT_EQ(alone, positions_after(*model, 8, 400));
}

TEST(Batch, GivesTheSameBitsHoweverManyWorldsItHas) {
  const auto model = tumble().compile();
  const auto few = model->batch({.worlds = 1}), many = model->batch({.worlds = 100, .workers = 2});
  few->step(400);
  many->step(400);
  const auto a = few->positions(0), b = many->positions(77);
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
}

TEST(Batch, ASavedStateGoesOnWithTheSameBitsInAnotherBatch) {
  const auto model = tumble().compile();
  const auto first = model->batch({.contacts = true});
  first->step(250);
  const std::string block = first->save(0);
  first->step(250);
  const auto second = model->batch({.worlds = 3});
  second->step(17);
  ASSERT_TRUE(second->restore(2, block));
  second->step(250);
  const auto a = first->positions(0), b = second->positions(2);
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  EXPECT_EQ(first->time(0), second->time(2));
}

TEST(Batch, AStateOfAnotherSceneIsRefused) {
  TestScene other;
  other.ball({0, 0, 1}, 0.1, 1);
  const auto batch = tumble().compile()->batch({});
  const auto said = batch->restore(0, other.compile()->batch({})->save(0));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().message, "a saved state is of another scene; simulate again");
  EXPECT_FALSE(batch->restore(0, "short"));
}

TEST(Batch, ValuesOfAWorldArePutBackWithTheScenesOwn) {
  TestScene s;
  const scene::NodeId hinge = s.node({0, 0, 1});
  const scene::BodyId bar = s.body(hinge, 2);
  s.shape({.node = hinge, .node_from_shape = {{}, {0.2, 0, 0}}, .size = {0.2, 0.01, 0.01}});
  const scene::JointId joint = s.joint({.body = bar, .axis = {0, 1, 0}});
  const auto model = s.compile();
  const auto batch = model->batch({.worlds = 2});
  scene::World other = scene::World::of(model->scene());
  other.joints.set(0, {.damping = 5, .armature = 0.3});
  other.masses.set(0, 7);
  ASSERT_TRUE(batch->set_values(0, other));
  batch->step(200);
  EXPECT_NE(batch->positions(0)[model->position_of(joint)], batch->positions(1)[model->position_of(joint)]);
  ASSERT_TRUE(batch->set_values(0, scene::World::of(model->scene())));
  batch->reset(1);
  batch->step(200);
  EXPECT_EQ(batch->positions(0)[model->position_of(joint)], batch->positions(1)[model->position_of(joint)]);
}

TEST(Batch, ANodeThatStandsElsewhereInAWorldIsWhereItsBodyStarts) {
  TestScene s;
  const scene::NodeId table = s.node({0, 0, 0.5});
  s.shape({.node = table, .size = {1, 1, 0.1}});
  const scene::BodyId ball = s.ball({0, 0, 1}, 0.1, 1);
  const auto model = s.compile();
  const auto batch = model->batch({.worlds = 2});
  scene::World world = scene::World::of(model->scene());
  world.parent_from_node.set(table.index(), math::Affine({}, {0, 0, 1.5}));
  world.parent_from_node.set(1, math::Affine({}, {0.3, 0, 2.5}));
  ASSERT_TRUE(batch->set_values(1, world));
  EXPECT_EQ(batch->pose(1, ball).translation.z, 2.5);
  batch->step(1500);
  EXPECT_NEAR(batch->pose(0, ball).translation.z, 0.7, 1e-3);  // contacts give way by less than a millimetre
  EXPECT_NEAR(batch->pose(1, ball).translation.z, 1.7, 1e-3);
  EXPECT_NEAR(batch->pose(1, ball).translation.x, 0.3, 1e-3);
  batch->write(1, world);
  EXPECT_NEAR(world.parent_from_node[1].translation.z, 1.7, 1e-3);
  EXPECT_EQ(world.parent_from_node[table.index()].translation.z, 1.5);
}

TEST(Batch, ReportsWhatTouchesAndTheForceOfIt) {
  TestScene s;
  s.floor();
  s.box({0, 0, 0.1}, {0.1, 0.1, 0.1}, 3);
  const auto batch = s.compile()->batch({.contacts = true});
  batch->step(1000);
  Vec3 force;
  for (const Contact& contact : batch->contacts(0)) {
    EXPECT_EQ(contact.a, scene::ShapeId(0));
    EXPECT_EQ(contact.b, scene::ShapeId(1));
    EXPECT_NEAR(contact.normal.z, 1, 1e-9);
    EXPECT_NEAR(contact.point.z, 0, 1e-3);
    force += contact.force;
  }
  EXPECT_EQ(batch->contacts(0).size(), 4u);
  EXPECT_NEAR(force.z, 3 * 9.81, 1e-3);  // at rest to a relative 1e-4
}

TEST(Batch, APushMovesWhatItPushes) {
  TestScene s;
  const scene::BodyId ball = s.ball({}, 0.1, 2);
  s.m.options.gravity = {};
  const auto batch = s.compile()->batch({});
  batch->push(0, ball, {4, 0, 0}, {});
  batch->step(500);  // 1 s at 2 m/s^2
  EXPECT_NEAR(batch->twist(0, ball).linear.x, 2, 1e-9);
}

TEST(Batch, AKinematicBodyGoesWhereItIsPutAndPushesOthers) {
  TestScene s;
  s.floor();
  const scene::NodeId at = s.node({-0.5, 0, 0.11});
  s.m.bodies.push_back({.node = at, .kinematic = true});
  s.shape({.node = at, .size = {0.1, 0.1, 0.1}});
  const scene::BodyId paddle(0), box = s.box({0, 0, 0.1}, {0.1, 0.1, 0.1}, 1);
  const auto batch = s.compile()->batch({});
  for (int i = 0; i < 1000; ++i) {
    batch->place(0, paddle, {{}, {-0.5 + 0.0005 * i, 0, 0.11}});
    batch->step();
  }
  // The paddle's face is at 0.1. It has no speed of its own for the engine, so it pushes in knocks,
  // by millimetres of overlap.
  EXPECT_GT(batch->pose(0, box).translation.x, 0.195);
  EXPECT_LT(batch->pose(0, box).translation.x, 0.23);
}

TEST(Trouble, ANumberThatIsNoneIsReportedAndTheWorldStandsStill) {
  TestScene s;
  s.ball({0, 0, 1}, 0.1, 1);
  const auto batch = s.compile()->batch({.worlds = 2});
  batch->velocities(0)[0] = std::nan("");
  EXPECT_EQ(batch->step(), 1);
  EXPECT_EQ(batch->diagnosis(0).trouble, Trouble::not_finite);
  EXPECT_EQ(batch->diagnosis(1).trouble, Trouble::none);
  const double time = batch->time(0);
  batch->step();
  EXPECT_EQ(batch->time(0), time);
  EXPECT_GT(batch->time(1), time);
}

TEST(Trouble, ADriveTooStiffForTheStepIsReported) {
  TestScene s;
  const scene::NodeId at = s.node({});
  const scene::BodyId cart = s.body(at, 0.01);
  s.shape({.node = at, .size = {0.1, 0.1, 0.1}});
  const scene::JointId slider = s.joint({.body = cart, .kind = JointKind::slider});
  s.m.drives.push_back({.name = "stiff", .joint = slider, .kind = scene::DriveKind::position, .stiffness = 1e6});
  const auto batch = s.compile()->batch({});
  batch->commands(0)[0] = 1;
  for (int i = 0; i < 1000 && batch->step() == 0; ++i) {
  }
  EXPECT_EQ(batch->diagnosis(0).trouble, Trouble::not_finite);
}

TEST(Trouble, ABulletThroughAWallIsReported) {
  TestScene s;
  const scene::NodeId wall = s.node({1, 0, 0});
  s.shape({.node = wall, .size = {0.005, 2, 2}});
  s.ball({0, 0, 0}, 0.02, 0.1);
  const auto batch = s.compile()->batch({});
  batch->velocities(0)[0] = 300;
  for (int i = 0; i < 20; ++i) batch->step();
  EXPECT_EQ(batch->diagnosis(0).trouble, Trouble::tunnelled);
}

TEST(Trouble, BoxesThatBeginInsideEachOtherAndFlyApartAreReported) {
  TestScene s;
  s.m.options.gravity = {};
  s.box({0, 0, 0}, {0.5, 0.5, 0.5}, 1);
  s.box({0.3, 0.1, 0.05}, {0.5, 0.5, 0.5}, 1);
  const auto batch = s.compile()->batch({});
  for (int i = 0; i < 100; ++i) batch->step();
  EXPECT_EQ(batch->diagnosis(0).trouble, Trouble::energy_grew);
}

TEST(Trouble, AQuietSceneHasNone) {
  const auto batch = tumble().compile()->batch({.contacts = true});
  for (int i = 0; i < 1500; ++i) ASSERT_EQ(batch->step(), 0) << batch->diagnosis(0).message;
}

TEST(Compile, SaysWhatIsWrongWithAScene) {
  TestScene s;
  s.flying(s.node({}), 1);
  const auto without_shapes = compile(s.scene);
  ASSERT_FALSE(without_shapes);
  EXPECT_NE(without_shapes.error().message.find("/node0"), std::string::npos) << without_shapes.error().message;
  TestScene twice;
  twice.ball({}, 1, 1);
  twice.m.joints.push_back(twice.m.joints.front());
  const auto named = compile(twice.scene);
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().message, "joint \"joint0\": there is another of that name; give it one of its own");
}

TEST(Compile, AScaledNodeScalesItsShapesAndNotItsBody) {
  TestScene s;
  s.floor();
  const scene::NodeId at = s.node({0, 0, 1});
  s.scene->nodes[at.index()].parent_from_node.linear = {{2, 0, 0}, {0, 2, 0}, {0, 0, 3}};
  s.shape({.node = at, .size = {0.1, 0.1, 0.1}});
  const scene::BodyId box = s.flying(at, 0);
  const auto model = s.compile();
  EXPECT_NEAR(model->mass(box), 1000 * 0.4 * 0.4 * 0.6, 1e-9);
  const auto batch = model->batch({});
  batch->step(1000);
  EXPECT_NEAR(batch->pose(0, box).translation.z, 0.3, 1e-3);
}

TEST(Compile, ChoosesItsSolverByTheSceneAndSaysSo) {
  TestScene pile;
  pile.floor();
  for (int i = 0; i < 60; ++i) pile.box({0, 0, 0.2 * i + 0.1}, {0.1, 0.1, 0.1}, 1);
  EXPECT_EQ(pile.compile()->solver(),
            "Euler, CG of 20 iterations, pyramidal cones, soft contacts: a pile of 60 free bodies");
  EXPECT_EQ(tumble().compile()->solver(),
            "implicitfast, Newton, elliptic cones, impratio 300: few bodies, firm grasps");
}

}  // namespace
}  // namespace wm::physics
