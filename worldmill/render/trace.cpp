#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "worldmill/base/check.h"
#include "worldmill/math/elementary.h"
#include "worldmill/render/path.h"
#include "worldmill/render/render.h"

// The film is cut into tiles; each is sampled to its end by one worker, and knows nothing of the others.

namespace wm::render {
namespace {

using math::Vec3;
using math::Vec3f;

constexpr int kTile = 16;   // [px]
constexpr int kBatch = 16;  // samples between tests for noise

struct PixelSums {
  std::array<double, 3> radiance{};
  double squares = 0;  // of luminance

  void add(Vec3f sample) {
    const double r = sample.x, g = sample.y, b = sample.z;
    const double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    if (!std::isfinite(y)) return;  // lights beyond what floats hold
    radiance = {radiance[0] + r, radiance[1] + g, radiance[2] + b};
    squares += y * y;
  }
  double luminance() const { return 0.2126 * radiance[0] + 0.7152 * radiance[1] + 0.0722 * radiance[2]; }
  // Of the mean of `count` samples, as Quality has it.
  double noise(int count, double exposure) const {
    const double mean = luminance() / count;
    const double variance = std::max(0.0, squares / count - mean * mean) / (count - 1);
    return std::sqrt(variance) * exposure / (mean * exposure + 0.01);
  }
};

class Picture {
 public:
  Picture(const TracedStage& stage, const sample::CameraRecord& camera, const Quality& quality, base::RandomKey key)
      : stage_(stage),
        camera_(camera),
        quality_(quality),
        key_(key),
        tracer_(stage, quality.max_depth),
        exposure_(math::exp2(camera.exposure)) {
    film_.radiance = image::Pixels<float>(camera.lens.width, camera.lens.height, 3);
    film_.samples = image::Pixels<std::uint16_t>(camera.lens.width, camera.lens.height, 1);
  }

  int tiles_across() const { return (camera_.lens.width + kTile - 1) / kTile; }
  int tiles() const { return tiles_across() * ((camera_.lens.height + kTile - 1) / kTile); }
  void take_tile(int tile, const base::Cancel* cancel);
  Film film() && { return std::move(film_); }

 private:
  struct Tile {
    int x0, y0, width, height;
  };
  Tile tile_at(int tile) const;
  void sample_pixel(int x, int y, int first, int end, PixelSums& sums) const;
  LocalRay camera_ray(double u, double v) const;

  const TracedStage& stage_;
  const sample::CameraRecord& camera_;
  const Quality& quality_;
  const base::RandomKey key_;
  const PathTracer tracer_;
  const double exposure_;
  Film film_;
};

Picture::Tile Picture::tile_at(int tile) const {
  const int x0 = tile % tiles_across() * kTile, y0 = tile / tiles_across() * kTile;
  return {x0, y0, std::min(kTile, camera_.lens.width - x0), std::min(kTile, camera_.lens.height - y0)};
}

void Picture::take_tile(int index, const base::Cancel* cancel) {
  const PlainFloats floats;
  const Tile tile = tile_at(index);
  std::vector<PixelSums> sums(static_cast<std::size_t>(tile.width * tile.height));
  int taken = 0;
  while (taken < quality_.max_samples && !(cancel != nullptr && cancel->requested())) {
    const int end = std::min(taken + kBatch, quality_.max_samples);
    double noise = 0;
    for (int i = 0; i < tile.width * tile.height; ++i) {
      PixelSums& pixel = sums[static_cast<std::size_t>(i)];
      sample_pixel(tile.x0 + i % tile.width, tile.y0 + i / tile.width, taken, end, pixel);
      if (end > 1) noise += pixel.noise(end, exposure_);
    }
    taken = end;
    if (quality_.noise && taken % kBatch == 0 && noise / static_cast<double>(sums.size()) < *quality_.noise) break;
  }
  if (taken == 0) return;
  for (int i = 0; i < tile.width * tile.height; ++i) {
    const int x = tile.x0 + i % tile.width, y = tile.y0 + i / tile.width;
    film_.samples.at(x, y) = static_cast<std::uint16_t>(taken);
    for (int c = 0; c < 3; ++c) {
      film_.radiance.at(x, y, c) =
          static_cast<float>(sums[static_cast<std::size_t>(i)].radiance[static_cast<std::size_t>(c)] / taken);
    }
  }
}

// A tent two pixels wide about the pixel's centre.
double tent(double random) {
  return random < 0.5 ? std::sqrt(2 * random) - 1 : 1 - std::sqrt(2 - 2 * random);
}

void Picture::sample_pixel(int x, int y, int first, int end, PixelSums& sums) const {
  const base::Counter pixel = key_.bits(static_cast<std::uint64_t>(y) * static_cast<std::uint64_t>(camera_.lens.width) +
                                        static_cast<std::uint64_t>(x));
  for (int i = first; i < end; ++i) {
    const Sampler sampler(pixel, static_cast<std::uint32_t>(i));
    const math::Vec2f at = sampler.pair(0);
    sums.add(tracer_.radiance(camera_ray(x + 0.5 + tent(at.x), y + 0.5 + tent(at.y)), sampler));
  }
}

LocalRay Picture::camera_ray(double u, double v) const {
  const math::Pose& world_from_camera = camera_.world_from_camera;
  const Vec3 direction = math::normalized(world_from_camera.rotation * camera_.lens.unproject({u, v}));
  return stage_.local({world_from_camera.translation, direction});
}

}  // namespace

Film trace(const Stage& stage, const sample::CameraRecord& camera, const Quality& quality, base::RandomKey key,
           int workers, const base::Cancel* cancel) {
  WM_CHECK(quality.max_samples >= 1 && quality.max_samples <= 65535 && quality.max_depth >= 1);
  const auto* traced = dynamic_cast<const TracedStage*>(&stage);
  WM_CHECK(traced != nullptr);  // all Stages come from make_engine()
  Picture picture(*traced, camera, quality, key);
  base::run_in_order(
      picture.tiles(), workers,
      [&](std::int64_t tile) -> base::Finish {
        picture.take_tile(static_cast<int>(tile), cancel);
        return {};
      },
      cancel);
  return std::move(picture).film();
}

}  // namespace wm::render
