#include "worldmill/geometry/convex.h"

#include <gtest/gtest.h>

#include <cmath>

namespace wm::geometry {
namespace {

using math::Vec3;
using math::Vec3f;

constexpr double kPi = 3.14159265358979323846;

Mesh box(Vec3 half, Vec3 at = {}, const math::Rotation& turn = {}) {
  Mesh mesh;
  for (int i = 0; i < 8; ++i) {
    const Vec3 p = turn * Vec3{i & 1 ? half.x : -half.x, i & 2 ? half.y : -half.y, i & 4 ? half.z : -half.z} + at;
    mesh.positions.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
  }
  mesh.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                    {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  return mesh;
}

Mesh joined(Mesh a, const Mesh& b) {
  const auto first = static_cast<std::uint32_t>(a.positions.size());
  a.positions.insert(a.positions.end(), b.positions.begin(), b.positions.end());
  for (const Triangle& t : b.triangles) a.triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
  return a;
}

/// Points on a ball, and some inside.
std::vector<Vec3f> ball(double radius, int rings) {
  std::vector<Vec3f> points;
  for (int i = 0; i <= rings; ++i) {
    for (int k = 0; k < 2 * rings; ++k) {
      const double a = kPi * i / rings, b = kPi * k / rings;
      for (const double r : {radius, radius / 2}) {
        points.push_back({static_cast<float>(r * std::sin(a) * std::cos(b)),
                          static_cast<float>(r * std::sin(a) * std::sin(b)), static_cast<float>(r * std::cos(a))});
      }
    }
  }
  return points;
}

TEST(ConvexHull, OfABoxIsTheBox) {
  const Mesh mesh = box({1, 0.5, 0.25}, {3, 0, 0});
  const auto hull = convex_hull(mesh.positions);
  ASSERT_TRUE(hull);
  EXPECT_NEAR(volume(*hull), 1, 1e-12);
  EXPECT_TRUE(is_closed(*hull));
  EXPECT_TRUE(is_convex(*hull));
  EXPECT_EQ(hull->positions.size(), 8u);
}

TEST(ConvexHull, LeavesOutWhatLiesInside) {
  const auto hull = convex_hull(ball(1, 24), 4096);
  ASSERT_TRUE(hull);
  for (const Vec3f& p : hull->positions) EXPECT_NEAR(length(p), 1, 1e-6);
  EXPECT_NEAR(volume(*hull), 4 * kPi / 3, 0.1);
}

TEST(ConvexHull, OfFewVerticesReachesAlmostAsFar) {
  const auto hull = convex_hull(ball(1, 40), 150);
  ASSERT_TRUE(hull);
  EXPECT_LE(hull->positions.size(), 150u);
  EXPECT_GT(volume(*hull), 0.94 * 4 * kPi / 3);
}

TEST(ConvexHull, OfFewVerticesKeepsItsFlats) {
  Mesh disc;  // a puck of 200 corners above and below
  for (int i = 0; i < 400; ++i) {
    const double a = 2 * kPi * (i / 2) / 200;
    disc.positions.push_back({static_cast<float>(std::cos(a)), static_cast<float>(std::sin(a)), i % 2 ? 0.5f : 0.0f});
  }
  const auto hull = convex_hull(disc.positions, 64);
  ASSERT_TRUE(hull);
  int below = 0;
  for (const Vec3f& p : hull->positions) below += p.z == 0;
  EXPECT_GT(below, 20);
  EXPECT_GT(volume(*hull), 0.97 * kPi / 2);
}

TEST(ConvexHull, OfFlatThingsIsNothing) {
  EXPECT_FALSE(convex_hull(box({1, 1, 0}).positions));
  EXPECT_FALSE(convex_hull(std::vector<Vec3f>{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {3, 0, 0}}));
  const Vec3f tiny{1e-9f, 0, 0};
  EXPECT_FALSE(convex_hull(std::vector<Vec3f>{tiny, tiny, tiny, tiny, tiny}));
}

TEST(Volume, IsNegativeInsideOut) {
  Mesh mesh = box({1, 1, 1});
  EXPECT_NEAR(volume(mesh), 8, 1e-12);
  EXPECT_NEAR(area(mesh), 24, 1e-12);
  for (Triangle& t : mesh.triangles) std::swap(t[0], t[1]);
  EXPECT_NEAR(volume(mesh), -8, 1e-12);
}

TEST(IsClosed, MissesATriangle) {
  Mesh mesh = box({1, 1, 1});
  EXPECT_TRUE(is_closed(mesh));
  mesh.triangles.pop_back();
  EXPECT_FALSE(is_closed(mesh));
}

TEST(Parts, AreWhatHangsTogether) {
  const Mesh mesh = joined(box({1, 1, 1}), box({1, 1, 1}, {5, 0, 0}));
  const auto parts = connected_parts(mesh);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_NEAR(volume(parts[1]), 8, 1e-12);
  EXPECT_EQ(flat_parts(mesh, 0.01).size(), 12u);
}

TEST(IsConvex, KnowsACornerThatGoesIn) {
  EXPECT_TRUE(is_convex(box({1, 2, 3})));
  EXPECT_FALSE(is_convex(joined(box({1, 1, 1}), box({1, 1, 1}, {1, 1, 0}))));
}

TEST(Fit, FindsATurnedBox) {
  const math::Rotation turn = math::Rotation::between({1, 0, 0}, {0.8, 0.6, 0});
  const Fit found = fit(box({0.5, 0.3, 0.1}, {1, 2, 3}, turn).positions, Primitive::box);
  EXPECT_NEAR(found.volume, 8 * 0.5 * 0.3 * 0.1, 1e-5);
  EXPECT_NEAR(length(found.mesh_from_shape.translation - Vec3{1, 2, 3}), 0, 1e-6);
}

TEST(Fit, HoldsAllPoints) {
  std::vector<Vec3f> points = ball(0.4, 9);
  for (Vec3f& p : points) p = {p.x * 0.5f + 1, p.y * 0.5f, p.z * 2};
  for (const Primitive kind : {Primitive::box, Primitive::sphere, Primitive::capsule, Primitive::cylinder}) {
    const Fit found = fit(points, kind);
    const math::Pose back = found.mesh_from_shape.inverse();
    for (const Vec3f& q : points) {
      const Vec3 p = back * Vec3{q.x, q.y, q.z};
      const double out = std::hypot(p.x, p.y), slack = 1e-6;
      switch (kind) {
        case Primitive::box:
          EXPECT_TRUE(std::abs(p.x) <= found.size.x + slack && std::abs(p.y) <= found.size.y + slack);
          EXPECT_LE(std::abs(p.z), found.size.z + slack);
          break;
        case Primitive::sphere:
          EXPECT_LE(length(p), found.size.x + slack);
          break;
        case Primitive::cylinder:
          EXPECT_TRUE(out <= found.size.x + slack && std::abs(p.z) <= found.size.y + slack);
          break;
        case Primitive::capsule: {
          const double past = std::max(0.0, std::abs(p.z) - found.size.y);
          EXPECT_LE(std::hypot(out, past), found.size.x + slack);
        }
      }
    }
  }
}

TEST(Fit, OfABallIsTheBall) {
  const Fit sphere = fit(ball(0.2, 16), Primitive::sphere);
  EXPECT_NEAR(sphere.size.x, 0.2, 1e-6);
  EXPECT_NEAR(sphere.volume, 4 * kPi / 3 * 0.008, 1e-6);
}

}  // namespace
}  // namespace wm::geometry
