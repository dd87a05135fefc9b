#pragma once
#include <cstdint>

/// The transfer function of sRGB (IEC 61966-2-1), by tables made from + - * / alone: the same bits on every machine.
/// Thread-safe.
namespace wm::image {

/// Linear light [0, 1] of an 8-bit sRGB code.
float linear_from_srgb(std::uint8_t code);

/// The code nearest to `linear` in encoded value; below 0 and NaN give 0, above 1 gives 255.
std::uint8_t srgb_from_linear(float linear);

}  // namespace wm::image
