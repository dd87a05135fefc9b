#pragma once
#include "worldmill/image/pixels.h"

/// Pictures that know what their numbers mean, so that codes are never added and light is never shown by mistake.
namespace wm::image {

/// sRGB codes of 8 bits; with 2 or 4 channels the last is alpha, which has no transfer: code / 255.
struct SrgbPixels {
  Pixels<std::uint8_t> pixels;
  friend bool operator==(const SrgbPixels&, const SrgbPixels&) = default;
};

/// Linear light, Rec.709 primaries, 1 = sRGB white, no upper end; with 2 or 4 channels the last is alpha [0, 1].
struct LinearPixels {
  Pixels<float> pixels;
  friend bool operator==(const LinearPixels&, const LinearPixels&) = default;
};

/// Exact: to_srgb(to_linear(x)) is x.
LinearPixels to_linear(const SrgbPixels& picture);

/// The nearest codes; what is outside [0, 1] is clamped, NaN is 0.
SrgbPixels to_srgb(const LinearPixels& picture);

/// Rec.709 luminance of linear light, in its unit: 0.2126 R + 0.7152 G + 0.0722 B.
float luminance(float red, float green, float blue);

/// One channel; alpha is left out.
Pixels<float> luminance(const LinearPixels& picture);

}  // namespace wm::image
