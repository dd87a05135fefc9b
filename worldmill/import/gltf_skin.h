#pragma once
#include <string>
#include <vector>

#include "worldmill/import/gltf_mesh.h"
#include "worldmill/math/pose.h"

namespace wm::import {

/// Where each joint takes the vertices that hang on it, in the frame of the node that wears the skin.
struct Skin {
  std::vector<math::Affine> node_from_skin;
};

/// The skin in the pose of the file's nodes. Without joints when the wearer's frame has no inverse.
Result<Skin> read_skin(GltfDocument& document, std::size_t skin, std::size_t wearer);

/// Moves the vertices of a primitive; refuses joints that the skin does not have.
Status apply_skin(const Skin& skin, GltfPrimitive& primitive, const std::string& name, const std::string& file);

/// A node's own transform: its matrix, or translation, rotation and scale.
math::Affine local_transform(const Fields& node);

}  // namespace wm::import
