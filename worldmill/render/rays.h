#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "worldmill/math/vec.h"
#include "worldmill/scene/world.h"

namespace wm::render {

/// A ray in world coordinates [m]. `direction` need not have length 1: t counts in its length, so that a direction
/// with z = 1 in a camera's frame makes t the depth.
struct Ray {
  math::Vec3 origin;
  math::Vec3 direction;
  float t_min = 0;
  float t_max = std::numeric_limits<float>::infinity();
};

/// The first surface that a ray meets.
struct Hit {
  float t = std::numeric_limits<float>::infinity();  ///< infinity: nothing
  std::uint32_t node = 0;                            ///< Index of the node in the Scene.
  std::uint32_t part = 0;                            ///< Index in the node's parts.
  std::uint32_t triangle = 0;                        ///< Index in the part's mesh.
  float u = 0, v = 0;                                ///< Barycentric: (1 - u - v) * p0 + u * p1 + v * p2
  math::Vec3f normal;  ///< Geometric, length 1, world frame, turned towards the ray's origin.

  bool exists() const { return t < std::numeric_limits<float>::infinity(); }
};

/// Surfaces that rays can meet. What alpha says is not there is not there: masks by their cutoff, blends where
/// alpha < 0.5 (light sees them by chance, labels by this rule). Thread-safe. Neighbouring rays of a span are best
/// neighbours in space. Results do not depend on how rays are batched, but for this: where two surfaces coincide
/// exactly, which of them is met may; the same spans always meet the same.
class Surfaces {
 public:
  virtual ~Surfaces() = default;
  /// hits[i] is what rays[i] meets first; both have one length.
  virtual void intersect(std::span<const Ray> rays, std::span<Hit> hits) const = 0;
};

}  // namespace wm::render
