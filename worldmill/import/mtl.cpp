#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "worldmill/import/obj.h"
#include "worldmill/import/pictures.h"

namespace wm::import {

using base::error;
using scene::AlphaMode;
using scene::Material;
using scene::PicturePtr;
using scene::Texture;

namespace {

using Bytes = image::Pixels<std::uint8_t>;

// A texture as MTL words it: options, then a file name.
struct Map {
  std::string file;
  bool clamp = false;
  double scale[2] = {1, 1}, offset[2] = {0, 0};
  double bump = 1;
};

// A material as it is written.
struct Written {
  std::string name;
  std::array<double, 3> kd{0.8, 0.8, 0.8}, ks{0, 0, 0}, ke{0, 0, 0};
  bool has_kd = false, has_ks = false;
  std::optional<double> ns, ni, d, pr, pm, pc, pcr;
  std::map<std::string, Map> maps;
};

std::string lower(std::string_view word) {
  std::string result(word);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

Map read_map(Words words) {
  Map map;
  while (words.rest().starts_with('-')) {
    const std::string option = lower(words.next());
    double value = 0;
    if (option == "-s" || option == "-o") {
      double* to = option == "-s" ? map.scale : map.offset;
      for (int i = 0; i < 3 && words.number(value); ++i) {
        if (i < 2) to[i] = value;
      }
    } else if (option == "-clamp") {
      map.clamp = lower(words.next()) == "on";
    } else if (option == "-bm") {
      if (words.number(value)) map.bump = value;
    } else if (option == "-t" || option == "-mm") {
      while (words.number(value)) {
      }
    } else {
      words.next();  // -blendu, -blendv, -cc, -imfchan, -texres, -type, -boost: one word each
    }
  }
  map.file = words.rest();
  std::replace(map.file.begin(), map.file.end(), '\\', '/');
  return map;
}

class MtlReader {
 public:
  MtlReader(Source& source, std::string reference, Notes& notes)
      : source_(source), reference_(std::move(reference)), notes_(notes) {}
  Result<std::map<std::string, Material>> read();

 private:
  Result<std::vector<Written>> parse(const std::string& text);
  Status parse_line(Words words, Written& to, int line);
  Result<Material> convert(const Written& from);
  Status add_color(const Written& from, Material& to);
  Status add_gloss(const Written& from, Material& to);
  Status add_relief(const Written& from, Material& to);
  Result<PicturePtr> picture(const Map& map);
  Texture place(const Map& map, PicturePtr picture) const;
  Result<Texture> texture(const Written& from, const char* key);
  Result<PicturePtr> with_alpha(const Map* color, const Map& alpha);

  Source& source_;
  std::string reference_;
  Notes& notes_;
  std::map<std::string, PicturePtr> pictures_;
};

Status MtlReader::parse_line(Words words, Written& to, int line) {
  const std::string key = lower(words.next());
  const base::Place place{source_.place(reference_), line, 0};
  const auto color = [&](std::array<double, 3>& c) -> Status {
    if (!words.number(c[0])) return error(fmt::format("{} needs a number or three", key), place);
    c[1] = c[2] = c[0];
    if (words.number(c[1])) words.number(c[2]);
    for (const double v : c) {
      if (!(v >= 0 && v <= 1e6)) return error(fmt::format("{} is {}, must be in [0, 1000000]", key, v), place);
    }
    return {};
  };
  const auto number = [&](std::optional<double>& n, double most) -> Status {
    double value = 0;
    if (!words.number(value)) return error(fmt::format("{} needs a number", key), place);
    if (!(value >= 0 && value <= most))
      return error(fmt::format("{} is {}, must be in [0, {}]", key, value, most), place);
    n = value;
    return {};
  };
  if (key == "kd") {
    to.has_kd = true;
    return color(to.kd);
  }
  if (key == "ks") {
    to.has_ks = true;
    return color(to.ks);
  }
  if (key == "ke") return color(to.ke);
  if (key == "ns") return number(to.ns, 1e9);
  if (key == "ni") return number(to.ni, 1e3);
  if (key == "pr") return number(to.pr, 1);
  if (key == "pm") return number(to.pm, 1);
  if (key == "pc") return number(to.pc, 1);
  if (key == "pcr") return number(to.pcr, 1);
  if (key == "d" || key == "tr") {
    if (words.rest().starts_with("-halo")) words.next();
    WM_TRY_STATUS(number(to.d, 1));
    if (key == "tr") to.d = 1 - *to.d;
    return {};
  }
  if (key == "map_ks" || key == "map_ns" || key == "map_ps" || key == "map_tr") {
    notes_.add(fmt::format("MTL: {} is not read", key));
  } else if (key.starts_with("map_") || key == "bump" || key == "norm") {
    to.maps[key == "bump" ? "map_bump" : key == "map_kn" ? "norm" : key] = read_map(words);
  } else if (key == "disp" || key == "decal" || key == "refl") {
    notes_.add(fmt::format("MTL: {} is not read", key));
  }
  return {};
}

Result<std::vector<Written>> MtlReader::parse(const std::string& text) {
  std::vector<Written> all;
  Lines lines(text);
  while (lines.next()) {
    Words words(lines.line());
    if (words.empty()) continue;
    if (Words ahead = words; ahead.next() == "newmtl") {
      all.emplace_back().name = ahead.rest();
    } else if (!all.empty()) {
      WM_TRY_STATUS(parse_line(words, all.back(), lines.number()));
    }
  }
  return all;
}

Result<std::map<std::string, Material>> MtlReader::read() {
  WM_TRY(text, source_.read(reference_));
  WM_TRY(all, parse(text));
  std::map<std::string, Material> materials;
  for (const Written& written : all) {
    WM_TRY(material, convert(written));
    materials[written.name] = std::move(material);
  }
  return materials;
}

Result<Material> MtlReader::convert(const Written& from) {
  Material to;
  to.name = from.name;
  WM_TRY_STATUS(add_color(from, to));
  WM_TRY_STATUS(add_gloss(from, to));
  WM_TRY_STATUS(add_relief(from, to));
  return to;
}

// A picture is named from the .mtl's own folder.
Result<PicturePtr> MtlReader::picture(const Map& map) {
  const std::string path = (std::filesystem::path(reference_).parent_path() / map.file).generic_string();
  if (const auto known = pictures_.find(path); known != pictures_.end()) return known->second;
  WM_TRY(bytes, source_.read(path));
  WM_TRY(decoded, decode_picture(bytes, source_.budget(), source_.place(path), source_.name(path)));
  pictures_[path] = decoded;
  return decoded;
}

// OBJ counts v upwards: v' = s v + o is, counted downwards, s v + 1 - s - o.
Texture MtlReader::place(const Map& map, PicturePtr pixels) const {
  Texture texture;
  texture.picture = std::move(pixels);
  texture.scale = {map.scale[0], map.scale[1]};
  texture.offset = {map.offset[0], 1 - map.scale[1] - map.offset[1]};
  if (map.clamp) texture.wrap_u = texture.wrap_v = scene::Wrap::clamp;
  return texture;
}

Result<Texture> MtlReader::texture(const Written& from, const char* key) {
  const auto found = from.maps.find(key);
  if (found == from.maps.end()) return Texture{};
  WM_TRY(pixels, picture(found->second));
  return place(found->second, std::move(pixels));
}

// Grey of pixel i in [0, 255].
std::uint8_t grey(const Bytes& pixels, std::size_t i) {
  const std::uint8_t* p = pixels.values.data() + i * static_cast<std::size_t>(pixels.channels);
  return pixels.channels < 3 ? p[0] : static_cast<std::uint8_t>((p[0] + p[1] + p[2]) / 3);
}

// map_Kd with map_d as its alpha. Without a map_Kd the colour is white.
Result<PicturePtr> MtlReader::with_alpha(const Map* color, const Map& alpha) {
  WM_TRY(alpha_picture, picture(alpha));
  PicturePtr color_picture;
  if (color) {
    WM_TRY(read, picture(*color));
    color_picture = std::move(read);
  }
  const Bytes* a = std::get_if<Bytes>(&alpha_picture->pixels);
  const Bytes* c = color_picture ? std::get_if<Bytes>(&color_picture->pixels) : a;
  if (!a || !c || a->width != c->width || a->height != c->height) {
    notes_.add("MTL: map_d is not read where its size or depth is not that of map_Kd");
    return color_picture;
  }
  Bytes both(c->width, c->height, 4);
  const bool own_alpha = a->channels == 2 || a->channels == 4;
  const std::size_t pixels = both.values.size() / 4;
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* from = c->values.data() + i * static_cast<std::size_t>(c->channels);
    for (std::size_t k = 0; k < 3; ++k) both.values[4 * i + k] = !color ? 255 : from[c->channels < 3 ? 0 : k];
    const std::size_t last = (i + 1) * static_cast<std::size_t>(a->channels) - 1;
    both.values[4 * i + 3] = own_alpha ? a->values[last] : grey(*a, i);
  }
  return std::make_shared<const scene::Picture>(scene::Picture{alpha_picture->name, std::move(both)});
}

Status MtlReader::add_color(const Written& from, Material& to) {
  std::array<double, 3> kd = from.kd;
  const auto color = from.maps.find("map_kd"), alpha = from.maps.find("map_d");
  const bool black = kd[0] == 0 && kd[1] == 0 && kd[2] == 0;
  if (color != from.maps.end() && (black || !from.has_kd)) kd = {1, 1, 1};
  for (double& c : kd) c = std::min(c, 1.0);
  to.base_color = {static_cast<float>(kd[0]), static_cast<float>(kd[1]), static_cast<float>(kd[2])};
  to.opacity = static_cast<float>(from.d.value_or(1));
  if (to.opacity < 1) to.alpha_mode = AlphaMode::blend;
  if (alpha != from.maps.end()) {
    const Map* map = color == from.maps.end() ? nullptr : &color->second;
    WM_TRY(pixels, with_alpha(map, alpha->second));
    to.alpha_mode = AlphaMode::blend;
    to.base_color_texture = place(map ? *map : alpha->second, std::move(pixels));
  } else {
    WM_TRY(read, texture(from, "map_kd"));
    to.base_color_texture = std::move(read);
  }
  to.emission = {static_cast<float>(from.ke[0]), static_cast<float>(from.ke[1]), static_cast<float>(from.ke[2])};
  WM_TRY(emission, texture(from, "map_ke"));
  const bool dark = from.ke[0] == 0 && from.ke[1] == 0 && from.ke[2] == 0;
  if (emission.picture && dark) to.emission = {1, 1, 1};
  to.emission_texture = std::move(emission);
  return {};
}

Status MtlReader::add_gloss(const Written& from, Material& to) {
  const bool matte = from.has_ks && from.ks[0] == 0 && from.ks[1] == 0 && from.ks[2] == 0;
  to.roughness = static_cast<float>(matte || !from.ns ? 1.0 : std::sqrt(std::sqrt(2 / (*from.ns + 2))));
  if (from.pr) to.roughness = static_cast<float>(*from.pr);
  to.metallic = static_cast<float>(from.pm.value_or(0));
  if (from.ni && *from.ni > 1 && *from.ni <= 3) to.ior = static_cast<float>(*from.ni);
  to.clearcoat = static_cast<float>(from.pc.value_or(0));
  to.clearcoat_roughness = static_cast<float>(from.pcr.value_or(0));
  const auto rough = from.maps.find("map_pr"), metal = from.maps.find("map_pm");
  if (rough == from.maps.end() && metal == from.maps.end()) return {};
  const Map& map = rough != from.maps.end() ? rough->second : metal->second;
  WM_TRY(r_picture, picture(map));
  WM_TRY(m_picture, picture(metal != from.maps.end() ? metal->second : map));
  const Bytes* r = std::get_if<Bytes>(&r_picture->pixels);
  const Bytes* m = std::get_if<Bytes>(&m_picture->pixels);
  if (!r || !m || r->width != m->width || r->height != m->height) {
    notes_.add("MTL: map_Pr and map_Pm are read where both have 8 bits and one size");
    return {};
  }
  Bytes both(r->width, r->height, 3);
  for (std::size_t i = 0; i < both.values.size() / 3; ++i) {
    both.values[3 * i + 1] = rough != from.maps.end() ? grey(*r, i) : 255;
    both.values[3 * i + 2] = metal != from.maps.end() ? grey(*m, i) : 255;
  }
  if (rough != from.maps.end() && !from.pr) to.roughness = 1;
  if (metal != from.maps.end() && !from.pm) to.metallic = 1;
  to.metallic_roughness_texture =
      place(map, std::make_shared<const scene::Picture>(scene::Picture{r_picture->name, std::move(both)}));
  return {};
}

// Whether a picture holds normals, not heights: mostly blue on average.
bool looks_like_normals(const scene::Picture& picture) {
  const Bytes* pixels = std::get_if<Bytes>(&picture.pixels);
  if (!pixels || pixels->channels < 3) return false;
  std::uint64_t sum[3] = {0, 0, 0};
  const auto channels = static_cast<std::size_t>(pixels->channels);
  for (std::size_t i = 0; i + channels <= pixels->values.size(); i += channels) {
    for (std::size_t k = 0; k < 3; ++k) sum[k] += pixels->values[i + k];
  }
  return sum[2] * 4 > sum[0] * 5 && sum[2] * 4 > sum[1] * 5;
}

Status MtlReader::add_relief(const Written& from, Material& to) {
  if (from.maps.contains("norm")) {
    WM_TRY(normals, texture(from, "norm"));
    to.normal_texture = std::move(normals);
    return {};
  }
  const auto bump = from.maps.find("map_bump");
  if (bump == from.maps.end()) return {};
  WM_TRY(pixels, picture(bump->second));
  if (!looks_like_normals(*pixels)) {
    notes_.add("MTL: map_Bump with heights is not read; bake it to a normal map");
    return {};
  }
  to.normal_texture = place(bump->second, std::move(pixels));
  to.normal_scale = static_cast<float>(std::clamp(bump->second.bump, -100.0, 100.0));
  return {};
}

}  // namespace

Result<std::map<std::string, Material>> read_mtl(Source& source, const std::string& reference, Notes& notes) {
  return MtlReader(source, reference, notes).read();
}

}  // namespace wm::import
