#pragma once
#include <optional>

#include "worldmill/math/pose.h"

namespace wm::geometry {

/// A pinhole lens without distortion. Camera optical frame: x right, y down, z forward, origin at the pinhole.
/// Image: u right, v down from the upper left corner of the upper left pixel; pixel centres at half-integers.
struct Pinhole {
  int width = 640;            ///< [px]
  int height = 480;           ///< [px]
  double fx = 500, fy = 500;  ///< Focal lengths [px].
  double cx = 320, cy = 240;  ///< Principal point [px].

  /// Square pixels, centred; `horizontal_fov` [rad] in (0, pi).
  static Pinhole from_fov(int width, int height, double horizontal_fov);
  double horizontal_fov() const;  ///< [rad], of the whole width as seen from a centred principal point.

  /// The same view on another grid of pixels [px]; they are not square when the proportions change.
  Pinhole resized(int to_width, int to_height) const;

  /// Where a point of the camera frame [m] lands [px]; nothing when it is not in front (z <= 0).
  std::optional<math::Vec2> project(math::Vec3 point) const;
  /// The ray through an image point: direction with z = 1, not of length 1, so that t along it is depth.
  math::Vec3 unproject(math::Vec2 pixel) const { return {(pixel.x - cx) / fx, (pixel.y - cy) / fy, 1}; }
};

}  // namespace wm::geometry
