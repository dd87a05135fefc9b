#include "worldmill/geometry/convex.h"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <map>
#include <numeric>

extern "C" {
#include <libqhull_r/libqhull_r.h>
#include <libqhull_r/mem_r.h>
#include <libqhull_r/qset_r.h>
}

#include "worldmill/base/check.h"
#include "worldmill/math/symmetric.h"

namespace wm::geometry {
namespace {

using math::Mat3;
using math::Rotation;
using math::Vec3;
using math::Vec3f;

constexpr double kFlat = 1e-4;  // of the extent
constexpr double kPi = 3.14159265358979323846;

Vec3 wide(const Vec3f& p) {
  return {p.x, p.y, p.z};
}

std::array<Vec3, 3> corners(const Mesh& mesh, const Triangle& t) {
  return {wide(mesh.positions[t[0]]), wide(mesh.positions[t[1]]), wide(mesh.positions[t[2]])};
}

math::Box3 bounds_of(std::span<const Vec3f> points) {
  math::Box3 box;
  for (const Vec3f& p : points) box.add(wide(p));
  return box;
}

/// Qhull's state; its errors jump within its own calls and come out as codes.
class Qhull {
 public:
  explicit Qhull(std::vector<coordT>& points) {
    static std::FILE* const nowhere = std::fopen("/dev/null", "w");
    qh_zero(&qh_, nowhere);
    // Qt: triangles alone. Pp: no advice.
    char command[] = "qhull Qt Pp";
    failed_ = qh_new_qhull(&qh_, 3, static_cast<int>(points.size() / 3), points.data(), False, command, nullptr,
                           nowhere) != 0;
  }
  ~Qhull() {
    int rest = 0, all = 0;
    qh_freeqhull(&qh_, !qh_ALL);
    qh_memfreeshort(&qh_, &rest, &all);
  }
  Qhull(const Qhull&) = delete;
  Qhull& operator=(const Qhull&) = delete;

  /// Triples of indices of points; empty when it failed.
  std::vector<Triangle> triangles() {
    std::vector<Triangle> all;
    if (failed_) return all;
    for (facetT* facet = qh_.facet_list; facet != nullptr && facet->next != nullptr; facet = facet->next) {
      if (!facet->simplicial || qh_setsize(&qh_, facet->vertices) != 3) continue;
      Triangle t{};
      for (int k = 0; k < 3; ++k) {
        const auto* vertex = static_cast<vertexT*>(facet->vertices->e[k].p);
        t[static_cast<std::size_t>(k)] = static_cast<std::uint32_t>(qh_pointid(&qh_, vertex->point));
      }
      all.push_back(t);
    }
    return all;
  }

 private:
  qhT qh_{};
  bool failed_ = false;
};

std::optional<Mesh> hull_of(std::span<const Vec3f> points) {
  std::vector<coordT> numbers;
  numbers.reserve(3 * points.size());
  for (const Vec3f& p : points) numbers.insert(numbers.end(), {p.x, p.y, p.z});
  const std::vector<Triangle> facets = Qhull(numbers).triangles();
  if (facets.size() < 4) return std::nullopt;
  Vec3 middle;
  for (const Triangle& t : facets) {
    for (const std::uint32_t i : t) middle += wide(points[i]) / (3.0 * static_cast<double>(facets.size()));
  }
  Mesh hull;
  std::map<std::uint32_t, std::uint32_t> number;
  for (const Triangle& t : facets) {
    Triangle mine{};
    for (std::size_t k = 0; k < 3; ++k) {
      const auto [at, is_new] = number.try_emplace(t[k], static_cast<std::uint32_t>(hull.positions.size()));
      if (is_new) hull.positions.push_back(points[t[k]]);
      mine[k] = at->second;
    }
    const auto [a, b, c] = corners(hull, mine);
    if (dot(cross(b - a, c - a), a - middle) < 0) std::swap(mine[1], mine[2]);
    hull.triangles.push_back(mine);
  }
  return hull;
}

/// The one of `points` that reaches farthest.
std::size_t farthest(std::span<const Vec3f> points, Vec3 direction) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < points.size(); ++k) {
    if (dot(direction, wide(points[k])) > dot(direction, wide(points[best]))) best = k;
  }
  return best;
}

/// A hull of `most` of the vertices of a hull: grown from the outermost ones, each time by those that lie farthest
/// outside.
Mesh reduced(const Mesh& full, std::size_t most) {
  const std::vector<Vec3f>& points = full.positions;
  std::vector<char> in(points.size(), 0);
  std::vector<Vec3f> chosen;
  const auto choose = [&](std::size_t k) {
    if (!in[k]) chosen.push_back(points[k]);
    in[k] = 1;
  };
  for (const Vec3 d : {Vec3{1, 1, 1}, Vec3{1, -1, -1}, Vec3{-1, 1, -1}, Vec3{-1, -1, 1}, Vec3{-1, -1, -1},
                       Vec3{-1, 1, 1}, Vec3{1, -1, 1}, Vec3{1, 1, -1}}) {
    choose(farthest(points, d));
  }
  const double slack = 1e-6 * length(bounds(full).size());
  for (;;) {
    std::optional<Mesh> hull = hull_of(chosen);
    if (!hull) return full;  // eight outermost ones in a plane: of an odd thing that is worth no more trouble
    std::vector<std::pair<double, std::size_t>> outside(hull->triangles.size(), {0, 0});
    for (std::size_t k = 0; k < points.size(); ++k) {
      if (in[k]) continue;
      double most_out = slack;
      std::size_t facet = outside.size();
      for (std::size_t f = 0; f < hull->triangles.size(); ++f) {
        const auto [a, b, c] = corners(*hull, hull->triangles[f]);
        const Vec3 n = cross(b - a, c - a);
        const double out = dot(n, wide(points[k]) - a) / length(n);
        if (out > most_out) most_out = out, facet = f;
      }
      if (facet < outside.size() && most_out > outside[facet].first) outside[facet] = {most_out, k};
    }
    std::erase_if(outside, [](const auto& one) { return one.first == 0; });
    if (outside.empty() || chosen.size() >= most) return *std::move(hull);
    std::ranges::sort(outside, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    const std::size_t round =
        std::min({outside.size(), most - chosen.size(), std::max<std::size_t>(4, chosen.size() / 2)});
    for (std::size_t i = 0; i < round; ++i) choose(outside[i].second);
  }
}

/// For each vertex the first of its position.
std::vector<std::uint32_t> welded(const Mesh& mesh) {
  std::map<std::array<float, 3>, std::uint32_t> first;
  std::vector<std::uint32_t> of(mesh.positions.size());
  for (std::uint32_t i = 0; i < mesh.positions.size(); ++i) {
    const Vec3f& p = mesh.positions[i];
    of[i] = first.try_emplace({p.x, p.y, p.z}, i).first->second;
  }
  return of;
}

class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0u); }
  std::uint32_t find(std::uint32_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) { parent_[std::max(find(a), find(b))] = std::min(find(a), find(b)); }

 private:
  std::vector<std::uint32_t> parent_;
};

/// One mesh for each group of triangles, in order of the first of each.
std::vector<Mesh> split(const Mesh& mesh, std::span<const std::uint32_t> weld, Groups& groups) {
  std::map<std::uint32_t, std::size_t> part_of;
  std::vector<Mesh> parts;
  std::vector<std::map<std::uint32_t, std::uint32_t>> numbers;
  for (std::uint32_t k = 0; k < mesh.triangles.size(); ++k) {
    const auto [at, is_new] = part_of.try_emplace(groups.find(k), parts.size());
    if (is_new) parts.emplace_back(), numbers.emplace_back();
    Mesh& part = parts[at->second];
    Triangle t{};
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint32_t vertex = weld[mesh.triangles[k][c]];
      const auto [mine, first] =
          numbers[at->second].try_emplace(vertex, static_cast<std::uint32_t>(part.positions.size()));
      if (first) part.positions.push_back(mesh.positions[vertex]);
      t[c] = mine->second;
    }
    part.triangles.push_back(t);
  }
  return parts;
}

Vec3 along(const Rotation& axes, int k) {
  return axes * (k == 0 ? Vec3{1, 0, 0} : k == 1 ? Vec3{0, 1, 0} : Vec3{0, 0, 1});
}

/// The axes of the points' second moments; of a hull's vertices they need not be the solid's, so all are tried.
Rotation principal(std::span<const Vec3f> points) {
  Vec3 mean;
  for (const Vec3f& p : points) mean += wide(p) / static_cast<double>(points.size());
  Mat3 m;
  m.row0 = m.row1 = m.row2 = {};
  for (const Vec3f& p : points) {
    const Vec3 d = wide(p) - mean;
    m.row0 += d * d.x, m.row1 += d * d.y, m.row2 += d * d.z;
  }
  return math::principal_axes(m).axes;
}

Fit fit_box(std::span<const Vec3f> points, const Rotation& axes) {
  const Rotation back = axes.inverse();
  math::Box3 box;
  for (const Vec3f& p : points) box.add(back * wide(p));
  const Vec3 size = box.size();
  return {Primitive::box, {axes, axes * box.center()}, size * 0.5, size.x * size.y * size.z};
}

Fit fit_sphere(std::span<const Vec3f> points) {
  const Vec3 center = bounds_of(points).center();
  double radius = 0;
  for (const Vec3f& p : points) radius = std::max(radius, length(wide(p) - center));
  return {Primitive::sphere, {{}, center}, {radius, radius, radius}, 4 * kPi / 3 * radius * radius * radius};
}

/// Round about axis `k` of a box that holds the points.
Fit fit_round(std::span<const Vec3f> points, const Rotation& axes, int k, bool capsule) {
  const Vec3 z = along(axes, k), center = fit_box(points, axes).mesh_from_shape.translation;
  double radius = 0, low = 0, high = 0;
  for (const Vec3f& p : points) {
    const Vec3 d = wide(p) - center;
    radius = std::max(radius, length(d - z * dot(d, z)));
  }
  for (const Vec3f& p : points) {  // with caps: how far the middle of a cap must reach
    const Vec3 d = wide(p) - center;
    const double h = dot(d, z), r = length(d - z * h);
    const double cap = capsule ? std::sqrt(std::max(0.0, radius * radius - r * r)) : 0;
    low = std::min(low, h + cap), high = std::max(high, h - cap);
  }
  const double half = (high - low) / 2;
  const math::Pose pose{Rotation::between({0, 0, 1}, z), center + z * ((high + low) / 2)};
  const double disc = kPi * radius * radius;
  return {capsule ? Primitive::capsule : Primitive::cylinder,
          pose,
          {radius, half, 0},
          disc * 2 * half + (capsule ? disc * radius * 4 / 3 : 0)};
}

}  // namespace

std::optional<Mesh> convex_hull(std::span<const Vec3f> points, std::size_t most) {
  WM_CHECK(most >= 8);
  if (points.size() < 4) return std::nullopt;
  const Fit box = fit_box(points, principal(points));
  const double extent = 2 * std::max({box.size.x, box.size.y, box.size.z});
  if (2 * std::min({box.size.x, box.size.y, box.size.z}) <= kFlat * extent) return std::nullopt;
  std::optional<Mesh> hull = hull_of(points);
  if (!hull || hull->positions.size() <= most) return hull;
  return reduced(*hull, most);
}

double volume(const Mesh& mesh) {
  double sum = 0;
  for (const Triangle& t : mesh.triangles) {
    const auto [a, b, c] = corners(mesh, t);
    sum += dot(a, cross(b, c)) / 6;
  }
  return sum;
}

double area(const Mesh& mesh) {
  double sum = 0;
  for (const Triangle& t : mesh.triangles) {
    const auto [a, b, c] = corners(mesh, t);
    sum += length(cross(b - a, c - a)) / 2;
  }
  return sum;
}

bool is_closed(const Mesh& mesh) {
  const std::vector<std::uint32_t> weld = welded(mesh);
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> balance;
  for (const Triangle& t : mesh.triangles) {
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t a = weld[t[k]], b = weld[t[(k + 1) % 3]];
      if (a != b) balance[std::minmax(a, b)] += a < b ? 1 : -1;
    }
  }
  return std::ranges::all_of(balance, [](const auto& edge) { return edge.second == 0; });
}

std::vector<Mesh> connected_parts(const Mesh& mesh) {
  const std::vector<std::uint32_t> weld = welded(mesh);
  Groups groups(mesh.triangles.size());
  std::map<std::uint32_t, std::uint32_t> first_at;
  for (std::uint32_t k = 0; k < mesh.triangles.size(); ++k) {
    for (const std::uint32_t i : mesh.triangles[k]) groups.join(k, first_at.try_emplace(weld[i], k).first->second);
  }
  return split(mesh, weld, groups);
}

std::vector<Mesh> flat_parts(const Mesh& mesh, double angle) {
  const std::vector<std::uint32_t> weld = welded(mesh);
  std::vector<Vec3> normals;
  for (const Triangle& t : mesh.triangles) {
    const auto [a, b, c] = corners(mesh, t);
    const Vec3 n = cross(b - a, c - a);
    normals.push_back(length(n) > 0 ? n / length(n) : Vec3());
  }
  const double least = 1 - angle * angle / 2;
  Groups groups(mesh.triangles.size());
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> at_edge;
  for (std::uint32_t k = 0; k < mesh.triangles.size(); ++k) {
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint32_t a = weld[mesh.triangles[k][c]], b = weld[mesh.triangles[k][(c + 1) % 3]];
      const auto [other, is_new] = at_edge.try_emplace(std::minmax(a, b), k);
      if (!is_new && dot(normals[groups.find(k)], normals[groups.find(other->second)]) >= least) {
        groups.join(k, other->second);
      }
    }
  }
  return split(mesh, weld, groups);
}

bool is_convex(const Mesh& mesh) {
  constexpr std::size_t kMostTests = 4'000'000;
  if (mesh.triangles.size() * mesh.positions.size() > kMostTests) return false;
  const double slack = kFlat * length(bounds(mesh).size());
  for (const Triangle& t : mesh.triangles) {
    const auto [a, b, c] = corners(mesh, t);
    const Vec3 across = cross(b - a, c - a);
    const double size = length(across);
    if (!(size > 0)) continue;
    for (const Vec3f& p : mesh.positions) {
      if (dot(across, wide(p) - a) > slack * size) return false;
    }
  }
  return true;
}

Fit fit(std::span<const Vec3f> points, Primitive kind) {
  if (kind == Primitive::sphere) return fit_sphere(points);
  std::optional<Fit> best;
  for (const Rotation& axes : {Rotation(), principal(points)}) {
    for (int k = 0; k < (kind == Primitive::box ? 1 : 3); ++k) {
      const Fit one =
          kind == Primitive::box ? fit_box(points, axes) : fit_round(points, axes, k, kind == Primitive::capsule);
      if (!best || one.volume < best->volume * (1 - 1e-9)) best = one;
    }
  }
  return *best;
}

}  // namespace wm::geometry
