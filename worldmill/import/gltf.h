#pragma once
#include <optional>
#include <string>

#include "worldmill/import/source.h"

namespace wm::import {

/// Reads glTF 2.0, text or binary, from `bytes` (the source's main file): with a time [s], its nodes where the first
/// animation has them then; without one, where the file has them.
Result<scene::Asset> import_gltf(Source& source, const std::string& bytes, std::optional<double> time = std::nullopt);

}  // namespace wm::import
