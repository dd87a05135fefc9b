#pragma once
#include "worldmill/vary/build.h"

namespace wm::vary {

/// Puts the things of all entries of `scene.place` that are made at `level` where they belong, in the order written.
Status place_things(scene::World& world, Draws& draws, const scene::Names& names, Per level);

}  // namespace wm::vary
