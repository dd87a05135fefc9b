#include "worldmill/render/lights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "worldmill/render/sampler.h"
#include "worldmill/render/stage.h"
#include "worldmill/render/test_scenes.h"

namespace wm::render {
namespace {

using math::Vec3f;
using testing::Builder;
using testing::moved;

const base::RandomKey kKey = base::RandomKey::from_seed(17);
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A sky of uneven columns and rows, with one bright texel.
scene::PicturePtr uneven_sky() {
  image::Pixels<float> pixels(32, 16, 3);
  for (std::size_t i = 0; i < pixels.values.size(); ++i) pixels.values[i] = static_cast<float>(i * 31 % 17) * 0.1f;
  for (int c = 0; c < 3; ++c) pixels.at(9, 3, c) = 200;
  return std::make_shared<const scene::Picture>(scene::Picture{"sky", std::move(pixels)});
}

// Each kind that has an extent, alone; all of them together last.
std::vector<scene::World> worlds() {
  std::vector<scene::World> all;
  Builder every;
  const auto add = [&](const math::Affine& map, const scene::Light& light) {
    Builder alone;
    alone.light(map, light);
    every.light(map, light);
    all.push_back(alone.world());
  };
  scene::Light ball, spot, panel, sun, sky;
  ball.radius = 0.4f;
  ball.intensity = 3;
  add(moved(0.5, 0.2, 1.5), ball);
  spot = ball;
  spot.kind = scene::LightKind::spot;
  spot.inner_cone = 0.2f;
  spot.outer_cone = 0.9f;
  add(moved(-0.4, 0, 1.2), spot);
  panel.kind = scene::LightKind::rect;
  panel.width = 1.5f;
  panel.intensity = 2;
  add({{{1, 0.4, 0}, {0, 1, 0}, {0.3, 0, 1}}, {0, -0.5, 1}}, panel);  // sheared
  sun.kind = scene::LightKind::distant;
  sun.angle = 0.5f;
  add({}, sun);
  sky.kind = scene::LightKind::environment;
  sky.picture = uneven_sky();
  add({{{0.6, -0.8, 0}, {0.8, 0.6, 0}, {0, 0, 1}}, {}}, sky);
  scene::Material glow;
  glow.emission = {1, 2, 3};
  glow.emission_texture.picture = testing::picture(2, 2, 3, {255, 0, 0, 0, 255, 0, 90, 90, 90, 255, 255, 255});
  for (Builder* b : {&every}) b->node(moved(-1, 1, 1), {{b->mesh(testing::ball(0.3f, 8)), b->material(glow)}});
  all.push_back(every.world());
  return all;
}

struct Compiled {
  explicit Compiled(const scene::World& world) : stage(make_engine()->compile(world)) {}
  const TracedStage& traced() const { return dynamic_cast<const TracedStage&>(*stage); }
  const Lights& lights() const { return traced().lights(); }
  std::shared_ptr<const Stage> stage;
};

Vec3f hemisphere(math::Vec2f at) {
  const float r = std::sqrt(1 - at.x * at.x), turn = 6.2831853f * at.y;
  return {r * math::cos(turn), r * math::sin(turn), at.x};
}

// What comes from `direction` when only scattered rays look for it: surfaces too.
float found(const Compiled& c, Vec3f point, Vec3f direction) {
  const LocalHit hit = c.traced().tree().intersect({point, direction}, Sight::light);
  float sum = c.lights().along({point, direction, 0, hit.t}, 1e30f).y;
  if (hit.exists()) sum += emission_at(c.traced().instances()[hit.instance], hit.triangle, hit.u, hit.v).y;
  return sum;
}

TEST(Lights, DrawingThemGivesTheIlluminanceThatLookingAroundFinds) {
  for (const scene::World& world : worlds()) {
    const Compiled c(world);
    const Vec3f point{0.1f, 0.2f, 0};
    double drawn = 0, looked = 0;
    constexpr int count = 400000;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Sampler sampler(kKey.bits(0), i);
      const Lights::Sample s = c.lights().sample(point, sampler.pair(1).x, sampler.pair(0));
      if (s.exists() && s.direction.z > 0 && c.traced().tree().look({point, s.direction, 0, s.distance}) == Way::free) {
        drawn += static_cast<double>(c.lights().radiance(s).y) * s.direction.z / s.density;
      }
      const Vec3f direction = hemisphere(sampler.pair(2));
      looked += static_cast<double>(found(c, point, direction)) * direction.z * 2 * testing::kPi;
    }
    // Looking around is noisy: the bright texel is a hundredth of the hemisphere.
    EXPECT_NEAR(drawn / looked, 1, 0.01);
  }
}

TEST(Lights, KnowTheDensityAtWhichTheyAreDrawn) {
  for (const scene::World& world : worlds()) {
    const Compiled c(world);
    const bool all = c.lights().sample({}, 0, {0.5f, 0.5f}).density > 0 && !c.traced().instances().empty();
    if (all) continue;  // several lights may lie one behind the other there
    const Vec3f point{0.1f, 0.2f, 0};
    int checked = 0;
    for (std::uint32_t i = 0; i < 2000; ++i) {
      const Sampler sampler(kKey.bits(1), i);
      const Lights::Sample s = c.lights().sample(point, sampler.pair(1).x, sampler.pair(0));
      const float radiance = s.exists() ? c.lights().radiance(s).y : 0;
      if (!(radiance > 0)) continue;
      // Half the weight goes to either when both densities are equal.
      const float weighed = c.lights().along({point, s.direction, 0, kInfinity}, s.density).y;
      if (weighed == 0) continue;  // on the very edge
      EXPECT_NEAR(weighed / radiance, 0.5, 0.02);
      ++checked;
    }
    EXPECT_GT(checked, 1000);
  }
}

TEST(Environment, DensityIsAtHomeInItsSamplesAndIntegratesToOne) {
  const Environment sky(uneven_sky());
  double sum = 0;
  constexpr int steps = 512;
  for (int i = 0; i < steps; ++i) {
    for (int j = 0; j < steps; ++j) {
      const float z = -1 + 2 * (static_cast<float>(i) + 0.5f) / steps,
                  turn = 6.2831853f * (static_cast<float>(j) + 0.5f) / steps;
      const float r = std::sqrt(1 - z * z);
      sum += sky.look({r * math::cos(turn), r * math::sin(turn), z}).density;
    }
  }
  EXPECT_NEAR(sum * 4 * testing::kPi / (steps * steps), 1, 0.01);
  int at_home = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Environment::Sample s = sky.sample(Sampler(kKey.bits(2), i).pair(0));
    EXPECT_NEAR(math::length(s.direction), 1, 1e-5);
    at_home += std::abs(sky.look(s.direction).density / s.density - 1) < 1e-3;
  }
  EXPECT_GT(at_home, 990);  // but on the edges of texels
}

TEST(Environment, IsDrawnWhereItIsBright) {
  const Environment sky(uneven_sky());
  int bright = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Environment::Sample s = sky.sample(Sampler(kKey.bits(3), i).pair(0));
    bright += sky.look(s.direction).radiance.y > 10;
  }
  EXPECT_GT(bright, 200);  // a third of the light is in that texel, a five-hundredth of the sphere
}

TEST(Environment, BlackSkyIsNeverDrawn) {
  const Environment sky(testing::flat_light({0, 0, 0}));
  EXPECT_EQ(sky.sample({0.5f, 0.5f}).density, 0);
  EXPECT_EQ(sky.look({0, 0, 1}).density, 0);
}

}  // namespace
}  // namespace wm::render
