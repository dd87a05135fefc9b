// Laws that any stepper must keep, and where each tolerance comes from.
#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/physics/test_scenes.h"
#include "worldmill/scene/soft.h"

namespace wm::physics {
namespace {

using math::Rotation;
using math::Vec3;
using scene::JointKind;
using scene::ShapeKind;

constexpr double kG = 9.81, kStep = 0.002, kPi = 3.14159265358979323846;

Rotation about_y(double angle) {
  return Rotation::normalized(std::cos(angle / 2), 0, std::sin(angle / 2), 0);
}

TEST(Laws, ABodyFallsAlongItsParabola) {
  TestScene s;
  const scene::BodyId ball = s.ball({0, 0, 10}, 0.1, 1);
  const auto batch = s.compile()->batch({});
  batch->step(500);
  EXPECT_NEAR(batch->pose(0, ball).translation.z, 10 - kG / 2, 1e-11);  // rounding of 500 sums
}

TEST(Laws, WhereThingsMayTouchABodyFallsAsTheIntegratorSays) {
  TestScene s;
  s.floor();
  const scene::BodyId ball = s.ball({0, 0, 10}, 0.1, 1);
  const auto batch = s.compile()->batch({});
  batch->step(500);
  // Semi-implicit Euler: z = z0 - g dt^2 n (n + 1) / 2, to rounding of 500 sums; the true parabola is g t dt / 2 off.
  EXPECT_NEAR(batch->pose(0, ball).translation.z, 10 - kG * kStep * kStep * 500 * 501 / 2, 1e-11);
  EXPECT_NEAR(batch->pose(0, ball).translation.z, 10 - kG / 2, kG * 1 * kStep / 2 + 1e-9);
}

TEST(Laws, AProjectileKeepsItsSpeedAcrossAndComesDownWhereItShould) {
  TestScene s;
  const scene::BodyId ball = s.ball({0, 0, 0}, 0.05, 0.3);
  const auto batch = s.compile()->batch({});
  batch->velocities(0)[0] = 3;
  batch->velocities(0)[2] = kG / 2;  // up and down in 1 s
  batch->step(500);
  EXPECT_NEAR(batch->pose(0, ball).translation.x, 3, 1e-11);
  EXPECT_NEAR(batch->pose(0, ball).translation.z, 0, 1e-11);
}

TEST(Laws, APendulumSwingsWithItsPeriod) {
  TestScene s;
  const scene::NodeId at = s.node({0, 0, 2});
  const scene::BodyId bob = s.body(at, 0);
  s.shape({.node = at, .node_from_shape = {{}, {0, 0, -1}}, .kind = ShapeKind::sphere, .size = {0.1, 0, 0}, .mass = 1});
  s.joint({.body = bob, .axis = {0, 1, 0}});
  const auto batch = s.compile()->batch({});
  constexpr double kAmplitude = 0.02;
  batch->positions(0)[0] = kAmplitude;
  int crossings = 0;
  double first = 0, last = 0, before = kAmplitude;
  for (int i = 0; i < 15000; ++i) {
    batch->step();
    const double now = batch->positions(0)[0];
    if (before > 0 && now <= 0) {
      last = batch->time(0) - kStep * now / (now - before);
      if (crossings++ == 0) first = last;
    }
    before = now;
  }
  const double inertia = 1 + 0.4 * 0.01;  // m L^2 + 2/5 m r^2
  const double period = 2 * kPi * std::sqrt(inertia / kG) * (1 + kAmplitude * kAmplitude / 16);
  // The integrator's own error is of order (omega dt)^2 / 24 = 2e-6; crossings are interpolated to 1e-7 s.
  EXPECT_NEAR((last - first) / (crossings - 1), period, 5e-6 * period);
}

// A cube that cannot turn.
scene::BodyId block(TestScene& s, Vec3 center, const Rotation& rotation, scene::SurfaceId surface) {
  const scene::NodeId at = s.node(center, rotation);
  s.shape({.node = at, .size = {0.1, 0.1, 0.1}, .surface = surface});
  const scene::BodyId body = s.body(at, 1);
  for (const Vec3 axis : {Vec3{1, 0, 0}, Vec3{0, 1, 0}, Vec3{0, 0, 1}}) {
    s.joint({.body = body, .kind = JointKind::slider, .axis = axis});
  }
  return body;
}

// How far a body goes down a slope of `angle` in one second, from rest.
double slide(double angle, double friction, bool ball) {
  TestScene s;
  const scene::SurfaceId surface =
      s.surface({.friction = friction, .static_friction = friction, .torsional_friction = 0, .rolling_friction = 0});
  s.floor(surface, about_y(angle));
  const Vec3 normal = about_y(angle) * Vec3{0, 0, 1}, down = about_y(angle) * Vec3{1, 0, 0};
  const scene::BodyId body =
      ball ? s.ball(normal * 0.1, 0.1, 1, surface) : block(s, normal * 0.1, about_y(angle), surface);
  const auto batch = s.compile()->batch({});
  batch->step(250);  // settles into the contact
  const Vec3 start = batch->pose(0, body).translation;
  const double speed = dot(batch->twist(0, body).linear, down);
  batch->step(500);
  return dot(batch->pose(0, body).translation - start, down) - speed * 1;
}

TEST(Laws, ABoxSticksBelowTheAngleOfFrictionAndSlidesAbove) {
  const double angle = std::atan(0.5);
  EXPECT_LT(slide(angle - 0.02, 0.5, false), 1e-4);
  const double steep = angle + 0.1;
  const double acceleration = kG * (std::sin(steep) - 0.5 * std::cos(steep));
  // The engine's friction is a convex problem (Anitescu's): a contact that slides pushes off, the block hops by tenths
  // of a millimetre, and its weight comes in knocks. Their mean over a second is good to some percent.
  EXPECT_NEAR(slide(steep, 0.5, false), acceleration / 2, 0.1 * acceleration / 2);
}

TEST(Laws, ABallRollsOnAGentleSlopeAndSlidesOnASteepOne) {
  const double gentle = 0.3, steep = 1.1, friction = 0.3;
  ASSERT_GT(friction, 2.0 / 7 * std::tan(gentle));
  ASSERT_LT(friction, 2.0 / 7 * std::tan(steep));
  const double rolling = 5.0 / 7 * kG * std::sin(gentle);
  EXPECT_NEAR(slide(gentle, friction, true), rolling / 2, 0.01 * rolling);
  const double sliding = kG * (std::sin(steep) - friction * std::cos(steep));
  EXPECT_NEAR(slide(steep, friction, true), sliding / 2, 0.01 * sliding);
}

struct Impact {
  double momentum = 0, speed = 0;  ///< After; speed apart / speed together.
};

Impact collide(double restitution, double mass_a, double mass_b) {
  TestScene s;
  s.m.options.gravity = {};
  const scene::SurfaceId surface = s.surface({.restitution = restitution});
  const scene::BodyId a = s.ball({-0.2, 0, 0}, 0.1, mass_a, surface), b = s.ball({0.2, 0, 0}, 0.1, mass_b, surface);
  const auto batch = s.compile()->batch({});
  batch->velocities(0)[0] = 1;
  batch->step(1000);
  const double va = batch->twist(0, a).linear.x, vb = batch->twist(0, b).linear.x;
  return {mass_a * va + mass_b * vb, vb - va};
}

TEST(Laws, AnElasticImpactConservesMomentumAndTheSpeedThatItShould) {
  for (const double restitution : {0.3, 0.6, 0.9}) {
    const Impact impact = collide(restitution, 1, 3);
    EXPECT_NEAR(impact.momentum, 1, 1e-9);
    // The damped spring is integrated with 16 steps to the impact.
    EXPECT_NEAR(impact.speed, restitution, 0.06) << restitution;
  }
}

TEST(Laws, AnInelasticImpactConservesMomentumAndLeavesNoSpeedApart) {
  const Impact impact = collide(0, 2, 1);
  EXPECT_NEAR(impact.momentum, 2, 1e-9);
  EXPECT_NEAR(impact.speed, 0, 0.14);  // a critically damped spring leaves exp(-2) of it
}

TEST(Laws, ASpinningTopPrecesses) {
  TestScene s;
  const scene::NodeId at = s.node({0, 0, 1}, about_y(0.4));
  const scene::BodyId top = s.body(at, 0);
  s.shape({.node = at,
           .node_from_shape = {{}, {0, 0, 0.2}},
           .kind = ShapeKind::cylinder,
           .size = {0.1, 0.01, 0},
           .mass = 1});
  s.joint({.body = top, .kind = JointKind::ball});
  const auto batch = s.compile()->batch({});
  const double spin = 200, axial = 0.5 * 0.01, across = 0.25 * 0.01 + 1.0 / 12 * 0.0004 + 0.04;
  // Steady precession W at tilt t: W (axial spin' - across W cos t) = m g L, spin' the whole spin about the axis.
  const double a = across * std::cos(0.4), b = axial * spin, c = kG * 0.2;
  const double precession = (b - std::sqrt(b * b - 4 * a * c)) / (2 * a);
  const Vec3 axis = about_y(0.4) * Vec3{0, 0, 1};
  const Vec3 turn = Vec3{0, 0, precession} + axis * (spin - precession * std::cos(0.4));
  const Vec3 own = about_y(-0.4) * turn;
  batch->velocities(0)[0] = own.x, batch->velocities(0)[1] = own.y, batch->velocities(0)[2] = own.z;
  batch->step(250);  // 0.5 s
  const Vec3 now = batch->pose(0, top).rotation * Vec3{0, 0, 1};
  const double angle = std::atan2(now.y, now.x);
  EXPECT_NEAR(angle, precession * 0.5, 0.005 * precession * 0.5);  // a step turns the top by 0.4 rad: (0.4)^4 / 5!

  EXPECT_NEAR(now.z, std::cos(0.4), 1e-3);
}

TEST(Laws, AStackOfTenBoxesStandsForAMinute) {
  TestScene s;
  s.floor();
  std::vector<scene::BodyId> boxes;
  for (int i = 0; i < 10; ++i) boxes.push_back(s.box({0, 0, 0.1 + 0.2 * i}, {0.1, 0.1, 0.1}, 8));
  const auto batch = s.compile()->batch({});
  for (int second = 0; second < 60; ++second) ASSERT_EQ(batch->step(500), 0) << batch->diagnosis(0).message;
  for (std::size_t i = 0; i < 10; ++i) {
    const Vec3 at = batch->pose(0, boxes[i]).translation;
    EXPECT_NEAR(at.z, 0.1 + 0.2 * static_cast<double>(i), 1e-3);  // contacts give way by 0.6 mm in all
    EXPECT_LT(std::hypot(at.x, at.y), 1e-3);
    EXPECT_LT(length(batch->twist(0, boxes[i]).linear), 1e-4);
  }
}

/// Three links on hinges about y, each 0.5 m, 1 kg; link 0 hangs at the world's origin.
struct Chain {
  TestScene s;
  std::vector<scene::BodyId> links;
};

Chain chain() {
  Chain c;
  scene::NodeId above;
  for (int i = 0; i < 3; ++i) {
    above = c.s.node(i == 0 ? Vec3{} : Vec3{0.5, 0, 0}, {}, above);
    c.links.push_back(c.s.body(above, 0));
    c.s.shape({.node = above,
               .node_from_shape = {{}, {0.25, 0, 0}},
               .size = {0.25, 0.02, 0.03},
               .mass = 1,
               .category = 0,
               .collides_with = 0});
    c.s.joint({.body = c.links.back(), .axis = {0, 1, 0}});
  }
  return c;
}

TEST(Laws, ForwardKinematicsIsThatOfThePlane) {
  const Chain c = chain();
  const auto batch = c.s.compile()->batch({});
  const double q[] = {0.3, -1.1, 0.7};
  std::copy(std::begin(q), std::end(q), batch->positions(0).begin());
  double x = 0, z = 0, angle = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const Vec3 at = batch->pose(0, c.links[i]).translation;
    EXPECT_NEAR(at.x, x, 1e-14);
    EXPECT_NEAR(at.z, z, 1e-14);
    angle += q[i];
    x += 0.5 * std::cos(angle);  // a positive turn about y takes x down
    z -= 0.5 * std::sin(angle);
  }
}

TEST(Laws, TheMassMatrixIsSymmetricAndPositive) {
  const Chain c = chain();
  const auto batch = c.s.compile()->batch({});
  for (int pose = 0; pose < 20; ++pose) {
    for (std::size_t i = 0; i < 3; ++i)
      batch->positions(0)[i] = std::sin(1.7 * pose + 2.3 * static_cast<double>(i)) * 3;
    const std::vector<double> m = batch->mass_matrix(0);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(m[3 * i + j], m[3 * j + i]);
    }
    const double two = m[0] * m[4] - m[1] * m[3];  // leading minors (Sylvester)
    const double three =
        m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
    EXPECT_GT(m[0], 0);
    EXPECT_GT(two, 0);
    EXPECT_GT(three, 0);
  }
}

TEST(Laws, GravityPullsAsTheSlopeOfItsEnergy) {
  Chain c = chain();
  const double step = c.s.m.options.time_step = 1e-5;
  const auto batch = c.s.compile()->batch({});
  const double q[] = {0.4, 0.9, -0.6};
  const auto energy_at = [&](std::size_t moved, double by) {
    batch->reset(0);
    std::copy(std::begin(q), std::end(q), batch->positions(0).begin());
    batch->positions(0)[moved] += by;
    return batch->energy(0);
  };
  double torque[3];
  constexpr double kBy = 1e-4;
  for (std::size_t i = 0; i < 3; ++i) torque[i] = -(energy_at(i, kBy) - energy_at(i, -kBy)) / (2 * kBy);
  batch->reset(0);
  std::copy(std::begin(q), std::end(q), batch->positions(0).begin());
  const std::vector<double> m = batch->mass_matrix(0);
  batch->step();
  for (std::size_t i = 0; i < 3; ++i) {
    double found = 0;  // M * acceleration of the first step, from rest
    for (std::size_t j = 0; j < 3; ++j) found += m[3 * i + j] * batch->velocities(0)[j] / step;
    EXPECT_NEAR(found, torque[i], 1e-6);  // both quotients' errors: by^2 / 6 and step of 10 N m
  }
}

TEST(Laws, AChainWithoutFrictionKeepsItsEnergy) {
  const Chain c = chain();
  const auto batch = c.s.compile()->batch({});
  const double before = batch->energy(0);
  double greatest = 0;
  for (int i = 0; i < 200; ++i) {
    batch->step(25);
    greatest = std::max(greatest, std::abs(batch->energy(0) - before));
  }
  EXPECT_LT(greatest, 1e-3 * 11);  // of the 11 J that it turns over in 10 s; Runge-Kutta of fourth order at 2 ms
}

// Bounded where implicitfast must be taken: a driven joint's own damping is what loses it.
TEST(Laws, ABallThatBouncesNeverGainsEnergy) {
  TestScene s;
  const scene::SurfaceId rubber = s.surface({.restitution = 0.8});
  s.floor(rubber);
  s.ball({0, 0, 1}, 0.1, 1, rubber);
  const auto batch = s.compile()->batch({});
  double before = batch->energy(0), first = before;
  for (int i = 0; i < 1500; ++i) {
    batch->step();
    const double now = batch->energy(0);
    // In the air the integrator's height is g t dt / 2 off; in contact the spring holds energy that is not counted.
    EXPECT_LT(now, first + 0.02 * first);
    before = now;
  }
  EXPECT_LT(before, 0.6 * first);
}

// A strip of cloth hung by its upper edge is longer by its own weight: each row of squares carries all below it.
TEST(Laws, AHangingClothStretchesByItsWeight) {
  TestScene s;
  constexpr int kRows = 11;
  constexpr double kThickness = 0.001, kWidth = 0.1, kYoung = 2e5, kMass = 0.05, kSpacing = 0.05;
  const std::size_t cloth = scene::add_soft(
      *s.scene, {.path = "/cloth",
                 .pose = {Rotation::normalized(std::sqrt(0.5), -std::sqrt(0.5), 0, 0), {0, 0, 2}},  // y down
                 .count = {3, kRows, 1},
                 .spacing = {kWidth / 2, kSpacing, 0},
                 .mass = kMass,
                 .pinned = [](int, int y, int) { return y == 0; },
                 .material = {.radius = 0.002, .youngs_modulus = kYoung, .damping = 0.01, .thickness = kThickness}});
  const auto model = s.compile();
  const auto batch = model->batch({.check = false});
  ASSERT_EQ(batch->step(3000), 0) << batch->diagnosis(0).message;
  double longer = 0;
  for (int row = 1; row < kRows; ++row) {
    const double below = kMass * (kRows - row) / kRows * kG;
    longer += below * kSpacing / (kYoung * kThickness * kWidth);
  }
  const scene::BodyId corner = s.m.deformables[cloth].vertices[3 * (kRows - 1) + 1];
  const double found = 2 - kSpacing * (kRows - 1) - batch->pose(0, corner).translation.z;
  EXPECT_NEAR(found, longer, 0.1 * longer);  // triangles at the edge, and strains of 1 % are not infinitesimal
}

// A rod that is clamped at one end (its first two vertices stay) sinks at the other by w L^4 / (8 E I) under its
// weight.
TEST(Laws, ACantileverBendsAsBeamTheorySays) {
  TestScene s;
  constexpr int kVertices = 21;
  constexpr double kYoung = 4e9, kRadius = 0.01, kMass = 0.1, kLength = 1, kSpacing = kLength / (kVertices - 1);
  const std::size_t rod = scene::add_soft(
      *s.scene, {.path = "/rod",
                 .count = {kVertices, 1, 1},
                 .spacing = {kSpacing, 0, 0},
                 .mass = kMass,
                 .pinned = [](int x, int, int) { return x < 2; },
                 .material = {.radius = kRadius, .youngs_modulus = kYoung, .poisson_ratio = 0.3, .damping = 0.01}});
  const auto batch = s.compile()->batch({.check = false});
  ASSERT_EQ(batch->step(1500), 0) << batch->diagnosis(0).message;
  const double weight = kMass / kVertices * kG / kSpacing;  // [N/m]
  const double moment = kPi * std::pow(kRadius, 4) / 4;
  const double sag = weight * std::pow(kLength, 4) / (8 * kYoung * moment);
  // Segments of a 20th of the length: 3.5 % short here, 1.6 % with twice as many.
  EXPECT_NEAR(-batch->pose(0, s.m.deformables[rod].vertices.back()).translation.z, sag, 0.05 * sag);
}

}  // namespace
}  // namespace wm::physics
