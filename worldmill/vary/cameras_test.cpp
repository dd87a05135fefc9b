#include "worldmill/vary/cameras.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "worldmill/geometry/lens.h"
#include "worldmill/vary/testing.h"

namespace wm::vary {
namespace {

using namespace testing;
using math::Vec3;

constexpr double kPi = 3.141592653589793;

Sensor sensor() {
  Sensor camera;
  camera.name = "cam";
  return camera;
}

Sensor looking(const std::string& at) {
  Sensor camera = sensor();
  camera.look_at = selector(at);
  camera.distance = field("sensors.cam.pose.distance", "{uniform: [2, 5]}");
  camera.elevation = field("sensors.cam.pose.elevation", "{uniform: [-0.5, 1.5]}");
  return camera;
}

Result<Varied> shoot(const Job& job, std::int64_t scene = 0) {
  MemoryAssets source = assets();
  WM_TRY(staged, stage(job, scene, 0, source));
  return vary(job, staged, 0, 0, source);
}

PlacedCamera camera_of(const Sensor& sensor, std::int64_t scene = 0) {
  Job j = job();
  j.adds = {add("mug", "box", "4")};
  j.places = {place("spots", "mug")};
  j.sensors = {sensor};
  const Result<Varied> v = shoot(j, scene);
  EXPECT_TRUE(v) << complaint(v);
  return v->cameras.at(0);
}

std::string complaint_of(const Sensor& sensor) {
  Job j = job();
  j.adds = {add("none", "box", "0")};
  j.sensors = {sensor};
  return complaint(shoot(j));
}

Vec3 right(const PlacedCamera& c) {
  return c.world_from_camera.rotation * Vec3{1, 0, 0};
}
Vec3 down(const PlacedCamera& c) {
  return c.world_from_camera.rotation * Vec3{0, 1, 0};
}
Vec3 forward(const PlacedCamera& c) {
  return c.world_from_camera.rotation * Vec3{0, 0, 1};
}

void expect_near(Vec3 a, Vec3 b, double tolerance = 1e-12) {
  EXPECT_NEAR(a.x, b.x, tolerance);
  EXPECT_NEAR(a.y, b.y, tolerance);
  EXPECT_NEAR(a.z, b.z, tolerance);
}

TEST(Camera, SeesWhatItLooksAtInTheMiddleAndTheHorizonLevel) {
  const Vec3 target{1, 0, 1};  // the middle of the pillar
  for (int scene = 0; scene < 50; ++scene) {
    const PlacedCamera c = camera_of(looking("/World/Pillar"), scene);
    const auto lens = geometry::Pinhole::from_fov(640, 480, c.spec.fov);
    const auto pixel = lens.project(c.world_from_camera.inverse() * target);
    ASSERT_TRUE(pixel);
    EXPECT_NEAR(pixel->x, 320, 1e-9);
    EXPECT_NEAR(pixel->y, 240, 1e-9);
    EXPECT_NEAR(right(c).z, 0, 1e-12);
    EXPECT_LT(down(c).z, 0);
    const double distance = math::length(c.world_from_camera.translation - target);
    EXPECT_GE(distance, 2 - 1e-12);
    EXPECT_LT(distance, 5);
  }
}

TEST(Camera, StandsWhereAzimuthAndElevationSay) {
  Sensor s = looking("/World/Pillar");
  s.distance = field("d", "2");
  s.azimuth = field("a", "1.5707963267948966");
  s.elevation = field("e", "0");
  expect_near(camera_of(s).world_from_camera.translation, {1, 2, 1});
  s.elevation = field("e", "1.5707963267948966");
  const PlacedCamera above = camera_of(s);
  expect_near(above.world_from_camera.translation, {1, 0, 3});
  expect_near(forward(above), {0, 0, -1});
  expect_near(right(above), {-1, 0, 0}, 1e-6);  // as just below the zenith
}

TEST(Camera, AHeightMakesTheDistanceOneAlongTheGround) {
  Sensor s = looking("/World/Pillar");
  s.elevation = {};
  s.distance = field("d", "3");
  s.azimuth = field("a", "0");
  s.height = field("h", "9");
  s.offset = field("o", "[0, 0, 1]");
  const PlacedCamera c = camera_of(s);
  expect_near(c.world_from_camera.translation, {4, 0, 9});
  expect_near(forward(c), math::normalized(Vec3{-3, 0, -7}));
}

TEST(Camera, RollTurnsThePictureClockwise) {
  Sensor s = looking("/World/Pillar");
  s.roll = field("r", "0.1");
  const PlacedCamera c = camera_of(s);
  // What is right of the middle on the level moves down in the picture.
  const Vec3 level = math::normalized(math::cross(forward(c), Vec3{0, 0, 1}));
  EXPECT_NEAR(math::dot(level, down(c)), std::sin(0.1), 1e-12);
  EXPECT_NEAR(math::dot(level, right(c)), std::cos(0.1), 1e-12);
}

TEST(Camera, ABodysRotationLooksAlongItsX) {
  Sensor s = sensor();
  s.position = field("p", "[1, 2, 3]");
  const PlacedCamera ahead = camera_of(s);
  expect_near(ahead.world_from_camera.translation, {1, 2, 3});
  expect_near(forward(ahead), {1, 0, 0});
  expect_near(right(ahead), {0, -1, 0});
  expect_near(down(ahead), {0, 0, -1});
  s.yaw = field("y", std::to_string(kPi / 2));
  expect_near(forward(camera_of(s)), {0, 1, 0}, 1e-6);
  s.yaw = {};
  s.rpy = field("r", "[0, 0.5, 0]");
  EXPECT_NEAR(forward(camera_of(s)).z, -std::sin(0.5), 1e-12);  // nose down
  s.rpy = {};
  s.quat_wxyz = field("q", "[0.7071067811865476, 0, 0, 0.7071067811865476]");
  expect_near(forward(camera_of(s)), {0, 1, 0});
}

TEST(Camera, LooksFromAPosition) {
  Sensor s = looking("/World/Pillar");
  s.distance = {};
  s.position = field("p", "[-3, 0, 1]");
  const PlacedCamera c = camera_of(s);
  expect_near(c.world_from_camera.translation, {-3, 0, 1});
  expect_near(forward(c), {1, 0, 0});
}

TEST(Camera, OneOfSeveralIsDrawn) {
  Job j = job();
  j.adds = {add("mug", "box", "4")};
  j.places = {place("spots", "mug")};
  j.sensors = {looking("mug")};
  std::map<std::string, int> seen;
  for (int scene = 0; scene < 400; ++scene) {
    const Result<Varied> v = shoot(j, scene);
    ASSERT_TRUE(v) << complaint(v);
    for (const auto& d : v->draws) {
      if (d.address.ends_with("sensors.cam.pose.look_at")) ++seen[*d.value.text()];
    }
  }
  EXPECT_EQ(seen.size(), 4u);
  for (const auto& [path, count] : seen) EXPECT_NEAR(count, 100, 44) << path;  // five standard deviations
}

TEST(Camera, AllAroundIsUniform) {
  constexpr int kBins = 8, kDraws = 800;
  std::array<int, kBins> bins{};
  for (int scene = 0; scene < kDraws; ++scene) {
    const Vec3 from = camera_of(looking("/World/Pillar"), scene).world_from_camera.translation - Vec3{1, 0, 1};
    const double turns = std::atan2(from.y, from.x) / (2 * kPi) + 0.5;
    ++bins[static_cast<std::size_t>(std::min(turns * kBins, kBins - 1.0))];
  }
  double chi = 0;
  for (const int n : bins) chi += (n - kDraws / kBins) * (n - kDraws / kBins) / double(kDraws / kBins);
  EXPECT_LT(chi, 24.3);  // seven degrees of freedom: 0.1 % of seeds lie above
}

TEST(Camera, SettingsAreDrawn) {
  Sensor s = looking("/World/Pillar");
  s.fov = field("sensors.cam.camera.fov", "{uniform: [0.5, 0.6]}");
  s.exposure = field("sensors.cam.camera.exposure", "-2");
  const PlacedCamera c = camera_of(s);
  EXPECT_GE(c.spec.fov, 0.5);
  EXPECT_LT(c.spec.fov, 0.6);
  EXPECT_EQ(c.spec.exposure, -2);
  EXPECT_EQ(c.spec.width, 640);
}

TEST(Camera, ComplainsOfWhatCannotBe) {
  Sensor s = looking("/World/Pillar");
  s.fov = field("sensors.cam.camera.fov", "4");
  EXPECT_EQ(complaint_of(s), "r.yaml:1:1: sensors.cam.camera.fov is 4 rad, must be between 0 and pi");
  s = looking("/World/Pillar");
  s.distance = field("d", "-1");
  EXPECT_EQ(complaint_of(s), "sensors.cam.pose: distance is -1 m, must be above 0");
  EXPECT_EQ(complaint_of(looking("none")),
            "sensors.cam.pose: there is no \"none\" to look at in this scene; let its count be at least 1");
  s = looking("/World/Pillar");
  s.position = field("p", "[1, 0, 1]");
  EXPECT_EQ(complaint_of(s), "sensors.cam.pose: the camera stands in the point that it looks at");
  EXPECT_EQ(complaint_of(sensor()), "sensors.cam.pose: says neither what to look at nor a position");
}

}  // namespace
}  // namespace wm::vary
