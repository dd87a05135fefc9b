#pragma once
#include <string>
#include <string_view>

#include "worldmill/image/pixels.h"

namespace wm::image {

/// A PNG file of 1 to 4 channels: the same pixels give the same bytes (no times, one filter, one level; the bytes also
/// depend on libdeflate's version, which the platform records).
std::string encode_png(const Pixels<std::uint8_t>& pixels);
std::string encode_png(const Pixels<std::uint16_t>& pixels);

/// Palettes become RGB(A), 1 to 4 bits grow to 8, interlacing is undone. `file` is what a complaint names.
Result<Samples> decode_png(std::string_view bytes, const Budget& budget, const std::string& file);

/// What its header says.
Result<ImageInfo> png_info(std::string_view bytes, const std::string& file);

}  // namespace wm::image
