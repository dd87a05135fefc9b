#include <fmt/format.h>

#include <algorithm>

#include "worldmill/image/exr.h"
#include "worldmill/image/png.h"
#include "worldmill/import/usd_export_parts.h"
#include "worldmill/math/elementary.h"

namespace wm::import {

using scene::Material;
using scene::Texture;
using usd::Path;

namespace {

constexpr double kDegrees = 57.29577951308232;  // per radian

std::string_view word(scene::Wrap wrap) {
  return wrap == scene::Wrap::repeat ? "repeat" : wrap == scene::Wrap::mirror ? "mirror" : "clamp";
}

bool has_alpha(const Texture& texture) {
  return texture.picture &&
         std::visit([](const auto& p) { return p.channels == 2 || p.channels == 4; }, texture.picture->pixels);
}

bool reads_colors(const Material& m, bool colors) {
  return colors && !m.base_color_texture.picture && m.base_color == math::Vec3f{1, 1, 1};
}

float opacity_of(const Material& m) {
  const float alpha = m.alpha_mode == scene::AlphaMode::opaque ? 1 : m.opacity;
  return alpha * (1 - m.transmission);
}

}  // namespace

std::vector<UsdInput> surface_inputs(const Material& m, bool colors) {
  std::vector<UsdInput> inputs;
  const auto add = [&](std::string_view name, std::string_view type, const auto& value) {
    inputs.push_back({name, type, UsdWriter::value_of(type, value)});
  };
  if (!m.base_color_texture.picture && !reads_colors(m, colors)) add("inputs:diffuseColor", "color3f", m.base_color);
  if (!m.emission_texture.picture) add("inputs:emissiveColor", "color3f", m.emission);
  if (!m.metallic_roughness_texture.picture) {
    add("inputs:metallic", "float", m.metallic);
    add("inputs:roughness", "float", m.roughness);
  }
  if (!has_alpha(m.base_color_texture) || m.alpha_mode == scene::AlphaMode::opaque) {
    add("inputs:opacity", "float", opacity_of(m));
  }
  add("inputs:opacityThreshold", "float", m.alpha_mode == scene::AlphaMode::mask ? m.alpha_cutoff : 0.0f);
  add("inputs:ior", "float", m.ior);
  add("inputs:clearcoat", "float", m.clearcoat);
  add("inputs:clearcoatRoughness", "float", m.clearcoat_roughness);
  return inputs;
}

std::string UsdLooks::picture(const scene::PicturePtr& picture) {
  std::string& name = pictures_[picture.get()];
  if (!name.empty()) return name;
  const auto* floats = std::get_if<image::Pixels<float>>(&picture->pixels);
  const std::string stem = usd_identifier(std::filesystem::path(picture->name).stem().string());
  name = fmt::format("{}/{:02}_{}.{}", folder_, files_.size(), stem, floats ? "exr" : "png");
  if (floats) {
    static const std::vector<std::string> kChannels[] = {{"Y"}, {"Y", "A"}, {"R", "G", "B"}, {"R", "G", "B", "A"}};
    const auto& channels = kChannels[std::clamp(floats->channels, 1, 4) - 1];
    files_.emplace_back(name, image::encode_exr(*floats, channels, image::ExrDepth::single));
  } else if (const auto* bytes = std::get_if<image::Pixels<std::uint8_t>>(&picture->pixels)) {
    files_.emplace_back(name, image::encode_png(*bytes));
  } else {
    files_.emplace_back(name, image::encode_png(std::get<image::Pixels<std::uint16_t>>(picture->pixels)));
  }
  return name;
}

// Ours: uv' = offset + R(-rotation) * scale * uv with v down; USD: st' = translation + R(rotation) * scale * st with
// v up. With st = F(uv) = (u, 1 - v) the same map is F . ours . F.
Path UsdLooks::coordinates(Path material, std::string_view name, const Texture& texture) {
  const std::string reader_name = texture.uv_set == 0 ? "st" : "st1";
  const Path reader = out_.define(material, fmt::format("{}_{}", name, reader_name), "Shader");
  out_.uniform(reader, "info:id", "token", "UsdPrimvarReader_float2");
  out_.attribute(reader, "inputs:varname", "string", reader_name);
  const Path plain = out_.output(reader, "outputs:result", "float2");
  const bool moved = texture.offset != math::Vec2{0, 0} || texture.scale != math::Vec2{1, 1} || texture.rotation != 0;
  if (!moved) return plain;
  const math::SinCos turn = math::sincos(texture.rotation);
  const auto ours = [&](math::Vec2 p) {
    const math::Vec2 s{p.x * texture.scale.x, p.y * texture.scale.y};
    return texture.offset + math::Vec2{turn.cos * s.x + turn.sin * s.y, -turn.sin * s.x + turn.cos * s.y};
  };
  const math::Vec2 zero = ours({0, 1});
  const Path transform = out_.define(material, fmt::format("{}_transform", name), "Shader");
  out_.uniform(transform, "info:id", "token", "UsdTransform2d");
  out_.connect(transform, "inputs:in", "float2", plain);
  out_.attribute(transform, "inputs:rotation", "float", static_cast<float>(texture.rotation * kDegrees));
  out_.attribute(transform, "inputs:scale", "float2",
                 math::Vec2f{static_cast<float>(texture.scale.x), static_cast<float>(texture.scale.y)});
  out_.attribute(transform, "inputs:translation", "float2",
                 math::Vec2f{static_cast<float>(zero.x), static_cast<float>(1 - zero.y)});
  return out_.output(transform, "outputs:result", "float2");
}

Path UsdLooks::texture(Path material, std::string_view name, const Map& map) {
  const Path coordinate = coordinates(material, name, *map.texture);
  const Path prim = out_.define(material, name, "Shader");
  const bool linear = !map.color || std::holds_alternative<image::Pixels<float>>(map.texture->picture->pixels);
  out_.uniform(prim, "info:id", "token", "UsdUVTexture");
  out_.attribute(prim, "inputs:file", "asset", "./" + picture(map.texture->picture));
  out_.connect(prim, "inputs:st", "float2", coordinate);
  out_.attribute(prim, "inputs:sourceColorSpace", "token", linear ? "raw" : "sRGB");
  out_.attribute(prim, "inputs:wrapS", "token", word(map.texture->wrap_u));
  out_.attribute(prim, "inputs:wrapT", "token", word(map.texture->wrap_v));
  out_.attribute(prim, "inputs:scale", "float4", map.scale);
  out_.attribute(prim, "inputs:bias", "float4", map.bias);
  if (map.texture->filter == scene::Filter::nearest) notes_.add("textures without filtering are smoothed in OpenUSD");
  return prim;
}

Path UsdLooks::material(scene::MaterialId id, bool colors) {
  const Material& m = world_.materials[id.index()];
  Path& path = known_[{id.index(), reads_colors(m, colors)}];
  if (!path.empty()) return path;
  if (scope_.empty()) scope_ = out_.define(root_, "Looks", "Scope");
  path = out_.define(scope_, m.name.empty() ? fmt::format("material_{}", id.index()) : m.name, "Material");
  const Path surface = out_.define(path, "surface", "Shader");
  out_.connect(path, "outputs:surface", "token", surface.property(usd::Token("outputs:surface")));
  out_.uniform(surface, "info:id", "token", "UsdPreviewSurface");
  for (const UsdInput& input : surface_inputs(m, colors)) out_.set(surface, input.name, input.type, input.value);
  const auto from = [&](std::string_view input, std::string_view type, Path shader, std::string_view output) {
    out_.connect(surface, input, type,
                 out_.output(shader, output, type == "color3f" || type == "normal3f" ? "float3" : "float"));
  };
  if (m.base_color_texture.picture) {
    const Path t =
        texture(path, "base_color",
                {&m.base_color_texture, true, {m.base_color.x, m.base_color.y, m.base_color.z, opacity_of(m)}, {}});
    from("inputs:diffuseColor", "color3f", t, "outputs:rgb");
    if (has_alpha(m.base_color_texture) && m.alpha_mode != scene::AlphaMode::opaque) {
      from("inputs:opacity", "float", t, "outputs:a");
    }
  } else if (reads_colors(m, colors)) {
    const Path reader = out_.define(path, "colors", "Shader");
    out_.uniform(reader, "info:id", "token", "UsdPrimvarReader_float3");
    out_.attribute(reader, "inputs:varname", "string", "displayColor");
    from("inputs:diffuseColor", "color3f", reader, "outputs:result");
  }
  if (m.metallic_roughness_texture.picture) {
    const Path t = texture(path, "metallic_roughness",
                           {&m.metallic_roughness_texture, false, {1, m.roughness, m.metallic, 1}, {}});
    from("inputs:roughness", "float", t, "outputs:g");
    from("inputs:metallic", "float", t, "outputs:b");
  }
  if (m.normal_texture.picture) {
    const float s = m.normal_scale;
    const Path t = texture(path, "normal", {&m.normal_texture, false, {2 * s, 2 * s, 2, 1}, {-s, -s, -1, 0}});
    from("inputs:normal", "normal3f", t, "outputs:rgb");
  }
  if (m.emission_texture.picture) {
    const Path t =
        texture(path, "emission", {&m.emission_texture, true, {m.emission.x, m.emission.y, m.emission.z, 1}, {}});
    from("inputs:emissiveColor", "color3f", t, "outputs:rgb");
  }
  out_.output(surface, "outputs:surface", "token");
  if (m.transmission > 0) notes_.add("light that passes through a material is written as its being transparent");
  if (m.transmission_texture.picture) notes_.add("pictures of how much light passes through are not written");
  written_.push_back({id, surface, colors});
  return path;
}

void UsdLooks::bind(Path prim, scene::MaterialId id, bool colors) {
  const Material& m = world_.materials[id.index()];
  if (colors && !reads_colors(m, colors)) {
    notes_.add("colours of vertices under a material that has a colour or a picture are kept, but not seen elsewhere");
  }
  out_.apply(prim, "MaterialBindingAPI");
  out_.relate(prim, "material:binding", {material(id, colors)});
}

}  // namespace wm::import
