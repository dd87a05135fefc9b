#include "worldmill/import/gltf_mesh.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "worldmill/import/gltf_packed.h"

namespace wm::import {

using base::error;
using geometry::Mesh;
using geometry::Triangle;
using math::Vec2f;
using math::Vec3f;

namespace {

// The attributes of one primitive, from accessors or from Draco.
class Attributes {
 public:
  Attributes(GltfDocument& document, const Fields& primitive, const std::string& name)
      : document_(document), primitive_(primitive), name_(name), accessors_(primitive.object("attributes")) {}

  bool has(const char* semantic) const { return accessors_.has(semantic); }

  /// Values of `semantic`, each of `least` to `most` components.
  Result<Numbers> read(const char* semantic, std::size_t least, std::size_t most) {
    const std::string what = fmt::format("{}, {}", name_, semantic);
    WM_TRY(values, load(semantic, what));
    if (values.components < least || values.components > most) {
      return error(fmt::format("{} has {} components", what, values.components), place());
    }
    if (!vertices_) vertices_ = values.count();
    if (values.count() == *vertices_) return values;
    return error(fmt::format("{} has {} values, but there are {} vertices", what, values.count(), *vertices_), place());
  }

  Status unpack() {
    const Fields draco = primitive_.extension("KHR_draco_mesh_compression");
    if (!draco.exists()) return {};
    const auto view = draco.index("bufferView", document_.count("bufferViews"), "buffer views");
    const Fields ids = draco.object("attributes");
    std::vector<std::string> names;
    std::vector<DracoAttribute> attributes;
    for (const base::Entry& entry : ids.exists() ? *draco.find("attributes")->map() : base::Value::Map()) {
      DracoAttribute attribute;
      attribute.id = static_cast<std::uint32_t>(ids.integer(entry.key.c_str(), 0, 0, 1 << 30));
      const auto accessor = accessors_.index(entry.key.c_str(), document_.count("accessors"), "accessors");
      attribute.normalized = accessor && document_.normalized(*accessor);
      names.push_back(entry.key);
      attributes.push_back(attribute);
    }
    if (!view) draco.say("names no buffer view");
    WM_TRY_STATUS(document_.complaint().status());
    WM_TRY(packed, document_.view(*view));
    auto mesh = decode_draco(packed.bytes, attributes, document_.source().budget().vertices);
    if (!mesh) return error(fmt::format("{} {}", name_, mesh.error().message), place());
    indices_ = std::move(mesh->indices);
    is_packed_ = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
      unpacked_[names[i]] = {attributes[i].components, std::move(attributes[i].values)};
    }
    return {};
  }

  Result<std::vector<std::uint32_t>> indices() {
    if (is_packed_) return std::move(indices_);
    const auto accessor = primitive_.index("indices", document_.count("accessors"), "accessors");
    WM_TRY_STATUS(document_.complaint().status());
    if (accessor) return document_.indices(*accessor, name_ + ", indices");
    std::vector<std::uint32_t> all(vertices_.value_or(0));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
    return all;
  }

 private:
  base::Place place() const { return {document_.source().file(), 0, 0}; }
  Result<Numbers> load(const char* semantic, const std::string& what) {
    if (const auto found = unpacked_.find(semantic); found != unpacked_.end()) return found->second;
    const auto accessor = accessors_.index(semantic, document_.count("accessors"), "accessors");
    WM_TRY_STATUS(document_.complaint().status());
    if (!accessor) return error(fmt::format("{} names no accessor", what), place());
    return document_.numbers(*accessor, what);
  }

  GltfDocument& document_;
  const Fields& primitive_;
  const std::string& name_;
  Fields accessors_;
  std::optional<std::size_t> vertices_;  ///< As the first attribute read has them.
  bool is_packed_ = false;
  std::map<std::string, Numbers> unpacked_;
  std::vector<std::uint32_t> indices_;
};

std::vector<Triangle> to_triangles(const std::vector<std::uint32_t>& index, std::int64_t mode) {
  std::vector<Triangle> triangles;
  const std::size_t n = index.size();
  if (mode == 4) {
    for (std::size_t i = 0; i + 3 <= n; i += 3) triangles.push_back({index[i], index[i + 1], index[i + 2]});
    return triangles;
  }
  for (std::size_t i = 0; i + 3 <= n; ++i) {
    if (mode == 6) triangles.push_back({index[0], index[i + 1], index[i + 2]});
    if (mode == 5) triangles.push_back({index[i], index[i + 1 + i % 2], index[i + 2 - i % 2]});
  }
  return triangles;
}

std::vector<Vec3f> to_vectors(const Numbers& numbers) {
  std::vector<Vec3f> vectors(numbers.count());
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const float* v = numbers.values.data() + i * numbers.components;
    vectors[i] = {v[0], v[1], v[2]};
  }
  return vectors;
}

bool finite(Vec3f v) {
  return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z);
}

Status check_finite(const std::vector<Vec3f>& positions, const std::string& name, const std::string& file) {
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (finite(positions[i])) continue;
    return error(
        fmt::format("{}: the position of vertex {} is not finite; mend it in the program that made it", name, i),
        {file, 0, 0});
  }
  return {};
}

Status read_uv(Attributes& attributes, const std::string& name, Mesh& mesh, Notes& notes) {
  for (int set = 0; set < 2; ++set) {
    const char* semantic = set == 0 ? "TEXCOORD_0" : "TEXCOORD_1";
    if (!attributes.has(semantic)) continue;
    WM_TRY(numbers, attributes.read(semantic, 2, 2));
    for (float& value : numbers.values) {
      if (std::isfinite(value)) continue;
      value = 0;
      notes.add(fmt::format("{}: texture coordinates that are not finite were taken as 0", name));
    }
    auto& uv = mesh.uv[static_cast<std::size_t>(set)];
    uv.resize(numbers.count());
    for (std::size_t i = 0; i < uv.size(); ++i) uv[i] = {numbers.values[2 * i], numbers.values[2 * i + 1]};
  }
  return {};
}

Status read_colors(Attributes& attributes, const std::string& name, Mesh& mesh, Notes& notes) {
  if (!attributes.has("COLOR_0")) return {};
  WM_TRY(numbers, attributes.read("COLOR_0", 3, 4));
  mesh.colors.resize(numbers.count());
  for (std::size_t i = 0; i < mesh.colors.size(); ++i) {
    const float* v = numbers.values.data() + i * numbers.components;
    mesh.colors[i] = {v[0], v[1], v[2], numbers.components == 4 ? v[3] : 1.0f};
    for (float& value : mesh.colors[i]) {
      if (std::isfinite(value)) continue;
      value = 1;
      notes.add(fmt::format("{}: vertex colours that are not finite were taken as 1", name));
    }
  }
  return {};
}

// Directions at length 1; where the file's are none, those of the surface.
void mend_normals(Mesh& mesh, const std::string& name, Notes& notes) {
  std::vector<Vec3f> smooth;
  for (std::size_t i = 0; i < mesh.normals.size(); ++i) {
    const math::Vec3 n{mesh.normals[i].x, mesh.normals[i].y, mesh.normals[i].z};
    const double size = math::length(n);
    if (std::isfinite(size) && size > 1e-12) {
      mesh.normals[i] = {static_cast<float>(n.x / size), static_cast<float>(n.y / size),
                         static_cast<float>(n.z / size)};
      continue;
    }
    if (smooth.empty()) smooth = geometry::smooth_normals(mesh);
    mesh.normals[i] = smooth[i];
    notes.add(fmt::format("{}: normals without a direction were made from the surface", name));
  }
}

// Whether all are good: length 1 after this, not along anything odd, handedness of 1 or -1.
bool take_tangents(const Numbers& numbers, Mesh& mesh) {
  mesh.tangents.resize(numbers.count());
  for (std::size_t i = 0; i < mesh.tangents.size(); ++i) {
    const float* v = numbers.values.data() + i * 4;
    const math::Vec3 t{v[0], v[1], v[2]};
    const double size = math::length(t);
    if (!std::isfinite(size) || size < 1e-12 || !std::isfinite(v[3])) {
      mesh.tangents.clear();
      return false;
    }
    mesh.tangents[i] = {static_cast<float>(t.x / size), static_cast<float>(t.y / size), static_cast<float>(t.z / size),
                        v[3] < 0 ? -1.0f : 1.0f};
  }
  return true;
}

template <class T>
void pick(std::vector<T>& values, const std::vector<std::uint32_t>& from) {
  if (values.empty()) return;
  std::vector<T> picked(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) picked[i] = values[from[i]];
  values = std::move(picked);
}

// Vertex i becomes what vertex from[i] was; the triangles are left to the caller.
void pick_vertices(GltfPrimitive& primitive, const std::vector<std::uint32_t>& from) {
  Mesh& mesh = primitive.mesh;
  pick(mesh.positions, from);
  pick(mesh.normals, from);
  pick(mesh.uv[0], from);
  pick(mesh.uv[1], from);
  pick(mesh.tangents, from);
  pick(mesh.colors, from);
  pick(primitive.skin.joints, from);
  pick(primitive.skin.weights, from);
}

// Many meshes may share one long list of vertices: each keeps its own alone.
void drop_unused_vertices(GltfPrimitive& primitive) {
  Mesh& mesh = primitive.mesh;
  constexpr std::uint32_t kUnused = 0xffffffff;
  std::vector<std::uint32_t> to(mesh.positions.size(), kUnused), from;
  for (const Triangle& triangle : mesh.triangles) {
    for (const std::uint32_t v : triangle) to[v] = 0;
  }
  for (std::uint32_t i = 0; i < to.size(); ++i) {
    if (to[i] == kUnused) continue;
    to[i] = static_cast<std::uint32_t>(from.size());
    from.push_back(i);
  }
  if (from.size() == to.size()) return;
  pick_vertices(primitive, from);
  for (Triangle& triangle : mesh.triangles) {
    for (std::uint32_t& v : triangle) v = to[v];
  }
}

// Flat, yet with a normal map: every corner its own vertex, with its face's normal.
void make_flat(GltfPrimitive& primitive) {
  Mesh& mesh = primitive.mesh;
  std::vector<std::uint32_t> from;
  for (Triangle& triangle : mesh.triangles) {
    for (std::uint32_t& v : triangle) {
      from.push_back(v);
      v = static_cast<std::uint32_t>(from.size() - 1);
    }
  }
  pick_vertices(primitive, from);
  mesh.normals = geometry::smooth_normals(mesh);
}

Status read_skin(Attributes& attributes, GltfPrimitive& primitive) {
  constexpr std::array<std::array<const char*, 2>, 2> kSets = {{{"JOINTS_0", "WEIGHTS_0"}, {"JOINTS_1", "WEIGHTS_1"}}};
  SkinWeights& skin = primitive.skin;
  for (std::size_t set = 0; set < 2; ++set) {
    if (!attributes.has(kSets[set][0]) || !attributes.has(kSets[set][1])) continue;
    WM_TRY(joints, attributes.read(kSets[set][0], 4, 4));
    WM_TRY(weights, attributes.read(kSets[set][1], 4, 4));
    skin.joints.resize(joints.count());
    skin.weights.resize(joints.count());
    for (std::size_t i = 0; i < 4 * joints.count(); ++i) {
      const float weight = weights.values[i];
      skin.joints[i / 4][4 * set + i % 4] = static_cast<std::uint32_t>(joints.values[i]);
      skin.weights[i / 4][4 * set + i % 4] = std::isfinite(weight) && weight > 0 ? weight : 0;
    }
  }
  for (auto& weights : skin.weights) {
    float sum = 0;
    for (const float w : weights) sum += w;
    for (float& w : weights) w = sum > 0 ? w / sum : 0;
  }
  return {};
}

// Adds `weight` times the displacements of one morph target.
Status add_target(GltfDocument& document, const Fields& target, double weight, const std::string& name, Mesh& mesh) {
  const auto add = [&](const char* semantic, std::vector<Vec3f>& to) -> Status {
    const auto accessor = target.index(semantic, document.count("accessors"), "accessors");
    WM_TRY_STATUS(document.complaint().status());
    if (!accessor || to.empty()) return {};
    const std::string what = fmt::format("{}, morph target {}", name, semantic);
    WM_TRY(numbers, document.numbers(*accessor, what));
    if (numbers.components != 3 || numbers.count() != to.size()) {
      return error(fmt::format("{} has {} values of {}, but there are {} vertices", what, numbers.count(),
                               numbers.components, to.size()),
                   {document.source().file(), 0, 0});
    }
    const std::vector<Vec3f> by = to_vectors(numbers);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += by[i] * static_cast<float>(weight);
    return {};
  };
  WM_TRY_STATUS(add("POSITION", mesh.positions));
  return add("NORMAL", mesh.normals);
}

Status add_targets(GltfDocument& document, const Fields& primitive, const std::vector<double>& weights,
                   const std::string& name, Mesh& mesh) {
  for (std::size_t i = 0; i < primitive.size("targets") && i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    WM_TRY_STATUS(add_target(document, primitive.item("targets", i), weights[i], name, mesh));
  }
  return {};
}

Status check_indices(const std::vector<std::uint32_t>& indices, std::size_t vertices, const std::string& name,
                     const std::string& file) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < vertices) continue;
    return error(
        fmt::format("{}: index {} is {}, but there are {} vertices; export it again", name, i, indices[i], vertices),
        {file, 0, 0});
  }
  return {};
}

}  // namespace

Result<GltfPrimitive> read_primitive(GltfDocument& document, const Fields& primitive, const std::string& name,
                                     int tangents_for, const std::vector<double>& weights, Notes& notes) {
  GltfPrimitive result;
  Mesh& mesh = result.mesh;
  const std::string file = document.source().file();
  const std::int64_t mode = primitive.integer("mode", 4, 0, 6);
  Attributes attributes(document, primitive, name);
  WM_TRY_STATUS(document.complaint().status());
  if (mode < 4) {
    notes.add(mode == 0 ? "points are not shown" : "lines are not shown");
    return result;
  }
  if (!attributes.has("POSITION")) {
    notes.add(fmt::format("{} has no positions and is not shown", name));
    return result;
  }
  WM_TRY_STATUS(attributes.unpack());
  WM_TRY(positions, attributes.read("POSITION", 3, 3));
  mesh.positions = to_vectors(positions);
  WM_TRY(indices, attributes.indices());
  WM_TRY_STATUS(check_indices(indices, mesh.positions.size(), name, file));
  mesh.triangles = to_triangles(indices, mode);
  WM_TRY_STATUS(read_uv(attributes, name, mesh, notes));
  WM_TRY_STATUS(read_colors(attributes, name, mesh, notes));
  WM_TRY_STATUS(read_skin(attributes, result));
  if (attributes.has("NORMAL")) {
    WM_TRY(normals, attributes.read("NORMAL", 3, 3));
    mesh.normals = to_vectors(normals);
  }
  WM_TRY_STATUS(add_targets(document, primitive, weights, name, mesh));
  WM_TRY_STATUS(check_finite(mesh.positions, name, file));
  mend_normals(mesh, name, notes);
  const bool mapped = tangents_for >= 0 && !mesh.uv[static_cast<std::size_t>(tangents_for)].empty();
  if (mapped && attributes.has("TANGENT") && !mesh.normals.empty()) {
    WM_TRY(tangents, attributes.read("TANGENT", 4, 4));
    if (!take_tangents(tangents, mesh)) notes.add(fmt::format("{}: tangents without a direction were made anew", name));
  }
  drop_unused_vertices(result);
  WM_TRY_STATUS(document.spend(mesh.positions.size() + mesh.triangles.size()));
  if (mapped && mesh.normals.empty()) make_flat(result);
  if (mapped && mesh.tangents.empty()) mesh.tangents = geometry::tangents_from_uv(mesh, tangents_for);
  return result;
}

}  // namespace wm::import
