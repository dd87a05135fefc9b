// The file that is written, for a scene with the roots /floor and /cup/0 (a name that recipes give, without a /cup):
//
//   nodes[0] floor, nodes[1] 0, nodes[2] cup -> 1      the scene's nodes in their order, then those between names
//   meshes[k]                                          what one list of (mesh, material) shows: a primitive each
//   animations[0]                                      a channel for each of place, turn and size that changes
#include "worldmill/import/gltf_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "worldmill/import/gltf_export_look.h"
#include "worldmill/import/pulled_apart.h"

namespace wm::import {

using base::map_of;
using base::SimTime;
using base::Value;
using base::value_of;
using math::Affine;
using math::Vec3;
using scene::LightKind;
using scene::Node;

namespace {

using Entries = GltfWriter::Entries;
using For = GltfWriter::For;

const Affine kYUpFromZUp{math::Mat3{{1, 0, 0}, {0, 0, 1}, {0, -1, 0}}, {}};

bool same(const Affine& a, const Affine& b) {
  return a.translation == b.translation && a.linear.row0 == b.linear.row0 && a.linear.row1 == b.linear.row1 &&
         a.linear.row2 == b.linear.row2;
}

/// Where a node is at a time, before the roots are turned.
struct Stand {
  SimTime time;
  Affine map;
};

/// Keys of what changes: those at which nothing does, as at the one before and after, are dropped.
struct Keys {
  std::vector<float> times, values;

  static Keys of(const std::vector<float>& times, const std::vector<float>& values, std::size_t components) {
    Keys keys;
    const auto equal = [&](std::size_t a, std::size_t b) {
      return std::equal(values.begin() + static_cast<std::ptrdiff_t>(a * components),
                        values.begin() + static_cast<std::ptrdiff_t>((a + 1) * components),
                        values.begin() + static_cast<std::ptrdiff_t>(b * components));
    };
    for (std::size_t i = 0; i < times.size(); ++i) {
      const bool first = i == 0, last = i + 1 == times.size();
      if (!first && !last && equal(i, i - 1) && equal(i, i + 1)) continue;
      if (!first && last && equal(i, i - 1)) continue;  // the last holds
      keys.times.push_back(times[i]);
      keys.values.insert(keys.values.end(), values.begin() + static_cast<std::ptrdiff_t>(i * components),
                         values.begin() + static_cast<std::ptrdiff_t>((i + 1) * components));
    }
    return keys;
  }
};

template <class T>
std::span<const float> floats_of(const std::vector<T>& items) {
  static_assert(sizeof(T) % sizeof(float) == 0);
  return {reinterpret_cast<const float*>(items.data()), items.size() * (sizeof(T) / sizeof(float))};
}

class Exporter {
 public:
  Exporter(const scene::World& world, const GltfExportOptions& options)
      : world_(world),
        scene_(*world.scene),
        options_(options),
        looks_(out_, world, options.binary ? "" : options.stem + "_textures", notes_) {}
  Result<GltfExport> write();

 private:
  void watch();
  std::size_t parent_of(std::size_t node);
  void write_node(std::size_t index);
  void write_transform(Entries& entries, std::size_t index);
  void write_channel(std::size_t node, const char* path, const std::vector<float>& times,
                     const std::vector<float>& values, std::size_t components);
  bool write_way(std::size_t index);
  std::size_t mesh(const std::vector<scene::Part>& parts);
  Value primitive(const scene::Part& part);
  Value camera(const scene::Camera& camera);
  Value light(const scene::Light& light) const;
  void note_the_rest();
  /// A root is turned; what stands below one is not.
  Affine turned(std::size_t node, const Affine& map) const { return up_[node] == kNone ? kYUpFromZUp * map : map; }

  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  const scene::World& world_;
  const scene::Scene& scene_;
  const GltfExportOptions& options_;
  GltfWriter out_;
  Notes notes_;
  GltfLooks looks_;
  std::vector<std::size_t> up_;                     ///< [node of the file] Its parent.
  std::vector<std::string> names_;                  ///< [node of the file]
  std::vector<std::vector<std::size_t>> below_;     ///< [node of the file]
  std::map<std::string, std::size_t> between_;      ///< Path of no node -> node of the file.
  std::map<std::size_t, std::vector<Stand>> ways_;  ///< Of the nodes that move.
  std::map<std::vector<std::pair<std::size_t, std::size_t>>, std::size_t> meshes_;
  Value::List nodes_, lights_, channels_, samplers_;
};

// Where each node is at each time; what never moves is left out.
void Exporter::watch() {
  const auto add = [&](std::size_t n, const Stand& stand) { ways_[n].push_back(stand); };
  std::vector<Affine> last(scene_.nodes.size());
  for (std::size_t t = 0; t < options_.times.size(); ++t) {
    const scene::World now = options_.timeline->world_at(options_.times[t]);
    for (std::size_t n = 0; n < last.size(); ++n) {
      const Affine& map = now.parent_from_node[n];
      if (now.visible[n] != world_.visible[n]) notes_.add("when things appear and vanish is not written");
      const bool still = t > 0 ? same(map, last[n]) : same(map, world_.parent_from_node[n]);
      if (t > 0 && !still && (!ways_.contains(n) || ways_[n].back().time < options_.times[t - 1])) {
        add(n, {options_.times[t - 1], last[n]});  // where it stood until now
      }
      if (!still) add(n, {options_.times[t], map});
      last[n] = map;
    }
  }
}

// The node of the file that a node stands below: its own parent, or one for a name that no node has.
std::size_t Exporter::parent_of(std::size_t index) {
  const Node& node = scene_.nodes[index];
  std::size_t parent = node.parent.exists() ? node.parent.index() : kNone;
  std::string path = node.parent.exists() ? scene_.node(node.parent).path : "";
  if (!node.path.starts_with(path + "/")) return parent;
  for (std::size_t slash = node.path.find('/', path.size() + 1); slash != std::string::npos;
       slash = node.path.find('/', slash + 1)) {
    const std::string name = node.path.substr(path.size() + 1, slash - path.size() - 1);
    path = node.path.substr(0, slash);
    const auto [at, fresh] = between_.try_emplace(path, up_.size());
    if (fresh) {
      up_.push_back(parent);
      names_.push_back(name);
      below_.emplace_back();
      if (parent != kNone) below_[parent].push_back(at->second);
    }
    parent = at->second;
  }
  return parent;
}

void Exporter::write_transform(Entries& entries, std::size_t index) {
  const Affine map = turned(index, index < scene_.nodes.size() ? world_.parent_from_node[index] : Affine());
  if (same(map, Affine())) return;
  const auto whole = pulled_apart(map.linear);
  if (!whole) {
    const math::Mat3 c = math::transposed(map.linear);
    const Vec3 t = map.translation;
    entries.emplace_back(
        "matrix", numbers_of(std::array{c.row0.x, c.row0.y, c.row0.z, 0.0, c.row1.x, c.row1.y, c.row1.z, 0.0, c.row2.x,
                                        c.row2.y, c.row2.z, 0.0, t.x, t.y, t.z, 1.0}));
    return;
  }
  const auto [w, x, y, z] = whole->rotation;
  const Vec3 t = map.translation, s = whole->scale;
  if (t != Vec3{}) entries.emplace_back("translation", numbers_of(std::array{t.x, t.y, t.z}));
  if (std::abs(w) != 1) entries.emplace_back("rotation", numbers_of(std::array{x, y, z, w}));
  if (s != Vec3{1, 1, 1}) entries.emplace_back("scale", numbers_of(std::array{s.x, s.y, s.z}));
}

void Exporter::write_channel(std::size_t node, const char* path, const std::vector<float>& times,
                             const std::vector<float>& values, std::size_t components) {
  const Keys keys = Keys::of(times, values, components);
  const std::size_t input = out_.numbers(keys.times, 1, For::times);
  const std::size_t output = out_.numbers(keys.values, static_cast<int>(components), For::values);
  samplers_.push_back(
      map_of({{"input", index_of(input)}, {"output", index_of(output)}, {"interpolation", value_of("LINEAR")}}));
  channels_.push_back(map_of({{"sampler", index_of(samplers_.size() - 1)},
                              {"target", map_of({{"node", index_of(node)}, {"path", value_of(path)}})}}));
}

// Whether a node's way could be said.
bool Exporter::write_way(std::size_t index) {
  std::vector<float> times, moves, turns, sizes;
  std::array<double, 4> last{1, 0, 0, 0};
  for (const Stand& stand : ways_.at(index)) {
    const Affine map = turned(index, stand.map);
    const auto whole = pulled_apart(map.linear);
    if (!whole) return false;
    const auto time = static_cast<float>(stand.time.seconds());
    if (!times.empty() && time <= times.back()) continue;  // two moments that floats cannot tell apart
    times.push_back(time);
    std::array<double, 4> q{whole->rotation.w, whole->rotation.x, whole->rotation.y, whole->rotation.z};
    const double side = q[0] * last[0] + q[1] * last[1] + q[2] * last[2] + q[3] * last[3] < 0 ? -1 : 1;
    for (double& c : q) c *= side;
    last = q;
    for (const double v : {map.translation.x, map.translation.y, map.translation.z}) {
      moves.push_back(static_cast<float>(v));
    }
    for (const double v : {q[1], q[2], q[3], q[0]}) turns.push_back(static_cast<float>(v));
    for (const double v : {whole->scale.x, whole->scale.y, whole->scale.z}) sizes.push_back(static_cast<float>(v));
  }
  const auto changes = [](const std::vector<float>& values, std::size_t components, float tolerance) {
    for (std::size_t i = components; i < values.size(); ++i) {
      if (std::abs(values[i] - values[i % components]) > tolerance) return true;
    }
    return false;
  };
  // Always written: a way that comes back to one value may begin elsewhere than the node stands.
  write_channel(index, "translation", times, moves, 3);
  write_channel(index, "rotation", times, turns, 4);
  if (changes(sizes, 3, 1e-6f * *std::ranges::max_element(sizes))) write_channel(index, "scale", times, sizes, 3);
  return true;
}

Value Exporter::primitive(const scene::Part& part) {
  const geometry::Mesh& mesh = *scene_.meshes[part.mesh.index()];
  Entries attributes{{"POSITION", index_of(out_.numbers(floats_of(mesh.positions), 3, For::positions))}};
  const auto add = [&](const char* name, std::span<const float> values, int components) {
    if (values.empty()) return;
    attributes.emplace_back(name, index_of(out_.numbers(values, components, For::attribute)));
  };
  add("NORMAL", floats_of(mesh.normals), 3);
  if (!mesh.normals.empty()) add("TANGENT", floats_of(mesh.tangents), 4);
  // Sets of texture coordinates are numbered without gaps: the second needs a first.
  const std::vector<math::Vec2f>& first = mesh.uv[0].empty() ? mesh.uv[1] : mesh.uv[0];
  add("TEXCOORD_0", floats_of(first), 2);
  add("TEXCOORD_1", floats_of(mesh.uv[1]), 2);
  add("COLOR_0", floats_of(mesh.colors), 4);
  const std::size_t triangles = out_.triangles(mesh.triangles);
  return map_of({{"attributes", map_of(std::move(attributes))},
                 {"indices", index_of(triangles)},
                 {"material", index_of(looks_.material(part.material))}});
}

std::size_t Exporter::mesh(const std::vector<scene::Part>& parts) {
  std::vector<std::pair<std::size_t, std::size_t>> key;
  for (const scene::Part& part : parts) key.emplace_back(part.mesh.index(), part.material.index());
  const auto [at, fresh] = meshes_.try_emplace(key, meshes_.size());
  if (!fresh) return at->second;
  Value::List primitives;
  for (const scene::Part& part : parts) primitives.push_back(primitive(part));
  return out_.add("meshes", map_of({{"primitives", base::list_of(std::move(primitives))}}));
}

Value Exporter::camera(const scene::Camera& camera) {
  Entries lens{{"yfov", value_of(camera.vertical_fov)}, {"znear", value_of(0.01)}};
  if (camera.aspect > 0) lens.emplace_back("aspectRatio", value_of(camera.aspect));
  Entries entries{{"type", value_of("perspective")}, {"perspective", map_of(std::move(lens))}};
  if (!camera.name.empty()) entries.emplace_back("name", value_of(camera.name));
  return map_of(std::move(entries));
}

Value Exporter::light(const scene::Light& light) const {
  const float most = std::max({1.0f, light.color.x, light.color.y, light.color.z});  // colours end at 1
  const math::Vec3f color = light.color / most;
  Entries entries{{"type", value_of(light.kind == LightKind::spot      ? "spot"
                                    : light.kind == LightKind::distant ? "directional"
                                                                       : "point")},
                  {"color", numbers_of(std::array<double, 3>{color.x, color.y, color.z})},
                  {"intensity", value_of(light.on ? static_cast<double>(light.intensity) * most : 0.0)}};
  if (light.kind == LightKind::spot) {
    entries.emplace_back("spot", map_of({{"innerConeAngle", value_of(static_cast<double>(light.inner_cone))},
                                         {"outerConeAngle", value_of(static_cast<double>(light.outer_cone))}}));
  }
  return map_of(std::move(entries));
}

void Exporter::write_node(std::size_t index) {
  Entries entries{{"name", value_of(names_[index])}};
  if (!below_[index].empty()) {
    Value::List children;
    for (const std::size_t child : below_[index]) children.push_back(index_of(child));
    entries.emplace_back("children", base::list_of(std::move(children)));
  }
  Entries extensions;
  const bool moves = ways_.contains(index);
  const bool way = moves && write_way(index);
  if (moves && !way) notes_.add(fmt::format("{} is skewed or mirrored: its way is not written", names_[index]));
  write_transform(entries, index);
  if (index < scene_.nodes.size()) {
    const Node& node = scene_.nodes[index];
    if (!node.parts.empty()) entries.emplace_back("mesh", index_of(mesh(node.parts)));
    if (node.camera.exists() && scene_.cameras[node.camera.index()].orthographic) {
      notes_.add("orthographic cameras are not written");
    } else if (node.camera.exists()) {
      const std::size_t at = out_.add("cameras", camera(scene_.cameras[node.camera.index()]));
      entries.emplace_back("camera", index_of(at));
    }
    if (node.light.exists()) {
      const scene::Light& lamp = world_.lights[node.light.index()];
      if (lamp.kind == LightKind::rect || lamp.kind == LightKind::environment) {
        notes_.add(lamp.kind == LightKind::rect ? "rectangular lights are not written" : "skies are not written");
      } else {
        if (lamp.radius > 0 || lamp.angle > 0) notes_.add("sizes of lights are not written");
        lights_.push_back(light(lamp));
        out_.use("KHR_lights_punctual");
        extensions.emplace_back("KHR_lights_punctual", map_of({{"light", index_of(lights_.size() - 1)}}));
      }
    }
    if (!world_.visible[index]) {
      out_.use("KHR_node_visibility");
      extensions.emplace_back("KHR_node_visibility", map_of({{"visible", value_of(false)}}));
    }
  }
  if (!extensions.empty()) entries.emplace_back("extensions", map_of(std::move(extensions)));
  nodes_.push_back(map_of(std::move(entries)));
}

void Exporter::note_the_rest() {
  if (!scene_.mechanics.empty())
    notes_.add("bodies, joints and what else moves them are not written: only how they look and go");
  const auto labelled = [](const Node& node) { return !node.semantic.empty() || !node.tags.empty(); };
  if (std::ranges::any_of(scene_.nodes, labelled)) notes_.add("classes and tags of nodes are not written");
}

Result<GltfExport> Exporter::write() {
  if (options_.timeline) watch();
  const std::size_t count = scene_.nodes.size();
  up_.assign(count, kNone);
  below_.resize(count);
  for (const Node& node : scene_.nodes) names_.emplace_back(node.name());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t parent = parent_of(i);
    up_[i] = parent;
    if (parent != kNone) below_[parent].push_back(i);
  }
  Value::List roots;
  for (std::size_t i = 0; i < up_.size(); ++i) {
    if (up_[i] == kNone) roots.push_back(index_of(i));
  }
  for (std::size_t i = 0; i < up_.size(); ++i) write_node(i);
  note_the_rest();
  for (Value& node : nodes_) out_.add("nodes", std::move(node));
  out_.add("scenes", map_of({{"name", value_of(options_.name)}, {"nodes", base::list_of(std::move(roots))}}));
  if (!lights_.empty()) out_.extend("KHR_lights_punctual", map_of({{"lights", base::list_of(lights_)}}));
  if (!channels_.empty()) {
    out_.add("animations", map_of({{"name", value_of(options_.name)},
                                   {"channels", base::list_of(channels_)},
                                   {"samplers", base::list_of(samplers_)}}));
  }
  GltfExport made;
  made.files = looks_.take_files();
  const bool beside = !options_.binary && !out_.binary().empty();
  const std::string json = out_.json(beside ? encode_uri(options_.stem + ".bin") : "", 0);
  if (json.size() + out_.binary().size() + 64 > std::numeric_limits<std::uint32_t>::max()) {
    return base::error("is larger than the 4 GiB that a glTF file holds: write it as .usdc, or with a lower --rate");
  }
  made.bytes = options_.binary ? glb_of(json, out_.binary()) : json;
  if (beside) made.files.emplace_back(options_.stem + ".bin", out_.binary());
  made.left_out = notes_.take();
  return made;
}

}  // namespace

Result<GltfExport> export_gltf(const scene::World& world, const GltfExportOptions& options) {
  return Exporter(world, options).write();
}

Result<std::vector<std::string>> write_gltf(base::Files& files, const std::filesystem::path& path,
                                            const scene::World& world, GltfExportOptions options) {
  options.binary = path.extension() == ".glb";
  options.stem = path.stem().string();
  WM_TRY(made, export_gltf(world, options));
  for (const auto& [name, content] : made.files) files.commit(path.parent_path() / name, content);
  files.commit(path, made.bytes);
  return std::move(made.left_out);
}

}  // namespace wm::import
