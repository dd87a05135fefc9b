#include "worldmill/image/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "worldmill/base/files.h"
#include "worldmill/image/exr.h"
#include "worldmill/image/hdr.h"
#include "worldmill/image/jpeg.h"
#include "worldmill/image/png.h"

namespace wm::image {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

const std::string kRgb[] = {"R", "G", "B"};

std::string complaint(const std::string& bytes, const std::string& file = "a.img") {
  const auto decoded = decode_image(bytes, {}, file);
  return decoded ? "none" : to_string(decoded.error());
}

TEST(DecodeImage, KnowsEveryFormatByItsBytes) {
  EXPECT_TRUE(std::holds_alternative<Pixels<std::uint8_t>>(
      decode_image(encode_png(Pixels<std::uint8_t>(3, 2, 3)), {}, "a.jpg").value()));
  EXPECT_TRUE(std::holds_alternative<Pixels<std::uint16_t>>(
      decode_image(encode_png(Pixels<std::uint16_t>(3, 2, 1)), {}, "a").value()));
  EXPECT_TRUE(std::holds_alternative<Pixels<std::uint8_t>>(
      decode_image(encode_jpeg(Pixels<std::uint8_t>(3, 2, 3), 90), {}, "a").value()));
  EXPECT_TRUE(std::holds_alternative<Pixels<float>>(
      decode_image(encode_exr(Pixels<float>(3, 2, 3), kRgb, ExrDepth::half), {}, "a").value()));
  EXPECT_TRUE(std::holds_alternative<Pixels<float>>(decode_image(encode_hdr(Pixels<float>(3, 2, 3)), {}, "a").value()));
}

TEST(DecodeImage, TheHeaderAloneTellsWhatComes) {
  const auto info = [](const std::string& bytes) { return image_info(bytes, "a").value(); };
  EXPECT_EQ(info(encode_png(Pixels<std::uint8_t>(3, 2, 4))), (ImageInfo{3, 2, 4, ImageFormat::png}));
  EXPECT_EQ(info(encode_jpeg(Pixels<std::uint8_t>(3, 2, 1), 90)), (ImageInfo{3, 2, 1, ImageFormat::jpeg}));
  EXPECT_EQ(info(encode_exr(Pixels<float>(3, 2, 3), kRgb, ExrDepth::half)), (ImageInfo{3, 2, 3, ImageFormat::exr}));
  EXPECT_EQ(info(encode_hdr(Pixels<float>(3, 2, 3))), (ImageInfo{3, 2, 3, ImageFormat::hdr}));
}

TEST(DecodeImage, NamesTheFormatsThatItCannotRead) {
  const auto other = [](const char* name) {
    return "a.img: is a "s + name + " picture; convert it to PNG, JPEG, OpenEXR or Radiance";
  };
  EXPECT_EQ(complaint("\xabKTX 20\xbb\r\n\x1a\n"), other("KTX2"));
  EXPECT_EQ(complaint("RIFF....WEBPVP8 "), other("WebP"));
  EXPECT_EQ(complaint("GIF89a"), other("GIF"));
  EXPECT_EQ(complaint("BM\x36\0\0\0\0\0\0\0\x36"s), other("BMP"));
  EXPECT_EQ(complaint("\0\0\2"s + std::string(40, '\0') + "TRUEVISION-XFILE.\0"s), other("TGA"));
  EXPECT_EQ(complaint("\0\0\2\0"s, "wood.tga"),
            "wood.tga: is a TGA picture; convert it to PNG, JPEG, OpenEXR or Radiance");
  EXPECT_EQ(complaint(""), "a.img: is empty; a picture was expected");
  EXPECT_EQ(complaint("RIFF"), "a.img: is no picture that can be read; PNG, JPEG, OpenEXR and Radiance can");
}

// Real photographs and skies, where the machine has them: WM_DATA, or shared/data beside the source folder.
class RealImages : public testing::Test {
 protected:
  void SetUp() override {
    const char* named = std::getenv("WM_DATA");
    folder_ = (named != nullptr ? fs::path(named) : fs::path(WM_SOURCE_DIR) / "../shared/data") / "environments";
    if (!fs::is_directory(folder_)) GTEST_SKIP() << "no real pictures: WM_DATA names no folder with environments/";
  }
  std::string read(const fs::path& path) { return base::disk().read(path, 64 << 20).value(); }
  fs::path folder_;
};

TEST_F(RealImages, AllDecodeAsTheirHeadersPromise) {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    const std::string kind = entry.path().extension();
    if (kind != ".png" && kind != ".jpg" && kind != ".hdr" && kind != ".exr") continue;
    const std::string bytes = read(entry.path());
    const std::string name = entry.path().filename();
    const auto image = decode_image(bytes, {}, name);
    ASSERT_TRUE(image) << to_string(image.error());
    const ImageInfo info = image_info(bytes, name).value();
    std::visit(
        [&](const auto& pixels) {
          EXPECT_EQ(pixels.width, info.width) << name;
          EXPECT_EQ(pixels.height, info.height) << name;
          EXPECT_EQ(pixels.channels, info.channels) << name;
          EXPECT_NE(*std::max_element(pixels.values.begin(), pixels.values.end()), 0) << name;
        },
        *image);
    ++count;
  }
  EXPECT_GT(count, 0);
}

// A sky is finite light; a reader of our files gets the same pixels back.
TEST_F(RealImages, SkiesSurviveBeingWrittenAgain) {
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    if (entry.path().extension() != ".hdr") continue;
    const auto sky = decode_hdr(read(entry.path()), {}, "a.hdr").value();
    for (const float value : sky.values) ASSERT_TRUE(std::isfinite(value) && value >= 0);
    EXPECT_EQ(decode_hdr(encode_hdr(sky), {}, "a.hdr").value(), sky);
    EXPECT_EQ(decode_exr(encode_exr(sky, kRgb, ExrDepth::single), {}, "a.exr").value().pixels, sky);
  }
}

}  // namespace
}  // namespace wm::image
