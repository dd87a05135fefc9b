#pragma once
#include <memory>
#include <span>

#include "worldmill/base/time.h"
#include "worldmill/scene/column.h"
#include "worldmill/scene/scene.h"

namespace wm::scene {

/// A Scene at a time: what may change without being another Scene, in columns by handle. A value; copies share.
struct World {
  std::shared_ptr<const Scene> scene;
  Column<math::Affine> parent_from_node;  ///< [node]
  Column<char> visible;                   ///< [node]; 0 hides the subtree
  Column<Material> materials;             ///< [material]
  Column<Light> lights;                   ///< [light]

  static World of(std::shared_ptr<const Scene> scene);
};

std::vector<math::Affine> world_from_nodes(const World& world);  ///< [node]
/// [node] Whether the node and all above it are visible.
std::vector<char> effective_visibility(const World& world);
/// Around all triangles below `root` (itself included), in world coordinates [m]; empty when there are none.
math::Box3 world_bounds(const World& world, NodeId root);

/// A take as a function of time. Thread-safe.
class Timeline {
 public:
  virtual ~Timeline() = default;
  virtual base::SimTime end() const = 0;
  /// `time` in [0, end()].
  virtual World world_at(base::SimTime time) const = 0;
};

/// Nothing moves: a still.
std::unique_ptr<Timeline> still(World world);

}  // namespace wm::scene
