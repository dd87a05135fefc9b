#pragma once
#include <string>

#include "worldmill/import/source.h"

namespace wm::import {

/// Reads glTF 2.0, text or binary, from `bytes` (the source's main file).
Result<scene::Asset> import_gltf(Source& source, const std::string& bytes);

}  // namespace wm::import
