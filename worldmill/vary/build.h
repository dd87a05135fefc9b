#pragma once
#include <map>
#include <set>
#include <string>

#include "worldmill/scene/asset_source.h"
#include "worldmill/scene/labels.h"
#include "worldmill/vary/draws.h"
#include "worldmill/vary/vary.h"

namespace wm::vary {

/// A Scene while it is being staged.
struct Built {
  scene::Scene scene;
  scene::Names names;
  std::map<scene::NodeId, std::string> asset_of;  ///< Root of a copy -> its asset, as the recipe named it.
  std::set<std::string> assets;                   ///< All paths handed to AssetSource.
  scene::NodeId sky;                              ///< Of `/Sky`, if one had to be added.
};

/// The stage, the copies of `scene.add`, and a sky where there is none.
Result<Built> build_scene(Draws& draws, scene::AssetSource& assets);

/// Labels all nodes; writes the names of classes into `names`.
Result<scene::Labels> label_scene(const Job& job, const scene::Scene& scene, scene::Names& names,
                                  const std::map<scene::NodeId, std::string>& asset_of);

/// [node] For each node the index in `roots` of the nearest one at or above it, or -1. `roots` in the order of nodes.
std::vector<int> owners(const scene::Scene& scene, std::span<const scene::NodeId> roots);

/// `yaw` | `rpy` | `quat_wxyz` of an entry that has at most one of them; the identity when it has none.
Result<math::Rotation> draw_rotation(Draws& draws, const Field& yaw, const Field& rpy, const Field& quat, Per per,
                                     std::string_view object);
/// [rad], about +z.
math::Rotation rotation_about_z(double angle);
Result<math::Rotation> rotation_from_rpy(const base::Value& value, std::string_view name);
Result<math::Rotation> rotation_from_quat(const base::Value& value, std::string_view name);

}  // namespace wm::vary
