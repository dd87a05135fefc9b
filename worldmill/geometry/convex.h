#pragma once
#include <optional>
#include <span>
#include <vector>

#include "worldmill/geometry/mesh.h"

/// What collision needs to know of a surface: its hull, its volume, which simple shape it is.
namespace wm::geometry {

/// The convex hull of points, closed and wound outwards, of at most `most` >= 8 vertices (the others lie outside of it,
/// as little as may be). Nothing when the points lie in a plane, within a ten-thousandth of their extent. Equal points
/// in equal order give equal bits.
std::optional<Mesh> convex_hull(std::span<const math::Vec3f> points, std::size_t most = 256);

/// What a closed surface encloses [m^3]; negative when it is wound inwards.
double volume(const Mesh& mesh);
/// [m^2]
double area(const Mesh& mesh);

/// Whether each edge, by the positions of its ends, is run through as often one way as the other.
bool is_closed(const Mesh& mesh);

/// The parts of a mesh that share no positions, in order of their first triangles; positions and triangles alone.
std::vector<Mesh> connected_parts(const Mesh& mesh);
/// The parts of a mesh whose neighbouring triangles lie in one plane, within `angle` [rad]; likewise.
std::vector<Mesh> flat_parts(const Mesh& mesh, double angle);

/// Whether no vertex lies outside the plane of a face, by more than a ten-thousandth of the extent: then the hull is
/// the shape itself. Large meshes (4e6 tests) count as not.
bool is_convex(const Mesh& mesh);

enum class Primitive { box, sphere, capsule, cylinder };

/// A simple shape about points: `size` as scene::Shape has it [m].
struct Fit {
  Primitive kind = Primitive::box;
  math::Pose mesh_from_shape;
  math::Vec3 size;
  double volume = 0;  ///< [m^3]
};
/// The smallest of its kind that holds all points: its axes are those of the mesh's frame, or of the points' inertia.
Fit fit(std::span<const math::Vec3f> points, Primitive kind);

}  // namespace wm::geometry
