#pragma once
#include <optional>

#include "worldmill/render/bsdf.h"
#include "worldmill/render/surface.h"
#include "worldmill/render/trees.h"

namespace wm::render {

/// Three perpendicular directions of length 1, right-handed.
struct Frame {
  math::Vec3f x, y, z;

  explicit Frame(math::Vec3f z_axis);
  math::Vec3f in(math::Vec3f v) const { return {math::dot(v, x), math::dot(v, y), math::dot(v, z)}; }
  math::Vec3f out(math::Vec3f v) const { return x * v.x + y * v.y + z * v.z; }
};

/// A point where light scatters, about the stage's origin.
struct ShadingPoint {
  math::Vec3f position;  ///< On the triangle, nearer than floats along the ray could say.
  math::Vec3f normal;    ///< Geometric, length 1, towards where the ray came from.
  float skin = 0;        ///< How far from the triangle a new ray must start so as not to meet it again [m].
  Frame frame;           ///< About the shading normal, on the same side.
  Bsdf bsdf;

  /// Where a ray towards `direction` starts.
  math::Vec3f start(math::Vec3f direction) const {
    return position + normal * (math::dot(direction, normal) > 0 ? skin : -skin);
  }
};

/// `direction`: of the ray that hit, length 1.
ShadingPoint shading_point(const Instance& instance, const LocalHit& hit, math::Vec3f direction);

/// The material's look where the ray hit.
SurfaceLook look_at(const Instance& instance, std::uint32_t triangle, float u, float v);

}  // namespace wm::render
