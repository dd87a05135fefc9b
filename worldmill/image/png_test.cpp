#include "worldmill/image/png.h"

#include <gtest/gtest.h>

#include "worldmill/base/distributions.h"

namespace wm::image {
namespace {

using base::RandomKey;

template <class T>
Pixels<T> noise(int channels) {
  Pixels<T> pixels(7, 5, channels);
  const RandomKey key = RandomKey::from_seed(1);
  for (std::size_t i = 0; i < pixels.values.size(); ++i) {
    pixels.values[i] = static_cast<T>(base::integer(key, i, 0, std::numeric_limits<T>::max()));
  }
  return pixels;
}

TEST(Png, WriteThenReadIsTheIdentity) {
  for (int channels = 1; channels <= 4; ++channels) {
    const auto bytes8 = noise<std::uint8_t>(channels);
    const auto bytes16 = noise<std::uint16_t>(channels);
    EXPECT_EQ(std::get<0>(decode_png(encode_png(bytes8), {}, "a.png").value()), bytes8);
    EXPECT_EQ(std::get<1>(decode_png(encode_png(bytes16), {}, "a.png").value()), bytes16);
  }
}

TEST(Png, SamePixelsGiveTheSameBytes) {
  EXPECT_EQ(encode_png(noise<std::uint8_t>(3)), encode_png(noise<std::uint8_t>(3)));
}

// What every reader must agree on: signature, header, the checksums of the chunks, rows filtered by "up". Worked out by
// hand but for zlib's own bytes.
TEST(Png, WritesTheChunksOfTheStandard) {
  Pixels<std::uint16_t> pixels(1, 2, 1);
  pixels.values = {0x1234, 0x1235};
  const std::string bytes = encode_png(pixels);
  const std::string begin("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x02\x10\0\0\0\0", 29);
  EXPECT_EQ(bytes.substr(0, 29), begin);
  EXPECT_EQ(bytes.substr(bytes.size() - 12), std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12));
  EXPECT_EQ(png_info(bytes, "a.png").value(), (ImageInfo{1, 2, 1, ImageFormat::png}));
}

TEST(Png, RefusesEveryTruncation) {
  const std::string whole = encode_png(noise<std::uint8_t>(3));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_png(std::string_view(whole).substr(0, length), {}, "a.png")) << length;
  }
}

TEST(Png, RefusesAFlippedByteInItsPixels) {
  std::string bytes = encode_png(noise<std::uint8_t>(3));
  bytes[60] = static_cast<char>(bytes[60] ^ 0x10);
  EXPECT_EQ(to_string(decode_png(bytes, {}, "a.png").error()).find("a.png: is a broken PNG: "), 0u);
}

TEST(Png, RefusesASizeBeyondTheBudgetBeforeDecoding) {
  const std::string bytes = encode_png(noise<std::uint8_t>(1));
  EXPECT_TRUE(decode_png(bytes, {35}, "a.png"));
  EXPECT_EQ(to_string(decode_png(bytes, {34}, "a.png").error()), "a.png: is 7 x 5 pixels; 1 to 34 pixels are allowed");
}

// Only signature and header, with a true checksum: there is nothing that could be decoded.
TEST(Png, RefusesAHugeSizeByItsHeaderAlone) {
  const std::string bytes(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\x02\0\0\0\xe9\x45\x6f\xed\0\0\0\0IDAT", 41);
  EXPECT_EQ(to_string(decode_png(bytes, {}, "a.png").error()),
            "a.png: is 30000 x 30000 pixels; 1 to 134217728 pixels are allowed");
}

}  // namespace
}  // namespace wm::image
