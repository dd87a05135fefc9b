#include "worldmill/image/picture.h"

#include <algorithm>

#include "worldmill/base/check.h"
#include "worldmill/image/color.h"

namespace wm::image {
namespace {

// Channels of colour; one more is alpha.
int colors_of(int channels) {
  WM_CHECK(channels >= 1 && channels <= 4);
  return channels <= 2 ? 1 : 3;
}

std::uint8_t code_of(float share) {
  return share > 0 ? static_cast<std::uint8_t>(std::min(share, 1.0f) * 255 + 0.5f) : std::uint8_t{0};
}

}  // namespace

LinearPixels to_linear(const SrgbPixels& picture) {
  const Pixels<std::uint8_t>& from = picture.pixels;
  const int colors = colors_of(from.channels);
  Pixels<float> to(from.width, from.height, from.channels);
  for (std::size_t i = 0; i < from.values.size(); i += static_cast<std::size_t>(from.channels)) {
    for (int c = 0; c < colors; ++c) to.values[i + c] = linear_from_srgb(from.values[i + c]);
    if (colors < from.channels) to.values[i + colors] = static_cast<float>(from.values[i + colors]) / 255;
  }
  return {std::move(to)};
}

SrgbPixels to_srgb(const LinearPixels& picture) {
  const Pixels<float>& from = picture.pixels;
  const int colors = colors_of(from.channels);
  Pixels<std::uint8_t> to(from.width, from.height, from.channels);
  for (std::size_t i = 0; i < from.values.size(); i += static_cast<std::size_t>(from.channels)) {
    for (int c = 0; c < colors; ++c) to.values[i + c] = srgb_from_linear(from.values[i + c]);
    if (colors < from.channels) to.values[i + colors] = code_of(from.values[i + colors]);
  }
  return {std::move(to)};
}

float luminance(float red, float green, float blue) {
  return 0.2126f * red + 0.7152f * green + 0.0722f * blue;
}

Pixels<float> luminance(const LinearPixels& picture) {
  const Pixels<float>& from = picture.pixels;
  const int colors = colors_of(from.channels);
  Pixels<float> to(from.width, from.height, 1);
  for (std::size_t i = 0; i < to.values.size(); ++i) {
    const float* pixel = &from.values[i * static_cast<std::size_t>(from.channels)];
    to.values[i] = colors == 1 ? pixel[0] : luminance(pixel[0], pixel[1], pixel[2]);
  }
  return to;
}

}  // namespace wm::image
