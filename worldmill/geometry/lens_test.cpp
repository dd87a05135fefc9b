#include "worldmill/geometry/lens.h"

#include <gtest/gtest.h>

#include "worldmill/base/distributions.h"

namespace wm::geometry {
namespace {

TEST(Pinhole, UnprojectUndoesProject) {
  const Pinhole lens = Pinhole::from_fov(640, 480, 1.2);
  const base::RandomKey key = base::RandomKey::from_seed(3);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const math::Vec2 pixel{base::uniform(key, 2 * i, 0, 640), base::uniform(key, 2 * i + 1, 0, 480)};
    const math::Vec2 back = lens.project(lens.unproject(pixel) * 3.5).value();
    EXPECT_NEAR(back.x, pixel.x, 1e-10);  // a few ulp of 640
    EXPECT_NEAR(back.y, pixel.y, 1e-10);
  }
}

TEST(Pinhole, SeesItsFieldOfViewFromEdgeToEdge) {
  const Pinhole lens = Pinhole::from_fov(640, 480, 1.5707963267948966);  // 90 degrees: the edge is at x = z
  EXPECT_NEAR(lens.project({1, 0, 1})->x, 640, 1e-9);
  EXPECT_NEAR(lens.project({-2, 0, 2})->x, 0, 1e-9);
  EXPECT_NEAR(lens.horizontal_fov(), 1.5707963267948966, 1e-12);
}

TEST(Pinhole, ProjectsNothingFromBehind) {
  const Pinhole lens;
  EXPECT_FALSE(lens.project({0, 0, 0}));
  EXPECT_FALSE(lens.project({0.1, 0.1, -1}));
}

TEST(Pinhole, YPointsDownTheImage) {
  const Pinhole lens = Pinhole::from_fov(100, 100, 1);
  EXPECT_GT(lens.project({0, 0.1, 1})->y, 50);
  EXPECT_GT(lens.project({0.1, 0, 1})->x, 50);
}

}  // namespace
}  // namespace wm::geometry
