#pragma once
#include <string>
#include <string_view>

#include "worldmill/image/pixels.h"

namespace wm::image {

/// A Radiance picture (.hdr) of RGB pixels: each is three bytes under one exponent, so a channel is off by at most
/// 1/256 of the brightest of its pixel. Negative and NaN become 0, what is too bright (above 1.69e38) is clamped.
std::string encode_hdr(const Pixels<float>& pixels);

/// RGB, flat or run-length encoded in the old or the new way, in any of the eight orders of scanlines; EXPOSURE and
/// COLORCORR are divided out, as the format asks. XYZ colours are refused. `file` is what a complaint names.
Result<Pixels<float>> decode_hdr(std::string_view bytes, const Budget& budget, const std::string& file);

/// What its header says.
Result<ImageInfo> hdr_info(std::string_view bytes, const std::string& file);

}  // namespace wm::image
