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

/// How a file that says nothing of bodies takes part in takes.
struct BodyOptions {
  enum class Kind { rigid, fixed };  ///< One free body, or scenery that stays where it is.
  /// automatic: the simplest that fits. pieces: convex pieces that together fill it.
  enum class Collider { automatic, box, sphere, capsule, cylinder, hull, pieces };
  Kind kind = Kind::rigid;
  Collider collider = Collider::automatic;
  double density = 500;  ///< [kg/m^3] of the colliders' volume.
};

/// Gives what a path names. Thread-safe; the same path gives the same object while it is in use.
class AssetSource {
 public:
  virtual ~AssetSource() = default;
  virtual Result<std::shared_ptr<const Asset>> load(const std::filesystem::path& path) = 0;
  /// Likewise, as something solid: an asset without bodies and shapes gets those that `options` say, others stay as
  /// they are.
  virtual Result<std::shared_ptr<const Asset>> load_body(const std::filesystem::path& path,
                                                         const BodyOptions& options) = 0;
  /// A picture alone, e.g. an environment map.
  virtual Result<PicturePtr> load_picture(const std::filesystem::path& path) = 0;
  /// Hash and size of what stands behind `path`, a loaded asset's other files included.
  virtual Result<std::vector<AssetFile>> files(const std::filesystem::path& path) = 0;
};

}  // namespace wm::scene
