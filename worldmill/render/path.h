#pragma once
#include "worldmill/render/sampler.h"
#include "worldmill/render/shading.h"
#include "worldmill/render/stage.h"

namespace wm::render {

/// Follows paths of light backwards from the camera: one emission estimate a segment, next-event estimation with
/// multiple importance sampling, Russian roulette from the third segment on. Thread-safe.
class PathTracer {
 public:
  PathTracer(const TracedStage& stage, int max_depth) : stage_(stage), lights_(stage.lights()), max_depth_(max_depth) {}

  /// An estimate of the radiance that arrives along the ray, whose direction has length 1.
  math::Vec3f radiance(LocalRay ray, const Sampler& sampler) const;

 private:
  math::Vec3f direct(const ShadingPoint& point, float pick, math::Vec2f at, std::uint32_t chance) const;
  math::Vec3f passed(LocalRay ray) const;

  const TracedStage& stage_;
  const Lights& lights_;
  int max_depth_;
};

}  // namespace wm::render
