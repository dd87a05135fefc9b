#include "worldmill/import/primitives.h"

#include <cstdint>

#include "worldmill/math/elementary.h"

namespace wm::import {

using geometry::Mesh;
using math::Vec3;

namespace {

constexpr int kAround = 48;  // Segments about the axis.
constexpr int kAlong = 16;   // From pole to equator twice.
constexpr double kTurn = 6.283185307179586;

void add_vertex(Mesh& mesh, Vec3 position, Vec3 normal, double u, double v) {
  const auto narrow = [](Vec3 a) {
    return math::Vec3f{static_cast<float>(a.x), static_cast<float>(a.y), static_cast<float>(a.z)};
  };
  mesh.positions.push_back(narrow(position));
  mesh.normals.push_back(narrow(math::normalized(normal)));
  mesh.uv[0].push_back({static_cast<float>(u), static_cast<float>(v)});
}

void add_quad(Mesh& mesh, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  mesh.triangles.push_back({a, b, c});
  mesh.triangles.push_back({a, c, d});
}

void add_face(Mesh& mesh, Vec3 center, Vec3 x, Vec3 y) {
  const auto first = static_cast<std::uint32_t>(mesh.positions.size());
  const Vec3 normal = math::cross(x, y);
  add_vertex(mesh, center - x - y, normal, 0, 1);
  add_vertex(mesh, center + x - y, normal, 1, 1);
  add_vertex(mesh, center + x + y, normal, 1, 0);
  add_vertex(mesh, center - x + y, normal, 0, 0);
  add_quad(mesh, first, first + 1, first + 2, first + 3);
}

/// A ring of a surface of revolution: a point of its profile and the normal there.
struct Ring {
  double radius, z, normal_radius, normal_z;
};

// Rings from the bottom up, joined; those of no radius make caps of triangles.
void add_revolution(Mesh& mesh, const std::vector<Ring>& rings, math::Vec2 scale = {1, 1}) {
  const auto first = static_cast<std::uint32_t>(mesh.positions.size());
  for (std::size_t r = 0; r < rings.size(); ++r) {
    for (int i = 0; i <= kAround; ++i) {
      const math::SinCos at = math::sincos(kTurn * (i % kAround) / kAround);
      const Ring& ring = rings[r];
      add_vertex(mesh, {ring.radius * at.cos * scale.x, ring.radius * at.sin * scale.y, ring.z},
                 {ring.normal_radius * at.cos / scale.x, ring.normal_radius * at.sin / scale.y, ring.normal_z},
                 static_cast<double>(i) / kAround, 1 - static_cast<double>(r) / static_cast<double>(rings.size() - 1));
    }
  }
  for (std::size_t r = 0; r + 1 < rings.size(); ++r) {
    for (int i = 0; i < kAround; ++i) {
      const auto low = static_cast<std::uint32_t>(first + r * (kAround + 1) + static_cast<std::size_t>(i));
      const std::uint32_t high = low + kAround + 1;
      if (rings[r].radius > 0) mesh.triangles.push_back({low, low + 1, high + 1});
      if (rings[r + 1].radius > 0) mesh.triangles.push_back({low, high + 1, high});
    }
  }
}

// A half circle of `radius` from its pole to its equator, or on from there, about (0, z).
void add_cap(std::vector<Ring>& rings, double radius, double z, int from, int to) {
  for (int i = from; i <= to; ++i) {
    const math::SinCos at = math::sincos(kTurn / 2 * i / kAlong);
    const bool pole = i == 0 || i == kAlong;
    rings.push_back({pole ? 0 : radius * at.sin, z - radius * at.cos, pole ? 0 : at.sin, -at.cos});
  }
}

}  // namespace

Mesh make_box(Vec3 half) {
  Mesh mesh;
  const Vec3 x{half.x, 0, 0}, y{0, half.y, 0}, z{0, 0, half.z};
  add_face(mesh, x, y, z);
  add_face(mesh, -x, -y, z);
  add_face(mesh, y, -x, z);
  add_face(mesh, -y, x, z);
  add_face(mesh, z, x, y);
  add_face(mesh, -z, -x, y);
  return mesh;
}

Mesh make_ellipsoid(Vec3 radii) {
  Mesh mesh;
  std::vector<Ring> rings;
  add_cap(rings, 1, 0, 0, kAlong);
  for (Ring& ring : rings) {
    ring.z *= radii.z;
    ring.normal_z /= radii.z;
  }
  add_revolution(mesh, rings, {radii.x, radii.y});
  return mesh;
}

Mesh make_capsule(double radius, double half) {
  Mesh mesh;
  std::vector<Ring> rings;
  add_cap(rings, radius, -half, 0, kAlong / 2);
  add_cap(rings, radius, half, kAlong / 2, kAlong);
  add_revolution(mesh, rings);
  return mesh;
}

Mesh make_cylinder(double radius, double half) {
  Mesh mesh;
  add_revolution(mesh, {{0, -half, 0, -1}, {radius, -half, 0, -1}});
  add_revolution(mesh, {{radius, -half, 1, 0}, {radius, half, 1, 0}});
  add_revolution(mesh, {{radius, half, 0, 1}, {0, half, 0, 1}});
  return mesh;
}

Mesh make_plane(double half_x, double half_y) {
  Mesh mesh;
  add_face(mesh, {}, {half_x, 0, 0}, {0, half_y, 0});
  return mesh;
}

}  // namespace wm::import
