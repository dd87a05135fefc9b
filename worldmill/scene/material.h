#pragma once
#include <memory>
#include <string>
#include <variant>

#include "worldmill/image/pixels.h"
#include "worldmill/math/vec.h"

namespace wm::scene {

/// Pixels of a texture or an environment map, shared by all that use them.
/// 8-bit codes are sRGB where a colour is meant and linear where data are (the material says which); floats are linear.
struct Picture {
  std::string name;  ///< For complaints: file name, or file and index inside it.
  std::variant<image::Pixels<std::uint8_t>, image::Pixels<std::uint16_t>, image::Pixels<float>> pixels;
};
using PicturePtr = std::shared_ptr<const Picture>;

enum class Wrap { repeat, mirror, clamp };
enum class Filter { linear, nearest };

/// A picture on a surface. Texture space: u right, v down, (0, 0) the upper left corner of the upper left texel.
struct Texture {
  PicturePtr picture;  ///< None: the texture is 1 everywhere (a flat normal, for normal maps).
  int uv_set = 0;      ///< 0 or 1
  Wrap wrap_u = Wrap::repeat, wrap_v = Wrap::repeat;
  Filter filter = Filter::linear;
  math::Vec2 offset{0, 0}, scale{1, 1};  ///< KHR_texture_transform: uv' = offset + rotation * (scale * uv)
  double rotation = 0;                   ///< [rad] as KHR_texture_transform counts it.
};

enum class AlphaMode { opaque, mask, blend };

/// glTF 2.0's metallic-roughness material and what of its extensions we read; factors multiply textures.
/// Colours are linear Rec.709.
struct Material {
  std::string name;
  math::Vec3f base_color{0.8f, 0.8f, 0.8f};  ///< [0, 1] per channel
  float opacity = 1;                         ///< [0, 1]; times the base colour texture's alpha
  Texture base_color_texture;                ///< sRGB, alpha linear
  float metallic = 0;                        ///< [0, 1]
  float roughness = 0.5f;                    ///< [0, 1], perceptual: alpha = roughness^2
  Texture metallic_roughness_texture;        ///< green roughness, blue metallic, linear
  Texture normal_texture;                    ///< tangent space, +y up (along the bitangent), linear
  float normal_scale = 1;
  math::Vec3f emission{0, 0, 0};  ///< Luminance per channel [cd/m^2], any strength
  Texture emission_texture;       ///< sRGB
  AlphaMode alpha_mode = AlphaMode::opaque;
  float alpha_cutoff = 0.5f;      ///< mask: a point with less alpha is not there
  bool double_sided = false;      ///< For one-sided surfaces the back is still there, and shaded like the front.
  float ior = 1.5f;               ///< [1, 3]
  float transmission = 0;         ///< [0, 1], thin-walled
  Texture transmission_texture;   ///< red, linear
  float clearcoat = 0;            ///< [0, 1]
  float clearcoat_roughness = 0;  ///< [0, 1]
};

}  // namespace wm::scene
