#pragma once
#include <array>
#include <optional>
#include <vector>

#include "worldmill/formats/views.h"
#include "worldmill/math/box.h"

namespace wm::formats {

/// A box of any orientation in the camera's optical frame [m].
struct Box3d {
  math::Vec3 size;
  math::Pose camera_from_box;  ///< The box is centred on its origin.

  /// Corner i takes the high x, y, z where bit 0, 1, 2 of i is set.
  std::array<math::Vec3, 8> corners() const {
    const math::Vec3 half = size * 0.5;
    std::array<math::Vec3, 8> all = math::Box3{-half, half}.corners();
    for (math::Vec3& corner : all) corner = camera_from_box * corner;
    return all;
  }
};

/// The columns box_3d_* of a view, one box for each object; nothing where it is unknown.
Result<std::vector<std::optional<Box3d>>> boxes_3d(const sample::Sample& sample, const sample::View& view);

}  // namespace wm::formats
