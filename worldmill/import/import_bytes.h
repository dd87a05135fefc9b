#pragma once
#include "worldmill/import/source.h"

namespace wm::import {

/// import_file, when the bytes of the source's main file are there already.
Result<scene::Asset> import_bytes(Source& source, const std::string& bytes);

/// Whether the ending of `path` is one that import_file reads.
bool is_asset(const std::filesystem::path& path);

}  // namespace wm::import
