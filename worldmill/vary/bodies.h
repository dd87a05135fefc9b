#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "worldmill/scene/world.h"
#include "worldmill/vary/triangle_grid.h"

namespace wm::vary {

/// A World read for placing: transforms and visibility of all nodes as they are now.
struct Snapshot {
  explicit Snapshot(const scene::World& w);
  const scene::World& world;
  std::vector<math::Affine> world_from_node;
  std::vector<char> visible;
};

/// What a thing takes up, seen from above about its anchor, and from its lowest to its highest point. The anchor is the
/// middle of its bounds, seen from above.
struct Body {
  scene::NodeId root;
  math::Vec2 anchor;  ///< In the world, as the thing is now [m].
  double low, high;   ///< z in the world, as the thing is now [m].
  Polygon outline;    ///< About the anchor.
  double radius = 0;  ///< Of the outline, about the anchor [m].
};
/// Of what is visible of the thing at `root`, whose nodes are `nodes`; a thing without a surface is a point, 1 mm wide.
Body body_of(const Snapshot& snapshot, scene::NodeId root, std::span<const std::size_t> nodes);

/// Adds those triangles of `nodes` that `keep` says to `grid`, after `move`.
void gather(const Snapshot& snapshot, const math::Affine& move, std::span<const std::size_t> nodes,
            const std::function<bool(const WorldTriangle&, std::size_t node)>& keep, TriangleGrid& grid);

/// A body's room in the world: an upright prism. Whatever stays outside of it does not touch the thing.
struct Prism {
  Polygon outline;
  double low, high;
  math::Vec2 middle;
};
/// Whether a triangle reaches into the prism, or the prism lies inside of what the triangles enclose.
bool is_blocked(const Prism& prism, const TriangleGrid& grid);

/// Where things may stand: triangles that look up.
class Ground {
 public:
  /// Of `nodes`, hidden ones too; `slope` [rad] is the steepest that counts.
  Ground(const Snapshot& snapshot, std::span<const std::size_t> nodes, double slope);

  double area() const { return cumulative_.empty() ? 0 : cumulative_.back(); }  ///< [m^2]
  /// Uniform by area from three numbers in [0, 1).
  math::Vec3 point(double u, double v, double w) const;
  /// How high a thing stands whose outline is this, near height `z`: on the highest point below it. Nothing when a part
  /// of the outline has no ground below.
  std::optional<double> height(const Polygon& outline, double z) const;
  bool counts(const WorldTriangle& triangle) const;  ///< Looks up enough.
  math::Box3 bounds() const { return bounds_; }

 private:
  double least_up_, steepest_;  // cosine and tangent of the slope
  TriangleGrid grid_;
  std::vector<double> cumulative_;
  math::Box3 bounds_;
};

}  // namespace wm::vary
