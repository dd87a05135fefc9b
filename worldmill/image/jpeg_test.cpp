#include "worldmill/image/jpeg.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "worldmill/base/files.h"

namespace wm::image {
namespace {

// Smooth, so that a JPEG can hold it well.
Pixels<std::uint8_t> slope(int width, int height, int channels) {
  Pixels<std::uint8_t> pixels(width, height, channels);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) pixels.at(x, y, c) = static_cast<std::uint8_t>(40 + 2 * x + y + 30 * c);
    }
  }
  return pixels;
}

int worst_error(const Pixels<std::uint8_t>& a, const Pixels<std::uint8_t>& b) {
  int worst = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) worst = std::max(worst, std::abs(a.values[i] - b.values[i]));
  return worst;
}

// At quality 100 every quantizer is 1: what is left is the rounding of the transform and of the colour conversion.
TEST(Jpeg, KeepsASmoothPictureAtFullQuality) {
  for (const int channels : {1, 3}) {
    const Pixels<std::uint8_t> pixels = slope(37, 21, channels);
    const auto read = decode_jpeg(encode_jpeg(pixels, 100), {}, "a.jpg").value();
    ASSERT_EQ(read.values.size(), pixels.values.size());
    EXPECT_LE(worst_error(read, pixels), 3);
  }
}

TEST(Jpeg, LowerQualityIsSmaller) {
  const Pixels<std::uint8_t> pixels = slope(64, 64, 3);
  EXPECT_LT(encode_jpeg(pixels, 50).size(), encode_jpeg(pixels, 95).size());
}

TEST(Jpeg, SamePixelsGiveTheSameBytes) {
  EXPECT_EQ(encode_jpeg(slope(40, 30, 3), 85), encode_jpeg(slope(40, 30, 3), 85));
}

TEST(Jpeg, RefusesEveryTruncation) {
  const std::string whole = encode_jpeg(slope(24, 24, 3), 80);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_jpeg(std::string_view(whole).substr(0, length), {}, "a.jpg")) << length;
  }
}

TEST(Jpeg, SaysThatAFileStopsEarly) {
  const std::string whole = encode_jpeg(slope(24, 24, 3), 80);
  const auto decoded = decode_jpeg(std::string_view(whole).substr(0, whole.size() - 20), {}, "a.jpg");
  EXPECT_EQ(to_string(decoded.error()), "a.jpg: is a broken JPEG: Premature end of input file");
}

// Damage must end in a picture or a sentence, never in a crash.
TEST(Jpeg, SurvivesEveryFlippedByte) {
  const std::string whole = encode_jpeg(slope(24, 24, 3), 80);
  int refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(~bytes[i]);
    const auto decoded = decode_jpeg(bytes, {1 << 20}, "a.jpg");
    refused += !decoded;
  }
  EXPECT_GT(refused, 100);
}

// Files of libjpeg's own writer at quality 75, 20 x 18: the same slope with scans, restart markers, arithmetic codes.
TEST(Jpeg, ReadsEveryWayOfCoding) {
  const auto read = [](const std::string& name) {
    const std::string path = fmt::format("{}/worldmill/image/corpus/decode/{}.jpg", WM_SOURCE_DIR, name);
    return decode_jpeg(base::disk().read(path, 1 << 16).value(), {}, name).value();
  };
  const auto progressive = read("progressive");
  EXPECT_EQ(progressive.width, 20);
  EXPECT_EQ(progressive, read("restarts"));
  EXPECT_EQ(progressive, read("arithmetic"));
}

// The size stands big-endian in the frame header (ff c0, length, 8 bits, height, width).
TEST(Jpeg, RefusesASizeBeyondTheBudgetBeforeDecoding) {
  std::string bytes = encode_jpeg(slope(8, 8, 3), 80);
  const std::size_t frame = bytes.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  bytes.replace(frame + 5, 4, "\x75\x30\x75\x30");
  EXPECT_EQ(to_string(decode_jpeg(bytes, {}, "a.jpg").error()),
            "a.jpg: is 30000 x 30000 pixels; 1 to 134217728 pixels are allowed");
  EXPECT_EQ(jpeg_info(bytes, "a.jpg").value(), (ImageInfo{30000, 30000, 3, ImageFormat::jpeg}));
}

// Four channels in the frame and the scan: without an Adobe marker that is CMYK.
TEST(Jpeg, RefusesCmykByName) {
  std::string bytes = encode_jpeg(slope(8, 8, 3), 80);
  const std::size_t frame = bytes.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  bytes[frame + 3] = 20;
  bytes[frame + 9] = 4;
  bytes.insert(frame + 19, std::string("\x04\x11\x01", 3));
  EXPECT_EQ(to_string(decode_jpeg(bytes, {}, "a.jpg").error()), "a.jpg: is a JPEG for print (CMYK); save it as RGB");
}

}  // namespace
}  // namespace wm::image
