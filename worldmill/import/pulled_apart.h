#pragma once
#include <optional>

#include "worldmill/math/pose.h"

namespace wm::import {

/// A turn after a scale along the axes.
struct Pulled {
  math::Rotation rotation;
  math::Vec3 scale;  ///< Each positive.
};

/// The two, when the map is that to the last bits; none where it shears or mirrors.
std::optional<Pulled> pulled_apart(const math::Mat3& map);

}  // namespace wm::import
