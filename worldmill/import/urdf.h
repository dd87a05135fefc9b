#pragma once
#include <string>

#include "worldmill/import/source.h"

namespace wm::import {

/// Reads URDF from `bytes` (the source's main file): links become nodes and bodies, joints and mimics likewise, each
/// driven joint a motor held to its effort. The root link stays where it is put: nothing in the format says whether it
/// flies. Meshes: OBJ and STL, by path or `package://`, whose folders are looked for at and above the file's own.
Result<scene::Asset> import_urdf(Source& source, const std::string& bytes);

}  // namespace wm::import
