#include "worldmill/math/pose.h"

#include <gtest/gtest.h>

#include "worldmill/base/distributions.h"

namespace wm::math {
namespace {

using base::RandomKey;
constexpr double kTiny = 1e-14;  // a few roundings of numbers near 1

double draw(RandomKey key, std::uint64_t i) {
  return base::uniform(key, i, -1, 1);
}
Vec3 any_vector(RandomKey key) {
  return {draw(key, 0), draw(key, 1), draw(key, 2)};
}
Rotation any_rotation(RandomKey key) {
  return Rotation::normalized(draw(key, 0), draw(key, 1), draw(key, 2), draw(key, 3));
}
Pose any_pose(RandomKey key) {
  return {any_rotation(key.child("turn")), any_vector(key.child("move"))};
}

void expect_near(Vec3 a, Vec3 b, double tolerance = kTiny) {
  EXPECT_LE(length(a - b), tolerance);
}

template <class Body>
void for_many(Body body) {
  for (std::uint64_t i = 0; i < 500; ++i) body(RandomKey::from_seed(1).child(i));
}

TEST(Rotation, AgreesWithItsMatrixAndBack) {
  for_many([](RandomKey key) {
    const Rotation r = any_rotation(key);
    const Vec3 v = any_vector(key.child("v"));
    expect_near(r * v, r.matrix() * v);
    expect_near(Rotation::from_matrix(r.matrix()) * v, r * v);
    EXPECT_NEAR(determinant(r.matrix()), 1, kTiny);
  });
}

TEST(Rotation, KeepsLengthsAndHands) {
  for_many([](RandomKey key) {
    const Rotation r = any_rotation(key);
    const Vec3 a = any_vector(key.child("a")), b = any_vector(key.child("b"));
    EXPECT_NEAR(length(r * a), length(a), kTiny);
    expect_near(r * cross(a, b), cross(r * a, r * b));
  });
}

TEST(Rotation, TurnsOneDirectionIntoAnother) {
  for_many([](RandomKey key) {
    const Vec3 from = normalized(any_vector(key.child("a"))), to = normalized(any_vector(key.child("b")));
    expect_near(Rotation::between(from, to) * from, to, 1e-12);
    expect_near(Rotation::between(from, -from) * from, -from, 1e-12);
  });
}

TEST(Pose, ComposesLikeDominoesAndInverts) {
  for_many([](RandomKey key) {
    const Pose a_from_b = any_pose(key.child("ab")), b_from_c = any_pose(key.child("bc"));
    const Vec3 p = any_vector(key.child("p"));
    expect_near((a_from_b * b_from_c) * p, a_from_b * (b_from_c * p));
    expect_near(a_from_b.inverse() * (a_from_b * p), p);
    expect_near(Affine(a_from_b).point(p), a_from_b * p);
  });
}

TEST(Affine, InvertsAndKeepsNormalsAcross) {
  for_many([](RandomKey key) {
    Affine a(any_pose(key));
    a.linear = a.linear * Mat3{{2, 0.5, 0}, {0, -0.5, 0.1}, {0, 0, 3}};  // scaled, sheared, mirrored
    const Vec3 u = any_vector(key.child("u")), v = any_vector(key.child("v"));
    expect_near(a.inverse().point(a.point(u)), u, 1e-13);
    EXPECT_NEAR(dot(a.normal(cross(u, v)), a.direction(u)), 0, 1e-13);
    expect_near((a * a.inverse()).point(v), v, 1e-13);
  });
}

}  // namespace
}  // namespace wm::math
