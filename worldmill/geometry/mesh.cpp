#include "worldmill/geometry/mesh.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "worldmill/base/check.h"
#include "worldmill/base/distributions.h"

namespace wm::geometry {
namespace {

using base::error;
using math::Vec3;
using math::Vec3f;

Vec3 wide(Vec3f v) {
  return {v.x, v.y, v.z};
}

Vec3f narrow(Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

/// Twice the area, along the normal.
Vec3 area_vector(const Mesh& mesh, const Triangle& t) {
  const Vec3 a = wide(mesh.positions[t[0]]);
  return cross(wide(mesh.positions[t[1]]) - a, wide(mesh.positions[t[2]]) - a);
}

bool finite(Vec3f v) {
  return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z);
}

Status lengths_agree(const Mesh& mesh, const std::string& name) {
  const std::size_t n = mesh.positions.size();
  const std::pair<const char*, std::size_t> arrays[] = {{"normals", mesh.normals.size()},
                                                        {"texture coordinates", mesh.uv[0].size()},
                                                        {"second texture coordinates", mesh.uv[1].size()},
                                                        {"tangents", mesh.tangents.size()},
                                                        {"colours", mesh.colors.size()}};
  for (const auto& [what, size] : arrays) {
    if (size != 0 && size != n) return error(fmt::format("mesh \"{}\": {} {} for {} vertices", name, size, what, n));
  }
  return {};
}

/// Some direction at a right angle to `n` (Duff et al., "Building an orthonormal basis, revisited", 2017).
Vec3 perpendicular(Vec3 n) {
  const double sign = std::copysign(1.0, n.z);
  const double a = -1 / (sign + n.z);
  return {1 + sign * n.x * n.x * a, sign * n.x * n.y * a, -sign * n.x};
}

}  // namespace

Status validate(const Mesh& mesh, const std::string& name) {
  WM_TRY_STATUS(lengths_agree(mesh, name));
  for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
    if (!finite(mesh.positions[i])) return error(fmt::format("mesh \"{}\": vertex {} is not finite", name, i));
  }
  double area = 0;
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    for (const std::uint32_t corner : mesh.triangles[i]) {
      if (corner >= mesh.positions.size()) {
        return error(fmt::format("mesh \"{}\": triangle {} names vertex {}, but there are {}", name, i, corner,
                                 mesh.positions.size()));
      }
    }
    area += length(area_vector(mesh, mesh.triangles[i]));
  }
  if (!(area > 0)) return error(fmt::format("mesh \"{}\": no triangle has an area", name));
  return {};
}

math::Box3 bounds(const Mesh& mesh) {
  math::Box3 box;
  for (const Triangle& t : mesh.triangles) {
    for (const std::uint32_t corner : t) box.add(wide(mesh.positions[corner]));
  }
  return box;
}

std::vector<Vec3f> smooth_normals(const Mesh& mesh) {
  std::vector<Vec3> sums(mesh.positions.size());
  for (const Triangle& t : mesh.triangles) {
    const Vec3 area = area_vector(mesh, t);
    for (const std::uint32_t corner : t) sums[corner] += area;
  }
  std::vector<Vec3f> normals;
  normals.reserve(sums.size());
  for (const Vec3& sum : sums) normals.push_back(length(sum) > 0 ? narrow(normalized(sum)) : Vec3f{0, 0, 1});
  return normals;
}

std::vector<std::array<float, 4>> tangents_from_uv(const Mesh& mesh, int set) {
  const std::vector<math::Vec2f>& uv = mesh.uv[static_cast<std::size_t>(set)];
  WM_CHECK(uv.size() == mesh.positions.size() && mesh.normals.size() == mesh.positions.size());
  std::vector<Vec3> along_u(mesh.positions.size()), along_v(mesh.positions.size());
  for (const Triangle& t : mesh.triangles) {
    const Vec3 e1 = wide(mesh.positions[t[1]]) - wide(mesh.positions[t[0]]);
    const Vec3 e2 = wide(mesh.positions[t[2]]) - wide(mesh.positions[t[0]]);
    const double u1 = double{uv[t[1]].x} - uv[t[0]].x, v1 = double{uv[t[1]].y} - uv[t[0]].y;
    const double u2 = double{uv[t[2]].x} - uv[t[0]].x, v2 = double{uv[t[2]].y} - uv[t[0]].y;
    const double det = u1 * v2 - u2 * v1;
    if (det == 0) continue;
    // The sign of det is what matters: weighting by area (not by 1/det) keeps slivers in uv from ruling.
    const double sign = det > 0 ? 1 : -1;
    for (const std::uint32_t corner : t) {
      along_u[corner] += (e1 * v2 - e2 * v1) * sign;
      along_v[corner] += (e2 * u1 - e1 * u2) * sign;
    }
  }
  std::vector<std::array<float, 4>> tangents;
  tangents.reserve(along_u.size());
  for (std::size_t i = 0; i < along_u.size(); ++i) {
    const Vec3 n = wide(mesh.normals[i]);
    const Vec3 flat = along_u[i] - n * dot(n, along_u[i]);
    const Vec3 t = length(flat) > 0 ? normalized(flat) : perpendicular(n);
    // v runs down the picture while the bitangent is "up" in normal maps: glTF's w makes cross(n, t) * w point up.
    const float w = dot(cross(n, t), along_v[i]) > 0 ? -1.0f : 1.0f;
    tangents.push_back({static_cast<float>(t.x), static_cast<float>(t.y), static_cast<float>(t.z), w});
  }
  return tangents;
}

SurfaceSampler::SurfaceSampler(const Mesh& mesh, const math::Affine& map) : mesh_(mesh), map_(map) {
  cumulative_.reserve(mesh.triangles.size());
  for (const Triangle& t : mesh.triangles) {
    const Vec3 a = map.point(wide(mesh.positions[t[0]]));
    const Vec3 b = map.point(wide(mesh.positions[t[1]]));
    const Vec3 c = map.point(wide(mesh.positions[t[2]]));
    total_ += 0.5 * length(cross(b - a, c - a));
    cumulative_.push_back(total_);
  }
}

SurfacePoint SurfaceSampler::sample(base::RandomKey key, std::uint64_t index) const {
  WM_CHECK(total_ > 0);
  const base::RandomKey draw = key.child(index);
  const double mark = base::unit(draw, 0) * total_;
  auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), mark);
  if (at == cumulative_.end()) --at;
  const auto triangle = static_cast<std::uint32_t>(at - cumulative_.begin());
  const Triangle& t = mesh_.triangles[triangle];
  const Vec3 a = map_.point(wide(mesh_.positions[t[0]]));
  const Vec3 b = map_.point(wide(mesh_.positions[t[1]]));
  const Vec3 c = map_.point(wide(mesh_.positions[t[2]]));
  // Uniform in a triangle: fold the unit square (Osada et al., "Shape distributions", 2002, eq. 1).
  const double root = std::sqrt(base::unit(draw, 1)), second = base::unit(draw, 2);
  const Vec3 normal = cross(b - a, c - a);
  const double size = length(normal);
  return {a * (1 - root) + b * (root * (1 - second)) + c * (root * second), size > 0 ? normal / size : Vec3{0, 0, 1},
          triangle};
}

}  // namespace wm::geometry
