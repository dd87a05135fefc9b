#pragma once
#include <set>
#include <string>

#include "worldmill/scene/asset_source.h"
#include "worldmill/scene/world.h"
#include "worldmill/vary/build.h"

namespace wm::vary {

/// Gives each match of an entry that changes materials, lights or physics surfaces its own copies of those that others
/// use too, so that each varies alone. Shapes without a surface get one.
Status make_unique(const Job& job, scene::Scene& scene, const scene::Names& names);

/// Whether some entry changes the light of `node`.
Result<bool> touches_light(const Job& job, const scene::Scene& scene, const scene::Names& names, scene::NodeId node);

/// Makes the changes of all entries of `level` that hold. Two entries that write one field are an error, a coarser one
/// included; pictures that are loaded are added to `used`.
Status change_world(scene::World& world, Draws& draws, const scene::Names& names, Per level, scene::AssetSource& assets,
                    std::set<std::string>& used);

/// Gives `node` a transform in the world; false when its parents flatten space.
bool set_world_from_node(scene::World& world, scene::NodeId node, const math::Affine& world_from_node);
math::Affine world_from_node(const scene::World& world, scene::NodeId node);

}  // namespace wm::vary
