#pragma once
#include <string>
#include <string_view>
#include <variant>

#include "worldmill/image/pixels.h"

namespace wm::image {

/// What a file of any known format holds: codes of 8 or 16 bits, or linear light (OpenEXR, Radiance).
using Image = std::variant<Pixels<std::uint8_t>, Pixels<std::uint16_t>, Pixels<float>>;

/// Reads PNG, JPEG, OpenEXR or Radiance, known by how `bytes` begin, never by the name. Of another format the complaint
/// says which it is, where it can tell. `file` is what a complaint names. Thread-safe.
Result<Image> decode_image(std::string_view bytes, const Budget& budget, const std::string& file);

/// Size, channels and format from the header alone: nothing is decoded, no budget is needed.
Result<ImageInfo> image_info(std::string_view bytes, const std::string& file);

}  // namespace wm::image
