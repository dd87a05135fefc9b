#include "worldmill/vary/polygon.h"

#include <gtest/gtest.h>

#include "worldmill/base/distributions.h"
#include "worldmill/vary/triangle_grid.h"

namespace wm::vary {
namespace {

using math::Vec2;

const base::RandomKey kKey = base::RandomKey::from_seed(3);

std::vector<Vec2> cloud(std::uint64_t seed, int count) {
  std::vector<Vec2> points;
  for (int i = 0; i < count; ++i) {
    const base::RandomKey key = kKey.child(seed);
    points.push_back(
        {base::uniform(key, 2 * std::uint64_t(i), -1, 1), base::uniform(key, 2 * std::uint64_t(i) + 1, -1, 1)});
  }
  return points;
}

double side(Vec2 a, Vec2 b, Vec2 p) {
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/// How far `p` lies inside, roughly; negative outside.
double depth(const Polygon& polygon, Vec2 p) {
  double least = 1e9;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    least = std::min(least, side(polygon[i], polygon[(i + 1) % polygon.size()], p));
  }
  return least;
}

TEST(Polygon, AHullHoldsItsPointsAndTurnsLeft) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto points = cloud(seed, seed < 10 ? 12 : 500);
    const Polygon hull = convex_hull(points);
    for (const Vec2 p : points) EXPECT_GE(depth(hull, p), -1e-12);
    for (std::size_t i = 0; i < hull.size(); ++i) {
      EXPECT_GT(side(hull[i], hull[(i + 1) % hull.size()], hull[(i + 2) % hull.size()]), 0);
      EXPECT_NE(std::ranges::find(points, hull[i]), points.end());
    }
  }
}

TEST(Polygon, ASimplerHullStillHoldsAll) {
  std::vector<Vec2> circle;
  for (const Vec2 p : cloud(1, 4000)) {
    const double size = std::sqrt(p.x * p.x + p.y * p.y);
    if (size > 0.1) circle.push_back(p * (1 / size));
  }
  const Polygon hull = convex_hull(circle);
  ASSERT_GT(hull.size(), 1000u);
  const Polygon simple = simplified(hull, 32);
  EXPECT_EQ(simple.size(), 32u);
  for (const Vec2 p : hull) EXPECT_GE(depth(simple, p), -1e-12);
  EXPECT_LT(area(simple), area(hull) * 1.02);
}

TEST(Polygon, GrownHoldsWhatIsNear) {
  const Polygon square = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  const Polygon wide = grown(square, 0.5);
  EXPECT_GE(depth(wide, {1.5, 0.5}), -1e-12);
  EXPECT_GE(depth(wide, {1.3535, 1.3535}), -1e-12);
  EXPECT_LT(depth(wide, {1.52, 0.5}), 0);
  EXPECT_LT(depth(wide, {1.5, 1.5}), 0);
}

TEST(Polygon, SharesAndOverlapsAgree) {
  int parted = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Polygon a = convex_hull(cloud(seed, 5));
    Polygon b = convex_hull(cloud(seed + 1000, 5));
    for (Vec2& p : b) p = p + Vec2{1.2, 0};
    const double shared = area(intersection(a, b));
    EXPECT_NEAR(shared, area(intersection(b, a)), 1e-12);
    EXPECT_EQ(overlap(a, b), shared > 1e-9) << shared;
    EXPECT_EQ(overlap(b, a), overlap(a, b));
    parted += shared == 0;
  }
  EXPECT_GT(parted, 50);
  EXPECT_LT(parted, 350);
}

TEST(TriangleGrid, GivesEachTriangleOnceAndMissesNone) {
  TriangleGrid grid;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const double size = i == 0 ? 1.0 : 0.1;
    WorldTriangle t;
    const auto at = cloud(5000 + i, 4);
    for (std::size_t k = 0; k < 3; ++k) t[k] = {at[0].x + size * at[k + 1].x, at[0].y + size * at[k + 1].y, double(i)};
    grid.add(t);
  }
  grid.build();
  for (std::uint64_t q = 0; q < 100; ++q) {
    const auto at = cloud(9000 + q, 2);
    const Vec2 low = at[0], high = at[0] + Vec2{0.3, 0.2};
    std::vector<int> seen(300);
    grid.visit(low, high, [&](const WorldTriangle& t) {
      ++seen[static_cast<std::size_t>(t[0].z)];
      return true;
    });
    for (std::size_t i = 0; i < 300; ++i) {
      const WorldTriangle& t = grid.triangles()[i];
      const double x0 = std::min({t[0].x, t[1].x, t[2].x}), x1 = std::max({t[0].x, t[1].x, t[2].x});
      const double y0 = std::min({t[0].y, t[1].y, t[2].y}), y1 = std::max({t[0].y, t[1].y, t[2].y});
      const bool near = x0 <= high.x && x1 >= low.x && y0 <= high.y && y1 >= low.y;
      EXPECT_EQ(seen[i], near ? 1 : 0);
    }
  }
}

}  // namespace
}  // namespace wm::vary
