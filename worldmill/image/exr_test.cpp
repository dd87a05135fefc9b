#include "worldmill/image/exr.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "worldmill/base/distributions.h"
#include "worldmill/base/files.h"
#include "worldmill/image/half.h"

namespace wm::image {
namespace {

using base::RandomKey;
using Names = std::vector<std::string>;

// Any finite floats, by their bits.
Pixels<float> floats(int width, int height, int channels) {
  Pixels<float> pixels(width, height, channels);
  const RandomKey key = RandomKey::from_seed(3);
  for (std::size_t i = 0; i < pixels.values.size(); ++i) {
    const float value = std::bit_cast<float>(key.bits(i)[0]);
    pixels.values[i] = std::isfinite(value) ? value : -0.0f;
  }
  return pixels;
}

Pixels<float> halves(int width, int height, int channels) {
  Pixels<float> pixels(width, height, channels);
  for (std::size_t i = 0; i < pixels.values.size(); ++i) {
    pixels.values[i] = float_from_half({static_cast<std::uint16_t>(i * 37 % 0x7c00)});
  }
  return pixels;
}

bool same_bits(const Pixels<float>& a, const Pixels<float>& b) {
  return a.width == b.width && a.height == b.height && a.channels == b.channels &&
         std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0;
}

std::string complaint(const std::string& bytes) {
  const auto decoded = decode_exr(bytes, {}, "a.exr");
  return decoded ? "none" : to_string(decoded.error());
}

// The bytes of a 32-bit number in a file.
std::string word(std::int32_t value) {
  return std::string(reinterpret_cast<const char*>(&value), 4);
}

// Where the value of an attribute begins.
std::size_t find_value(const std::string& bytes, const std::string& name, const std::string& type) {
  return bytes.find(name + '\0' + type + '\0') + name.size() + type.size() + 6;
}

TEST(Exr, WriteThenReadIsTheIdentityToTheBit) {
  for (const Names& names : {Names{"Z"}, Names{"R", "G", "B"}, Names{"R", "G", "B", "A"}, Names{"U", "V"}}) {
    const int channels = static_cast<int>(names.size());
    const auto single = decode_exr(encode_exr(floats(19, 37, channels), names, ExrDepth::single), {}, "a.exr").value();
    EXPECT_TRUE(same_bits(single.pixels, floats(19, 37, channels)));
    EXPECT_EQ(single.channels, names);
    const auto half = decode_exr(encode_exr(halves(19, 37, channels), names, ExrDepth::half), {}, "a.exr").value();
    EXPECT_TRUE(same_bits(half.pixels, halves(19, 37, channels)));
  }
}

// Files that OpenEXR's own writer made, 9 x 7 pixels: value i of R G B (and of Y in the tiled ones) is 0.37 i. PXR24
// loses nothing of halves; DWAA loses some, and B44 most of the small values in a block that spans many octaves, as
// here.
TEST(Exr, ReadsWhatOthersWrite) {
  const auto read = [](const std::string& name) {
    const std::string path = fmt::format("{}/worldmill/image/corpus/decode/{}.exr", WM_SOURCE_DIR, name);
    return decode_exr(base::disk().read(path, 1 << 16).value(), {}, name).value();
  };
  for (const char* name : {"none", "rle", "zips", "piz", "pxr24", "b44", "b44a", "dwaa"}) {
    const bool is_lossy = std::string_view(name).starts_with("b44") || std::string_view(name) == "dwaa";
    const ExrImage image = read(name);
    for (int i = 0; i < 9 * 7 * 3; ++i) {
      const float expected = float_from_half(half_from_float(static_cast<float>(i) * 0.37f));
      EXPECT_NEAR(image.pixels.at(i / 3 % 9, i / 27, i % 3), expected, is_lossy ? 1 + expected / 2 : 0)
          << name << " " << i;
    }
  }
  EXPECT_EQ(read("none").channels, (Names{"R", "G", "B", "id"}));
  EXPECT_EQ(read("none").pixels.at(8, 6, 3), 62 * 70000.0f);
  for (const char* name : {"tiles", "mips", "rips"}) {
    const ExrImage image = read(name);
    for (int i = 0; i < 9 * 7; ++i) EXPECT_EQ(image.pixels.values[i], static_cast<float>(i) * 0.37f) << name;
  }
}

TEST(Exr, HalfRoundsToNearestEven) {
  Pixels<float> pixels(2, 1, 1);
  pixels.values = {1 + 0x1p-11f, 1 + 3 * 0x1p-11f};
  const Names names = {"Y"};
  const auto read = decode_exr(encode_exr(pixels, names, ExrDepth::half), {}, "a.exr").value();
  EXPECT_EQ(read.pixels.values, (std::vector<float>{1, 1 + 4 * 0x1p-11f}));
}

TEST(Exr, SamePixelsGiveTheSameBytesAndNothingElse) {
  const Names names = {"R", "G", "B"};
  const std::string bytes = encode_exr(floats(40, 40, 3), names, ExrDepth::single);
  EXPECT_EQ(bytes, encode_exr(floats(40, 40, 3), names, ExrDepth::single));
  for (const char* told : {"capDate", "utcOffset", "owner", "comments"}) {
    EXPECT_EQ(bytes.find(told), std::string::npos) << told;
  }
}

TEST(Exr, SortsChannelsByLayerAndColour) {
  Pixels<float> pixels(1, 1, 7);
  pixels.values = {0, 1, 2, 3, 4, 5, 6};
  const Names names = {"Z", "A", "left.G", "B", "left.R", "R", "G"};
  const auto read = decode_exr(encode_exr(pixels, names, ExrDepth::single), {}, "a.exr").value();
  EXPECT_EQ(read.channels, (Names{"R", "G", "B", "A", "Z", "left.R", "left.G"}));
  EXPECT_EQ(read.pixels.values, (std::vector<float>{5, 6, 3, 1, 0, 4, 2}));
}

TEST(Exr, FillsTheDisplayWindow) {
  const Names names = {"Y"};
  Pixels<float> pixels(2, 2, 1);
  pixels.values = {1, 2, 3, 4};
  std::string bytes = encode_exr(pixels, names, ExrDepth::single);
  bytes.replace(find_value(bytes, "displayWindow", "box2i"), 16, word(1) + word(-1) + word(3) + word(0));
  const auto read = decode_exr(bytes, {}, "a.exr").value();
  EXPECT_EQ(read.pixels.width, 3);
  EXPECT_EQ(read.pixels.values, (std::vector<float>{0, 0, 0, 2, 0, 0}));
}

TEST(Exr, RefusesEveryTruncation) {
  const Names names = {"R", "G", "B"};
  const std::string whole = encode_exr(floats(9, 20, 3), names, ExrDepth::half);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_exr(std::string_view(whole).substr(0, length), {}, "a.exr")) << length;
  }
}

// Damage must end in a picture or a sentence, never in a crash.
TEST(Exr, SurvivesEveryFlippedByte) {
  const Names names = {"R", "G", "B"};
  const std::string whole = encode_exr(floats(9, 20, 3), names, ExrDepth::half);
  int refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(~bytes[i]);
    refused += !decode_exr(bytes, {1 << 16}, "a.exr");
  }
  EXPECT_GT(refused, 100);
}

TEST(Exr, RefusesASizeBeyondTheBudgetBeforeDecoding) {
  const Names names = {"R", "G", "B"};
  std::string bytes = encode_exr(floats(8, 8, 3), names, ExrDepth::half);
  const std::string window = word(0) + word(0) + word(29999) + word(29999);
  bytes.replace(find_value(bytes, "dataWindow", "box2i"), 16, window);
  EXPECT_EQ(complaint(bytes), "a.exr: is 30000 x 30000 pixels; 1 to 134217728 pixels are allowed");
  bytes.replace(find_value(bytes, "displayWindow", "box2i"), 16, window);
  EXPECT_EQ(exr_info(bytes, "a.exr").value(), (ImageInfo{30000, 30000, 3, ImageFormat::exr}));
}

TEST(Exr, CountsManyChannelsAgainstTheBudget) {
  Names names;
  for (int i = 0; i < 9; ++i) names.push_back(fmt::format("c{}", i));
  const std::string bytes = encode_exr(floats(10, 10, 9), names, ExrDepth::half);
  EXPECT_TRUE(decode_exr(bytes, {300}, "a.exr"));
  EXPECT_FALSE(decode_exr(bytes, {299}, "a.exr"));
}

TEST(Exr, RefusesByName) {
  const Names names = {"Y"};
  const std::string whole = encode_exr(floats(8, 8, 1), names, ExrDepth::half);
  std::string deep = whole, parts = whole, later = whole, subsampled = whole;
  deep[5] = 0x08;
  parts[5] = 0x10;
  later[4] = 3;
  subsampled[find_value(whole, "channels", "chlist") + 10] = 2;
  EXPECT_EQ(complaint(deep), "a.exr: is a deep OpenEXR picture; flatten it");
  EXPECT_EQ(complaint(parts), "a.exr: is an OpenEXR picture of several parts; save each part as a file");
  EXPECT_EQ(complaint(later), "a.exr: is OpenEXR of version 3; 2 can be read");
  EXPECT_EQ(complaint(subsampled), "a.exr: its channel Y is subsampled; save every channel in full resolution");
  EXPECT_EQ(complaint("P6"), "a.exr: is no OpenEXR picture");
}

}  // namespace
}  // namespace wm::image
