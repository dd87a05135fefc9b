#include "worldmill/formats/kitti.h"

#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/base/distributions.h"
#include "worldmill/formats/synthetic.h"
#include "worldmill/math/elementary.h"

namespace wm::formats {
namespace {

using base::RandomKey;
using math::Vec3;

constexpr double kPi = 3.141592653589793;

Box3d random_box(RandomKey key, bool tilted) {
  const auto draw = [&](std::uint64_t i, double low, double high) { return base::uniform(key, i, low, high); };
  // Yaw alone turns about the camera's y axis.
  const auto rotation = tilted
                            ? math::Rotation::normalized(draw(0, -1, 1), draw(1, -1, 1), draw(2, -1, 1), draw(3, -1, 1))
                            : math::Rotation::normalized(draw(0, -1, 1), 0, draw(2, -1, 1), 0);
  return {{draw(4, 0.1, 5), draw(5, 0.1, 2), draw(6, 0.1, 2)},
          {rotation, {draw(7, -9, 9), draw(8, -2, 2), draw(9, 2, 40)}}};
}

/// Whether `point` lies in the box, with a slack for rounding [m].
bool contains(const KittiBox& box, Vec3 point, double slack = 1e-9) {
  const Vec3 p = point - box.bottom;
  const double c = std::cos(box.rotation_y), s = std::sin(box.rotation_y);
  return std::abs(c * p.x - s * p.z) <= box.length / 2 + slack &&
         std::abs(s * p.x + c * p.z) <= box.width / 2 + slack && p.y <= slack && p.y >= -box.height - slack;
}

TEST(Kitti, AnUprightBoxIsItself) {
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Box3d box = random_box(RandomKey::from_seed(i), false);
    const KittiBox k = upright(box);
    EXPECT_NEAR(k.length, box.size.x, 1e-9);
    EXPECT_NEAR(k.height, box.size.y, 1e-9);
    EXPECT_NEAR(k.width, box.size.z, 1e-9);
    const Vec3 center = box.camera_from_box.translation;
    EXPECT_NEAR(length(k.bottom - (center + Vec3{0, box.size.y / 2, 0})), 0, 1e-9);
    const Vec3 forward = box.camera_from_box.rotation * Vec3{1, 0, 0};
    EXPECT_NEAR(std::cos(k.rotation_y), forward.x, 1e-9);
    EXPECT_NEAR(-std::sin(k.rotation_y), forward.z, 1e-9);
  }
}

TEST(Kitti, ATiltedBoxIsHeldByItsUprightBoxAndNoThirdOfATurnHoldsItTighter) {
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Box3d box = random_box(RandomKey::from_seed(i), true);
    const KittiBox k = upright(box);
    for (const Vec3& corner : box.corners()) EXPECT_TRUE(contains(k, corner)) << i;
    for (int step = 0; step < 360; ++step) {
      const double c = std::cos(step * kPi / 360), s = std::sin(step * kPi / 360);
      double low_a = 1e9, high_a = -1e9, low_b = 1e9, high_b = -1e9;
      for (const Vec3& p : box.corners()) {
        low_a = std::min(low_a, c * p.x + s * p.z), high_a = std::max(high_a, c * p.x + s * p.z);
        low_b = std::min(low_b, c * p.z - s * p.x), high_b = std::max(high_b, c * p.z - s * p.x);
      }
      EXPECT_GE((high_a - low_a) * (high_b - low_b), k.length * k.width * (1 - 1e-9));
    }
  }
}

TEST(Kitti, CornersAreThoseOfTheBox) {
  const KittiBox k = upright(random_box(RandomKey::from_seed(3), true));
  Vec3 sum;
  for (const Vec3& corner : k.corners()) {
    EXPECT_TRUE(contains(k, corner));
    sum += corner;
  }
  EXPECT_NEAR(length(sum / 8.0 - (k.bottom - Vec3{0, k.height / 2, 0})), 0, 1e-9);
}

TEST(Kitti, AnglesStayWithinHalfATurn) {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Box3d box = random_box(RandomKey::from_seed(i), i % 2 == 0);
    if (i % 3 == 0) box.camera_from_box.translation.z = -box.camera_from_box.translation.z;
    const KittiBox k = upright(box);
    EXPECT_LE(std::abs(k.rotation_y), kPi);
    EXPECT_LE(std::abs(k.alpha()), kPi);
    const double turn = k.alpha() - k.rotation_y + std::atan2(k.bottom.x, k.bottom.z);
    EXPECT_NEAR(turn - 2 * kPi * std::round(turn / (2 * kPi)), 0, 1e-9);
  }
}

TEST(Kitti, ProjectedCornersLieAroundTheWholeSilhouette) {
  int checked = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto sample = synthetic::shoot({0, 0, 0}, synthetic::scatter(seed), {"left"}, 160, 120);
    const sample::View& view = sample.views[0];
    const auto boxes = boxes_3d(sample, view).value();
    const auto loose = view.objects.find("box_2d_loose")->as<double>();
    for (std::size_t row = 0; row < boxes.size(); ++row) {
      if (std::isnan(loose[4 * row])) continue;
      double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
      bool in_front = true;
      for (const Vec3& corner : upright(*boxes[row]).corners()) {
        const auto pixel = view.camera.lens.project(corner);
        in_front = in_front && pixel.has_value();
        if (!in_front) break;
        x0 = std::min(x0, pixel->x), x1 = std::max(x1, pixel->x);
        y0 = std::min(y0, pixel->y), y1 = std::max(y1, pixel->y);
      }
      if (!in_front) continue;
      ++checked;
      EXPECT_LE(x0, loose[4 * row] + 0.5);  // a pixel counts when its centre is hit: half a pixel either way
      EXPECT_LE(y0, loose[4 * row + 1] + 0.5);
      EXPECT_GE(x1, loose[4 * row + 2] - 0.5);
      EXPECT_GE(y1, loose[4 * row + 3] - 0.5);
    }
  }
  EXPECT_GT(checked, 30);
}

}  // namespace
}  // namespace wm::formats
