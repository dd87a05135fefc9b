#pragma once
#include <cstdint>
#include <vector>

#include "worldmill/sample/sample.h"
#include "worldmill/scene/scene.h"

namespace wm::scene {

/// Which object, class and part the surface of a node belongs to; frozen per take.
struct NodeLabel {
  std::uint32_t instance = 0;  ///< 0: background
  std::uint16_t semantic = 0;  ///< Class of the whole, sample::kIgnore, or 0.
  std::uint16_t part = 0;      ///< Class of the part (part_of), or 0.
};

/// The labelled objects of a Scene: row i of `objects` has instance i + 1 and root `roots[i]`.
struct Labels {
  std::vector<NodeLabel> nodes;               ///< [node]
  std::vector<sample::ObjectRecord> objects;  ///< In the order of the scene's nodes.
  std::vector<NodeId> roots;                  ///< [object]
};

}  // namespace wm::scene
