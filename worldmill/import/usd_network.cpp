#include "worldmill/import/usd_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/math/elementary.h"

namespace wm::import {

using math::Vec3f;
using scene::Texture;
using usd::Prim;
using usd::Value;

namespace {

constexpr double kRadians = 0.017453292519943295;  // per degree
constexpr int kMostLinks = 64;                     // of a chain of connections

scene::Wrap wrap_named(const std::string& name) {
  if (name == "clamp" || name == "black") return scene::Wrap::clamp;
  if (name == "mirror") return scene::Wrap::mirror;
  return scene::Wrap::repeat;
}

float sample(const scene::Picture& picture, int x, int y, int width, int height, int channel) {
  return std::visit(
      [&](const auto& p) {
        using T = typename std::decay_t<decltype(p.values)>::value_type;
        const int px = static_cast<int>(static_cast<std::int64_t>(x) * p.width / width);
        const int py = static_cast<int>(static_cast<std::int64_t>(y) * p.height / height);
        const bool grey = p.channels <= 2;
        const int at = channel == 3 ? p.channels - 1 : grey ? 0 : channel;
        if (channel == 3 && (p.channels == 1 || p.channels == 3)) return 1.0f;
        const float code = static_cast<float>(p.at(px, py, at));
        if constexpr (std::is_same_v<T, std::uint8_t>) return code / 255;
        if constexpr (std::is_same_v<T, std::uint16_t>) return code / 65535;
        return code;
      },
      picture.pixels);
}

}  // namespace

std::pair<Prim, std::string> UsdNetwork::source(const Prim& prim, std::string_view attribute) const {
  Prim at = prim;
  std::string name(attribute);
  for (int links = 0; links < kMostLinks; ++links) {
    const usd::Property property(at, usd::Token(name));
    const auto targets = property ? property.targets() : std::vector<usd::Path>();
    if (targets.empty() || !targets[0].is_property()) break;
    const Prim next = stage_.find(targets[0].prim());
    if (!next) break;
    at = next;
    name = std::string(targets[0].name().text());
    if (next.type_name().text() == "Shader" && name.starts_with("outputs:")) break;
  }
  return {at, name};
}

std::optional<UsdFeed> UsdNetwork::feed(const Prim& prim, std::string_view attribute) const {
  const auto [shader, name] = source(prim, attribute);
  if (shader == prim || !name.starts_with("outputs:") || shader.type_name().text() != "Shader") return std::nullopt;
  return UsdFeed{shader, name.substr(8)};
}

Value UsdNetwork::value(const Prim& prim, std::string_view attribute) const {
  const auto [at, name] = source(prim, attribute);
  const Value said = name.starts_with("outputs:") ? Value() : values_.value(at, name);
  return said ? said : values_.value(prim, attribute);
}

double UsdNetwork::number(const Prim& prim, std::string_view attribute, double fallback) const {
  const auto numbers = numbers_of(value(prim, attribute));
  return !numbers.empty() && std::isfinite(numbers[0]) ? numbers[0] : fallback;
}

Vec3f UsdNetwork::color(const Prim& prim, std::string_view attribute, Vec3f fallback) const {
  const auto n = numbers_of(value(prim, attribute));
  if (n.size() < 3 || !std::isfinite(n[0]) || !std::isfinite(n[1]) || !std::isfinite(n[2])) return fallback;
  return {static_cast<float>(n[0]), static_cast<float>(n[1]), static_cast<float>(n[2])};
}

std::string UsdNetwork::text(const Prim& prim, std::string_view attribute, std::string_view fallback) const {
  const Value said = value(prim, attribute);
  if (usd::info(said.type()).scalar != usd::Scalar::text || said.is_array()) return std::string(fallback);
  return std::string(said.token().text());
}

// Where the coordinates of a texture come from: a primvar, perhaps through a UsdTransform2d. With v down instead of up
// (F: v -> 1 - v), theirs, t + R(r) S st, becomes ours, o + R(-r) S uv, with o = F(t + R(r) S (0, 1)).
void UsdNetwork::place(const Prim& prim, std::string_view attribute, UsdMap& map) const {
  const auto from = feed(prim, attribute);
  map.coordinates = "st";
  if (!from) return;
  const std::string id = values_.text(from->shader, "info:id");
  if (id.starts_with("UsdPrimvarReader")) {
    map.coordinates = text(from->shader, "inputs:varname", "st");
    return;
  }
  if (id != "UsdTransform2d") {
    notes_.add(fmt::format("texture coordinates from a node of {} are taken from st", id));
    return;
  }
  place(from->shader, "inputs:in", map);
  const auto two = [&](std::string_view name, double fallback) {
    const auto n = numbers_of(value(from->shader, name));
    return n.size() == 2 && std::isfinite(n[0]) && std::isfinite(n[1]) ? math::Vec2{n[0], n[1]}
                                                                       : math::Vec2{fallback, fallback};
  };
  const math::Vec2 scale = two("inputs:scale", 1), move = two("inputs:translation", 0);
  const double angle = number(from->shader, "inputs:rotation", 0) * kRadians;
  const math::SinCos turn = math::sincos(angle);
  map.texture.scale = scale;
  map.texture.rotation = angle;
  map.texture.offset = {move.x - turn.sin * scale.y, 1 - (move.y + turn.cos * scale.y)};
}

std::optional<UsdMap> UsdNetwork::map(const Prim& prim, std::string_view attribute) const {
  const auto from = feed(prim, attribute);
  if (!from) return std::nullopt;
  const Prim& shader = from->shader;
  const std::string id = values_.text(shader, "info:id");
  if (id.starts_with("UsdPrimvarReader")) return std::nullopt;
  UsdMap out;
  const auto [holder, file] = source(shader, "inputs:file");
  out.texture.picture = pictures_.read(holder, file, values_);
  if (id == "UsdUVTexture") {
    place(shader, "inputs:st", out);
  } else if (id.starts_with("ND_image") || id.starts_with("ND_tiledimage")) {
    out.coordinates = "st";
  } else {
    notes_.add(fmt::format("a node of {} in a material is not read", id.empty() ? "no kind that is known" : id));
    return std::nullopt;
  }
  if (!out.texture.picture) return std::nullopt;
  out.texture.wrap_u = wrap_named(text(shader, "inputs:wrapS", "repeat"));
  out.texture.wrap_v = wrap_named(text(shader, "inputs:wrapT", "repeat"));
  const auto four = [&](std::string_view name, std::array<float, 4>& to) {
    const auto n = numbers_of(value(shader, name));
    for (std::size_t i = 0; n.size() == 4 && i < 4; ++i) to[i] = static_cast<float>(n[i]);
  };
  four("inputs:scale", out.scale);
  four("inputs:bias", out.bias);
  out.raw = text(shader, "inputs:sourceColorSpace", "auto") == "raw";
  constexpr std::string_view kChannels = "rgba";
  if (from->output.size() == 1) out.channel = static_cast<int>(kChannels.find(from->output[0]));
  return out;
}

scene::PicturePtr combined(const std::array<UsdChannel, 4>& channels, int count, const std::string& name) {
  int width = 1, height = 1;
  const auto of = [&](int i) -> const UsdChannel& { return channels[static_cast<std::size_t>(i)]; };
  for (int i = 0; i < count; ++i) {
    if (!of(i).map) continue;
    std::visit([&](const auto& p) { width = std::max(width, p.width), height = std::max(height, p.height); },
               of(i).map->texture.picture->pixels);
  }
  image::Pixels<std::uint8_t> out(width, height, count);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int i = 0; i < count; ++i) {
        float value = of(i).value;
        if (const UsdMap* map = of(i).map) {
          const auto c = static_cast<std::size_t>(of(i).channel);
          value = sample(*map->texture.picture, x, y, width, height, of(i).channel) * map->scale[c] + map->bias[c];
        }
        out.at(x, y, i) = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 255));
      }
    }
  }
  return std::make_shared<const scene::Picture>(scene::Picture{name, std::move(out)});
}

}  // namespace wm::import
