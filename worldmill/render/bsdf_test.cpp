#include "worldmill/render/bsdf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "worldmill/base/distributions.h"
#include "worldmill/render/ggx.h"
#include "worldmill/render/sampler.h"

namespace wm::render {
namespace {

using math::Vec3f;

const base::RandomKey kKey = base::RandomKey::from_seed(11);

Vec3f direction_at(float cosine, float azimuth = 0.3f) {
  const float sine = std::sqrt(1 - cosine * cosine);
  return {sine * math::cos(azimuth), sine * math::sin(azimuth), cosine};
}

SurfaceLook white(float roughness, float metallic) {
  SurfaceLook look;
  look.base_color = {1, 1, 1};
  look.roughness = roughness;
  look.metallic = metallic;
  return look;
}

// Every lobe and their mixtures.
std::vector<SurfaceLook> looks() {
  std::vector<SurfaceLook> all;
  for (const float roughness : {0.2f, 0.5f, 1.0f}) {
    for (const float metallic : {0.0f, 0.6f, 1.0f}) all.push_back(white(roughness, metallic));
  }
  for (SurfaceLook& look : all) look.base_color = {0.9f, 0.5f, 0.2f};
  SurfaceLook coated = white(0.6f, 0.3f), thin = white(0.4f, 0), both = white(0.5f, 0.2f);
  coated.clearcoat = 0.8f;
  coated.clearcoat_roughness = 0.3f;
  thin.transmission = 0.7f;
  both.transmission = 0.5f;
  both.clearcoat = 1;
  both.clearcoat_roughness = 0.4f;
  all.insert(all.end(), {coated, thin, both});
  return all;
}

// The share of light that comes back, by sampling.
Vec3f albedo(const SurfaceLook& look, float cosine, int count) {
  const Bsdf bsdf(look, direction_at(cosine));
  Vec3f sum;
  for (int i = 0; i < count; ++i) {
    const Sampler sampler(kKey.bits(0), static_cast<std::uint32_t>(i));
    sum += bsdf.sample(sampler.pair(0).x, sampler.pair(1)).weight;
  }
  return sum / static_cast<float>(count);
}

// The integral of f over the sphere by a midpoint grid in cosine and azimuth.
template <class F>
double integral(F f, int steps = 700) {
  double sum = 0;
  for (int i = 0; i < 2 * steps; ++i) {
    const float z = -1 + (static_cast<float>(i) + 0.5f) / static_cast<float>(steps);
    for (int j = 0; j < steps; ++j) {
      sum += f(direction_at(z, 2 * kPi * (static_cast<float>(j) + 0.5f) / static_cast<float>(steps)));
    }
  }
  return sum * 4 * 3.14159265358979 / (2.0 * steps * steps);
}

TEST(Bsdf, KeepsAWhiteFurnaceWhite) {
  for (const float roughness : {0.0f, 0.1f, 0.3f, 0.5f, 0.7f, 0.9f, 1.0f}) {
    for (const float metallic : {0.0f, 0.5f, 1.0f}) {
      for (const float cosine : {0.1f, 0.3f, 0.6f, 0.9f, 1.0f}) {
        // Tables interpolate within 0.3 %; 64k samples add 0.2 %.
        EXPECT_NEAR(albedo(white(roughness, metallic), cosine, 65536).y, 1, 0.005)
            << roughness << " " << metallic << " " << cosine;
      }
    }
  }
}

TEST(Bsdf, NeverGivesBackMoreThanItGotUnderACoatOrThroughAWall) {
  for (const float roughness : {0.05f, 0.3f, 0.8f}) {
    for (const float cosine : {0.1f, 0.5f, 1.0f}) {
      SurfaceLook coated = white(roughness, 0), wall = white(roughness, 0);
      coated.clearcoat = 1;
      coated.clearcoat_roughness = 0.1f;
      wall.transmission = 1;
      for (const SurfaceLook& look : {coated, wall}) {
        const float back = albedo(look, cosine, 65536).y;
        EXPECT_LT(back, 1.005f) << roughness << " " << cosine;
        EXPECT_GT(back, 0.925f) << roughness << " " << cosine;
      }
    }
  }
}

TEST(Bsdf, IsReciprocal) {
  for (const SurfaceLook& look : looks()) {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto draw = [&](std::uint64_t k) { return static_cast<float>(base::unit(kKey, 8 * i + k)); };
      const Vec3f out = direction_at(0.05f + 0.95f * draw(0), 6 * draw(1));
      Vec3f in = direction_at(0.05f + 0.95f * draw(2), 6 * draw(3));
      const bool across = look.transmission > 0 && i % 2 == 1;
      if (across) in.z = -in.z;
      // From the far side of a thin wall, the frame is turned over.
      const Vec3f seen_out = across ? Vec3f{out.x, out.y, -out.z} : out;
      const Vec3f seen_in = across ? Vec3f{in.x, in.y, -in.z} : in;
      const Vec3f there = Bsdf(look, out).evaluate(in).value / std::abs(in.z);
      const Vec3f back = Bsdf(look, seen_in).evaluate(seen_out).value / std::abs(out.z);
      EXPECT_NEAR(there.x, back.x, 1e-4f * (1 + there.x));
      EXPECT_NEAR(there.z, back.z, 1e-4f * (1 + there.z));
    }
  }
}

TEST(Bsdf, SamplesGiveTheSameShareAsTheIntegral) {
  for (const SurfaceLook& look : looks()) {
    for (const float cosine : {0.2f, 0.7f}) {
      const Bsdf bsdf(look, direction_at(cosine));
      const double by_grid = integral([&](Vec3f in) { return static_cast<double>(bsdf.evaluate(in).value.x); });
      EXPECT_NEAR(albedo(look, cosine, 65536).x, by_grid, 0.005)  // noise 0.2 %, grid 0.2 %
          << look.roughness << " " << look.metallic << " " << cosine;
    }
  }
}

TEST(Bsdf, SamplesFollowTheirDensity) {
  // Chi-squared over 16 x 16 cells of (azimuth, cosine), expectations by the density at 12 x 12 points a cell.
  constexpr int cells = 16, inner = 12, count = 100000;
  for (const SurfaceLook& look : looks()) {
    const Bsdf bsdf(look, direction_at(0.6f));
    std::vector<double> expected(cells * cells), seen(cells * cells);
    for (int i = 0; i < cells * inner; ++i) {
      for (int j = 0; j < cells * inner; ++j) {
        const float z = -1 + 2 * (static_cast<float>(i) + 0.5f) / (cells * inner);
        const float azimuth = 2 * kPi * (static_cast<float>(j) + 0.5f) / (cells * inner);
        expected[static_cast<std::size_t>(i / inner * cells + j / inner)] +=
            bsdf.evaluate(direction_at(z, azimuth)).density * 4 * kPi / (cells * inner * cells * inner) * count;
      }
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto draw = [&](std::uint64_t k) { return static_cast<float>(base::unit(kKey, 4 * i + k)); };
      const ScatteringSample s = bsdf.sample(draw(0), {draw(1), draw(2)});
      if (s.density <= 0) continue;
      const float azimuth = math::atan2(s.direction.y, s.direction.x);
      const int row = std::min(static_cast<int>((s.direction.z + 1) / 2 * cells), cells - 1);
      const int column = static_cast<int>((azimuth < 0 ? azimuth + 2 * kPi : azimuth) / (2 * kPi) * cells);
      ++seen[static_cast<std::size_t>(row * cells + std::min(column, cells - 1))];
    }
    double chi2 = 0;
    int degrees = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (expected[i] < 10) continue;
      // The grid's expectations are good to 2 %: allow that besides chance.
      const double error = seen[i] - expected[i], slack = 0.02 * expected[i];
      chi2 += error * error / (expected[i] + slack * slack);
      ++degrees;
    }
    EXPECT_LT(chi2, degrees + 5 * std::sqrt(2.0 * degrees)) << look.roughness << " " << look.metallic;
    EXPECT_GT(degrees, 20);
  }
}

TEST(Bsdf, LetsLightStraightThroughClearThinWallsInTheirColour) {
  SurfaceLook look = white(0, 0);
  look.transmission = 1;
  look.base_color = {1, 0.5f, 0};
  const Vec3f clear = Bsdf(look, {0, 0, 1}).clear();
  EXPECT_NEAR(clear.x, 0.96f, 1e-3f);  // F0 of 1.5 is 0.04
  EXPECT_NEAR(clear.y, 0.48f, 1e-3f);
  EXPECT_EQ(clear.z, 0);
  look.ior = 1;
  EXPECT_NEAR(Bsdf(look, direction_at(0.3f)).clear().x, 1, 1e-3f);
}

TEST(MirrorAlbedo, IsThatOfTheIntegral) {
  for (const float cosine : {0.05f, 0.33f, 0.77f}) {
    for (const float alpha : {0.15f, 0.4f, 0.85f}) {
      const Vec3f out = direction_at(cosine);
      const double by_grid = integral([&](Vec3f in) {
        if (in.z <= 0) return 0.0;
        const Vec3f half = math::normalized(in + out);
        return static_cast<double>(ggx_density(half, alpha) / (4 * cosine) /
                                   (1 + smith_lambda(cosine, alpha) + smith_lambda(in.z, alpha)));
      });
      EXPECT_NEAR(MirrorAlbedos(alpha).at(cosine).total(), by_grid, 0.003);
    }
  }
}

}  // namespace
}  // namespace wm::render
