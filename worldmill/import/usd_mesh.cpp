#include "worldmill/import/usd_mesh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/import/polygon.h"

namespace wm::import {

using geometry::Mesh;
using math::Vec3;
using math::Vec3f;

namespace {

std::size_t expected(const UsdPolygons& mesh, Reach reach) {
  switch (reach) {
    case Reach::constant:
      return 1;
    case Reach::uniform:
      return mesh.counts.size();
    case Reach::vertex:
      return mesh.points.size();
    case Reach::face_varying:
      break;
  }
  return mesh.corners.size();
}

// Values that are not numbers, counts that are not those of the mesh: the primvar goes.
void check_primvar(UsdPrimvar& primvar, const UsdPolygons& mesh, std::string_view what, Notes& notes) {
  if (!primvar.exists()) return;
  const auto elements = static_cast<std::int64_t>(primvar.elements());
  const std::size_t given = primvar.indices.empty() ? primvar.elements() : primvar.indices.size();
  const bool inside = std::all_of(primvar.indices.begin(), primvar.indices.end(),
                                  [&](std::int32_t i) { return i >= 0 && i < elements; });
  const bool finite =
      std::all_of(primvar.values.begin(), primvar.values.end(), [](float v) { return std::isfinite(v); });
  const std::size_t wanted = expected(mesh, primvar.reach);
  if (given >= wanted && given > 0 && inside && finite) return;
  notes.add(fmt::format("{}: its {} do not fit its faces and are left out", mesh.name, what));
  primvar = {};
}

/// Where a primvar has the value of a corner of a face.
class Pick {
 public:
  explicit Pick(const UsdPrimvar& primvar) : primvar_(primvar) {}
  const float* at(std::size_t face, std::size_t corner, std::int32_t point) const {
    if (!primvar_.exists()) return nullptr;
    std::size_t element = 0;
    if (primvar_.reach == Reach::uniform) element = face;
    if (primvar_.reach == Reach::vertex) element = static_cast<std::size_t>(point);
    if (primvar_.reach == Reach::face_varying) element = corner;
    if (!primvar_.indices.empty()) element = static_cast<std::size_t>(primvar_.indices[element]);
    return primvar_.values.data() + element * static_cast<std::size_t>(primvar_.width);
  }

 private:
  const UsdPrimvar& primvar_;
};

/// What a corner has besides its point; corners of one point that have the same are one vertex.
struct Corner {
  Vec3f normal;
  std::array<math::Vec2f, 2> uv;
  std::array<float, 4> color{1, 1, 1, 1};
  friend bool operator==(const Corner&, const Corner&) = default;
};

class Triangulator {
 public:
  explicit Triangulator(const UsdPolygons& from)
      : from_(from),
        normals_(smooth_ ? from.normals : none_),
        st0_(from.st[0]),
        st1_(from.st[1]),
        colors_(from.colors),
        opacities_(from.opacities),
        first_(from.points.size(), kNone) {}

  void add_face(std::size_t face, std::size_t begin, std::size_t size) {
    std::vector<std::uint32_t> vertices(size);
    std::vector<Vec3> outline(size);
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t k = from_.left_handed ? size - 1 - i : i;
      vertices[i] = vertex(face, begin + k);
      const Vec3f p = from_.points[static_cast<std::size_t>(from_.corners[begin + k])];
      outline[i] = {p.x, p.y, p.z};
    }
    if (size == 3) {
      out_.triangles.push_back({vertices[0], vertices[1], vertices[2]});
      return;
    }
    for (const geometry::Triangle& t : cut_polygon(outline)) {
      out_.triangles.push_back({vertices[t[0]], vertices[t[1]], vertices[t[2]]});
    }
  }

  std::optional<Mesh> take() {
    if (out_.triangles.empty() || !has_area(out_)) return std::nullopt;
    if (!smooth_) out_.normals.clear();
    return std::move(out_);
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  std::uint32_t vertex(std::size_t face, std::size_t at) {
    const std::int32_t point = from_.corners[at];
    const Corner corner = corner_at(face, at, point);
    std::uint32_t* last = &first_[static_cast<std::size_t>(point)];
    for (; *last != kNone; last = &next_[*last]) {
      if (corners_[*last] == corner) return *last;
    }
    const auto made = static_cast<std::uint32_t>(corners_.size());
    *last = made;
    corners_.push_back(corner);
    next_.push_back(kNone);
    out_.positions.push_back(from_.points[static_cast<std::size_t>(point)]);
    if (smooth_) out_.normals.push_back(corner.normal);
    for (std::size_t set = 0; set < 2; ++set) {
      if (from_.st[set].exists()) out_.uv[set].push_back(corner.uv[set]);
    }
    if (from_.colors.exists() || from_.opacities.exists()) out_.colors.push_back(corner.color);
    return made;
  }

  Corner corner_at(std::size_t face, std::size_t at, std::int32_t point) const {
    Corner corner;
    if (const float* n = normals_.at(face, at, point)) {
      const Vec3 v{n[0], n[1], n[2]};
      const double size = length(v);
      const Vec3 unit = size > 1e-20 ? v / size : Vec3{0, 0, 1};
      corner.normal = {static_cast<float>(unit.x), static_cast<float>(unit.y), static_cast<float>(unit.z)};
    }
    if (const float* uv = st0_.at(face, at, point)) corner.uv[0] = {uv[0], 1 - uv[1]};
    if (const float* uv = st1_.at(face, at, point)) corner.uv[1] = {uv[0], 1 - uv[1]};
    if (const float* c = colors_.at(face, at, point)) corner.color = {c[0], c[1], c[2], 1};
    if (const float* o = opacities_.at(face, at, point)) corner.color[3] = o[0];
    return corner;
  }

  const UsdPolygons& from_;
  const UsdPrimvar none_;
  // Normals that hold for a face, or for all, are what flat shading makes anyway.
  const bool smooth_ = from_.normals.reach == Reach::vertex || from_.normals.reach == Reach::face_varying;
  const Pick normals_, st0_, st1_, colors_, opacities_;
  Mesh out_;
  std::vector<Corner> corners_;
  std::vector<std::uint32_t> first_, next_;
};

}  // namespace

Status check_polygons(UsdPolygons& mesh, const std::string& file, Notes& notes) {
  const auto refuse = [&](const std::string& why) -> Status {
    return base::error(fmt::format("{}: {}", mesh.name, why), {file, 0, 0});
  };
  std::int64_t sum = 0;
  for (const std::int32_t count : mesh.counts) {
    if (count < 0) return refuse(fmt::format("a face has {} corners", count));
    sum += count;
  }
  if (sum != static_cast<std::int64_t>(mesh.corners.size())) {
    return refuse(fmt::format("its faces have {} corners, but {} are listed", sum, mesh.corners.size()));
  }
  const auto points = static_cast<std::int64_t>(mesh.points.size());
  for (const std::int32_t i : mesh.corners) {
    if (i < 0 || i >= points) return refuse(fmt::format("a corner is point {}, but there are {} points", i, points));
  }
  for (const Vec3f& p : mesh.points) {
    if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) return refuse("a point is not finite");
  }
  check_primvar(mesh.normals, mesh, "normals", notes);
  check_primvar(mesh.colors, mesh, "colours", notes);
  check_primvar(mesh.opacities, mesh, "opacities", notes);
  for (UsdPrimvar& st : mesh.st) check_primvar(st, mesh, "texture coordinates", notes);
  return {};
}

std::optional<Mesh> triangulated(const UsdPolygons& mesh, const std::vector<int>& part, int which) {
  std::vector<char> hole(mesh.counts.size());
  for (const std::int32_t face : mesh.holes) {
    if (face >= 0 && static_cast<std::size_t>(face) < hole.size()) hole[static_cast<std::size_t>(face)] = 1;
  }
  Triangulator out(mesh);
  std::size_t begin = 0;
  for (std::size_t face = 0; face < mesh.counts.size(); ++face) {
    const auto size = static_cast<std::size_t>(mesh.counts[face]);
    const bool wanted = part.empty() || part[face] == which;
    if (wanted && size >= 3 && !hole[face]) out.add_face(face, begin, size);
    begin += size;
  }
  return out.take();
}

}  // namespace wm::import
