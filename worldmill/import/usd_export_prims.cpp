#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "worldmill/import/pulled_apart.h"
#include "worldmill/import/usd_export_parts.h"

namespace wm::import {

using math::Affine;
using math::Vec3;
using usd::Path;
using usd::Value;

std::array<double, 16> usd_matrix(const Affine& map) {
  const math::Mat3& m = map.linear;
  const Vec3 t = map.translation;
  return {m.row0.x, m.row1.x, m.row2.x, 0, m.row0.y, m.row1.y, m.row2.y, 0,
          m.row0.z, m.row1.z, m.row2.z, 0, t.x,      t.y,      t.z,      1};
}

namespace {

std::array<double, 4> real_last(const math::Rotation& r) {
  return {r.x, r.y, r.z, r.w};
}

bool same(const Affine& a, const Affine& b) {
  return a.translation == b.translation && a.linear.row0 == b.linear.row0 && a.linear.row1 == b.linear.row1 &&
         a.linear.row2 == b.linear.row2;
}

bool is_identity(const Affine& map) {
  return same(map, Affine());
}

// A sample wherever the value is not the one before, and one just before that, so that nothing glides ahead of time.
void write_samples(UsdWriter& out, Path attribute, std::span<const Value> ticks) {
  std::vector<double> times;
  std::vector<Value> values;
  const auto add = [&](std::size_t tick) {
    if (!times.empty() && times.back() == static_cast<double>(tick)) return;
    times.push_back(static_cast<double>(tick));
    values.push_back(ticks[tick]);
  };
  add(0);
  for (std::size_t k = 1; k < ticks.size(); ++k) {
    if (ticks[k] == ticks[k - 1]) continue;
    add(k - 1);
    add(k);
  }
  out.samples(attribute, std::move(times), std::move(values));
}

}  // namespace

void write_values(UsdWriter& out, Path prim, std::string_view name, std::string_view type,
                  std::span<const Value> values) {
  const Path attribute = out.set(prim, name, type, values[0]);
  const bool changes = std::any_of(values.begin(), values.end(), [&](const Value& v) { return !(v == values[0]); });
  if (changes) write_samples(out, attribute, values.subspan(1));
}

void write_transform(UsdWriter& out, Path prim, std::span<const Affine> maps) {
  if (std::all_of(maps.begin(), maps.end(), is_identity)) return;
  std::vector<Value> moves, turns, sizes, matrices;
  bool turned = false, sized = false;
  for (const Affine& map : maps) {
    matrices.push_back(UsdWriter::value_of("matrix4d", usd_matrix(map)));
    const auto one = pulled_apart(map.linear);
    if (!one) continue;
    moves.push_back(UsdWriter::value_of("double3", map.translation));
    turns.push_back(UsdWriter::value_of("quatd", real_last(one->rotation)));
    sizes.push_back(UsdWriter::value_of("double3", one->scale));
    turned = turned || std::abs(one->rotation.w) != 1;
    sized = sized || one->scale != Vec3{1, 1, 1};
  }
  std::vector<std::string> order;
  const auto put = [&](std::string_view name, std::string_view type, const std::vector<Value>& values) {
    write_values(out, prim, name, type, values);
    order.emplace_back(name);
  };
  if (moves.size() == maps.size()) {
    put("xformOp:translate", "double3", moves);
    if (turned) put("xformOp:orient", "quatd", turns);
    if (sized) put("xformOp:scale", "double3", sizes);
  } else {
    put("xformOp:transform", "matrix4d", matrices);
  }
  out.uniform(prim, "xformOpOrder", "token[]", order);
}

namespace {

template <class T>
std::vector<T> picked(const std::vector<T>& values, const std::vector<std::uint32_t>& kept) {
  if (values.empty()) return {};
  std::vector<T> out;
  out.reserve(kept.size());
  for (const std::uint32_t i : kept) out.push_back(values[i]);
  return out;
}

// Without the vertices that no triangle uses: validators call them errors.
geometry::Mesh without_strays(const geometry::Mesh& mesh) {
  constexpr std::uint32_t kNone = 0xffffffff;
  std::vector<std::uint32_t> to(mesh.positions.size(), kNone), kept;
  for (const geometry::Triangle& t : mesh.triangles) {
    for (const std::uint32_t v : t) to[v] = 0;
  }
  for (std::uint32_t v = 0; v < to.size(); ++v) {
    if (to[v] == kNone) continue;
    to[v] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(v);
  }
  if (kept.size() == to.size()) return mesh;
  geometry::Mesh out;
  out.positions = picked(mesh.positions, kept);
  out.normals = picked(mesh.normals, kept);
  out.uv = {picked(mesh.uv[0], kept), picked(mesh.uv[1], kept)};
  out.colors = picked(mesh.colors, kept);
  for (const geometry::Triangle& t : mesh.triangles) out.triangles.push_back({to[t[0]], to[t[1]], to[t[2]]});
  return out;
}

std::vector<math::Vec3f> face_normals(const geometry::Mesh& mesh) {
  std::vector<math::Vec3f> normals;
  normals.reserve(mesh.triangles.size());
  for (const geometry::Triangle& t : mesh.triangles) {
    const auto at = [&](int i) {
      const math::Vec3f p = mesh.positions[t[static_cast<std::size_t>(i)]];
      return Vec3{p.x, p.y, p.z};
    };
    const Vec3 across = cross(at(1) - at(0), at(2) - at(0));
    const double size = length(across);
    const Vec3 n = size > 0 ? across / size : Vec3{0, 0, 1};
    normals.push_back({static_cast<float>(n.x), static_cast<float>(n.y), static_cast<float>(n.z)});
  }
  return normals;
}

}  // namespace

void write_mesh(UsdWriter& out, Path prim, const geometry::Mesh& whole, bool double_sided) {
  const geometry::Mesh mesh = without_strays(whole);
  const auto vertex = [&](Path attribute) {
    out.metadata(attribute, "interpolation", Value::of(usd::Token("vertex")));
  };
  std::vector<std::int32_t> indices;
  indices.reserve(mesh.triangles.size() * 3);
  for (const geometry::Triangle& t : mesh.triangles) {
    for (const std::uint32_t v : t) indices.push_back(static_cast<std::int32_t>(v));
  }
  const math::Box3 box = geometry::bounds(mesh);
  const auto narrow = [](Vec3 v) {
    return math::Vec3f{static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
  };
  out.attribute(prim, "extent", "float3[]", std::vector{narrow(box.low), narrow(box.high)});
  out.attribute(prim, "points", "point3f[]", mesh.positions);
  out.attribute(prim, "faceVertexCounts", "int[]", std::vector<std::int32_t>(mesh.triangles.size(), 3));
  out.attribute(prim, "faceVertexIndices", "int[]", indices);
  out.uniform(prim, "subdivisionScheme", "token", "none");
  if (double_sided) out.uniform(prim, "doubleSided", "bool", true);
  if (mesh.normals.empty()) {
    const Path flat = out.attribute(prim, "normals", "normal3f[]", face_normals(mesh));
    out.metadata(flat, "interpolation", Value::of(usd::Token("uniform")));
  } else {
    vertex(out.attribute(prim, "normals", "normal3f[]", mesh.normals));
  }
  for (std::size_t set = 0; set < 2; ++set) {
    if (mesh.uv[set].empty()) continue;
    std::vector<math::Vec2f> st;
    st.reserve(mesh.uv[set].size());
    for (const math::Vec2f uv : mesh.uv[set]) st.push_back({uv.x, 1 - uv.y});
    vertex(out.attribute(prim, set == 0 ? "primvars:st" : "primvars:st1", "texCoord2f[]", st));
  }
  if (mesh.colors.empty()) return;
  std::vector<math::Vec3f> colors;
  std::vector<float> opacities;
  for (const auto& c : mesh.colors) {
    colors.push_back({c[0], c[1], c[2]});
    opacities.push_back(c[3]);
  }
  vertex(out.attribute(prim, "primvars:displayColor", "color3f[]", colors));
  const bool clear = std::any_of(opacities.begin(), opacities.end(), [](float o) { return o != 1; });
  if (clear) vertex(out.attribute(prim, "primvars:displayOpacity", "float[]", opacities));
}

}  // namespace wm::import
