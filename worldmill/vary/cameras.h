#pragma once
#include "worldmill/vary/build.h"
#include "worldmill/vary/vary.h"

namespace wm::vary {

/// Draws where a camera stands and how it is set.
Result<PlacedCamera> place_camera(const Sensor& sensor, Draws& draws, const scene::World& world,
                                  const scene::Names& names);

/// The optical frame (x right, y down, z forward) at `from` that looks at `to`, the horizon level. Straight up or down
/// the picture's right is `right_if_vertical`. The two points must differ.
math::Pose look_at(math::Vec3 from, math::Vec3 to, math::Vec3 right_if_vertical);

}  // namespace wm::vary
