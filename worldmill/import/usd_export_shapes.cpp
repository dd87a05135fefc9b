#include <algorithm>
#include <array>

#include "worldmill/import/memory_files.h"
#include "worldmill/import/obj.h"
#include "worldmill/import/stl.h"
#include "worldmill/import/usd_export_parts.h"

namespace wm::import {

using geometry::Mesh;
using math::Vec3f;

namespace {

std::array<double, 3> three_of(const base::Value* value, double otherwise) {
  std::array<double, 3> out{otherwise, otherwise, otherwise};
  const base::Value::List* list = value ? value->list() : nullptr;
  for (std::size_t i = 0; list && i < std::min<std::size_t>(3, list->size()); ++i) {
    if (const auto* real = std::get_if<double>(&(*list)[i].data)) out[i] = *real;
    if (const auto* whole = std::get_if<std::int64_t>(&(*list)[i].data)) out[i] = static_cast<double>(*whole);
  }
  return out;
}

// Of an OBJ the triangles alone: its materials are of no use to what touches.
Result<Mesh> read_obj_triangles(const scene::MeshFile& file) {
  std::string bare;
  Lines lines(file.bytes);
  while (lines.next()) {
    if (lines.line().starts_with("mtllib") || lines.line().starts_with("usemtl")) continue;
    bare.append(lines.line()).push_back('\n');
  }
  MemoryFiles files;
  files.contents["/" + file.name] = bare;
  Source source(files, "/" + file.name, file.name, Roots(files, {"/"}), {});
  WM_TRY(asset, import_obj(source, bare));
  Mesh whole;
  for (const auto& piece : asset.scene.meshes) {
    const auto first = static_cast<std::uint32_t>(whole.positions.size());
    whole.positions.insert(whole.positions.end(), piece->positions.begin(), piece->positions.end());
    for (const geometry::Triangle& t : piece->triangles) {
      whole.triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
    }
  }
  return whole;
}

Result<Mesh> read_numbers(const scene::MeshFile& file) {
  Mesh mesh;
  for (std::size_t i = 0; i + 2 < file.vertices.size(); i += 3) {
    mesh.positions.push_back({file.vertices[i], file.vertices[i + 1], file.vertices[i + 2]});
  }
  for (std::size_t i = 0; i + 2 < file.faces.size(); i += 3) {
    mesh.triangles.push_back({static_cast<std::uint32_t>(file.faces[i]), static_cast<std::uint32_t>(file.faces[i + 1]),
                              static_cast<std::uint32_t>(file.faces[i + 2])});
  }
  return mesh;
}

Result<Mesh> read_any(const scene::MeshFile& file) {
  if (file.bytes.empty()) return read_numbers(file);
  std::string ending = std::filesystem::path(file.name).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (ending == ".stl") return read_stl(file.bytes, {}, file.name);
  if (ending == ".obj") return read_obj_triangles(file);
  return base::error("is of a kind that is not read", {file.name});
}

}  // namespace

std::optional<Mesh> mesh_of_file(const scene::MeshFile& file) {
  auto mesh = read_any(file);
  if (!mesh) return std::nullopt;
  const auto scale = three_of(file.extras.find("scale"), 1);
  for (Vec3f& p : mesh->positions) {
    p = {static_cast<float>(p.x * scale[0]), static_cast<float>(p.y * scale[1]), static_cast<float>(p.z * scale[2])};
  }
  if (scale[0] * scale[1] * scale[2] < 0) {
    for (geometry::Triangle& t : mesh->triangles) std::swap(t[1], t[2]);
  }
  if (!geometry::validate(*mesh, file.name)) return std::nullopt;
  return std::move(*mesh);
}

Mesh mesh_of_heights(const scene::HeightField& field) {
  Mesh mesh;
  std::size_t next = 0;
  for (int r = 0; r < field.rows; ++r) {
    for (int c = 0; c < field.columns; ++c) {
      const double x = -1 + 2.0 * c / (field.columns - 1), y = -1 + 2.0 * r / (field.rows - 1);
      mesh.positions.push_back({static_cast<float>(x * field.half_size.x), static_cast<float>(y * field.half_size.y),
                                static_cast<float>(field.values[next++] * field.half_size.z)});
    }
  }
  const auto columns = static_cast<std::uint32_t>(field.columns);
  for (std::uint32_t r = 0; r + 1 < static_cast<std::uint32_t>(field.rows); ++r) {
    for (std::uint32_t c = 0; c + 1 < columns; ++c) {
      const std::uint32_t i = r * columns + c;
      mesh.triangles.push_back({i, i + 1, i + columns + 1});
      mesh.triangles.push_back({i, i + columns + 1, i + columns});
    }
  }
  return mesh;
}

}  // namespace wm::import
