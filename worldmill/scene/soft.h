#pragma once
#include <array>
#include <functional>
#include <string>

#include "worldmill/math/pose.h"
#include "worldmill/scene/scene.h"

namespace wm::scene {

/// A rope, a cloth or a block as a grid of vertices: as many of the counts above 1 as it has dimensions, the first ones
/// first (a rope is {n, 1, 1}).
struct SoftGrid {
  std::string path;                                ///< Of the new root node; vertices are /<i> below it.
  math::Pose pose;                                 ///< world_from_grid; vertex (0, 0, 0) is at the origin.
  std::array<int, 3> count{10, 10, 1};             ///< At least 2 where it is not 1.
  math::Vec3 spacing{0.1, 0.1, 0.1};               ///< Between neighbours [m].
  double mass = 1;                                 ///< Of the whole, shared among the vertices [kg].
  std::function<bool(int, int, int)> pinned = {};  ///< Vertices that stay where they are; none by default.
  Deformable material;  ///< Radius, moduli, damping, thickness, surface, extras; the rest is filled in.
};

/// Adds the vertices as bodies, each on three sliders if it is not pinned, and the deformable that joins them:
/// segments, two triangles or six tetrahedra to a cell. Gives its index.
std::size_t add_soft(Scene& scene, const SoftGrid& grid);

}  // namespace wm::scene
