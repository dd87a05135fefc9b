#pragma once
#include "worldmill/sample/dataset_info.h"
#include "worldmill/sample/sample.h"

/// A small labelled world made of boxes, by itself and in double precision: what the tests, the benchmark and the
/// interoperability checks of dataset formats write. Every label follows from the same rays.
namespace wm::formats::synthetic {

/// A box in the world, centred on its own origin [m].
struct Thing {
  std::uint16_t semantic = 1;
  math::Vec3 size{1, 1, 1};
  math::Pose world_from_thing;
  math::Vec3 color{0.5, 0.5, 0.5};  ///< sRGB, 0 to 1.
};

/// Classes: mug 1, can 2, box 3, glass 4 (ignored), handle 5 (a part of mug). Channels and columns: all there are.
sample::DatasetInfo info();

/// One sample with a view per name of `sensors`, of width x height pixels; the world's z is up, the camera stands at
/// (-4, 0, 1.5) looking along x and a little down; each next sensor stands 0.3 m farther to the left.
sample::Sample shoot(sample::SampleId id, const std::vector<Thing>& things, const std::vector<std::string>& sensors,
                     int width, int height);

/// A scatter of things that differs by `seed`: seen, partly hidden, fully hidden, cut by the border, ignored.
std::vector<Thing> scatter(std::uint64_t seed);

}  // namespace wm::formats::synthetic
