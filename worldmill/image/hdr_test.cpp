#include "worldmill/image/hdr.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "worldmill/base/distributions.h"

namespace wm::image {
namespace {

using base::RandomKey;
using Floats = std::vector<float>;

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

// Radiance of a room: most of it dim, some a thousand times brighter, with runs of equal pixels in it.
Pixels<float> room(int width, int height) {
  Pixels<float> pixels(width, height, 3);
  const RandomKey key = RandomKey::from_seed(7);
  for (std::size_t i = 0; i < pixels.values.size(); ++i) {
    const bool bright = base::bernoulli(key, 2 * (i / 30), 0.2);
    pixels.values[i] = static_cast<float>(bright ? base::uniform(key, 2 * i + 1, 0, 1000) : 0.25);
  }
  return pixels;
}

std::string complaint(const std::string& bytes) {
  const auto decoded = decode_hdr(bytes, {}, "a.hdr");
  return decoded ? "none" : to_string(decoded.error());
}

// 2^(e - 136) times the mantissa: e = 136 gives the mantissa itself, e = 129 gives mantissa / 128.
TEST(Hdr, ReadsFlatPixelsByTheFormula) {
  const std::string bytes =
      "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 3\n" + bytes_of({128, 64, 0, 129, 7, 255, 3, 136, 9, 9, 9, 0});
  const auto pixels = decode_hdr(bytes, {}, "a.hdr").value();
  EXPECT_EQ(pixels.width, 3);
  EXPECT_EQ(pixels.channels, 3);
  EXPECT_EQ(pixels.values, (Floats{1, 0.5, 0, 7, 255, 3, 0, 0, 0}));
}

TEST(Hdr, ReadsTheOldRuns) {
  const std::string bytes = "#?RGBE\n\n-Y 1 +X 263\n" + bytes_of({1, 2, 3, 136, 1, 1, 1, 5, 1, 1, 1, 1, 4, 5, 6, 137});
  const auto pixels = decode_hdr(bytes, {}, "a.hdr").value();
  for (int x = 0; x < 262; ++x) {
    EXPECT_EQ((Floats{pixels.at(x, 0, 0), pixels.at(x, 0, 1), pixels.at(x, 0, 2)}), (Floats{1, 2, 3}));
  }
  EXPECT_EQ((Floats{pixels.at(262, 0, 0), pixels.at(262, 0, 1), pixels.at(262, 0, 2)}), (Floats{8, 10, 12}));
}

TEST(Hdr, ReadsTheNewRuns) {
  const std::string bytes = "#?RADIANCE\n\n-Y 1 +X 8\n" +
                            bytes_of({2, 2, 0, 8, 136, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 133, 0, 3, 9, 9, 8, 136, 136});
  const auto pixels = decode_hdr(bytes, {}, "a.hdr").value();
  for (int x = 0; x < 8; ++x) {
    EXPECT_EQ(pixels.at(x, 0, 0), 7);
    EXPECT_EQ(pixels.at(x, 0, 1), x + 1);
    EXPECT_EQ(pixels.at(x, 0, 2), x < 5 ? 0 : x < 7 ? 9 : 8);
  }
}

TEST(Hdr, DividesOutEveryExposure) {
  const std::string bytes =
      "#?RADIANCE\nEXPOSURE=  2.0\nEXPOSURE=4\nCOLORCORR= 1 2 0.5\n\n-Y 1 +X 1\n" + bytes_of({8, 16, 32, 136});
  EXPECT_EQ(decode_hdr(bytes, {}, "a.hdr").value().values, (Floats{1, 1, 8}));
}

// Six pixels as they are to be seen: 1 2 3 over 4 5 6, written in each of the eight orders.
TEST(Hdr, PutsEveryOrderOfScanlinesUpright) {
  const std::pair<const char*, std::array<int, 6>> orders[] = {
      {"-Y 2 +X 3", {1, 2, 3, 4, 5, 6}}, {"-Y 2 -X 3", {3, 2, 1, 6, 5, 4}}, {"+Y 2 +X 3", {4, 5, 6, 1, 2, 3}},
      {"+Y 2 -X 3", {6, 5, 4, 3, 2, 1}}, {"+X 3 -Y 2", {1, 4, 2, 5, 3, 6}}, {"-X 3 -Y 2", {3, 6, 2, 5, 1, 4}},
      {"+X 3 +Y 2", {4, 1, 5, 2, 6, 3}}, {"-X 3 +Y 2", {6, 3, 5, 2, 4, 1}}};
  for (const auto& [size, written] : orders) {
    std::string bytes = std::string("#?RADIANCE\n\n") + size + "\n";
    for (const int value : written) bytes += bytes_of({value, 0, 0, 136});
    const auto pixels = decode_hdr(bytes, {}, "a.hdr").value();
    ASSERT_EQ(pixels.width, 3) << size;
    ASSERT_EQ(pixels.height, 2) << size;
    for (int i = 0; i < 6; ++i) EXPECT_EQ(pixels.at(i % 3, i / 3), static_cast<float>(i + 1)) << size;
  }
}

// A mantissa step is at most 1/128 of the brightest channel, and rounding errs by half a step.
TEST(Hdr, KeepsEveryPixelWithinHalfAStep) {
  const Pixels<float> pixels = room(100, 7);
  const auto read = decode_hdr(encode_hdr(pixels), {}, "a.hdr").value();
  for (std::size_t i = 0; i < pixels.values.size(); i += 3) {
    const float most = std::max({pixels.values[i], pixels.values[i + 1], pixels.values[i + 2]});
    for (std::size_t c = i; c < i + 3; ++c) EXPECT_NEAR(read.values[c], pixels.values[c], most / 256);
  }
}

TEST(Hdr, WriteThenReadIsTheIdentityOfWhatItCanHold) {
  for (const int width : {1, 7, 8, 100, 300}) {
    const auto once = decode_hdr(encode_hdr(room(width, 5)), {}, "a.hdr").value();
    EXPECT_EQ(decode_hdr(encode_hdr(once), {}, "a.hdr").value(), once) << width;
  }
}

TEST(Hdr, RoundsUpIntoTheNextExponentAndClampsTheRest) {
  Pixels<float> pixels(1, 4, 3);
  pixels.values = {255.75f, 1, 0, -1, NAN, 0, std::numeric_limits<float>::infinity(), 0, 0, 1e-45f, 0, 0};
  const auto read = decode_hdr(encode_hdr(pixels), {}, "a.hdr").value();
  EXPECT_EQ(read.values, (Floats{256, 2, 0, 0, 0, 0, 255 * 0x1p119f, 0, 0, 0, 0, 0}));
}

TEST(Hdr, RunsMakeAFlatPictureSmall) {
  Pixels<float> pixels(1000, 10, 3);
  std::fill(pixels.values.begin(), pixels.values.end(), 0.5f);
  EXPECT_LT(encode_hdr(pixels).size(), 1000u);  // 10 lines * 4 channels * 8 runs * 2 bytes and a header
}

TEST(Hdr, RefusesEveryTruncation) {
  for (const int width : {5, 40}) {
    const std::string whole = encode_hdr(room(width, 5));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_FALSE(decode_hdr(std::string_view(whole).substr(0, length), {}, "a.hdr")) << length;
    }
  }
}

TEST(Hdr, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(complaint("P6\n"), "a.hdr:1: is no Radiance picture: it must begin with #?RADIANCE");
  EXPECT_EQ(complaint("#?RADIANCE\nFORMAT=32-bit_rle_xyze\n\n-Y 1 +X 1\n1234"),
            "a.hdr:2: has XYZ colours; convert it to RGB");
  EXPECT_EQ(complaint("#?RADIANCE\nEXPOSURE=-1\n\n-Y 1 +X 1\n1234"), "a.hdr:2: EXPOSURE must be 1 positive number");
  EXPECT_EQ(complaint("#?RADIANCE\n\n-Y 1 +Y 1\n1234"), "a.hdr:3: a size must stand here, like -Y 512 +X 1024");
  EXPECT_EQ(complaint("#?RADIANCE\n\n-Y 1 +X 8\n" + bytes_of({2, 2, 0, 9, 1, 1})),
            "a.hdr: is a broken Radiance picture: scanline 0: a scanline has the wrong length");
  EXPECT_EQ(complaint("#?RADIANCE\n\n-Y 1 +X 8\n" + bytes_of({2, 2, 0, 8, 137, 1})),
            "a.hdr: is a broken Radiance picture: scanline 0: a run leaves its scanline");
}

TEST(Hdr, RefusesASizeBeyondTheBudgetBeforeDecoding) {
  const std::string bytes = "#?RADIANCE\n\n-Y 30000 +X 30000\n";
  EXPECT_EQ(complaint(bytes), "a.hdr: is 30000 x 30000 pixels; 1 to 134217728 pixels are allowed");
  EXPECT_EQ(hdr_info(bytes, "a.hdr").value(), (ImageInfo{30000, 30000, 3, ImageFormat::hdr}));
}

}  // namespace
}  // namespace wm::image
