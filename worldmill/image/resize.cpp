#include "worldmill/image/resize.h"

#include <algorithm>
#include <cmath>

#include "worldmill/base/check.h"

namespace wm::image {
namespace {

std::uint8_t rounded(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f) + 0.5f);
}

Pixels<float> as_floats(const Pixels<std::uint8_t>& pixels) {
  Pixels<float> floats(pixels.width, pixels.height, pixels.channels);
  std::copy(pixels.values.begin(), pixels.values.end(), floats.values.begin());
  return floats;
}

Pixels<std::uint8_t> as_bytes(const Pixels<float>& pixels) {
  Pixels<std::uint8_t> bytes(pixels.width, pixels.height, pixels.channels);
  std::transform(pixels.values.begin(), pixels.values.end(), bytes.values.begin(), rounded);
  return bytes;
}

// What one new pixel takes of the old ones along an axis: `weights` of `first`, `first` + 1, ... that sum to 1.
struct Share {
  int first = 0;
  std::vector<float> weights;
};

std::vector<Share> shares(int old_size, int new_size) {
  const double step = static_cast<double>(old_size) / new_size;
  const double reach = std::max(step, 1.0);
  std::vector<Share> all(static_cast<std::size_t>(new_size));
  for (int i = 0; i < new_size; ++i) {
    const double centre = (i + 0.5) * step;
    const int begin = std::max(0, static_cast<int>(std::floor(centre - reach)));
    const int end = std::min(old_size, static_cast<int>(std::ceil(centre + reach)) + 1);
    std::vector<double> tent;
    double sum = 0;
    all[i].first = begin;
    for (int k = begin; k < end; ++k) {
      const double weight = 1 - std::abs(k + 0.5 - centre) / reach;
      if (weight <= 0 && tent.empty()) ++all[i].first;
      if (weight <= 0) continue;  // not even times 0: it may be infinite
      tent.push_back(weight);
      sum += weight;
    }
    for (const double weight : tent) all[i].weights.push_back(static_cast<float>(weight / sum));
  }
  return all;
}

Pixels<float> resize_rows(const Pixels<float>& from, int width) {
  Pixels<float> to(width, from.height, from.channels);
  const std::vector<Share> all = shares(from.width, width);
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Share& share = all[x];
      float* sum = &to.at(x, y);
      const float* pixel = &from.at(share.first, y);
      for (const float weight : share.weights) {
        for (int c = 0; c < from.channels; ++c) sum[c] += weight * pixel[c];
        pixel += from.channels;
      }
    }
  }
  return to;
}

Pixels<float> resize_columns(const Pixels<float>& from, int height) {
  Pixels<float> to(from.width, height, from.channels);
  const std::vector<Share> all = shares(from.height, height);
  const std::size_t row = static_cast<std::size_t>(from.width) * static_cast<std::size_t>(from.channels);
  for (int y = 0; y < height; ++y) {
    float* sum = &to.at(0, y);
    for (std::size_t k = 0; k < all[y].weights.size(); ++k) {
      const float weight = all[y].weights[k];
      const float* old = &from.at(0, all[y].first + static_cast<int>(k));
      for (std::size_t i = 0; i < row; ++i) sum[i] += weight * old[i];
    }
  }
  return to;
}

}  // namespace

Pixels<float> downsample(const Pixels<float>& pixels, int factor) {
  WM_CHECK(factor >= 1 && pixels.width > 0 && pixels.height > 0);
  Pixels<float> to((pixels.width - 1) / factor + 1, (pixels.height - 1) / factor + 1, pixels.channels);
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      float* sum = &to.at(x / factor, y / factor);
      for (int c = 0; c < pixels.channels; ++c) sum[c] += pixels.at(x, y, c);
    }
  }
  for (int y = 0; y < to.height; ++y) {
    const int rows = std::min(factor, pixels.height - y * factor);
    for (int x = 0; x < to.width; ++x) {
      const auto count = static_cast<float>(std::int64_t{rows} * std::min(factor, pixels.width - x * factor));
      for (int c = 0; c < to.channels; ++c) to.at(x, y, c) /= count;
    }
  }
  return to;
}

Pixels<std::uint8_t> downsample(const Pixels<std::uint8_t>& pixels, int factor) {
  return as_bytes(downsample(as_floats(pixels), factor));
}

SrgbPixels downsample(const SrgbPixels& picture, int factor) {
  return to_srgb({downsample(to_linear(picture).pixels, factor)});
}

Pixels<float> resize(const Pixels<float>& pixels, int width, int height) {
  WM_CHECK(width >= 1 && height >= 1 && pixels.width > 0 && pixels.height > 0);
  if (width == pixels.width && height == pixels.height) return pixels;
  return resize_columns(resize_rows(pixels, width), height);
}

Pixels<std::uint8_t> resize(const Pixels<std::uint8_t>& pixels, int width, int height) {
  return as_bytes(resize(as_floats(pixels), width, height));
}

SrgbPixels resize(const SrgbPixels& picture, int width, int height) {
  return to_srgb({resize(to_linear(picture).pixels, width, height)});
}

}  // namespace wm::image
