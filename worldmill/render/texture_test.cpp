#include "worldmill/render/texture.h"

#include <gtest/gtest.h>

#include <limits>

#include "worldmill/image/color.h"
#include "worldmill/render/test_scenes.h"

namespace wm::render {
namespace {

// 4 x 2 grey codes, 0 to 70 by tens, row by row.
scene::Texture steps(scene::Filter filter = scene::Filter::nearest) {
  scene::Texture texture;
  texture.picture = testing::picture(4, 2, 1, {0, 10, 20, 30, 40, 50, 60, 70});
  texture.filter = filter;
  return texture;
}

float code(const scene::Texture& texture, float u, float v) {
  return TextureReader(texture, Encoding::data).at({u, v})[0] * 255;
}

TEST(Texture, StartsAtTheUpperLeft) {
  EXPECT_NEAR(code(steps(), 0.1f, 0.1f), 0, 1e-4);
  EXPECT_NEAR(code(steps(), 0.9f, 0.1f), 30, 1e-4);
  EXPECT_NEAR(code(steps(), 0.1f, 0.9f), 40, 1e-4);
}

TEST(Texture, WrapsAsItIsTold) {
  scene::Texture texture = steps();
  EXPECT_NEAR(code(texture, 1.1f, 0.1f), 0, 1e-4);
  EXPECT_NEAR(code(texture, -0.1f, -0.1f), 70, 1e-4);
  texture.wrap_u = texture.wrap_v = scene::Wrap::mirror;
  EXPECT_NEAR(code(texture, 1.1f, 0.1f), 30, 1e-4);
  EXPECT_NEAR(code(texture, -0.1f, 0.1f), 0, 1e-4);
  EXPECT_NEAR(code(texture, 2.1f, 0.1f), 0, 1e-4);
  texture.wrap_u = texture.wrap_v = scene::Wrap::clamp;
  EXPECT_NEAR(code(texture, 5, 0.1f), 30, 1e-4);
  EXPECT_NEAR(code(texture, -5, 9), 40, 1e-4);
}

TEST(Texture, BlendsBetweenTexelCentresAcrossTheSeam) {
  scene::Texture texture = steps(scene::Filter::linear);
  EXPECT_NEAR(code(texture, 0.375f, 0.25f), 10, 1e-3);
  EXPECT_NEAR(code(texture, 0.5f, 0.25f), 15, 1e-3);
  EXPECT_NEAR(code(texture, 0.375f, 0.5f), 30, 1e-3);
  EXPECT_NEAR(code(texture, 0, 0.25f), 15, 1e-3);  // 0 and 30
  texture.wrap_u = scene::Wrap::clamp;
  EXPECT_NEAR(code(texture, 0, 0.25f), 0, 1e-3);
}

TEST(Texture, TransformsCoordinatesAsKhronosSays) {
  scene::Texture texture = steps();
  texture.offset = {0.5, 0};
  EXPECT_NEAR(code(texture, 0.1f, 0.1f), 20, 1e-4);
  texture = steps();
  texture.scale = {2, 1};
  EXPECT_NEAR(code(texture, 0.2f, 0.1f), 10, 1e-4);
  texture = steps();
  texture.rotation = testing::kPi / 2;  // u' = v, v' = -u
  EXPECT_NEAR(code(texture, 0.1f, 0.6f), 60, 1e-4);
}

TEST(Texture, DecodesSrgbForColoursOnlyAndNeverForAlpha) {
  scene::Texture texture;
  texture.picture = testing::picture(1, 1, 4, {188, 0, 255, 128});
  const Rgba color = TextureReader(texture, Encoding::color).at({0.5f, 0.5f});
  EXPECT_EQ(color[0], image::linear_from_srgb(188));
  EXPECT_EQ(color[2], 1);
  EXPECT_FLOAT_EQ(color[3], 128 / 255.0f);
  EXPECT_FLOAT_EQ(TextureReader(texture, Encoding::data).at({0.5f, 0.5f})[0], 188 / 255.0f);
}

TEST(Texture, SixteenBitsAgreeWithEight) {
  image::Pixels<std::uint16_t> pixels(1, 1, 3);
  pixels.values = {188 * 257, 17 * 257, 65535};
  scene::Texture texture;
  texture.picture = std::make_shared<const scene::Picture>(scene::Picture{"test", pixels});
  const Rgba color = TextureReader(texture, Encoding::color).at({0.5f, 0.5f});
  EXPECT_NEAR(color[0], image::linear_from_srgb(188), 1e-6);
  EXPECT_NEAR(color[1], image::linear_from_srgb(17), 1e-6);
  EXPECT_EQ(color[3], 1);
}

TEST(Texture, SurvivesNumbersThatAreNone) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  image::Pixels<float> pixels(1, 1, 3);
  pixels.values = {nan, -1, inf};
  scene::Texture texture;
  texture.picture = std::make_shared<const scene::Picture>(scene::Picture{"test", pixels});
  const Rgba color = TextureReader(texture, Encoding::color).at({0.5f, 0.5f});
  EXPECT_EQ(color[0], 0);
  EXPECT_EQ(color[1], 0);
  EXPECT_LT(color[2], 1e10f);
  for (const scene::Wrap wrap : {scene::Wrap::repeat, scene::Wrap::mirror, scene::Wrap::clamp}) {
    scene::Texture wild = steps(scene::Filter::linear);
    wild.wrap_u = wild.wrap_v = wrap;
    for (const float u : {nan, inf, -inf, 1e30f, -1e30f}) {
      const float value = code(wild, u, u);
      EXPECT_GE(value, 0);
      EXPECT_LE(value, 70.001f);
    }
  }
}

}  // namespace
}  // namespace wm::render
