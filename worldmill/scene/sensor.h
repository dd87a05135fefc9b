#pragma once

namespace wm::scene {

/// An ideal pinhole camera that a recipe asks for.
struct CameraSpec {
  int width = 640;         ///< [px], 1..16384
  int height = 480;        ///< [px], 1..16384
  double fov = 1.0471976;  ///< Horizontal field of view [rad], in (0, pi).
  double exposure = 0;     ///< [EV]: the picture is radiance * 2^exposure; 1 is sRGB white.
};

}  // namespace wm::scene
