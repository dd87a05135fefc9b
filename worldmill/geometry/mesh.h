#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "worldmill/base/random_key.h"
#include "worldmill/base/result.h"
#include "worldmill/math/box.h"

namespace wm::geometry {

using Triangle = std::array<std::uint32_t, 3>;

/// An indexed triangle mesh in its own frame [m]. Per-vertex arrays are empty or as long as `positions`.
/// Triangles are counter-clockwise seen from outside (the side the normal points to). Immutable once in a Scene.
struct Mesh {
  std::vector<math::Vec3f> positions;          ///< [m]
  std::vector<Triangle> triangles;             ///< Indices into the per-vertex arrays.
  std::vector<math::Vec3f> normals;            ///< Shading normals, length 1; empty: flat, by face.
  std::array<std::vector<math::Vec2f>, 2> uv;  ///< Texture coordinates, u right, v down (glTF's convention).
  std::vector<std::array<float, 4>> tangents;  ///< x, y, z along +u, length 1; w = ±1: bitangent = w * cross(n, t).
  std::vector<std::array<float, 4>> colors;    ///< Linear RGB and alpha, multiplied into the base colour.
};

/// Says what is wrong with a mesh that nobody should be handed: an index out of range, a number that is not finite, an
/// array of the wrong length, no triangle with an area. `name` is what the sentence names.
Status validate(const Mesh& mesh, const std::string& name);

/// Around the vertices that triangles use; empty when there are none.
math::Box3 bounds(const Mesh& mesh);

/// Area-weighted normals of the vertices, length 1; a vertex of no area gets (0, 0, 1).
std::vector<math::Vec3f> smooth_normals(const Mesh& mesh);

/// Tangents from uv set `set` (Lengyel's per-vertex sum, made perpendicular to the normals); where uv does not say,
/// any direction perpendicular to the normal. Needs `normals` and that uv set.
std::vector<std::array<float, 4>> tangents_from_uv(const Mesh& mesh, int set);

/// A point on the surface and what is known there.
struct SurfacePoint {
  math::Vec3 position;  ///< [m]
  math::Vec3 normal;    ///< Geometric, length 1.
  std::uint32_t triangle = 0;
};

/// Draws points uniformly by area. Immutable after construction; thread-safe.
class SurfaceSampler {
 public:
  /// `mesh` must be valid and outlive the sampler; areas are measured after `map`, and so are the points.
  SurfaceSampler(const Mesh& mesh, const math::Affine& map);
  double area() const { return total_; }  ///< [m^2]
  SurfacePoint sample(base::RandomKey key, std::uint64_t index) const;

 private:
  const Mesh& mesh_;
  math::Affine map_;
  std::vector<double> cumulative_;
  double total_ = 0;
};

}  // namespace wm::geometry
