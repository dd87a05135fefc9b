#include "worldmill/math/box.h"

#include <gtest/gtest.h>

namespace wm::math {
namespace {

TEST(Box3, IsEmptyUntilSomethingIsPutIn) {
  Box3 box;
  EXPECT_TRUE(box.is_empty());
  EXPECT_FALSE(box.contains({0, 0, 0}));
  EXPECT_EQ(box.size(), Vec3());
  box.add(Vec3{1, 2, 3});
  EXPECT_TRUE(box.contains({1, 2, 3}));
  EXPECT_EQ(box.center(), (Vec3{1, 2, 3}));
}

TEST(Box3, TouchingFacesOverlapAndGapsDoNot) {
  const Box3 a{{0, 0, 0}, {1, 1, 1}};
  EXPECT_TRUE(a.overlaps({{1, 0, 0}, {2, 1, 1}}));
  EXPECT_FALSE(a.overlaps({{1.001, 0, 0}, {2, 1, 1}}));
  EXPECT_FALSE(a.overlaps(Box3()));
}

TEST(Box3, HoldsItsCornersAfterAnyMap) {
  const Box3 box{{-1, -2, -3}, {1, 2, 3}};
  const Affine quarter_turn(Pose{Rotation::normalized(1, 0, 0, 1), {10, 0, 0}});  // about z
  const Box3 turned = transformed(quarter_turn, box);
  EXPECT_NEAR(turned.low.x, 8, 1e-14);
  EXPECT_NEAR(turned.high.y, 1, 1e-14);
  for (const Vec3 corner : box.corners()) EXPECT_TRUE(turned.contains(quarter_turn.point(corner)));
  EXPECT_TRUE(transformed(quarter_turn, Box3()).is_empty());
}

}  // namespace
}  // namespace wm::math
