#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "worldmill/render/render.h"
#include "worldmill/scene/labels.h"
#include "worldmill/scene/sensor.h"

namespace wm::sense {

/// What one fixed ray per pixel (pixel centre, lens centre, mid-exposure) met: the one truth of all labels.
struct LabelPixels {
  image::Pixels<float> depth;   ///< Along the optical axis [m]; infinity where there is nothing.
  image::Pixels<float> normal;  ///< 3 channels: geometric, length 1, camera frame, towards the camera; 0 where nothing.
  image::Pixels<std::uint32_t> node;      ///< Node index + 1; 0 where nothing.
  image::Pixels<std::uint32_t> instance;  ///< 0: background
  image::Pixels<std::uint16_t> semantic;
  image::Pixels<std::uint16_t> part;
};

/// The whole of an object as the camera would see it were nothing in front and the image without edges, on the same
/// pixel grid. Counts are of pixel centres.
struct Silhouette {
  std::int64_t visible = 0;  ///< Pixels of the instance in the image, as LabelPixels has them.
  std::int64_t inside = 0;   ///< Unoccluded pixels within the image.
  std::int64_t total = 0;    ///< Unoccluded pixels, those beyond the edges included.
  bool bounded = true;  ///< false: reaches behind the camera or beyond the searched frame (three images wide and high,
                        ///< the image in the middle): `total` is unknown.
  int low_x = 0, low_y = 0, high_x = -1,
      high_y = -1;  ///< Unoccluded pixels, inclusive, may lie outside the image; empty when high < low.
};

/// One camera's raw observation of one moment.
struct Observation {
  sample::CameraRecord camera;
  std::optional<render::Film> film;
  LabelPixels labels;
  std::vector<Silhouette> silhouettes;  ///< [object] when asked for, else empty.
  const scene::Labels* objects = nullptr;
  const scene::World* world = nullptr;
};

/// What annotators need of an observation.
struct Needs {
  bool light = false;
  bool silhouettes = false;
  bool events = false;   ///< What goes on in the take; the mill writes it into the sample.
  bool actions = false;  ///< Likewise, what was commanded and done.
};

sample::CameraRecord record(const scene::CameraSpec& spec, const math::Pose& world_from_camera);

/// Casts the label rays. Thread-safe.
LabelPixels cast_labels(const render::Surfaces& surfaces, const sample::CameraRecord& camera,
                        const scene::Labels& labels);

/// Silhouettes of all objects, by rays to each object alone.
std::vector<Silhouette> cast_silhouettes(const render::Stage& stage, const sample::CameraRecord& camera,
                                         const scene::Labels& labels, const LabelPixels& seen);

}  // namespace wm::sense
