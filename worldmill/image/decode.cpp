#include "worldmill/image/decode.h"

#include <fmt/format.h>

#include "worldmill/image/exr.h"
#include "worldmill/image/hdr.h"
#include "worldmill/image/jpeg.h"
#include "worldmill/image/png.h"

namespace wm::image {
namespace {

using base::error;
using namespace std::string_view_literals;

struct Magic {
  std::string_view begin;
  ImageFormat format;
};
constexpr Magic kKnown[] = {{"\x89PNG\r\n\x1a\n"sv, ImageFormat::png},
                            {"\xff\xd8\xff"sv, ImageFormat::jpeg},
                            {"\x76\x2f\x31\x01"sv, ImageFormat::exr},
                            {"#?RADIANCE"sv, ImageFormat::hdr},
                            {"#?RGBE"sv, ImageFormat::hdr}};

struct Stranger {
  std::string_view begin;
  std::size_t at;  // where the second part stands
  std::string_view second;
  const char* name;
};
constexpr Stranger kStrangers[] = {{"\xabKTX 20\xbb"sv, 0, ""sv, "KTX2"},
                                   {"\xabKTX 11\xbb"sv, 0, ""sv, "KTX"},
                                   {"RIFF"sv, 8, "WEBP"sv, "WebP"},
                                   {"GIF8"sv, 0, ""sv, "GIF"},
                                   {"BM"sv, 6, "\0\0\0\0"sv, "BMP"},
                                   {"DDS "sv, 0, ""sv, "DDS"},
                                   {"II*\0"sv, 0, ""sv, "TIFF"},
                                   {"MM\0*"sv, 0, ""sv, "TIFF"},
                                   {""sv, 4, "ftypavif"sv, "AVIF"},
                                   {""sv, 4, "ftypheic"sv, "HEIC"},
                                   {"\0\0\0\x0cjP  "sv, 0, ""sv, "JPEG 2000"},
                                   {"8BPS"sv, 0, ""sv, "Photoshop"}};

bool is(std::string_view bytes, const Stranger& stranger) {
  return bytes.starts_with(stranger.begin) && bytes.size() >= stranger.at &&
         bytes.substr(stranger.at).starts_with(stranger.second);
}

// TGA has no magic: a footer in newer files, else a header that says nothing else (colour map, kind, depth) and the
// name.
bool is_tga(std::string_view bytes, std::string_view file) {
  if (bytes.ends_with("TRUEVISION-XFILE.\0"sv)) return true;
  return file.ends_with(".tga") || file.ends_with(".TGA");
}

Result<ImageFormat> format_of(std::string_view bytes, const std::string& file) {
  for (const Magic& magic : kKnown) {
    if (bytes.starts_with(magic.begin)) return magic.format;
  }
  const auto stranger = [&](const char* name) {
    return error(fmt::format("is a {} picture; convert it to PNG, JPEG, OpenEXR or Radiance", name), {file});
  };
  for (const Stranger& each : kStrangers) {
    if (is(bytes, each)) return stranger(each.name);
  }
  if (is_tga(bytes, file)) return stranger("TGA");
  if (bytes.empty()) return error("is empty; a picture was expected", {file});
  return error("is no picture that can be read; PNG, JPEG, OpenEXR and Radiance can", {file});
}

Result<Image> as_image(Result<Samples> samples) {
  if (!samples) return tl::unexpected(std::move(samples.error()));
  return std::visit([](auto&& pixels) { return Image(std::forward<decltype(pixels)>(pixels)); }, std::move(*samples));
}

}  // namespace

Result<Image> decode_image(std::string_view bytes, const Budget& budget, const std::string& file) {
  WM_TRY(format, format_of(bytes, file));
  switch (format) {
    case ImageFormat::png:
      return as_image(decode_png(bytes, budget, file));
    case ImageFormat::jpeg:
      return decode_jpeg(bytes, budget, file);
    case ImageFormat::hdr:
      return decode_hdr(bytes, budget, file);
    case ImageFormat::exr:
      break;
  }
  WM_TRY(exr, decode_exr(bytes, budget, file));
  return Image(std::move(exr.pixels));
}

Result<ImageInfo> image_info(std::string_view bytes, const std::string& file) {
  WM_TRY(format, format_of(bytes, file));
  switch (format) {
    case ImageFormat::png:
      return png_info(bytes, file);
    case ImageFormat::jpeg:
      return jpeg_info(bytes, file);
    case ImageFormat::hdr:
      return hdr_info(bytes, file);
    case ImageFormat::exr:
      break;
  }
  return exr_info(bytes, file);
}

}  // namespace wm::image
