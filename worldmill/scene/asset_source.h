#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "worldmill/base/hash.h"
#include "worldmill/base/result.h"
#include "worldmill/scene/scene.h"

namespace wm::scene {

/// A file that an asset was made from.
struct AssetFile {
  std::string name;  ///< As the recipe or the asset names it, never absolute.
  base::Hash hash;
  std::int64_t bytes = 0;
  std::string license;  ///< As the file states it; empty: unknown.
};

/// A file turned into a part of a Scene: z up, metres, its root nodes as the file has them.
struct Asset {
  Scene scene;
  std::vector<AssetFile> files;
  std::vector<std::string> ignored;  ///< One sentence for each kind of thing that was left out.
};

/// Gives what a path names. Thread-safe; the same path gives the same object while it is in use.
class AssetSource {
 public:
  virtual ~AssetSource() = default;
  virtual Result<std::shared_ptr<const Asset>> load(const std::filesystem::path& path) = 0;
  /// A picture alone, e.g. an environment map.
  virtual Result<PicturePtr> load_picture(const std::filesystem::path& path) = 0;
  /// Hash and size of what stands behind `path`, a loaded asset's other files included.
  virtual Result<std::vector<AssetFile>> files(const std::filesystem::path& path) = 0;
};

}  // namespace wm::scene
