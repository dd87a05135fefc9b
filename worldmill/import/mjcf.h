#pragma once
#include <string>

#include "worldmill/import/source.h"

namespace wm::import {

/// Reads MJCF (MuJoCo's XML) from `bytes` (the source's main file): what it shows, and its bodies with all that the
/// engine needs to step them as its author meant.
Result<scene::Asset> import_mjcf(Source& source, const std::string& bytes);

}  // namespace wm::import
