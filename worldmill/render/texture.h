#pragma once
#include <array>
#include <cstdint>

#include "worldmill/math/vec.h"
#include "worldmill/scene/material.h"

namespace wm::render {

/// Linear red, green, blue, and alpha.
using Rgba = std::array<float, 4>;

/// What the numbers of a picture are: light by eye (sRGB codes), or data as they stand. Floats are always linear.
enum class Encoding { color, data };

/// A scene's Texture made ready to be read; does not own the picture. Thread-safe.
/// Whatever the coordinates, what comes back is finite and not negative.
class TextureReader {
 public:
  TextureReader() = default;  ///< 1 everywhere
  TextureReader(const scene::Texture& texture, Encoding encoding);

  bool exists() const { return values_ != nullptr; }
  bool has_alpha() const { return exists() && channels_ % 2 == 0; }
  int uv_set() const { return uv_set_; }
  /// `uv` as the mesh has it. Grey pictures give r = g = b; without alpha, alpha is 1.
  Rgba at(math::Vec2f uv) const;

 private:
  enum class Kind { u8, u16, f32 };
  struct Tap {
    int x0, x1, y0, y1;
    float across, down;
  };

  Tap tap(math::Vec2f uv) const;
  template <class T>
  Rgba blend(const Tap& tap) const;
  template <class T>
  Rgba texel(int x, int y) const;

  const void* values_ = nullptr;
  Kind kind_ = Kind::u8;
  int width_ = 0, height_ = 0, channels_ = 0;
  int uv_set_ = 0;
  const float* colors_ = nullptr;  // from code to linear; null for floats
  const float* data_ = nullptr;    // from code to [0, 1]
  scene::Wrap wrap_u_ = scene::Wrap::repeat, wrap_v_ = scene::Wrap::repeat;
  bool nearest_ = false;
  float uu_ = 1, uv_ = 0, vu_ = 0, vv_ = 1, u0_ = 0, v0_ = 0;  // KHR_texture_transform as one affine map
};

}  // namespace wm::render
