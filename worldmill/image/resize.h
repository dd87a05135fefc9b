#pragma once
#include "worldmill/image/picture.h"
#include "worldmill/image/pixels.h"

/// Other sizes of a picture. Pixel centres stand at half-integers; past the edge there is nothing, and what there is
/// weighs more. Colour with alpha must be premultiplied, or fringes appear. Bytes are averaged as they are and rounded,
/// halves up: right for data and wrong for sRGB, which has overloads of its own that average light.
namespace wm::image {

/// The mean of each `factor` x `factor` cell, `factor` >= 1; a cell that hangs over the right or lower edge is the mean
/// of what it has, so the size is the old one divided and rounded up.
Pixels<float> downsample(const Pixels<float>& pixels, int factor);
Pixels<std::uint8_t> downsample(const Pixels<std::uint8_t>& pixels, int factor);
SrgbPixels downsample(const SrgbPixels& picture, int factor);

/// Bilinear; where it shrinks, the tent widens with the step, so that nothing is skipped. `width`, `height` >= 1 [px].
Pixels<float> resize(const Pixels<float>& pixels, int width, int height);
Pixels<std::uint8_t> resize(const Pixels<std::uint8_t>& pixels, int width, int height);
SrgbPixels resize(const SrgbPixels& picture, int width, int height);

}  // namespace wm::image
