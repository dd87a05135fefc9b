#include "worldmill/import/obj.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "worldmill/geometry/mesh.h"
#include "worldmill/import/polygon.h"

namespace wm::import {

using base::error;
using geometry::Mesh;
using math::Vec2f;
using math::Vec3;
using math::Vec3f;

namespace {

constexpr std::uint32_t kNone = 0xffffffff;

struct Corner {
  std::uint32_t position = kNone, uv = kNone, normal = kNone;
};

struct Face {
  std::uint32_t first = 0, count = 0;  ///< in `corners`
  std::uint32_t smoothing = 0;         ///< 0: flat
};

// What one object or group shows with one material.
struct Piece {
  std::size_t material = 0;
  std::vector<Face> faces;
};

struct Group {
  std::string object, group;
  std::vector<Piece> pieces;
};

// The file as it is written.
struct ObjText {
  std::vector<Vec3f> positions, colors, normals;
  std::vector<Vec2f> uvs;
  std::vector<Corner> corners;
  std::vector<Group> groups;
  std::vector<std::string> materials;  ///< Names; the first is that of faces without one.
  std::vector<std::string> libraries;
  std::size_t triangles = 0;
};

Vec3f narrow(Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

class ObjParser {
 public:
  ObjParser(Source& source, Notes& notes) : source_(source), notes_(notes) {}
  Result<ObjText> parse(std::string_view text);

 private:
  base::Place place() const { return {source_.file(), line_, 0}; }
  Status parse_line(Words words);
  Status parse_vertex(Words& words);
  Status parse_face(Words& words);
  Result<Corner> corner(std::string_view word);
  Result<std::uint32_t> index(std::string_view word, std::size_t count, const char* things);
  template <std::size_t N>
  Status numbers(Words& words, std::array<double, N>& values, const char* what);
  std::vector<Face>& faces();

  Source& source_;
  Notes& notes_;
  int line_ = 0;
  ObjText obj_;
  std::string object_, group_;
  std::size_t material_ = 0;
  std::uint32_t smoothing_ = 0;
  std::map<std::string, std::size_t> known_materials_;
  std::map<std::pair<std::string, std::string>, std::size_t> known_groups_;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> known_pieces_;
  std::optional<std::size_t> open_group_, open_piece_;
};

template <std::size_t N>
Status ObjParser::numbers(Words& words, std::array<double, N>& values, const char* what) {
  for (double& value : values) {
    if (!words.number(value)) return error(fmt::format("{} needs {} numbers", what, N), place());
    if (!(std::abs(value) <= 3e38)) return error(fmt::format("{} holds a number that is not finite", what), place());
  }
  return {};
}

Status ObjParser::parse_vertex(Words& words) {
  std::array<double, 3> p;
  WM_TRY_STATUS(numbers(words, p, "a vertex"));
  obj_.positions.push_back(narrow({p[0], p[1], p[2]}));
  std::array<double, 3> color;
  std::size_t more = 0;
  while (more < 3 && words.number(color[more])) ++more;
  if (more == 3) {
    for (double& c : color) c = std::isfinite(c) ? std::clamp(c, 0.0, 1.0) : 1.0;
    obj_.colors.resize(obj_.positions.size() - 1, Vec3f{1, 1, 1});
    obj_.colors.push_back(narrow({color[0], color[1], color[2]}));
  }
  return {};
}

Result<std::uint32_t> ObjParser::index(std::string_view word, std::size_t count, const char* things) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool is_number = failed == std::errc() && end == word.data() + word.size();
  const auto have = static_cast<std::int64_t>(count);
  if (is_number && value > 0 && value <= have) return static_cast<std::uint32_t>(value - 1);
  if (is_number && value < 0 && value >= -have) return static_cast<std::uint32_t>(have + value);
  return error(fmt::format("a face names \"{}\", but there are {} {} so far", word, count, things), place());
}

// `position`, `position/uv`, `position//normal` or `position/uv/normal`
Result<Corner> ObjParser::corner(std::string_view word) {
  std::array<std::string_view, 3> parts;
  for (std::string_view& part : parts) {
    part = word.substr(0, word.find('/'));
    word.remove_prefix(std::min(part.size() + 1, word.size()));
  }
  Corner corner;
  WM_TRY(position, index(parts[0], obj_.positions.size(), "vertices"));
  corner.position = position;
  if (!parts[1].empty()) {
    WM_TRY(uv, index(parts[1], obj_.uvs.size(), "texture coordinates"));
    corner.uv = uv;
  }
  if (!parts[2].empty()) {
    WM_TRY(normal, index(parts[2], obj_.normals.size(), "normals"));
    corner.normal = normal;
  }
  return corner;
}

Status ObjParser::parse_face(Words& words) {
  Face face{static_cast<std::uint32_t>(obj_.corners.size()), 0, smoothing_};
  while (!words.empty()) {
    WM_TRY(parsed, corner(words.next()));
    obj_.corners.push_back(parsed);
    ++face.count;
  }
  if (face.count < 3) return error(fmt::format("a face has {} corners, must have 3 or more", face.count), place());
  obj_.triangles += face.count - 2;
  if (obj_.triangles > static_cast<std::size_t>(source_.budget().vertices) ||
      obj_.corners.size() > static_cast<std::size_t>(source_.budget().vertices) * 3) {
    return error(fmt::format("has more than the {} triangles allowed here", source_.budget().vertices), place());
  }
  faces().push_back(face);
  return {};
}

// Where faces of the current object, group and material go.
std::vector<Face>& ObjParser::faces() {
  if (!open_group_) {
    const auto [at, is_new] = known_groups_.try_emplace({object_, group_}, obj_.groups.size());
    if (is_new) obj_.groups.push_back({object_, group_, {}});
    open_group_ = at->second;
    open_piece_.reset();
  }
  std::vector<Piece>& pieces = obj_.groups[*open_group_].pieces;
  if (!open_piece_) {
    const auto [at, is_new] = known_pieces_.try_emplace({*open_group_, material_}, pieces.size());
    if (is_new) pieces.push_back({material_, {}});
    open_piece_ = at->second;
  }
  return pieces[*open_piece_].faces;
}

Status ObjParser::parse_line(Words words) {
  const std::string_view key = words.next();
  if (key == "v") return parse_vertex(words);
  if (key == "f") return parse_face(words);
  if (key == "vt") {
    std::array<double, 1> u;
    WM_TRY_STATUS(numbers(words, u, "a texture coordinate"));
    double v = 0;
    words.number(v);
    if (!std::isfinite(v)) return error("a texture coordinate holds a number that is not finite", place());
    obj_.uvs.push_back({static_cast<float>(u[0]), static_cast<float>(1 - v)});
  } else if (key == "vn") {
    std::array<double, 3> n;
    WM_TRY_STATUS(numbers(words, n, "a normal"));
    obj_.normals.push_back(narrow({n[0], n[1], n[2]}));
  } else if (key == "o" || key == "g") {
    if (key == "o") object_ = words.rest();
    group_ = key == "g" ? words.rest() : std::string_view();
    open_group_.reset();
  } else if (key == "usemtl") {
    const auto [at, is_new] = known_materials_.try_emplace(std::string(words.rest()), obj_.materials.size());
    if (is_new) obj_.materials.push_back(at->first);
    material_ = at->second;
    open_piece_.reset();
  } else if (key == "s") {
    double group = 0;
    smoothing_ = words.number(group) && group >= 1 && group < 4e9 ? static_cast<std::uint32_t>(group) : 0;
  } else if (key == "mtllib") {
    std::string& name = obj_.libraries.emplace_back(words.rest());
    std::replace(name.begin(), name.end(), '\\', '/');
  } else if (key == "l" || key == "p") {
    notes_.add(key == "l" ? "lines are not shown" : "points are not shown");
  } else if (key == "curv" || key == "curv2" || key == "surf") {
    notes_.add("free-form curves and surfaces are not read");
  }
  return {};
}

Result<ObjText> ObjParser::parse(std::string_view text) {
  obj_.materials.emplace_back();
  Lines lines(text);
  while (lines.next()) {
    line_ = lines.number();
    const Words words(lines.line());
    if (!words.empty()) WM_TRY_STATUS(parse_line(words));
    if (obj_.positions.size() > static_cast<std::size_t>(source_.budget().vertices)) {
      return error(fmt::format("has more than the {} vertices allowed here", source_.budget().vertices), place());
    }
  }
  return std::move(obj_);
}

// Turns the text into meshes.
class MeshMaker {
 public:
  explicit MeshMaker(const ObjText& obj) : obj_(obj) { sum_smooth_normals(); }
  Mesh make(const Piece& piece);

 private:
  using Key = std::array<std::uint32_t, 4>;  // position, uv, and the normal: its index, or its group, or its face
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::uint64_t h = 0;
      for (const std::uint32_t k : key) h = (h ^ k) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
      return h;
    }
  };
  Vec3 area_vector(const Face& face) const;
  void sum_smooth_normals();
  Vec3f normal(const Corner& corner, const Face& face, Vec3 flat) const;
  std::uint32_t vertex(const Corner& corner, const Face& face, Vec3 flat, Mesh& mesh);

  const ObjText& obj_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Vec3> smooth_;  ///< by smoothing group and position
  std::unordered_map<Key, std::uint32_t, KeyHash> welded_;
  bool with_normals_ = false, with_uv_ = false;
  std::uint32_t face_ = 0;
};

Vec3 wide(Vec3f v) {
  return {v.x, v.y, v.z};
}

// Twice the polygon's area, along its normal (Newell).
Vec3 MeshMaker::area_vector(const Face& face) const {
  Vec3 sum;
  const Vec3 origin = wide(obj_.positions[obj_.corners[face.first].position]);
  for (std::uint32_t i = 1; i + 1 < face.count; ++i) {
    const Vec3 a = wide(obj_.positions[obj_.corners[face.first + i].position]) - origin;
    const Vec3 b = wide(obj_.positions[obj_.corners[face.first + i + 1].position]) - origin;
    sum += math::cross(a, b);
  }
  return sum;
}

void MeshMaker::sum_smooth_normals() {
  for (const Group& group : obj_.groups) {
    for (const Piece& piece : group.pieces) {
      for (const Face& face : piece.faces) {
        if (face.smoothing == 0) continue;
        const Vec3 area = area_vector(face);
        for (std::uint32_t i = 0; i < face.count; ++i) {
          const Corner& corner = obj_.corners[face.first + i];
          if (corner.normal == kNone) smooth_[{face.smoothing, corner.position}] += area;
        }
      }
    }
  }
}

Vec3f unit_or(Vec3 v, Vec3 otherwise) {
  if (std::isnormal(math::length(v))) return narrow(math::normalized(v));
  return std::isnormal(math::length(otherwise)) ? narrow(math::normalized(otherwise)) : Vec3f{0, 0, 1};
}

Vec3f MeshMaker::normal(const Corner& corner, const Face& face, Vec3 flat) const {
  if (corner.normal != kNone) return unit_or(wide(obj_.normals[corner.normal]), flat);
  if (face.smoothing == 0) return unit_or(flat, {});
  return unit_or(smooth_.at({face.smoothing, corner.position}), flat);
}

std::uint32_t MeshMaker::vertex(const Corner& corner, const Face& face, Vec3 flat, Mesh& mesh) {
  Key key{corner.position, corner.uv, kNone, kNone};
  if (with_normals_) {
    const bool given = corner.normal != kNone, is_smooth = !given && face.smoothing != 0;
    key[2] = given ? corner.normal : is_smooth ? face.smoothing : face_;
    key[3] = given ? 0 : is_smooth ? 1 : 2;
  }
  const auto [at, is_new] = welded_.try_emplace(key, static_cast<std::uint32_t>(mesh.positions.size()));
  if (!is_new) return at->second;
  mesh.positions.push_back(obj_.positions[corner.position]);
  if (with_normals_) mesh.normals.push_back(normal(corner, face, flat));
  if (with_uv_) mesh.uv[0].push_back(corner.uv == kNone ? Vec2f{} : obj_.uvs[corner.uv]);
  if (!obj_.colors.empty()) {
    const Vec3f c = corner.position < obj_.colors.size() ? obj_.colors[corner.position] : Vec3f{1, 1, 1};
    mesh.colors.push_back({c.x, c.y, c.z, 1});
  }
  return at->second;
}

Mesh MeshMaker::make(const Piece& piece) {
  Mesh mesh;
  welded_.clear();
  with_normals_ = with_uv_ = false;
  for (const Face& face : piece.faces) {
    with_normals_ = with_normals_ || face.smoothing != 0;
    for (std::uint32_t i = 0; i < face.count; ++i) {
      with_normals_ = with_normals_ || obj_.corners[face.first + i].normal != kNone;
      with_uv_ = with_uv_ || obj_.corners[face.first + i].uv != kNone;
    }
  }
  std::vector<Vec3> outline;
  std::vector<std::uint32_t> vertices;
  for (const Face& face : piece.faces) {
    const Vec3 flat = area_vector(face);
    outline.clear();
    vertices.clear();
    for (std::uint32_t i = 0; i < face.count; ++i) {
      const Corner& corner = obj_.corners[face.first + i];
      outline.push_back(wide(obj_.positions[corner.position]));
      vertices.push_back(vertex(corner, face, flat, mesh));
    }
    for (const geometry::Triangle& t : cut_polygon(outline)) {
      mesh.triangles.push_back({vertices[t[0]], vertices[t[1]], vertices[t[2]]});
    }
    ++face_;
  }
  return mesh;
}

// `mtllib` names one file, whose name may hold blanks, or several.
Result<std::map<std::string, scene::Material>> read_libraries(Source& source, const ObjText& obj, Notes& notes) {
  std::map<std::string, scene::Material> materials;
  std::vector<std::string> names;
  for (const std::string& line : obj.libraries) {
    if (source.exists(line)) {
      names.push_back(line);
      continue;
    }
    for (Words words(line); !words.empty();) names.emplace_back(words.next());
  }
  for (const std::string& name : names) {
    if (!source.exists(name)) {
      notes.add(
          fmt::format("the material file \"{}\" is not there: what it paints is grey; put it beside the file", name));
      continue;
    }
    WM_TRY(read, read_mtl(source, name, notes));
    materials.merge(read);
  }
  return materials;
}

class SceneMaker {
 public:
  SceneMaker(Source& source, const ObjText& obj, std::map<std::string, scene::Material> materials, Notes& notes)
      : source_(source), obj_(obj), materials_(std::move(materials)), notes_(notes), meshes_(obj) {}
  Result<scene::Scene> make();

 private:
  Status add_parts(const Group& group, scene::Node& node);
  scene::MaterialId material(std::size_t index);
  Status add_root(const std::string& path, const std::vector<const Group*>& groups);

  Source& source_;
  const ObjText& obj_;
  std::map<std::string, scene::Material> materials_;
  Notes& notes_;
  MeshMaker meshes_;
  scene::Scene scene_;
  std::map<std::size_t, scene::MaterialId> known_;
};

scene::MaterialId SceneMaker::material(std::size_t index) {
  if (const auto known = known_.find(index); known != known_.end()) return known->second;
  const std::string& name = obj_.materials[index];
  scene::Material material;
  material.name = name.empty() ? "default" : name;
  if (const auto found = materials_.find(name); found != materials_.end()) {
    material = found->second;
  } else if (!name.empty() && !materials_.empty()) {
    notes_.add(fmt::format("the material \"{}\" is in no material file: what it paints is grey", name));
  }
  const scene::MaterialId id(scene_.materials.size());
  scene_.materials.push_back(std::move(material));
  known_[index] = id;
  return id;
}

Status SceneMaker::add_parts(const Group& group, scene::Node& node) {
  for (const Piece& piece : group.pieces) {
    Mesh mesh = meshes_.make(piece);
    if (!has_area(mesh)) {
      notes_.add(fmt::format("{} has no area and is not shown", node.path));
      continue;
    }
    const scene::MaterialId material_id = material(piece.material);
    const scene::Texture& normals = scene_.materials[material_id.index()].normal_texture;
    if (normals.picture && !mesh.uv[0].empty()) {
      if (mesh.normals.empty()) make_flat(mesh);
      mesh.tangents = geometry::tangents_from_uv(mesh, 0);
    }
    if (auto valid = geometry::validate(mesh, node.path); !valid) {
      return error(valid.error().message, {source_.file(), 0, 0});
    }
    node.parts.push_back({scene::MeshId(scene_.meshes.size()), material_id});
    scene_.meshes.push_back(std::make_shared<const Mesh>(std::move(mesh)));
  }
  return {};
}

// Objects are roots; a group inside one stands below it, a group outside any is a root itself.
Result<scene::Scene> SceneMaker::make() {
  std::vector<std::string> roots, fallbacks;
  std::vector<std::vector<const Group*>> groups;
  std::map<std::string, std::size_t> known;
  for (const Group& group : obj_.groups) {
    const std::string& root = group.object.empty() ? group.group : group.object;
    const auto [at, is_new] = known.try_emplace(root, roots.size());
    if (is_new) {
      fallbacks.push_back(fmt::format("node_{}", roots.size()));
      roots.push_back(root);
      groups.emplace_back();
    }
    groups[at->second].push_back(&group);
  }
  const std::vector<std::string> names = sibling_names(roots, fallbacks);
  for (std::size_t i = 0; i < roots.size(); ++i) WM_TRY_STATUS(add_root("/" + names[i], groups[i]));
  return std::move(scene_);
}

Status SceneMaker::add_root(const std::string& path, const std::vector<const Group*>& groups) {
  const scene::NodeId root(scene_.nodes.size());
  scene_.nodes.emplace_back().path = path;
  std::vector<const Group*> below;
  std::vector<std::string> names;
  for (const Group* group : groups) {
    if (group->object.empty() || group->group.empty()) {
      WM_TRY_STATUS(add_parts(*group, scene_.nodes[root.index()]));
    } else {
      below.push_back(group);
      names.push_back(group->group);
    }
  }
  names = sibling_names(names, names);
  for (std::size_t i = 0; i < below.size(); ++i) {
    scene::Node node;
    node.path = fmt::format("{}/{}", path, names[i]);
    node.parent = root;
    WM_TRY_STATUS(add_parts(*below[i], node));
    scene_.nodes.push_back(std::move(node));
  }
  return {};
}

}  // namespace

Result<scene::Asset> import_obj(Source& source, const std::string& text) {
  Notes notes;
  WM_TRY(obj, ObjParser(source, notes).parse(text));
  WM_TRY(materials, read_libraries(source, obj, notes));
  WM_TRY(scene, SceneMaker(source, obj, std::move(materials), notes).make());
  scene::Asset asset{std::move(scene), source.files(), notes.take()};
  if (!asset.scene.meshes.empty()) return asset;
  const std::string why = asset.ignored.empty() ? "it has no faces" : fmt::format("{}", fmt::join(asset.ignored, "; "));
  return error(fmt::format("has nothing to show: {}", why), {source.file(), 0, 0});
}

}  // namespace wm::import
