#include "worldmill/import/primitives.h"

#include <gtest/gtest.h>

namespace wm::import {
namespace {

using geometry::Mesh;
using math::Vec3;

Vec3 wide(math::Vec3f v) {
  return {v.x, v.y, v.z};
}

// By the divergence theorem; positive when triangles are counter-clockwise from outside and the surface is closed.
double volume(const Mesh& mesh) {
  double six = 0;
  for (const geometry::Triangle& t : mesh.triangles) {
    six += dot(wide(mesh.positions[t[0]]), cross(wide(mesh.positions[t[1]]), wide(mesh.positions[t[2]])));
  }
  return six / 6;
}

void expect_sound(const Mesh& mesh) {
  EXPECT_TRUE(geometry::validate(mesh, "primitive"));
  for (const geometry::Triangle& t : mesh.triangles) {
    const Vec3 a = wide(mesh.positions[t[0]]), b = wide(mesh.positions[t[1]]), c = wide(mesh.positions[t[2]]);
    EXPECT_GT(dot(cross(b - a, c - a), wide(mesh.normals[t[0]])), 0) << "a triangle faces inwards or has no area";
  }
}

constexpr double kPi = 3.14159265358979;

// Chords of 48 about the axis and 16 along a meridian lose less than 2 % of the volume, and add none.
void expect_volume(const Mesh& mesh, double true_volume) {
  EXPECT_LE(volume(mesh), true_volume * (1 + 1e-6));
  EXPECT_GE(volume(mesh), true_volume * 0.98);
}

TEST(Primitives, AreClosedAndFaceOutwards) {
  const Mesh box = make_box({1, 2, 3});
  expect_sound(box);
  EXPECT_NEAR(volume(box), 48, 1e-5);
  const Mesh ellipsoid = make_ellipsoid({1, 2, 0.5});
  expect_sound(ellipsoid);
  expect_volume(ellipsoid, 4 * kPi / 3);
  const Mesh capsule = make_capsule(0.5, 2);
  expect_sound(capsule);
  expect_volume(capsule, kPi * 0.25 * 4 + 4 * kPi / 3 * 0.125);
  const Mesh cylinder = make_cylinder(0.5, 2);
  expect_sound(cylinder);
  expect_volume(cylinder, kPi * 0.25 * 4);
  expect_sound(make_plane(3, 4));
}

}  // namespace
}  // namespace wm::import
