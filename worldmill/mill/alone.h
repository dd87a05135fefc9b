#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/jobs.h"
#include "worldmill/scene/asset_source.h"
#include "worldmill/sim/run.h"

namespace wm::mill {

/// A take of a scene file alone, without a recipe.
struct TakeOptions {
  std::filesystem::path file;
  std::vector<std::filesystem::path> roots;  ///< Where its further files may lie; its own folder always may.
  double seconds = 5, settle = 0;            ///< [s]
  std::vector<std::pair<std::string, double>>
      commands;  ///< Path of a body (or `name`, its last part) -> what its drives are told.
  std::vector<std::pair<std::string, math::Vec3>>
      pushes;  ///< Likewise -> force [N] through the first tenth of a second.
  const base::Cancel* cancel = nullptr;
};

struct TakeAlone {
  sim::Take take;
  scene::World initial;
  std::vector<std::string> ignored;  ///< What the importer or the engine left out.
};

/// Steps the scene and looks for contacts among all that can touch, joints at their limits, and things that come to
/// rest. An error is the user's: a file without bodies, a name that is none.
Result<TakeAlone> take_alone(base::Files& files, const TakeOptions& options);

/// The World of a scene at a time of a take that was made of it [s]. An error: the take is of another scene, or
/// shorter.
Result<scene::World> world_of_take(base::Files& files, const std::shared_ptr<const scene::Scene>& scene,
                                   const std::filesystem::path& take, double time);

/// A take and the scene it was made of, as a file that others play.
struct TakeExportOptions {
  std::filesystem::path scene, take;
  std::filesystem::path out;                 ///< .glb, .gltf, .usda, .usdc, .usd or .usdz.
  std::vector<std::filesystem::path> roots;  ///< Where the scene's further files may lie; its own folder always may.
  std::optional<base::Rate> rate;            ///< None: glTF has the take's own keys, OpenUSD 60 samples a second.
};

/// Gives what was left out, a sentence each. An error is the user's: another ending, a take of another scene.
Result<std::vector<std::string>> export_take(base::Files& files, const TakeExportOptions& options);

}  // namespace wm::mill
