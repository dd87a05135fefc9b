// What is bound where (UsdShade's rules), and what it looks like:
//
//   outputs:surface -> UsdPreviewSurface             all of it that our material can say
//                   -> ND_standard_surface, ND_open_pbr_surface (MaterialX): constants and pictures of the base
//   outputs:mdl:surface -> OmniPBR, or any MDL by the names of its inputs
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/import/usd_network.h"

namespace wm::import {

using math::Vec3f;
using scene::Material;
using scene::Texture;
using usd::Path;
using usd::Prim;
using usd::Token;

namespace {

// Whether a collection of `holder` has the prim at `path`.
bool collects(const UsdValues& values, const Prim& holder, const std::string& name, Path path) {
  const std::string prefix = "collection:" + name + ":";
  const bool expands = values.text(holder, prefix + "expansionRule", "expandPrims") != "explicitOnly";
  const auto deepest = [&](std::string_view list) {
    int depth = -1;
    for (const Path& target : usd::Property(holder, Token(prefix + std::string(list))).targets()) {
      if (target == path || (expands && path.has_prefix(target))) depth = std::max(depth, target.depth());
    }
    return depth;
  };
  const int included =
      values.flag(holder, prefix + "includeRoot", false) ? std::max(0, deepest("includes")) : deepest("includes");
  return included > deepest("excludes");
}

float clamped(double v, double low, double high) {
  return static_cast<float>(std::clamp(v, low, high));
}

/// Fills a material of ours from one surface shader.
class SurfaceReader {
 public:
  SurfaceReader(const UsdNetwork& network, const UsdValues& values, const Prim& shader, Material& out, UsdLook& look,
                UsdPictures& pictures, Notes& notes)
      : network_(network),
        values_(values),
        shader_(shader),
        out_(out),
        look_(look),
        pictures_(pictures),
        notes_(notes) {}

  void preview();
  void materialx(bool open_pbr);
  void mdl();

 private:
  void use(Texture& slot, const UsdMap& map, bool color);
  int set_for(const std::string& primvar);
  void base_color(std::string_view input, std::string_view weight);
  void opacity(std::string_view input);
  void roughness_metallic(std::string_view roughness, std::string_view metallic, double rough, double metal);
  void normal(std::string_view input);
  scene::PicturePtr asset(std::string_view name) { return pictures_.read(shader_, name, values_); }

  const UsdNetwork& network_;
  const UsdValues& values_;
  const Prim& shader_;
  Material& out_;
  UsdLook& look_;
  UsdPictures& pictures_;
  Notes& notes_;
  std::optional<UsdMap> base_;
};

// Which of the two sets of coordinates holds a primvar.
int SurfaceReader::set_for(const std::string& primvar) {
  auto& sets = look_.coordinates;
  const auto known = std::find(sets.begin(), sets.end(), primvar);
  if (known != sets.end()) return static_cast<int>(known - sets.begin());
  if (sets.size() == 2) {
    notes_.add("of more than two sets of texture coordinates in a material the first counts for the rest");
    return 0;
  }
  sets.push_back(primvar);
  return static_cast<int>(sets.size()) - 1;
}

void SurfaceReader::use(Texture& slot, const UsdMap& map, bool color) {
  slot = map.texture;
  slot.uv_set = set_for(map.coordinates);
  const bool codes = !std::holds_alternative<image::Pixels<float>>(slot.picture->pixels);
  if (color && map.raw && codes) notes_.add("a colour whose picture is said to be linear is taken as sRGB");
}

void SurfaceReader::base_color(std::string_view input, std::string_view weight) {
  const auto fed = network_.feed(shader_, input);
  const double by = weight.empty() ? 1 : network_.number(shader_, weight, 1);
  if (fed && values_.text(fed->shader, "info:id").starts_with("UsdPrimvarReader")) {
    const std::string name = network_.text(fed->shader, "inputs:varname", "displayColor");
    if (name != "displayColor") notes_.add(fmt::format("colours from the primvar {} are those of displayColor", name));
    look_.colors = true;
    out_.base_color = {1, 1, 1};
    return;
  }
  base_ = network_.map(shader_, input);
  if (!base_) {
    out_.base_color = network_.color(shader_, input, {0.18f, 0.18f, 0.18f}) * static_cast<float>(by);
    for (float* c : {&out_.base_color.x, &out_.base_color.y, &out_.base_color.z}) *c = std::clamp(*c, 0.0f, 1.0f);
    return;
  }
  use(out_.base_color_texture, *base_, true);
  const auto& s = base_->scale;
  out_.base_color = Vec3f{s[0], s[1], s[2]} * static_cast<float>(by);
  if (base_->bias[0] != 0 || base_->bias[1] != 0 || base_->bias[2] != 0) {
    notes_.add("a bias on the picture of a colour is not read");
  }
}

// Ours is the alpha of the base colour's picture; another picture is put into it.
void SurfaceReader::opacity(std::string_view input) {
  const auto map = network_.map(shader_, input);
  const double threshold = network_.number(shader_, "inputs:opacityThreshold", 0);
  out_.opacity = map ? 1 : clamped(network_.number(shader_, input, 1), 0, 1);
  if (!map && out_.opacity >= 1) return;
  out_.alpha_mode = threshold > 0 ? scene::AlphaMode::mask : scene::AlphaMode::blend;
  out_.alpha_cutoff = clamped(threshold, 0, 1);
  if (!map) return;
  const int channel = map->channel < 0 ? 0 : map->channel;
  if (base_ && base_->texture.picture == map->texture.picture && channel == 3 && map->bias[3] == 0) {
    out_.opacity = clamped(map->scale[3], 0, 1);
    return;
  }
  UsdMap color = base_.value_or(UsdMap{});
  color.scale = {1, 1, 1, 1}, color.bias = {};
  std::array<UsdChannel, 4> channels;
  for (int i = 0; i < 3; ++i) channels[static_cast<std::size_t>(i)] = {base_ ? &color : nullptr, i, 1};
  channels[3] = {&*map, channel, 1};
  if (!base_) use(out_.base_color_texture, *map, false);
  out_.base_color_texture.picture = combined(channels, 4, map->texture.picture->name);
}

void SurfaceReader::roughness_metallic(std::string_view roughness, std::string_view metallic, double rough,
                                       double metal) {
  const auto r = network_.map(shader_, roughness), m = network_.map(shader_, metallic);
  out_.roughness = r ? 1 : clamped(network_.number(shader_, roughness, rough), 0, 1);
  out_.metallic = m ? 1 : clamped(network_.number(shader_, metallic, metal), 0, 1);
  if (!r && !m) return;
  const auto plain = [](const std::optional<UsdMap>& map, int channel) {
    return !map || (map->channel == channel && map->bias[static_cast<std::size_t>(channel)] == 0);
  };
  const bool one_picture = !r || !m || r->texture.picture == m->texture.picture;
  use(out_.metallic_roughness_texture, r ? *r : *m, false);
  if (plain(r, 1) && plain(m, 2) && one_picture && r && m) {
    out_.roughness = clamped(r->scale[1], 0, 1);
    out_.metallic = clamped(m->scale[2], 0, 1);
    return;
  }
  const auto channel = [](const std::optional<UsdMap>& map) {
    return UsdChannel{map ? &*map : nullptr, map ? std::max(map->channel, 0) : 0, 1};
  };
  const std::string name = (r ? r : m)->texture.picture->name;
  out_.metallic_roughness_texture.picture = combined({UsdChannel{}, channel(r), channel(m), UsdChannel{}}, 3, name);
}

// Ours is 2 t - 1, times normal_scale along the surface. A scale that turns y round is put into the picture.
void SurfaceReader::normal(std::string_view input) {
  auto map = network_.map(shader_, input);
  if (!map) return;
  use(out_.normal_texture, *map, false);
  out_.normal_scale = map->bias[0] == 0 && map->scale[0] == 1 ? 1 : std::abs(map->scale[0]) / 2;
  if (map->bias[0] == 0 && map->scale[0] == 1) {
    notes_.add("normal maps without a scale of 2 and a bias of -1 are taken as if they had them");
  } else if (map->scale[1] < 0) {
    map->scale = {1, -1, 1, 1}, map->bias = {0, 1, 0, 0};
    out_.normal_texture.picture =
        combined({UsdChannel{&*map, 0, 1}, UsdChannel{&*map, 1, 1}, UsdChannel{&*map, 2, 1}, UsdChannel{}}, 3,
                 map->texture.picture->name);
  }
  look_.tangents = true;
  look_.normal_set = out_.normal_texture.uv_set;
}

void SurfaceReader::preview() {
  base_color("inputs:diffuseColor", "");
  opacity("inputs:opacity");
  if (network_.number(shader_, "inputs:useSpecularWorkflow", 0) != 0) {
    notes_.add("a specular workflow is read as that of something that is no metal");
    roughness_metallic("inputs:roughness", "", 0.5, 0);
  } else {
    roughness_metallic("inputs:roughness", "inputs:metallic", 0.5, 0);
  }
  normal("inputs:normal");
  if (const auto map = network_.map(shader_, "inputs:emissiveColor")) {
    use(out_.emission_texture, *map, true);
    out_.emission = {map->scale[0], map->scale[1], map->scale[2]};
  } else {
    out_.emission = network_.color(shader_, "inputs:emissiveColor", {});
  }
  for (float* e : {&out_.emission.x, &out_.emission.y, &out_.emission.z}) *e = std::max(*e, 0.0f);
  out_.ior = clamped(network_.number(shader_, "inputs:ior", 1.5), 1, 3);
  out_.clearcoat = clamped(network_.number(shader_, "inputs:clearcoat", 0), 0, 1);
  out_.clearcoat_roughness = clamped(network_.number(shader_, "inputs:clearcoatRoughness", 0.01), 0, 1);
  if (network_.feed(shader_, "inputs:displacement")) notes_.add("displacement of materials is not read");
}

void SurfaceReader::materialx(bool open_pbr) {
  base_color("inputs:base_color", open_pbr ? "inputs:base_weight" : "inputs:base");
  roughness_metallic("inputs:specular_roughness", open_pbr ? "inputs:base_metalness" : "inputs:metalness",
                     open_pbr ? 0.3 : 0.2, 0);
  const double emits = network_.number(shader_, open_pbr ? "inputs:emission_luminance" : "inputs:emission", 0);
  out_.emission =
      network_.color(shader_, "inputs:emission_color", {1, 1, 1}) * static_cast<float>(std::max(emits, 0.0));
  out_.ior = clamped(network_.number(shader_, open_pbr ? "inputs:specular_ior" : "inputs:specular_IOR", 1.5), 1, 3);
  out_.transmission =
      clamped(network_.number(shader_, open_pbr ? "inputs:transmission_weight" : "inputs:transmission", 0), 0, 1);
  notes_.add("of MaterialX surfaces base, roughness, metalness, emission and transmission are read");
}

// OmniPBR's inputs; materials of other modules of MDL often have inputs of the same names.
void SurfaceReader::mdl() {
  const std::string kind = network_.text(shader_, "info:mdl:sourceAsset:subIdentifier", "MDL");
  const auto map_of = [&](std::string_view name) -> std::optional<UsdMap> {
    if (!network_.value(shader_, name)) return std::nullopt;
    UsdMap map;
    map.texture.picture = asset(name);
    map.coordinates = "st";
    return map.texture.picture ? std::optional(map) : std::nullopt;
  };
  const Vec3f tint = network_.color(shader_, "inputs:diffuse_tint", {1, 1, 1});
  const auto bright = static_cast<float>(network_.number(shader_, "inputs:albedo_brightness", 1));
  const auto diffuse = map_of("inputs:diffuse_texture");
  out_.base_color =
      (diffuse ? Vec3f{1, 1, 1} : network_.color(shader_, "inputs:diffuse_color_constant", {0.2f, 0.2f, 0.2f})) * tint *
      bright;
  if (diffuse) use(out_.base_color_texture, *diffuse, true);
  for (float* c : {&out_.base_color.x, &out_.base_color.y, &out_.base_color.z}) *c = std::clamp(*c, 0.0f, 1.0f);
  out_.roughness = clamped(network_.number(shader_, "inputs:reflection_roughness_constant", 0.5), 0, 1);
  out_.metallic = clamped(network_.number(shader_, "inputs:metallic_constant", 0), 0, 1);
  const bool packed = network_.number(shader_, "inputs:enable_ORM_texture", 0) != 0;
  const auto orm = packed ? map_of("inputs:ORM_texture") : std::nullopt;
  if (orm) {
    use(out_.metallic_roughness_texture, *orm, false);
    out_.roughness = out_.metallic = 1;
  } else {
    const auto weigh = [&](std::string_view name) { return network_.number(shader_, name, 0) > 0.5; };
    const auto rough = weigh("inputs:reflection_roughness_texture_influence")
                           ? map_of("inputs:reflectionroughness_texture")
                           : std::nullopt;
    const auto metal = weigh("inputs:metallic_texture_influence") ? map_of("inputs:metallic_texture") : std::nullopt;
    if (rough || metal) {
      use(out_.metallic_roughness_texture, rough ? *rough : *metal, false);
      out_.metallic_roughness_texture.picture =
          combined({UsdChannel{}, UsdChannel{rough ? &*rough : nullptr, 0, out_.roughness},
                    UsdChannel{metal ? &*metal : nullptr, 0, out_.metallic}, UsdChannel{}},
                   3, (rough ? rough : metal)->texture.picture->name);
      out_.roughness = out_.metallic = 1;
    }
  }
  if (const auto bumps = map_of("inputs:normalmap_texture")) {
    use(out_.normal_texture, *bumps, false);
    out_.normal_scale = static_cast<float>(network_.number(shader_, "inputs:bump_factor", 1));
    look_.tangents = true;
    look_.normal_set = out_.normal_texture.uv_set;
  }
  if (network_.number(shader_, "inputs:enable_opacity", 0) != 0) {
    out_.opacity = clamped(network_.number(shader_, "inputs:opacity_constant", 1), 0, 1);
    if (out_.opacity < 1) out_.alpha_mode = scene::AlphaMode::blend;
  }
  if (network_.number(shader_, "inputs:enable_emission", 0) != 0) {
    const auto strength = static_cast<float>(std::max(0.0, network_.number(shader_, "inputs:emissive_intensity", 40)));
    out_.emission = network_.color(shader_, "inputs:emissive_color", {1, 0.1f, 0.1f}) * strength;
  }
  if (kind == "OmniGlass") out_.transmission = 1, out_.base_color = {1, 1, 1}, out_.roughness = 0.02f;
  notes_.add(fmt::format("materials of MDL ({}) are read by the names of OmniPBR's inputs", kind));
}

}  // namespace

// Collections first, in the order of their names; `material:binding[:collection:[purpose:]name | :purpose]`.
const std::vector<UsdShade::Binding>& UsdShade::bindings_at(const Prim& prim) const {
  const auto [known, is_new] = bindings_.try_emplace(prim.path().id());
  if (!is_new) return known->second;
  constexpr std::string_view kPrefix = "material:binding";
  std::vector<Binding> direct;
  for (const Token name : prim.property_names()) {
    std::string_view rest = name.text();
    if (!rest.starts_with(kPrefix)) continue;
    rest.remove_prefix(kPrefix.size());
    const usd::Property property(prim, name);
    const auto targets = property.targets();
    Binding binding;
    binding.strong = property.metadata(Token("bindMaterialAs")).token().text() == "strongerThanDescendants";
    constexpr std::string_view kCollection = ":collection:";
    if (rest.starts_with(kCollection)) {
      rest.remove_prefix(kCollection.size());
      if (const std::size_t colon = rest.find(':'); colon != std::string::npos) binding.purpose = rest.substr(0, colon);
      if (targets.size() != 2 || !targets[0].is_property()) continue;
      const std::string_view of = targets[0].name().text();
      binding.holder = stage_.find(targets[0].prim());
      if (!binding.holder || !of.starts_with("collection:")) continue;
      binding.collection = of.substr(11);
      binding.material = targets[1];
      known->second.push_back(std::move(binding));
    } else if (!targets.empty() && (rest.empty() || rest[0] == ':')) {
      if (!rest.empty()) binding.purpose = rest.substr(1);
      binding.material = targets[0];
      direct.push_back(std::move(binding));
    }
  }
  known->second.insert(known->second.end(), direct.begin(), direct.end());
  return known->second;
}

// From the prim up: the nearest binding counts, unless one further up says that it is stronger.
Prim UsdShade::bound(const Prim& prim, std::string_view purpose) const {
  const auto reaches = [&](const Binding& binding, std::string_view wanted) {
    return binding.purpose == wanted &&
           (binding.collection.empty() || collects(values_, binding.holder, binding.collection, prim.path()));
  };
  for (const std::string_view wanted : {purpose, std::string_view()}) {
    const Binding* chosen = nullptr;
    for (Prim at = prim; at && !at.path().is_root(); at = at.parent()) {
      const auto& here = bindings_at(at);
      const auto found = std::find_if(here.begin(), here.end(), [&](const Binding& b) { return reaches(b, wanted); });
      if (found != here.end() && (!chosen || found->strong)) chosen = &*found;
    }
    if (!chosen) continue;
    const Prim material = stage_.find(chosen->material);
    if (material && material.type_name().text() == "Material") return material;
    notes_.add(fmt::format("{}: its material {} is not there", prim.path().text(), chosen->material.text()));
    return {};
  }
  return {};
}

UsdLook UsdShade::read(const Prim& material, Material& out) {
  UsdLook look;
  if (!material) {
    out.name = "colors";
    out.base_color = {1, 1, 1};
    look.colors = true;
    return look;
  }
  out.name = std::string(material.name().text());
  const UsdNetwork network(stage_, values_, pictures_, notes_);
  for (const std::string_view output : {"outputs:surface", "outputs:mtlx:surface", "outputs:mdl:surface"}) {
    const auto surface = network.feed(material, output);
    if (!surface) continue;
    const std::string id = values_.text(surface->shader, "info:id");
    SurfaceReader reader(network, values_, surface->shader, out, look, pictures_, notes_);
    if (id == "UsdPreviewSurface") {
      reader.preview();
    } else if (id.starts_with("ND_standard_surface") || id.starts_with("ND_open_pbr")) {
      reader.materialx(id.starts_with("ND_open_pbr"));
    } else if (output == "outputs:mdl:surface" || values_.value(surface->shader, "info:mdl:sourceAsset")) {
      reader.mdl();
    } else {
      notes_.add(fmt::format("surfaces of {} are not read: grey stands there", id.empty() ? "no known kind" : id));
    }
    return look;
  }
  if (!has_schema(material, "PhysicsMaterialAPI")) notes_.add("materials without a surface that is read are grey");
  return look;
}

const UsdLook& UsdShade::look(const Prim& material, bool double_sided) {
  const auto [known, is_new] = known_.try_emplace({material ? material.path().id() : 0, double_sided});
  if (!is_new) return known->second;
  Material out;
  out.base_color = {0.18f, 0.18f, 0.18f};
  UsdLook look = read(material, out);
  out.double_sided = double_sided;
  look.id = scene::MaterialId(scene_.materials.size());
  scene_.materials.push_back(std::move(out));
  return known->second = std::move(look);
}

const UsdLook& UsdShade::plain(Vec3f color, float opacity, bool double_sided) {
  for (float* c : {&color.x, &color.y, &color.z}) *c = std::clamp(*c, 0.0f, 1.0f);
  const auto [known, is_new] = plain_.try_emplace({color.x, color.y, color.z, opacity, double_sided ? 1.0f : 0.0f});
  if (!is_new) return known->second;
  Material out;
  out.name = "plain";
  out.base_color = color;
  out.opacity = std::clamp(opacity, 0.0f, 1.0f);
  if (out.opacity < 1) out.alpha_mode = scene::AlphaMode::blend;
  out.double_sided = double_sided;
  known->second.id = scene::MaterialId(scene_.materials.size());
  scene_.materials.push_back(std::move(out));
  return known->second;
}

}  // namespace wm::import
