#pragma once
#include <algorithm>
#include <cmath>

#include "worldmill/math/elementary.h"
#include "worldmill/math/vec.h"

/// The microfacet distribution GGX (Trowbridge and Reitz), isotropic, in a frame with the mean normal along z; private
/// to the module. `alpha` in (0, 1].
namespace wm::render {

inline constexpr float kPi = 3.14159265f;

/// The density of facets with normal `half` [1/sr], in a form that does not cancel for small alpha.
inline float ggx_density(math::Vec3f half, float alpha) {
  const float x = half.x / alpha, y = half.y / alpha;
  const float sum = x * x + y * y + half.z * half.z;
  return 1 / (kPi * alpha * alpha * sum * sum);
}

/// Smith's Lambda: facets hidden per facet seen, for a direction of this cosine > 0.
inline float smith_lambda(float cosine, float alpha) {
  const float tangent2 = std::max(0.0f, 1 - cosine * cosine) / (cosine * cosine);
  return 0.5f * (std::sqrt(1 + alpha * alpha * tangent2) - 1);
}

/// A facet's normal, drawn from those that `out` (z > 0) sees (Heitz, "Sampling the GGX distribution of visible
/// normals", JCGT 2018; by a cap of the sphere, Dupuy and Benyoub 2023).
inline math::Vec3f visible_normal(math::Vec3f out, float alpha, math::Vec2f at) {
  const math::Vec3f stretched = math::normalized(math::Vec3f{out.x * alpha, out.y * alpha, out.z});
  const math::SinCosF turn = math::sincos(2 * kPi * at.x);
  const float z = (1 - at.y) * (1 + stretched.z) - stretched.z;
  const float r = std::sqrt(std::clamp(1 - z * z, 0.0f, 1.0f));
  const math::Vec3f half = math::Vec3f{r * turn.cos, r * turn.sin, z} + stretched;
  return math::normalized(math::Vec3f{half.x * alpha, half.y * alpha, std::max(half.z, 1e-7f)});
}

/// Schlick's share of what Fresnel adds at this cosine.
inline float schlick(float cosine) {
  const float m = 1 - cosine, m2 = m * m;
  return m2 * m2 * m;
}

/// How much of the light from one direction a rough mirror gives back, single bounces only, is F0 * low + F90 * high.
struct MirrorAlbedo {
  float low = 1, high = 0;
  float total() const { return low + high; }  ///< Of a mirror without loss.
};

/// The albedo of mirrors of one roughness, from tables made once, bilinear between. Thread-safe.
class MirrorAlbedos {
 public:
  explicit MirrorAlbedos(float alpha);
  /// `cosine` with the normal, [0, 1].
  MirrorAlbedo at(float cosine) const;
  /// The mean over all directions, weighted by the cosine.
  MirrorAlbedo mean() const;

 private:
  int row_;
  float t_;
};

}  // namespace wm::render
