#pragma once
#include <string>
#include <string_view>

#include "worldmill/base/result.h"
#include "worldmill/geometry/mesh.h"
#include "worldmill/import/import.h"

namespace wm::import {

/// Reads STL, binary or text: triangles in the file's own unit, corners that agree welded, no normals (flat). `file` is
/// what a complaint names.
Result<geometry::Mesh> read_stl(std::string_view bytes, const Budget& budget, const std::string& file);

}  // namespace wm::import
