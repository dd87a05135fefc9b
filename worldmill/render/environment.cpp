#include "worldmill/render/environment.h"

#include <algorithm>
#include <cmath>

#include "worldmill/math/elementary.h"
#include "worldmill/render/ggx.h"
#include "worldmill/render/texture.h"

// A cell (texel) is drawn by the integral of the luminance that bilinear reading gives in it, about: in each direction
// 1/8, 6/8, 1/8 of itself and its neighbours, times its solid angle; inside it evenly by solid angle. Where light is,
// the density is not 0.

namespace wm::render {
namespace {

using math::Vec3f;

float luminance(Vec3f c) {
  return 0.2126f * c.x + 0.7152f * c.y + 0.0722f * c.z;
}

constexpr std::size_t kGuide = 64;

// The last index i with edges[i] <= value, so that value lies in cell i.
std::size_t cell(const float* edges, int cells, float value) {
  const float* end = edges + cells;
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(std::upper_bound(edges, end, value) - edges - 1, 0));
}

// Where between edges[i] and edges[i + 1], in [0, 1).
float share(const float* edges, std::size_t i, float value) {
  const float width = edges[i + 1] - edges[i];
  return width > 0 ? std::clamp((value - edges[i]) / width, 0.0f, 0.9999999f) : 0.5f;
}

}  // namespace

Environment::Environment(const scene::PicturePtr& picture) {
  if (picture) read(picture);
  if (texels_.empty()) {
    width_ = height_ = 1;
    texels_ = {{1, 1, 1}};
  }
  for (int y = 0; y <= height_; ++y) {
    edges_.push_back(static_cast<float>(math::cos(static_cast<double>(y) / height_ * 3.141592653589793)));
  }
  edges_.back() = -1;
  weigh();
}

void Environment::read(const scene::PicturePtr& picture) {
  scene::Texture texture;
  texture.picture = picture;
  texture.filter = scene::Filter::nearest;
  std::visit([&](const auto& pixels) { width_ = pixels.width, height_ = pixels.height; }, picture->pixels);
  const TextureReader reader(texture, Encoding::color);
  if (!reader.exists()) return;
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      const Rgba c = reader.at({(static_cast<float>(x) + 0.5f) / static_cast<float>(width_),
                                (static_cast<float>(y) + 0.5f) / static_cast<float>(height_)});
      texels_.push_back({c[0], c[1], c[2]});
    }
  }
}

void Environment::weigh() {
  const auto w = static_cast<std::size_t>(width_), h = static_cast<std::size_t>(height_);
  const auto blurred = [](float before, float here, float after) { return 0.125f * (before + after) + 0.75f * here; };
  std::vector<float> across(w * h);
  for (std::size_t y = 0; y < h; ++y) {
    const Vec3f* row = &texels_[y * w];
    for (std::size_t x = 0; x < w; ++x) {
      across[y * w + x] =
          blurred(luminance(row[x > 0 ? x - 1 : w - 1]), luminance(row[x]), luminance(row[x + 1 < w ? x + 1 : 0]));
    }
  }
  std::vector<double> row_sums(h);
  columns_.assign(h * (w + 1), 0);
  for (std::size_t y = 0; y < h; ++y) {
    const float* above = &across[(y > 0 ? y - 1 : 0) * w];
    const float* below = &across[(y + 1 < h ? y + 1 : y) * w];
    std::vector<double> sums(w + 1);
    for (std::size_t x = 0; x < w; ++x) sums[x + 1] = sums[x] + blurred(above[x], across[y * w + x], below[x]);
    row_sums[y] = sums[w] / width_ * 2 * 3.141592653589793 * (edges_[y] - edges_[y + 1]);
    for (std::size_t x = 0; x <= w; ++x) {
      columns_[y * (w + 1) + x] = static_cast<float>(sums[w] > 0 ? sums[x] / sums[w] : static_cast<double>(x) / width_);
    }
  }
  for (std::size_t y = 0; y < h; ++y) {
    const float* columns = &columns_[y * (w + 1)];
    for (std::size_t i = 0; i < kGuide; ++i) {
      guide_.push_back(static_cast<std::uint32_t>(cell(columns, width_, static_cast<float>(i) / kGuide)));
    }
  }
  rows_.assign(h + 1, 0);
  for (const double sum : row_sums) total_ += sum;
  double sum = 0;
  for (std::size_t y = 0; y < h; ++y) {
    sum += row_sums[y];
    rows_[y + 1] = static_cast<float>(total_ > 0 ? sum / total_ : 0);
  }
}

Environment::Place Environment::place(Vec3f direction) const {
  const float azimuth = math::atan2(direction.y, direction.x);
  const float polar = math::acos(std::clamp(direction.z, -1.0f, 1.0f));
  return {(0.5f - azimuth / (2 * kPi)) * static_cast<float>(width_), polar / kPi * static_cast<float>(height_)};
}

Vec3f Environment::bilinear(Place at) const {
  const float left = std::floor(at.x - 0.5f), top = std::floor(at.y - 0.5f);
  const float right_share = at.x - 0.5f - left, low_share = at.y - 0.5f - top;
  const auto column = [&](int x) {
    return static_cast<std::size_t>(x < 0 ? x + width_ : x >= width_ ? x - width_ : x);
  };
  const auto row = [&](int y) {
    return static_cast<std::size_t>(std::clamp(y, 0, height_ - 1)) * static_cast<std::size_t>(width_);
  };
  const std::size_t x0 = column(static_cast<int>(left)), x1 = column(static_cast<int>(left) + 1);
  const std::size_t y0 = row(static_cast<int>(top)), y1 = row(static_cast<int>(top) + 1);
  const Vec3f above = texels_[y0 + x0] * (1 - right_share) + texels_[y0 + x1] * right_share;
  const Vec3f below = texels_[y1 + x0] * (1 - right_share) + texels_[y1 + x1] * right_share;
  return above * (1 - low_share) + below * low_share;
}

Environment::Look Environment::look(Vec3f direction) const {
  const Place at = place(direction);
  const auto x = static_cast<std::size_t>(std::clamp(static_cast<int>(at.x), 0, width_ - 1));
  const auto y = static_cast<std::size_t>(std::clamp(static_cast<int>(at.y), 0, height_ - 1));
  return {texels_.size() == 1 ? texels_[0] : bilinear(at), density_of(x, y)};
}

float Environment::density_of(std::size_t x, std::size_t y) const {
  const float* columns = &columns_[y * static_cast<std::size_t>(width_ + 1)];
  const float chance = (rows_[y + 1] - rows_[y]) * (columns[x + 1] - columns[x]);
  return chance * static_cast<float>(width_) / (2 * kPi * (edges_[y] - edges_[y + 1]));
}

// As cell() would find it, from a start near by.
std::size_t Environment::column_of(std::size_t y, float pick) const {
  const float* columns = &columns_[y * static_cast<std::size_t>(width_ + 1)];
  std::size_t x = guide_[y * kGuide + static_cast<std::size_t>(pick * static_cast<float>(kGuide))];
  while (x + 1 < static_cast<std::size_t>(width_) && columns[x + 1] <= pick) ++x;
  return x;
}

Environment::Sample Environment::sample(math::Vec2f at) const {
  if (!(total_ > 0)) return {{0, 0, 1}, 0};
  const std::size_t y = cell(rows_.data(), height_, at.y), x = column_of(y, at.x);
  const float* columns = &columns_[y * static_cast<std::size_t>(width_ + 1)];
  const float z = edges_[y] + (edges_[y + 1] - edges_[y]) * share(rows_.data(), y, at.y);
  const float u = (static_cast<float>(x) + share(columns, x, at.x)) / static_cast<float>(width_);
  const float r = std::sqrt(std::max(0.0f, 1 - z * z));
  const math::SinCosF turn = math::sincos(2 * kPi * (0.5f - u));
  // Who draws a direction will look at it, after rays have had their say: let memory come meanwhile.
  const std::size_t texel = y * static_cast<std::size_t>(width_) + x;
  __builtin_prefetch(&texels_[texel]);
  __builtin_prefetch(
      &texels_[y + 1 < static_cast<std::size_t>(height_) ? texel + static_cast<std::size_t>(width_) : texel]);
  return {{r * turn.cos, r * turn.sin, z}, density_of(x, y)};
}

std::shared_ptr<const Environment> EnvironmentCache::of(const scene::PicturePtr& picture) {
  if (!picture) return std::make_shared<const Environment>(picture);
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [](const auto& entry) { return entry.second.picture.expired(); });
  Entry& entry = entries_[picture.get()];
  if (!entry.environment) entry = {picture, std::make_shared<const Environment>(picture)};
  return entry.environment;
}

}  // namespace wm::render
