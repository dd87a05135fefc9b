#pragma once
#include "worldmill/import/source.h"

namespace wm::import {

/// import_file, when the bytes of the source's main file are there already.
Result<scene::Asset> import_bytes(Source& source, const std::string& bytes);

}  // namespace wm::import
