#pragma once
#include <cstdint>

#include "worldmill/geometry/mesh.h"
#include "worldmill/math/pose.h"
#include "worldmill/render/texture.h"

/// What is compiled of a scene's surfaces, for rays and light to read; private to the module. Immutable; thread-safe.
namespace wm::render {

/// A scene's Material with its textures ready to be read.
struct MaterialReader {
  scene::Material spec;
  TextureReader base_color, metallic_roughness, normal, emission, transmission;

  explicit MaterialReader(const scene::Material& material);
  bool emits() const { return spec.emission.x > 0 || spec.emission.y > 0 || spec.emission.z > 0; }
  bool lets_through() const { return spec.transmission > 0 && spec.metallic < 1; }
  /// Whether a ray has to ask before it may stop on `mesh`: by alpha, or because light goes straight through.
  bool asks(const geometry::Mesh& mesh) const;
};

/// A mesh that stands somewhere: one part of one node. Frame `origin`: the world's axes about the stage's origin.
struct Instance {
  const geometry::Mesh* mesh = nullptr;
  const MaterialReader* material = nullptr;
  std::uint32_t node = 0, part = 0;
  math::Affine origin_from_mesh;           ///< Has an inverse.
  math::Mat3 normals;                      ///< Inverse transpose of its linear map.
  std::array<math::Vec3f, 3> normal_rows;  ///< The same in float.
};

/// Corner values at a point of a triangle.
template <class T>
T interpolate(const T& a, const T& b, const T& c, float u, float v) {
  return a * (1 - u - v) + b * u + c * v;
}
Rgba color_at(const geometry::Mesh& mesh, const geometry::Triangle& corners, float u, float v);
math::Vec2f uv_at(const geometry::Mesh& mesh, int set, const geometry::Triangle& corners, float u, float v);

/// Opacity times texture times vertex colour, [0, 1]; 1 for opaque materials.
float alpha_at(const Instance& instance, std::uint32_t triangle, float u, float v);

/// Who asks: a label's ray, for which a blend is there from alpha 0.5 on, or light, which meets it by chance.
enum class Sight : std::uint8_t { labels, light };

/// Whether something is there for a ray; `chance` in [0, 1) decides about blends for light.
bool is_there(const Instance& instance, std::uint32_t triangle, float u, float v, Sight sight, float chance);

}  // namespace wm::render
