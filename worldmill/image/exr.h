#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/image/pixels.h"

namespace wm::image {

/// Pixels and what each channel is called; R, G, B, A stand in this order.
struct ExrImage {
  Pixels<float> pixels;
  std::vector<std::string> channels;
};

enum class ExrDepth { half, single };

/// An OpenEXR file, ZIP compressed; `channels` names those of `pixels` in their order, each name once, none empty. Half
/// rounds to nearest even. The same pixels give the same bytes: one thread, no times, nothing about the machine.
std::string encode_exr(const Pixels<float>& pixels, std::span<const std::string> channels, ExrDepth depth);

/// Scanlines or tiles (their finest level), any compression, over the display window: what the data window lacks is 0,
/// what it has beyond is left out. 32-bit whole numbers become the nearest float. Channels are sorted by layer, then R,
/// G, B, A, then the rest by name. Deep, multi-part and subsampled files are refused by name. `budget` holds four
/// channels a pixel; `file` is what a complaint names.
Result<ExrImage> decode_exr(std::string_view bytes, const Budget& budget, const std::string& file);

/// What its header says.
Result<ImageInfo> exr_info(std::string_view bytes, const std::string& file);

}  // namespace wm::image
