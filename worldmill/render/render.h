#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "worldmill/base/jobs.h"
#include "worldmill/base/random_key.h"
#include "worldmill/image/pixels.h"
#include "worldmill/render/rays.h"
#include "worldmill/sample/sample.h"

namespace wm::render {

/// A World made ready for rays and light. Immutable; thread-safe. Holds what it needs of the World.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual const Surfaces& surfaces() const = 0;
  /// The surfaces of these nodes alone (not of their children), visible or not, as if nothing else were there.
  virtual std::unique_ptr<const Surfaces> only(std::span<const scene::NodeId> nodes) const = 0;
  virtual const scene::World& world() const = 0;
};

/// Owns what is compiled once and used by many Stages (acceleration structures of meshes, tables of pictures), as long
/// as some Scene uses it. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::shared_ptr<const Stage> compile(const scene::World& world) = 0;
};

/// Embree, pinned to AVX2; builds run on the calling thread, so that they are the same every time.
std::unique_ptr<Engine> make_engine();

/// The version of what casts the rays, as a dataset keeps it: `Embree 3.13.5, AVX2`.
std::string ray_backend();

/// How long to sample light. Noise of a pixel: standard error / (mean + 0.01) of linear luminance after exposure. A
/// 16 x 16 tile stops when the mean over its pixels is below `noise`, tested after every 16 samples; without `noise`
/// every pixel gets `max_samples`.
struct Quality {
  std::optional<double> noise;
  int max_samples = 64;  ///< per pixel, at least 1
  int max_depth = 8;     ///< Segments of a path, at least 1 (1: only what is seen directly emits).
};

struct Film {
  image::Pixels<float> radiance;         ///< RGB, linear Rec.709, before exposure [cd/m^2].
  image::Pixels<std::uint16_t> samples;  ///< How many each pixel got.
};

/// The picture of a camera by unidirectional path tracing. Each random number's address is (key, pixel, sample,
/// dimension): the film does not depend on `workers`. Returns early, with what it has, after `cancel`.
Film trace(const Stage& stage, const sample::CameraRecord& camera, const Quality& quality, base::RandomKey key,
           int workers, const base::Cancel* cancel = nullptr);

}  // namespace wm::render
