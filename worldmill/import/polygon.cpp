#include "worldmill/import/polygon.h"

#include <algorithm>
#include <cmath>

namespace wm::import {

using geometry::Mesh;
using geometry::Triangle;
using math::Vec2;
using math::Vec3;

namespace {

constexpr std::size_t kMostEars = 256;

double turn(Vec2 a, Vec2 b, Vec2 c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

// The polygon seen along its normal (Newell), counter-clockwise: the axis in which it is widest is dropped.
std::vector<Vec2> flatten(const std::vector<Vec3>& outline) {
  Vec3 normal;
  for (std::size_t i = 1; i + 1 < outline.size(); ++i) {
    normal += math::cross(outline[i] - outline[0], outline[i + 1] - outline[0]);
  }
  const Vec3 size{std::abs(normal.x), std::abs(normal.y), std::abs(normal.z)};
  std::vector<Vec2> flat;
  for (const Vec3& p : outline) {
    if (size.z >= size.x && size.z >= size.y) {
      flat.push_back(normal.z >= 0 ? Vec2{p.x, p.y} : Vec2{p.y, p.x});
    } else if (size.x >= size.y) {
      flat.push_back(normal.x >= 0 ? Vec2{p.y, p.z} : Vec2{p.z, p.y});
    } else {
      flat.push_back(normal.y >= 0 ? Vec2{p.z, p.x} : Vec2{p.x, p.z});
    }
  }
  return flat;
}

bool inside(Vec2 a, Vec2 b, Vec2 c, Vec2 p) {
  return turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0;
}

bool same(Vec2 a, Vec2 b) {
  return a.x == b.x && a.y == b.y;
}

// Whether the corner `at` of what is left sticks out with nothing of the rest in it.
bool is_ear(const std::vector<Vec2>& flat, const std::vector<std::uint32_t>& left, std::size_t at) {
  const std::size_t n = left.size();
  const Vec2 a = flat[left[(at + n - 1) % n]], b = flat[left[at]], c = flat[left[(at + 1) % n]];
  if (!(turn(a, b, c) > 0)) return false;
  for (std::size_t k = 2; k + 1 < n; ++k) {
    const Vec2 p = flat[left[(at + k) % n]];
    if (!same(p, a) && !same(p, b) && !same(p, c) && inside(a, b, c, p)) return false;
  }
  return true;
}

std::vector<Triangle> fan(std::size_t corners) {
  std::vector<Triangle> triangles;
  for (std::uint32_t i = 1; i + 1 < corners; ++i) triangles.push_back({0, i, i + 1});
  return triangles;
}

bool is_convex(const std::vector<Vec2>& flat) {
  const std::size_t n = flat.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (turn(flat[i], flat[(i + 1) % n], flat[(i + 2) % n]) < 0) return false;
  }
  return true;
}

}  // namespace

std::vector<Triangle> cut_polygon(const std::vector<Vec3>& outline) {
  if (outline.size() == 3 || outline.size() > kMostEars) return fan(outline.size());
  const std::vector<Vec2> flat = flatten(outline);
  if (is_convex(flat)) return fan(outline.size());
  std::vector<std::uint32_t> left(outline.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<std::uint32_t>(i);
  std::vector<Triangle> triangles;
  while (left.size() > 3) {
    std::size_t at = 0;
    while (at < left.size() && !is_ear(flat, left, at)) ++at;
    if (at == left.size()) at = 1;  // crossed or without area: any cut is as good
    const std::size_t n = left.size();
    triangles.push_back({left[(at + n - 1) % n], left[at], left[(at + 1) % n]});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
  }
  triangles.push_back({left[0], left[1], left[2]});
  return triangles;
}

bool has_area(const Mesh& mesh) {
  return std::any_of(mesh.triangles.begin(), mesh.triangles.end(), [&](const Triangle& t) {
    const auto at = [&](std::size_t i) {
      const math::Vec3f p = mesh.positions[t[i]];
      return Vec3{p.x, p.y, p.z};
    };
    return math::length(math::cross(at(1) - at(0), at(2) - at(0))) > 0;
  });
}

void make_flat(Mesh& mesh) {
  Mesh flat;
  const auto take = [](const auto& from, auto& to, std::uint32_t i) {
    if (!from.empty()) to.push_back(from[i]);
  };
  for (const Triangle& triangle : mesh.triangles) {
    const auto first = static_cast<std::uint32_t>(flat.positions.size());
    for (const std::uint32_t v : triangle) {
      take(mesh.positions, flat.positions, v);
      take(mesh.uv[0], flat.uv[0], v);
      take(mesh.uv[1], flat.uv[1], v);
      take(mesh.colors, flat.colors, v);
    }
    flat.triangles.push_back({first, first + 1, first + 2});
  }
  flat.normals = geometry::smooth_normals(flat);
  mesh = std::move(flat);
}

}  // namespace wm::import
