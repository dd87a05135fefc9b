#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "worldmill/render/render.h"
#include "worldmill/render/test_scenes.h"

namespace wm::render {
namespace {

using math::Vec3;
using math::Vec3f;
using testing::Builder;
using testing::kPi;
using testing::moved;

const base::RandomKey kKey = base::RandomKey::from_seed(5);

// Looks straight down from `height` at the origin: image x along world x, image y along world -y.
sample::CameraRecord camera_above(double height, int size = 32, double fov = 0.2) {
  sample::CameraRecord camera;
  camera.lens = geometry::Pinhole::from_fov(size, size, fov);
  camera.world_from_camera = {math::Rotation::from_matrix({{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}), {0, 0, height}};
  return camera;
}

Film film(const scene::World& world, const sample::CameraRecord& camera, Quality quality = {}, int workers = 2) {
  const auto engine = make_engine();
  return trace(*engine->compile(world), camera, quality, kKey, workers);
}

Vec3f mean(const Film& film) {
  double sum[3] = {0, 0, 0};
  for (std::size_t i = 0; i < film.radiance.values.size(); ++i) sum[i % 3] += film.radiance.values[i];
  const double n = film.radiance.width * film.radiance.height;
  return {static_cast<float>(sum[0] / n), static_cast<float>(sum[1] / n), static_cast<float>(sum[2] / n)};
}

scene::Material matte(float albedo) {
  scene::Material m;
  m.base_color = {albedo, albedo, albedo};
  m.ior = 1;  // no reflection on top
  return m;
}

scene::Light sky(float luminance, scene::PicturePtr picture = nullptr) {
  scene::Light light;
  light.kind = scene::LightKind::environment;
  light.intensity = luminance;
  light.picture = std::move(picture);
  return light;
}

// A floor of 20 m under a light; what the camera sees of it around the origin.
Vec3f lit_floor(scene::Light light, const math::Affine& world_from_light, float albedo = 0.5f, double fov = 0.004) {
  Builder b;
  b.node({}, {{b.mesh(testing::square(20)), b.material(matte(albedo))}});
  b.light(world_from_light, std::move(light));
  return mean(film(b.world(), camera_above(3, 16, fov), {.noise = {}, .max_samples = 64, .max_depth = 2}));
}

TEST(Trace, KeepsAWhiteFurnaceWhite) {
  for (const float metallic : {0.0f, 1.0f}) {
    for (const float roughness : {0.0f, 0.3f, 0.7f, 1.0f}) {
      Builder b;
      scene::Material m;
      m.base_color = {1, 1, 1};
      m.roughness = roughness;
      m.metallic = metallic;
      b.node({}, {{b.mesh(testing::ball(1, 48)), b.material(m)}});
      b.light({}, sky(3));
      const Vec3f light = mean(film(b.world(), camera_above(8), {.noise = {}, .max_samples = 64, .max_depth = 32}));
      // The shading normals of a ball of triangles lose light near its edge, at most this much.
      EXPECT_NEAR(light.y, 3, 0.03) << metallic << " " << roughness;
    }
  }
}

TEST(Trace, SeesAnEvenEnvironmentThroughWhateverPicture) {
  Builder b;
  b.light({}, sky(2, testing::flat_light({0.5f, 1, 2}, 64, 32)));
  const Vec3f light = mean(film(b.world(), camera_above(1)));
  EXPECT_NEAR(light.x, 1, 1e-5);
  EXPECT_NEAR(light.y, 2, 1e-5);
  EXPECT_NEAR(light.z, 4, 1e-5);
}

TEST(Trace, FloorUnderAnEvenSkyShowsItsAlbedo) {
  for (const auto& picture : {scene::PicturePtr(), testing::flat_light({1, 1, 1}, 32, 16)}) {
    EXPECT_NEAR(lit_floor(sky(10, picture), {}, 0.3f).x, 3, 0.03);
  }
}

TEST(Trace, DistantLightGivesAlbedoTimesIlluminanceByPi) {
  for (const float angle : {0.0f, 0.1f}) {
    scene::Light sun;
    sun.kind = scene::LightKind::distant;
    sun.intensity = 1000;
    sun.angle = angle;
    EXPECT_NEAR(lit_floor(sun, {}).x, 0.5 * 1000 / kPi, 0.3);
    // Turned by 60 degrees, half of it arrives.
    const math::Affine turned{{{1, 0, 0}, {0, 0.5, -std::sqrt(0.75)}, {0, std::sqrt(0.75), 0.5}}, {}};
    EXPECT_NEAR(lit_floor(sun, turned).x, 0.25 * 1000 / kPi, 0.5);
  }
}

TEST(Trace, PointAndBallOfOneIntensityLightTheFloorAlike) {
  scene::Light lamp;
  lamp.kind = scene::LightKind::sphere;
  lamp.intensity = 100;
  const double expected = 0.5 / kPi * 100 / 4;  // I / d^2
  EXPECT_NEAR(lit_floor(lamp, moved(0, 0, 2)).x, expected, 0.002);
  // A ball of even luminance gives pi L (r / d)^2 = I / d^2 to what faces it, however near.
  lamp.radius = 0.5f;
  EXPECT_NEAR(lit_floor(lamp, moved(0, 0, 2)).x, expected, 0.01);
  lamp.radius = 1.5f;
  EXPECT_NEAR(lit_floor(lamp, moved(0, 0, 2)).x, expected, 0.02);
}

TEST(Trace, SpotFadesBetweenItsCones) {
  scene::Light spot;
  spot.kind = scene::LightKind::spot;
  spot.intensity = 100;
  spot.inner_cone = 0.1f;
  spot.outer_cone = 0.3f;
  const auto floor_at = [&](double x) { return lit_floor(spot, moved(x, 0, 2)).x; };
  EXPECT_NEAR(floor_at(0), 0.5 / kPi * 25, 0.01);
  EXPECT_GT(floor_at(2 * std::tan(0.2)), 0.1f);
  EXPECT_LT(floor_at(2 * std::tan(0.2)), 3.5f);
  EXPECT_EQ(floor_at(2 * std::tan(0.32)), 0);
}

// Illuminance on a point below the centre of a parallel rectangle [-a, a] x [-b, b] at height h, luminance 1:
// four corners of the form factor of a point and a rectangle.
double under_rectangle(double a, double b, double h) {
  const double A = std::sqrt(a * a + h * h), B = std::sqrt(b * b + h * h);
  return 2 * (a / A * std::atan(b / A) + b / B * std::atan(a / B));
}

TEST(Trace, RectangleLightsTheFloorAsTheClosedFormSays) {
  scene::Light panel;
  panel.kind = scene::LightKind::rect;
  panel.width = 2;
  panel.height = 1;
  panel.intensity = 50;
  for (const double h : {0.5, 2.0}) {
    const double expected = 0.5 / kPi * 50 * under_rectangle(1, 0.5, h);
    EXPECT_NEAR(lit_floor(panel, moved(0, 0, h)).x, expected, 0.005 * expected) << h;
  }
  // From behind it is dark.
  const math::Affine over{{{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}, {0, 0, 2}};
  EXPECT_EQ(lit_floor(panel, over).x, 0);
}

TEST(Trace, ShiningSquareLightsTheFloorLikeARectangle) {
  Builder b;
  scene::Material glow = matte(0);
  glow.emission = {50, 50, 50};
  b.node({}, {{b.mesh(testing::square(20)), b.material(matte(0.5f))}});
  b.node({{{1, 0, 0}, {0, 0.5, 0}, {0, 0, 1}}, {0, 0, 1}}, {{b.mesh(testing::square(2)), b.material(glow)}});
  // From the side, below the square.
  sample::CameraRecord camera = camera_above(0.5, 16, 0.004);
  const double expected = 0.5 / kPi * 50 * under_rectangle(1, 0.5, 1);
  const Vec3f light = mean(film(b.world(), camera, {.noise = {}, .max_samples = 256, .max_depth = 2}));
  EXPECT_NEAR(light.x, expected, 0.005 * expected);
}

TEST(Trace, RectangleInAMirrorIsAsBrightAsItself) {
  Builder b;
  scene::Material mirror;
  mirror.base_color = {1, 1, 1};
  mirror.metallic = 1;
  mirror.roughness = 0;
  b.node({}, {{b.mesh(testing::square(20)), b.material(mirror)}});
  scene::Light panel;
  panel.kind = scene::LightKind::rect;
  panel.width = panel.height = 4;
  panel.intensity = 50;
  b.light(moved(0, 0, 4), panel);
  EXPECT_NEAR(mean(film(b.world(), camera_above(3, 16, 0.02))).x, 50, 0.3);
}

TEST(Trace, BrightSpotInTheSkyLightsTheFloorLikeADistantLight) {
  // One texel of 64 x 32 some 45 degrees up; its irradiance by its solid angle.
  image::Pixels<float> pixels(64, 32, 3);
  for (int c = 0; c < 3; ++c) pixels.at(40, 7, c) = 1000;
  double irradiance = 0;  // of the bilinear bump, on a fine grid
  const int fine = 64;
  for (int y = 6 * fine; y < 9 * fine; ++y) {
    for (int x = 39 * fine; x < 42 * fine; ++x) {
      const double u = (x + 0.5) / fine - 40.5, v = (y + 0.5) / fine - 7.5, theta = kPi * (y + 0.5) / fine / 32;
      const double bump = std::max(0.0, 1 - std::abs(u)) * std::max(0.0, 1 - std::abs(v));
      irradiance += 1000 * bump * std::cos(theta) * std::sin(theta) * (kPi / 32 / fine) * (2 * kPi / 64 / fine);
    }
  }
  const auto picture = std::make_shared<const scene::Picture>(scene::Picture{"spot", pixels});
  EXPECT_NEAR(lit_floor(sky(1, picture), {}).x, 0.5 / kPi * irradiance, 0.01 * irradiance);
}

TEST(Trace, EnvironmentTurnsWithItsNode) {
  // Light from the picture's centre column, +x of its node: with the node turned a quarter left, from +y.
  image::Pixels<float> pixels(64, 32, 3);
  for (int y = 14; y < 18; ++y) {
    for (int x = 30; x < 34; ++x) pixels.at(x, y, 0) = 100;
  }
  const auto picture = std::make_shared<const scene::Picture>(scene::Picture{"spot", pixels});
  Builder b;
  b.light({{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}, {}}, sky(1, picture));
  const auto seen_towards = [&](Vec3 x, Vec3 y, Vec3 z) {
    sample::CameraRecord camera;
    camera.lens = geometry::Pinhole::from_fov(8, 8, 0.05);
    camera.world_from_camera.rotation = math::Rotation::from_matrix(math::transposed({x, y, z}));
    return mean(film(b.world(), camera)).x;
  };
  EXPECT_NEAR(seen_towards({1, 0, 0}, {0, 0, -1}, {0, 1, 0}), 100, 1e-3);
  EXPECT_EQ(seen_towards({0, -1, 0}, {0, 0, -1}, {1, 0, 0}), 0);
}

// A tabletop with all kinds of light and material.
scene::World still_life() {
  Builder b;
  b.node({}, {{b.mesh(testing::square(4)), b.material(matte(0.6f))}});
  const auto ball = b.mesh(testing::ball(0.3f, 16));
  for (int i = 0; i < 6; ++i) {
    scene::Material m;
    m.base_color = {0.3f + 0.1f * static_cast<float>(i), 0.5f, 0.8f - 0.1f * static_cast<float>(i)};
    m.roughness = 0.15f * static_cast<float>(i) + 0.05f;
    m.metallic = i % 2 ? 1.0f : 0.0f;
    m.clearcoat = i == 2 ? 1.0f : 0.0f;
    m.transmission = i == 4 ? 0.8f : 0.0f;
    if (i == 5) m.emission = {5, 3, 1};
    if (i == 0) {
      m.alpha_mode = scene::AlphaMode::blend;
      m.opacity = 0.6f;
    }
    b.node(moved(-1 + 0.8 * (i % 3), 0.8 * (i / 3) - 0.4, 0.3), {{ball, b.material(m)}});
  }
  scene::Light lamp;
  lamp.intensity = 20;
  lamp.radius = 0.1f;
  b.light(moved(1, 1, 2), lamp);
  scene::Light panel;
  panel.kind = scene::LightKind::rect;
  panel.intensity = 10;
  b.light(moved(-1, 0, 2), panel);
  image::Pixels<float> pixels(16, 8, 3);
  for (std::size_t i = 0; i < pixels.values.size(); ++i) pixels.values[i] = static_cast<float>(i * 7 % 11) * 0.2f;
  b.light({}, sky(1, std::make_shared<const scene::Picture>(scene::Picture{"sky", pixels})));
  return b.world();
}

TEST(Trace, DoesNotDependOnTheNumberOfWorkers) {
  const scene::World world = still_life();
  const sample::CameraRecord camera = camera_above(5, 50, 0.7);
  const Quality quality{.noise = 0.1, .max_samples = 64, .max_depth = 6};
  const Film one = film(world, camera, quality, 1);
  for (const int workers : {3, 8}) {
    const Film other = film(world, camera, quality, workers);
    EXPECT_EQ(one.radiance, other.radiance);
    EXPECT_EQ(one.samples, other.samples);
  }
}

TEST(Trace, TakesMoreSamplesWhereThereIsMoreNoise) {
  const Film adaptive = film(still_life(), camera_above(5, 64, 0.7), {.noise = 0.03, .max_samples = 512}, 2);
  const auto& samples = adaptive.samples.values;
  EXPECT_NE(*std::min_element(samples.begin(), samples.end()), *std::max_element(samples.begin(), samples.end()));
  for (const std::uint16_t n : samples) EXPECT_EQ(n % 16, 0);
  const Film fixed = film(still_life(), camera_above(5, 20, 0.7), {.noise = {}, .max_samples = 5}, 2);
  for (const std::uint16_t n : fixed.samples.values) EXPECT_EQ(n, 5);
}

TEST(Trace, StopsEarlyWhenCancelled) {
  base::Cancel cancel;
  cancel.request();
  const auto engine = make_engine();
  const Film film = trace(*engine->compile(still_life()), camera_above(5), {}, kKey, 2, &cancel);
  EXPECT_EQ(film.samples.at(0, 0), 0);
  EXPECT_EQ(film.radiance.at(0, 0), 0);
}

TEST(Trace, HolesAndHalfClearThingsCastTheShadowsOfTheirAlpha) {
  const auto floor_under = [](scene::AlphaMode mode, float opacity) {
    Builder b;
    b.node({}, {{b.mesh(testing::square(20)), b.material(matte(0.5f))}});
    scene::Material shade = matte(0);
    shade.alpha_mode = mode;
    shade.opacity = opacity;
    b.node(moved(0, 0, 4), {{b.mesh(testing::square(2)), b.material(shade)}});
    scene::Light lamp;
    lamp.intensity = 100;
    b.light(moved(0, 0, 5), lamp);
    return mean(film(b.world(), camera_above(3, 16, 0.02), {.noise = {}, .max_samples = 256, .max_depth = 2})).x;
  };
  const float open = floor_under(scene::AlphaMode::mask, 0.2f);
  EXPECT_NEAR(open, 0.5 / kPi * 100 / 25, 1e-3);
  EXPECT_EQ(floor_under(scene::AlphaMode::mask, 0.6f), 0);
  EXPECT_NEAR(floor_under(scene::AlphaMode::blend, 0.3f), 0.7 * open, 0.01 * open);
  EXPECT_EQ(floor_under(scene::AlphaMode::opaque, 0.3f), 0);
}

TEST(Trace, ClearWallsTintTheLightThatPassesStraightThrough) {
  // Two panes between a point of light, which only next-event estimation finds, and the floor.
  Builder b;
  b.node({}, {{b.mesh(testing::square(20)), b.material(matte(0.5f))}});
  scene::Material pane;
  pane.base_color = {1, 0.5f, 0.25f};
  pane.roughness = 0;
  pane.transmission = 1;
  const auto square = b.mesh(testing::square(2));
  const auto material = b.material(pane);
  b.node(moved(0, 0, 3.5), {{square, material}});
  b.node(moved(0, 0, 4), {{square, material}});
  scene::Light lamp;
  lamp.intensity = 100;
  b.light(moved(0, 0, 5), lamp);
  const Vec3f light =
      mean(film(b.world(), camera_above(3, 16, 0.02), {.noise = {}, .max_samples = 64, .max_depth = 2}));
  const double open = 0.5 / kPi * 100 / 25 * 0.96 * 0.96;
  EXPECT_NEAR(light.x, open, 0.003 * open);
  EXPECT_NEAR(light.y, open / 4, 0.003 * open);
  EXPECT_NEAR(light.z, open / 16, 0.003 * open);
}

TEST(Trace, SeesThroughClearWalls) {
  Builder b;
  scene::Material pane, glow = matte(0);
  pane.base_color = {1, 1, 1};
  pane.roughness = 0;
  pane.transmission = 1;
  glow.emission = {10, 10, 10};
  const auto square = b.mesh(testing::square(2));
  b.node(moved(0, 0, 1), {{square, b.material(pane)}});
  b.node({}, {{square, b.material(glow)}});
  EXPECT_NEAR(mean(film(b.world(), camera_above(3, 16, 0.02), {.noise = {}, .max_samples = 256, .max_depth = 1})).x,
              9.6, 0.03);
}

TEST(Trace, DepthOneSeesOnlyWhatShines) {
  EXPECT_EQ(mean(film(still_life(), camera_above(1.0, 8, 0.01), {.noise = {}, .max_samples = 16, .max_depth = 1})).x,
            0);
}

TEST(Trace, BouncedLightFillsAClosedBoxAsAGeometricSeries) {
  // Inside a ball of albedo a that shines with L, everything is L / (1 - a) bright.
  Builder b;
  scene::Material glow = matte(0.5f);
  glow.emission = {1, 1, 1};
  b.node({}, {{b.mesh(testing::ball(2, 24)), b.material(glow)}});
  const Vec3f light =
      mean(film(b.world(), camera_above(0.5, 16, 1.0), {.noise = {}, .max_samples = 256, .max_depth = 64}));
  EXPECT_NEAR(light.x, 2, 0.02);
}

TEST(Trace, IsTheSameFarFromZero) {
  const auto picture_at = [](Vec3 offset) {
    Builder b;
    b.node(moved(offset.x, offset.y, offset.z), {{b.mesh(testing::square(4)), b.material(matte(0.6f))}});
    b.node(moved(offset.x, offset.y, offset.z + 0.5), {{b.mesh(testing::ball(0.5, 24)), b.material(matte(0.6f))}});
    b.light({}, sky(1));
    sample::CameraRecord camera = camera_above(4, 32, 0.6);
    camera.world_from_camera.translation += offset;
    return film(b.world(), camera, {.noise = {}, .max_samples = 64, .max_depth = 4});
  };
  const Film near = picture_at({}), far = picture_at({3e6, -2e6, 5e5});
  for (std::size_t i = 0; i < near.radiance.values.size(); ++i) {
    // Roundings at 1e-9 m now and then send a ray past an edge.
    ASSERT_NEAR(near.radiance.values[i], far.radiance.values[i], 0.03);
  }
  EXPECT_NEAR(mean(near).x, mean(far).x, 2e-4);
}

TEST(Trace, MirroredInstancesAreShadedLikeOthers) {
  const auto ball_with = [](double flip) {
    Builder b;
    b.node({{{1, 0, 0}, {0, flip, 0}, {0, 0, 1}}, {}}, {{b.mesh(testing::ball(1, 24)), b.material(matte(0.8f))}});
    scene::Light sun;
    sun.kind = scene::LightKind::distant;
    b.light({}, sun);
    return mean(film(b.world(), camera_above(6, 32, 0.3))).x;
  };
  EXPECT_NEAR(ball_with(-1), ball_with(1), 1e-3);
}

}  // namespace
}  // namespace wm::render
