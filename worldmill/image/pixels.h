#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "worldmill/base/result.h"

namespace wm::image {

/// Pixels row by row from the top, channels side by side; `values` holds width * height * channels numbers.
template <class T>
struct Pixels {
  int width = 0;     ///< [px]
  int height = 0;    ///< [px]
  int channels = 1;  ///< 1 grey or data, 2 grey + alpha, 3 RGB, 4 RGB + alpha
  std::vector<T> values;

  Pixels() = default;
  Pixels(int w, int h, int c)
      : width(w), height(h), channels(c), values(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * c) {}

  std::size_t index(int x, int y, int channel = 0) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * channels +
           channel;
  }
  T& at(int x, int y, int channel = 0) { return values[index(x, y, channel)]; }
  const T& at(int x, int y, int channel = 0) const { return values[index(x, y, channel)]; }
  friend bool operator==(const Pixels&, const Pixels&) = default;
};

/// What a file of 8 or 16 bits holds. Whether the numbers are sRGB or data, only its user knows.
using Samples = std::variant<Pixels<std::uint8_t>, Pixels<std::uint16_t>>;

enum class ImageFormat { png, jpeg, exr, hdr };

/// What the header of a file promises about the pixels that its decoder would give.
struct ImageInfo {
  int width = 0;     ///< [px]
  int height = 0;    ///< [px]
  int channels = 0;  ///< Of the decoded pixels: a palette counts as 3 or 4.
  ImageFormat format = ImageFormat::png;
  friend bool operator==(const ImageInfo&, const ImageInfo&) = default;
};

/// Checked against the header, before a library decodes and before anything is allocated.
struct Budget {
  std::int64_t pixels = std::int64_t{1} << 27;
};

/// Refuses a size that is not positive or exceeds the budget, with a sentence about `file`.
Status check_size(std::int64_t width, std::int64_t height, const Budget& budget, const std::string& file);

}  // namespace wm::image
