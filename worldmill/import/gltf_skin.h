#pragma once
#include <optional>
#include <string>
#include <vector>

#include "worldmill/import/gltf_mesh.h"
#include "worldmill/math/pose.h"

namespace wm::import {

/// Where each joint takes the vertices that hang on it, in the frame of the node that wears the skin.
struct Skin {
  std::vector<math::Affine> node_from_skin;
};

/// World transforms (y up) of a file's nodes.
class GltfTransforms {
 public:
  /// `document` must outlive this.
  explicit GltfTransforms(const GltfDocument& document);
  /// None for a node deeper than `budget`, as those in a cycle are.
  std::optional<math::Affine> world_from_node(std::size_t node, int budget) const;

 private:
  const GltfDocument& document_;
  std::vector<std::optional<std::size_t>> parents_;
};

/// The skin in the pose of the file's nodes. Without joints when the wearer's frame has no inverse.
Result<Skin> read_skin(GltfDocument& document, const GltfTransforms& transforms, std::size_t skin, std::size_t wearer);

/// Moves the vertices of a primitive; refuses joints that the skin does not have.
Status apply_skin(const Skin& skin, GltfPrimitive& primitive, const std::string& name, const std::string& file);

/// A node's own transform: its matrix, or translation, rotation and scale.
math::Affine local_transform(const Fields& node);
math::Affine to_affine(std::array<double, 3> translation, const math::Rotation& rotation, std::array<double, 3> scale);

}  // namespace wm::import
