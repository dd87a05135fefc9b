#include "worldmill/import/gltf_export_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "worldmill/image/color.h"
#include "worldmill/image/png.h"
#include "worldmill/import/usd_writer.h"

namespace wm::import {

using base::map_of;
using base::Value;
using base::value_of;
using scene::Material;
using scene::Texture;

namespace {

using Entries = GltfWriter::Entries;

int code(scene::Wrap wrap) {
  return wrap == scene::Wrap::clamp ? 33071 : wrap == scene::Wrap::mirror ? 33648 : 10497;
}

float most(math::Vec3f v) {
  return std::max({v.x, v.y, v.z});
}

Value color_of(math::Vec3f v) {
  return numbers_of(std::array<double, 3>{v.x, v.y, v.z});
}

/// Pictures of floats are not glTF's: eight bits instead.
image::Pixels<std::uint8_t> narrowed(const image::Pixels<float>& wide, bool color) {
  image::Pixels<std::uint8_t> narrow(wide.width, wide.height, wide.channels);
  for (std::size_t i = 0; i < wide.values.size(); ++i) {
    const int channel = static_cast<int>(i % static_cast<std::size_t>(wide.channels));
    const bool alpha = wide.channels % 2 == 0 && channel == wide.channels - 1;
    const float x = wide.values[i];
    narrow.values[i] = color && !alpha ? image::srgb_from_linear(x)
                                       : static_cast<std::uint8_t>(std::clamp(x, 0.0f, 1.0f) * 255 + 0.5f);
  }
  return narrow;
}

}  // namespace

std::size_t GltfLooks::image(const scene::PicturePtr& picture, bool color) {
  const auto* floats = std::get_if<image::Pixels<float>>(&picture->pixels);
  const auto [at, fresh] = images_.try_emplace({picture.get(), floats && color}, out_.count("images"));
  if (!fresh) return at->second;
  std::string png;
  if (floats) {
    notes_.add("pictures of floating-point numbers are written with 8 bits");
    png = image::encode_png(narrowed(*floats, color));
  } else if (const auto* bytes = std::get_if<image::Pixels<std::uint8_t>>(&picture->pixels)) {
    png = image::encode_png(*bytes);
  } else {
    png = image::encode_png(std::get<image::Pixels<std::uint16_t>>(picture->pixels));
  }
  const std::string stem = usd_identifier(std::filesystem::path(picture->name).stem().string());
  Entries entries{{"name", value_of(stem)}};
  if (folder_.empty()) {
    entries.emplace_back("bufferView", index_of(out_.bytes(png)));
    entries.emplace_back("mimeType", value_of("image/png"));
  } else {
    const std::string name = fmt::format("{}/{:02}_{}.png", folder_, files_.size(), stem);
    entries.emplace_back("uri", value_of(encode_uri(name)));
    files_.emplace_back(name, std::move(png));
  }
  return out_.add("images", map_of(std::move(entries)));
}

std::size_t GltfLooks::sampler(const Texture& texture) {
  const bool nearest = texture.filter == scene::Filter::nearest;
  const std::vector<int> key{nearest ? 9728 : 9729, nearest ? 9728 : 9987, code(texture.wrap_u), code(texture.wrap_v)};
  const auto [at, fresh] = samplers_.try_emplace(key, out_.count("samplers"));
  if (!fresh) return at->second;
  const auto number = [&](std::size_t i) { return value_of(std::int64_t{key[i]}); };
  return out_.add(
      "samplers",
      map_of({{"magFilter", number(0)}, {"minFilter", number(1)}, {"wrapS", number(2)}, {"wrapT", number(3)}}));
}

Value GltfLooks::texture(const Texture& texture, bool color, Entries more) {
  const std::size_t source = image(texture.picture, color), how = sampler(texture);
  const auto [at, fresh] = textures_.try_emplace({source, how}, out_.count("textures"));
  if (fresh) out_.add("textures", map_of({{"source", index_of(source)}, {"sampler", index_of(how)}}));
  Entries entries{{"index", index_of(at->second)}};
  if (texture.uv_set != 0) entries.emplace_back("texCoord", value_of(std::int64_t{texture.uv_set}));
  if (texture.offset != math::Vec2{0, 0} || texture.scale != math::Vec2{1, 1} || texture.rotation != 0) {
    out_.use("KHR_texture_transform");
    const Value moved = map_of({{"offset", numbers_of(std::array{texture.offset.x, texture.offset.y})},
                                {"rotation", value_of(texture.rotation)},
                                {"scale", numbers_of(std::array{texture.scale.x, texture.scale.y})}});
    entries.emplace_back("extensions", map_of({{"KHR_texture_transform", moved}}));
  }
  for (auto& entry : more) entries.push_back(std::move(entry));
  return map_of(std::move(entries));
}

Entries GltfLooks::extensions(const Material& m, float strength) {
  Entries all;
  const auto add = [&](const char* name, Entries entries) {
    out_.use(name);
    all.emplace_back(name, map_of(std::move(entries)));
  };
  const auto factor = [](float x) { return value_of(static_cast<double>(x)); };
  if (strength != 1) add("KHR_materials_emissive_strength", {{"emissiveStrength", factor(strength)}});
  if (m.ior != 1.5f) add("KHR_materials_ior", {{"ior", factor(m.ior)}});
  if (m.transmission > 0) {
    Entries entries{{"transmissionFactor", factor(m.transmission)}};
    if (m.transmission_texture.picture) {
      entries.emplace_back("transmissionTexture", texture(m.transmission_texture, false));
    }
    add("KHR_materials_transmission", std::move(entries));
  }
  if (m.clearcoat > 0) {
    add("KHR_materials_clearcoat",
        {{"clearcoatFactor", factor(m.clearcoat)}, {"clearcoatRoughnessFactor", factor(m.clearcoat_roughness)}});
  }
  return all;
}

std::size_t GltfLooks::material(scene::MaterialId id) {
  const auto [at, fresh] = materials_.try_emplace(id.index(), out_.count("materials"));
  if (!fresh) return at->second;
  const Material& m = world_.materials[id.index()];
  const auto number = [](float x) { return value_of(static_cast<double>(x)); };
  Entries pbr{
      {"baseColorFactor", numbers_of(std::array<double, 4>{m.base_color.x, m.base_color.y, m.base_color.z, m.opacity})},
      {"metallicFactor", number(m.metallic)},
      {"roughnessFactor", number(m.roughness)}};
  if (m.base_color_texture.picture) pbr.emplace_back("baseColorTexture", texture(m.base_color_texture, true));
  if (m.metallic_roughness_texture.picture) {
    pbr.emplace_back("metallicRoughnessTexture", texture(m.metallic_roughness_texture, false));
  }
  Entries entries;
  if (!m.name.empty()) entries.emplace_back("name", value_of(m.name));
  entries.emplace_back("pbrMetallicRoughness", map_of(std::move(pbr)));
  if (m.normal_texture.picture) {
    entries.emplace_back("normalTexture", texture(m.normal_texture, false, {{"scale", number(m.normal_scale)}}));
  }
  if (m.emission_texture.picture) entries.emplace_back("emissiveTexture", texture(m.emission_texture, true));
  const float strength = std::max(1.0f, most(m.emission));
  if (most(m.emission) > 0) entries.emplace_back("emissiveFactor", color_of(m.emission / strength));
  if (m.alpha_mode != scene::AlphaMode::opaque) {
    const bool mask = m.alpha_mode == scene::AlphaMode::mask;
    entries.emplace_back("alphaMode", value_of(mask ? "MASK" : "BLEND"));
    if (mask) entries.emplace_back("alphaCutoff", number(m.alpha_cutoff));
  }
  if (m.double_sided) entries.emplace_back("doubleSided", value_of(true));
  if (Entries more = extensions(m, strength); !more.empty()) {
    entries.emplace_back("extensions", map_of(std::move(more)));
  }
  return out_.add("materials", map_of(std::move(entries)));
}

}  // namespace wm::import
