#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/result.h"

namespace wm::import {

/// A buffer view of EXT_meshopt_compression.
struct MeshoptView {
  std::string_view bytes;
  std::size_t count = 0;   ///< Elements.
  std::size_t stride = 0;  ///< [bytes] of one element, unpacked.
  std::string mode;        ///< ATTRIBUTES, TRIANGLES or INDICES
  std::string filter;      ///< NONE (or empty), OCTAHEDRAL, QUATERNION or EXPONENTIAL
};

/// The unpacked bytes, count * stride of them. A complaint goes on after "bufferViews[3] ".
Result<std::string> decode_meshopt(const MeshoptView& view);

/// An attribute of a Draco mesh, by vertex.
struct DracoAttribute {
  std::uint32_t id = 0;        ///< In: as the glTF names it.
  bool normalized = false;     ///< In: integers stand for fractions.
  std::size_t components = 0;  ///< Out.
  std::vector<float> values;   ///< Out.
};

struct DracoMesh {
  std::size_t vertices = 0;
  std::vector<std::uint32_t> indices;
};

/// Unpacks KHR_draco_mesh_compression; refuses more than `budget` vertices or triangles before they are made.
/// A complaint goes on after the mesh's name.
Result<DracoMesh> decode_draco(std::string_view bytes, std::vector<DracoAttribute>& attributes, std::int64_t budget);

}  // namespace wm::import
