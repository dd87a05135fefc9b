#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/scene/asset_source.h"

namespace wm::import {

/// What foreign bytes may cost us, checked before a library decodes.
struct Budget {
  std::int64_t file_bytes = std::int64_t{1} << 30;
  std::int64_t pixels = std::int64_t{1} << 27;    ///< of one picture
  std::int64_t vertices = std::int64_t{1} << 26;  ///< of one file
  int depth = 256;                                ///< of the hierarchy
};

/// Reads one file (.gltf, .glb, .obj, MJCF in .xml, .urdf, OpenUSD in .usd, .usda, .usdc, .usdz) into an Asset: z up,
/// metres (glTF's y up is turned at its roots; OBJ is taken as z up, as it says nothing; USD says its axis and unit).
/// Names of nodes: the file's, `node_<index>` when unnamed, `_1`,
/// `_2` for namesakes among siblings in file order; `/` in a name becomes `_`. Other files it refers to must lie under
/// one of `roots` (symbolic links resolved).
Result<scene::Asset> import_file(base::Files& files, const std::filesystem::path& path,
                                 const std::vector<std::filesystem::path>& roots, const Budget& budget = {});

/// Endings of files that import_file reads; `.xacro` is URDF without macros.
std::span<const std::string_view> endings();

/// Loads on first use, keeps what somebody still uses; nothing outside `roots` is opened. A relative path is looked for
/// in each root in turn. The first root is the recipe's folder.
std::unique_ptr<scene::AssetSource> make_asset_source(base::Files& files, std::vector<std::filesystem::path> roots,
                                                      const Budget& budget = {});

}  // namespace wm::import
