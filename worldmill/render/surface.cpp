#include "worldmill/render/surface.h"

#include <algorithm>

namespace wm::render {

MaterialReader::MaterialReader(const scene::Material& material)
    : spec(material),
      base_color(material.base_color_texture, Encoding::color),
      metallic_roughness(material.metallic_roughness_texture, Encoding::data),
      normal(material.normal_texture, Encoding::data),
      emission(material.emission_texture, Encoding::color),
      transmission(material.transmission_texture, Encoding::data) {}

bool MaterialReader::asks(const geometry::Mesh& mesh) const {
  if (lets_through()) return true;
  if (spec.alpha_mode == scene::AlphaMode::opaque) return false;
  return spec.opacity < 1 || spec.alpha_cutoff > 1 || base_color.has_alpha() || !mesh.colors.empty();
}

Rgba color_at(const geometry::Mesh& mesh, const geometry::Triangle& corners, float u, float v) {
  if (mesh.colors.empty()) return {1, 1, 1, 1};
  Rgba result;
  for (std::size_t i = 0; i < 4; ++i) {
    result[i] = std::max(
        0.0f, interpolate(mesh.colors[corners[0]][i], mesh.colors[corners[1]][i], mesh.colors[corners[2]][i], u, v));
  }
  return result;
}

math::Vec2f uv_at(const geometry::Mesh& mesh, int set, const geometry::Triangle& corners, float u, float v) {
  const std::vector<math::Vec2f>& uv = mesh.uv[set == 1 ? 1 : 0];
  if (uv.empty()) return {0, 0};
  return interpolate(uv[corners[0]], uv[corners[1]], uv[corners[2]], u, v);
}

float alpha_at(const Instance& instance, std::uint32_t triangle, float u, float v) {
  const MaterialReader& material = *instance.material;
  if (material.spec.alpha_mode == scene::AlphaMode::opaque) return 1;
  const geometry::Triangle& corners = instance.mesh->triangles[triangle];
  float alpha = material.spec.opacity;
  if (!instance.mesh->colors.empty()) alpha *= color_at(*instance.mesh, corners, u, v)[3];
  if (material.base_color.exists()) {
    alpha *= material.base_color.at(uv_at(*instance.mesh, material.base_color.uv_set(), corners, u, v))[3];
  }
  return std::clamp(alpha, 0.0f, 1.0f);
}

bool is_there(const Instance& instance, std::uint32_t triangle, float u, float v, Sight sight, float chance) {
  const scene::Material& spec = instance.material->spec;
  if (spec.alpha_mode == scene::AlphaMode::opaque) return true;
  const float alpha = alpha_at(instance, triangle, u, v);
  if (spec.alpha_mode == scene::AlphaMode::mask) return alpha >= spec.alpha_cutoff;
  return sight == Sight::labels ? alpha >= 0.5f : chance < alpha;
}

}  // namespace wm::render
