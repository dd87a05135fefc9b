#include "worldmill/import/mjcf_look.h"

#include <fmt/format.h>
#include <mujoco/mjmodel.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "worldmill/image/color.h"
#include "worldmill/import/primitives.h"

namespace wm::import {

using geometry::Mesh;
using math::Vec3;

namespace {

// Of display values, as MJCF has its colours.
float linear(float value) {
  return image::linear_from_srgb(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 255)));
}

math::Vec3f mean_color(const scene::Picture& picture) {
  const auto* pixels = std::get_if<image::Pixels<std::uint8_t>>(&picture.pixels);
  if (!pixels || pixels->channels < 3 || pixels->values.empty()) return {0.8f, 0.8f, 0.8f};
  std::array<double, 3> sum{};
  const auto step = static_cast<std::size_t>(pixels->channels);
  for (std::size_t i = 0; i + 2 < pixels->values.size(); i += step) {
    for (std::size_t c = 0; c < 3; ++c) sum[c] += image::linear_from_srgb(pixels->values[i + c]);
  }
  const auto count = static_cast<double>(pixels->values.size() / step);
  return {static_cast<float>(sum[0] / count), static_cast<float>(sum[1] / count), static_cast<float>(sum[2] / count)};
}

}  // namespace

std::optional<scene::Part> MjcfLook::part_of(int geom, bool hidden) {
  constexpr int kFirstHiddenGroup = 3;  // the engine's own viewers show groups 0 to 2
  if (!hidden && model_.geom_group[geom] >= kFirstHiddenGroup) return std::nullopt;
  const int material = model_.geom_matid[geom];
  const float* rgba = material >= 0 ? model_.mat_rgba + 4 * material : model_.geom_rgba + 4 * geom;
  if (!(rgba[3] > 0)) return std::nullopt;
  const auto mesh = mesh_of(geom);
  if (!mesh) return std::nullopt;
  return scene::Part{*mesh, material_of(geom)};
}

std::optional<scene::MeshId> MjcfLook::mesh_of(int geom) {
  const mjtNum* size = model_.geom_size + 3 * geom;
  const int type = model_.geom_type[geom], data = model_.geom_dataid[geom];
  std::string key = fmt::format("{} {}", type, data);
  if (data < 0) key += fmt::format(" {:a} {:a} {:a}", size[0], size[1], size[2]);
  const auto known = meshes_.find(key);
  if (known != meshes_.end()) return known->second;
  Mesh mesh;
  switch (type) {
    case mjGEOM_PLANE: {  // an endless one is drawn around what stands on it
      const double far = std::clamp(model_.stat.extent, 0.5, 50.0);
      mesh = make_plane(size[0] > 0 ? size[0] : far, size[1] > 0 ? size[1] : far);
      break;
    }
    case mjGEOM_SPHERE:
      mesh = make_ellipsoid({size[0], size[0], size[0]});
      break;
    case mjGEOM_CAPSULE:
      mesh = make_capsule(size[0], size[1]);
      break;
    case mjGEOM_ELLIPSOID:
      mesh = make_ellipsoid({size[0], size[1], size[2]});
      break;
    case mjGEOM_CYLINDER:
      mesh = make_cylinder(size[0], size[1]);
      break;
    case mjGEOM_BOX:
      mesh = make_box({size[0], size[1], size[2]});
      break;
    case mjGEOM_HFIELD:
      mesh = height_mesh(data);
      break;
    default:
      if (data < 0) return std::nullopt;
      mesh = asset_mesh(data);
  }
  if (auto valid = geometry::validate(mesh, "geom"); !valid) {
    notes_.add(fmt::format("a geom cannot be drawn: {}", valid.error().message));
    return std::nullopt;
  }
  const scene::MeshId id(scene_.meshes.size());
  scene_.meshes.push_back(std::make_shared<const Mesh>(std::move(mesh)));
  return meshes_[key] = id;
}

// A corner of a face has a vertex, a normal and a texture coordinate of its own each; ours have one index.
Mesh MjcfLook::asset_mesh(int mesh) const {
  const mjModel& m = model_;
  const float* vertices = m.mesh_vert + 3 * m.mesh_vertadr[mesh];
  const float* normals = m.mesh_normal + 3 * m.mesh_normaladr[mesh];
  const int uv_address = m.mesh_texcoordadr[mesh];
  std::map<std::array<int, 3>, std::uint32_t> corners;
  Mesh out;
  for (int face = m.mesh_faceadr[mesh]; face < m.mesh_faceadr[mesh] + m.mesh_facenum[mesh]; ++face) {
    geometry::Triangle triangle{};
    for (int k = 0; k < 3; ++k) {
      const int at = 3 * face + k;
      const std::array<int, 3> corner = {m.mesh_face[at], m.mesh_facenormal[at],
                                         uv_address >= 0 ? m.mesh_facetexcoord[at] : 0};
      const auto [known, is_new] = corners.try_emplace(corner, static_cast<std::uint32_t>(out.positions.size()));
      triangle[static_cast<std::size_t>(k)] = known->second;
      if (!is_new) continue;
      const float *p = vertices + 3 * corner[0], *n = normals + 3 * corner[1];
      out.positions.push_back({p[0], p[1], p[2]});
      const float length = std::sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
      out.normals.push_back(length > 0 ? math::Vec3f{n[0] / length, n[1] / length, n[2] / length}
                                       : math::Vec3f{0, 0, 1});
      if (uv_address < 0) continue;
      const float* uv = m.mesh_texcoord + 2 * (uv_address + corner[2]);
      out.uv[0].push_back({uv[0], uv[1]});
    }
    out.triangles.push_back(triangle);
  }
  return out;
}

Mesh MjcfLook::height_mesh(int field) const {
  const int rows = model_.hfield_nrow[field], columns = model_.hfield_ncol[field];
  const mjtNum* size = model_.hfield_size + 4 * field;
  const float* heights = model_.hfield_data + model_.hfield_adr[field];
  Mesh mesh;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      const double u = static_cast<double>(c) / (columns - 1), v = static_cast<double>(r) / (rows - 1);
      mesh.positions.push_back({static_cast<float>(size[0] * (2 * u - 1)), static_cast<float>(size[1] * (2 * v - 1)),
                                static_cast<float>(size[2] * heights[r * columns + c])});
      mesh.uv[0].push_back({static_cast<float>(u), static_cast<float>(1 - v)});
      if (r == 0 || c == 0) continue;
      const auto d = static_cast<std::uint32_t>(r * columns + c), w = static_cast<std::uint32_t>(columns);
      mesh.triangles.push_back({d - w - 1, d - w, d});
      mesh.triangles.push_back({d - w - 1, d, d - 1});
    }
  }
  mesh.normals = geometry::smooth_normals(mesh);
  return mesh;
}

scene::MaterialId MjcfLook::material_of(int geom) {
  const int material = model_.geom_matid[geom];
  const float* rgba = material >= 0 ? model_.mat_rgba + 4 * material : model_.geom_rgba + 4 * geom;
  const bool plane = model_.geom_type[geom] == mjGEOM_PLANE;
  std::string key = fmt::format("{} {} {} {} {}", material, rgba[0], rgba[1], rgba[2], rgba[3]);
  if (plane) key += fmt::format(" plane {} {}", model_.geom_size[3 * geom], model_.geom_size[3 * geom + 1]);
  const auto known = materials_.find(key);
  if (known != materials_.end()) return known->second;
  scene::Material out;
  out.name = material >= 0 ? model_.names + model_.name_matadr[material] : "plain";
  out.base_color = {linear(rgba[0]), linear(rgba[1]), linear(rgba[2])};
  out.opacity = std::min(rgba[3], 1.0f);
  if (out.opacity < 1) out.alpha_mode = scene::AlphaMode::blend;
  out.double_sided = plane;
  if (material >= 0) {
    const float metallic = model_.mat_metallic[material], roughness = model_.mat_roughness[material];
    out.metallic = metallic >= 0 ? std::min(metallic, 1.0f) : 0;
    // Shininess is of an old shading model: 0 dull, 1 mirror-like.
    out.roughness = std::clamp(roughness >= 0 ? roughness : 1 - model_.mat_shininess[material], 0.1f, 1.0f);
    out.base_color_texture = texture_of(material, geom);
    const int texture = model_.mat_texid[mjNTEXROLE * material + mjTEXROLE_RGB];
    if (texture >= 0 && !out.base_color_texture.picture) {
      const math::Vec3f mean = mean_color(*picture_of(texture));
      out.base_color = out.base_color * mean;
      notes_.add("cube textures are shown as their mean colour");
    }
  }
  const scene::MaterialId id(scene_.materials.size());
  scene_.materials.push_back(std::move(out));
  return materials_[key] = id;
}

// A 2D texture lies on planes, height fields and meshes with texture coordinates; on a plane it repeats so many times
// over it all, or (texuniform) in each metre.
scene::Texture MjcfLook::texture_of(int material, int geom) {
  const int texture = model_.mat_texid[mjNTEXROLE * material + mjTEXROLE_RGB];
  if (texture < 0) return {};
  const int type = model_.geom_type[geom], data = model_.geom_dataid[geom];
  const bool mesh = type == mjGEOM_MESH || type == mjGEOM_SDF;
  const bool has_uv = type == mjGEOM_PLANE || type == mjGEOM_HFIELD || (mesh && model_.mesh_texcoordadr[data] >= 0);
  if (!has_uv || (model_.tex_type[texture] != mjTEXTURE_2D && !mesh)) return {};
  scene::Texture out;
  out.picture = picture_of(texture);
  math::Vec2 repeat{model_.mat_texrepeat[2 * material], model_.mat_texrepeat[2 * material + 1]};
  if (type == mjGEOM_PLANE) {
    const mjtNum* size = model_.geom_size + 3 * geom;
    const double far = std::clamp(model_.stat.extent, 0.5, 50.0);
    const math::Vec2 sides{2 * (size[0] > 0 ? size[0] : far), 2 * (size[1] > 0 ? size[1] : far)};
    if (model_.mat_texuniform[material] || !(size[0] > 0)) repeat = {repeat.x * sides.x, repeat.y * sides.y};
  }
  out.scale = repeat;
  return out;
}

scene::PicturePtr MjcfLook::picture_of(int texture) {
  scene::PicturePtr& picture = pictures_[texture];
  if (picture) return picture;
  const std::string name = model_.names + model_.name_texadr[texture];
  const auto of_file = text_.pictures.find(name);
  if (of_file != text_.pictures.end()) return picture = of_file->second;
  const int channels = model_.tex_nchannel[texture];
  image::Pixels<std::uint8_t> pixels(model_.tex_width[texture], model_.tex_height[texture], channels);
  const mjtByte* from = model_.tex_data + model_.tex_adr[texture];
  // The engine keeps its pictures as OpenGL does, the lowest row first.
  const std::size_t row = static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(channels);
  for (int y = 0; y < pixels.height; ++y) {
    std::copy_n(from + static_cast<std::size_t>(pixels.height - 1 - y) * row, row,
                pixels.values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(y) * row));
  }
  return picture = std::make_shared<const scene::Picture>(scene::Picture{name, std::move(pixels)});
}

}  // namespace wm::import
