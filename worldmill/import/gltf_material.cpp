#include "worldmill/import/gltf_material.h"

#include <fmt/format.h>

#include "worldmill/import/pictures.h"

namespace wm::import {

using base::error;
using scene::AlphaMode;
using scene::Material;
using scene::Texture;
using scene::Wrap;

namespace {

math::Vec3f color(const Fields& fields, const char* key, math::Vec3f fallback) {
  std::array<double, 3> v{fallback.x, fallback.y, fallback.z};
  fields.numbers(key, v);
  for (const double value : v) {
    if (value < 0 || value > 1e6) fields.say(fmt::format("has a {} of {}, must be positive", key, value));
  }
  return {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])};
}

Wrap wrap(const Fields& sampler, const char* key) {
  const std::int64_t mode = sampler.integer(key, 10497, 0, 1 << 16);
  if (mode == 33071) return Wrap::clamp;
  if (mode == 33648) return Wrap::mirror;
  if (mode != 10497) sampler.say(fmt::format("has a {} of {}, which is none", key, mode));
  return Wrap::repeat;
}

void read_transform(const Fields& info, Texture& texture) {
  const Fields transform = info.extension("KHR_texture_transform");
  std::array<double, 2> offset{0, 0}, scale{1, 1};
  transform.numbers("offset", offset);
  transform.numbers("scale", scale);
  texture.offset = {offset[0], offset[1]};
  texture.scale = {scale[0], scale[1]};
  texture.rotation = transform.number("rotation", 0);
  texture.uv_set = static_cast<int>(transform.integer("texCoord", texture.uv_set, 0, 16));
}

}  // namespace

Material GltfMaterials::standard() {
  Material material;
  material.base_color = {1, 1, 1};
  material.metallic = 1;
  material.roughness = 1;
  return material;
}

Result<Material> GltfMaterials::read(std::size_t i) {
  const Fields fields = document_.item("materials", i);
  Material material = standard();
  material.name = fields.text("name");
  if (material.name.empty()) material.name = fmt::format("material_{}", i);
  const bool glossy = fields.extension("KHR_materials_pbrSpecularGlossiness").exists();
  if (glossy && !fields.has("pbrMetallicRoughness")) {
    WM_TRY_STATUS(read_specular_glossiness(fields.extension("KHR_materials_pbrSpecularGlossiness"), material));
  } else {
    WM_TRY_STATUS(read_metallic_roughness(fields.object("pbrMetallicRoughness"), material));
  }
  WM_TRY_STATUS(read_core(fields, material));
  WM_TRY_STATUS(read_extensions(fields, material));
  WM_TRY_STATUS(document_.complaint().status());
  return material;
}

Status GltfMaterials::read_metallic_roughness(const Fields& fields, Material& material) {
  std::array<double, 4> base{1, 1, 1, 1};
  if (fields.numbers("baseColorFactor", base)) {
    for (const double v : base) {
      if (v < 0 || v > 1) fields.say(fmt::format("has a baseColorFactor of {}, must be in [0, 1]", v));
    }
  }
  material.base_color = {static_cast<float>(base[0]), static_cast<float>(base[1]), static_cast<float>(base[2])};
  material.opacity = static_cast<float>(base[3]);
  material.metallic = fields.number32("metallicFactor", 1, 0, 1);
  material.roughness = fields.number32("roughnessFactor", 1, 0, 1);
  WM_TRY(base_texture, texture(fields.object("baseColorTexture")));
  WM_TRY(rough_texture, texture(fields.object("metallicRoughnessTexture")));
  material.base_color_texture = std::move(base_texture);
  material.metallic_roughness_texture = std::move(rough_texture);
  return {};
}

// The archived model: diffuse and a specular colour. Read as a dielectric of the same gloss, and said so.
Status GltfMaterials::read_specular_glossiness(const Fields& fields, Material& material) {
  std::array<double, 4> diffuse{1, 1, 1, 1};
  fields.numbers("diffuseFactor", diffuse);
  material.base_color = {static_cast<float>(diffuse[0]), static_cast<float>(diffuse[1]),
                         static_cast<float>(diffuse[2])};
  material.opacity = static_cast<float>(diffuse[3]);
  material.metallic = 0;
  material.roughness = 1 - fields.number32("glossinessFactor", 1, 0, 1);
  WM_TRY(diffuse_texture, texture(fields.object("diffuseTexture")));
  material.base_color_texture = std::move(diffuse_texture);
  notes_.add(
      "KHR_materials_pbrSpecularGlossiness: colour and gloss are read, the specular colour and its texture are not");
  return {};
}

Status GltfMaterials::read_core(const Fields& fields, Material& material) {
  const Fields normal = fields.object("normalTexture");
  WM_TRY(normal_texture, texture(normal));
  WM_TRY(emission_texture, texture(fields.object("emissiveTexture")));
  material.normal_texture = std::move(normal_texture);
  material.normal_scale = normal.number32("scale", 1, -1e6, 1e6);
  material.emission_texture = std::move(emission_texture);
  material.emission = color(fields, "emissiveFactor", {0, 0, 0});
  const std::string mode = fields.text("alphaMode");
  if (mode == "MASK") material.alpha_mode = AlphaMode::mask;
  if (mode == "BLEND") material.alpha_mode = AlphaMode::blend;
  if (!mode.empty() && mode != "OPAQUE" && mode != "MASK" && mode != "BLEND") {
    fields.say(fmt::format("has alphaMode \"{}\", must be OPAQUE, MASK or BLEND", mode));
  }
  material.alpha_cutoff = fields.number32("alphaCutoff", 0.5f, 0, 1e6);
  material.double_sided = fields.flag("doubleSided", false);
  return {};
}

Status GltfMaterials::read_extensions(const Fields& fields, Material& material) {
  const float strength = fields.extension("KHR_materials_emissive_strength").number32("emissiveStrength", 1, 0, 1e9);
  material.emission *= strength;
  material.ior = fields.extension("KHR_materials_ior").number32("ior", 1.5f, 0, 1e3);
  if (material.ior < 1 || material.ior > 3) {
    notes_.add(fmt::format("KHR_materials_ior of {} is taken as the nearest in [1, 3]", material.ior));
    material.ior = std::clamp(material.ior, 1.0f, 3.0f);
  }
  const Fields transmission = fields.extension("KHR_materials_transmission");
  material.transmission = transmission.number32("transmissionFactor", 0, 0, 1);
  WM_TRY(transmission_texture, texture(transmission.object("transmissionTexture")));
  material.transmission_texture = std::move(transmission_texture);
  const Fields coat = fields.extension("KHR_materials_clearcoat");
  material.clearcoat = coat.number32("clearcoatFactor", 0, 0, 1);
  material.clearcoat_roughness = coat.number32("clearcoatRoughnessFactor", 0, 0, 1);
  if (coat.has("clearcoatTexture") || coat.has("clearcoatRoughnessTexture") || coat.has("clearcoatNormalTexture")) {
    notes_.add("KHR_materials_clearcoat: its factors are read, its textures are not");
  }
  if (fields.extension("KHR_materials_unlit").exists()) {
    notes_.add("KHR_materials_unlit: shown as a matte surface that the scene's light falls on");
    material.metallic = 0;
    material.roughness = 1;
    material.metallic_roughness_texture = {};
  }
  return {};
}

Result<Texture> GltfMaterials::texture(const Fields& info) {
  Texture texture;
  if (!info.exists()) return texture;
  const auto index = info.index("index", document_.count("textures"), "textures");
  if (!index) {
    info.say("names no texture");
    WM_TRY_STATUS(document_.complaint().status());
  }
  texture.uv_set = static_cast<int>(info.integer("texCoord", 0, 0, 16));
  read_transform(info, texture);
  if (texture.uv_set > 1) {
    notes_.add(fmt::format("textures on texture coordinates {} are not shown: sets 0 and 1 are read", texture.uv_set));
    return Texture{};
  }
  const Fields fields = document_.item("textures", *index);
  if (const auto s = fields.index("sampler", document_.count("samplers"), "samplers")) {
    const Fields sampler = document_.item("samplers", *s);
    texture.wrap_u = wrap(sampler, "wrapS");
    texture.wrap_v = wrap(sampler, "wrapT");
    if (sampler.integer("magFilter", 9729, 0, 1 << 16) == 9728) texture.filter = scene::Filter::nearest;
  }
  const auto image = image_of(fields);
  WM_TRY_STATUS(document_.complaint().status());
  if (!image) return texture;
  WM_TRY(pixels, picture(*image));
  texture.picture = std::move(pixels);
  return texture;
}

// The image of a texture in a format that we read.
std::optional<std::size_t> GltfMaterials::image_of(const Fields& texture) {
  if (const auto plain = texture.index("source", document_.count("images"), "images")) return plain;
  for (const char* other : {"KHR_texture_basisu", "EXT_texture_webp", "MSFT_texture_dds", "EXT_texture_avif"}) {
    if (!texture.extension(other).exists()) continue;
    notes_.add(fmt::format("textures in {} without a PNG or JPEG beside them are not shown; convert them", other));
    return {};
  }
  notes_.add(fmt::format("{} has no image and is not shown", texture.where()));
  return {};
}

Result<scene::PicturePtr> GltfMaterials::picture(std::size_t i) {
  if (const auto known = pictures_.find(i); known != pictures_.end()) return known->second;
  const Fields image = document_.item("images", i);
  const std::string uri = image.text("uri");
  Source& source = document_.source();
  const std::string inside = fmt::format(" (images[{}])", i);
  std::string place = source.file() + inside, name = source.name("") + inside, loaded, file_name;
  std::string_view bytes;
  if (uri.empty()) {
    const auto view = image.index("bufferView", document_.count("bufferViews"), "buffer views");
    if (!view) image.say("has neither a uri nor a bufferView");
    WM_TRY_STATUS(document_.complaint().status());
    WM_TRY(found, document_.view(*view));
    bytes = found.bytes;
  } else if (is_data_uri(uri)) {
    WM_TRY(decoded, decode_data_uri(uri, source.file()));
    loaded = std::move(decoded);
    bytes = loaded;
  } else {
    WM_TRY(path, decode_uri(uri, source.file()));
    if (const auto known = pictures_of_files_.find(path); known != pictures_of_files_.end()) return known->second;
    WM_TRY(read, source.read(path));
    loaded = std::move(read);
    bytes = loaded;
    file_name = path;
    place = source.place(path);
    name = source.name(path);
  }
  WM_TRY(decoded, decode_picture(bytes, source.budget(), place, name));
  pictures_[i] = decoded;
  if (!file_name.empty()) pictures_of_files_[file_name] = decoded;
  return decoded;
}

}  // namespace wm::import
