#pragma once
#include <string>
#include <string_view>

#include "worldmill/image/pixels.h"

namespace wm::image {

/// A JPEG file of 1 or 3 channels, `quality` 1 to 100; from 90 on colour keeps its full resolution, below it is halved.
/// The same pixels give the same bytes (accurate integer transform, no times, no thumbnails).
std::string encode_jpeg(const Pixels<std::uint8_t>& pixels, int quality);

/// 8-bit grey or RGB, baseline or progressive. Damage that libjpeg would paint over is refused, and so is a file that
/// stops early; CMYK is refused by name. An EXIF orientation is not applied. `file` is what a complaint names.
Result<Pixels<std::uint8_t>> decode_jpeg(std::string_view bytes, const Budget& budget, const std::string& file);

/// What its header says.
Result<ImageInfo> jpeg_info(std::string_view bytes, const std::string& file);

}  // namespace wm::image
