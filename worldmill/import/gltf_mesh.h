#pragma once
#include <array>
#include <string>
#include <vector>

#include "worldmill/geometry/mesh.h"
#include "worldmill/import/gltf_document.h"

namespace wm::import {

/// How vertices hang on the joints of a skin: up to 8 each.
struct SkinWeights {
  std::vector<std::array<std::uint32_t, 8>> joints;
  std::vector<std::array<float, 8>> weights;  ///< Sum 1.
};

/// What a primitive of a glTF mesh becomes. `mesh` without triangles: nothing to show, and the notes say why.
struct GltfPrimitive {
  geometry::Mesh mesh;
  SkinWeights skin;  ///< Empty without JOINTS_0.
};

/// Reads a primitive with its morph targets at `weights`. `name` is what complaints call it. With `tangents_for` 0 or 1
/// tangents are made from that uv set where the file has none. Normals that the file lacks stay away (flat).
Result<GltfPrimitive> read_primitive(GltfDocument& document, const Fields& primitive, const std::string& name,
                                     int tangents_for, const std::vector<double>& weights, Notes& notes);

}  // namespace wm::import
