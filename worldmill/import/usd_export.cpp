// The stage that is written, for a scene with the roots /floor and /mug:
//
//   /World                          default prim, there when the scene has several roots
//   /World/floor                    Mesh: a node with one mesh of its own and nothing else
//   /World/mug                      Xform, instanceable -> /World/Prototypes/mesh_3: a mesh that several nodes show
//   /World/mug/part_0 ...           a node with more than one thing to show
//   /World/mug/collision_0 ...      what touches, purpose guide
//   /World/Prototypes               class: is not seen itself
//   /World/Looks, /World/Joints, /World/PhysicsMaterials, /World/PhysicsScene
#include "worldmill/import/usd_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "worldmill/import/usd_export_parts.h"
#include "worldmill/math/elementary.h"
#include "worldmill/usd/layer_file.h"
#include "worldmill/usd/package.h"

namespace wm::import {

using math::Affine;
using math::Vec3;
using math::Vec3f;
using scene::LightKind;
using scene::Node;
using usd::Path;
using usd::Value;

namespace {

constexpr double kDegrees = 57.29577951308232;  // per radian

// USD's domes have their pole along y and the middle of the picture along z (UsdLuxDomeLight, as OpenEXR's latlong);
// ours have z and x.
const Affine kNodeFromDome{math::Mat3{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}, {}};

bool is_dome(const scene::Light& light) {
  return light.kind == LightKind::environment;
}

class Exporter {
 public:
  Exporter(const scene::World& world, const UsdExportOptions& options)
      : world_(world), scene_(*world.scene), options_(options) {}
  UsdExport write();

 private:
  struct Use {
    int count = 0;
    std::map<bool, Path> prototypes;  ///< By whether both sides are seen.
  };
  void write_layer_metadata();
  Path choose_root();
  void count_uses();
  bool is_alone(std::size_t node) const;
  void write_node(std::size_t index, Path parent);
  void write_part(Path prim, const scene::Part& part);
  Path folder(Path parent, std::string_view rest, std::string path);
  Path make_part(Path parent, std::string_view name, std::string_view type);
  Path prototype(scene::MeshId mesh, bool double_sided);
  void write_light(Path prim, scene::LightId id);
  void write_camera(Path prim, const scene::Camera& camera);
  void write_labels(Path prim, std::size_t index);
  std::string_view light_type(const scene::Light& light) const;
  Affine prim_transform(std::size_t node, const Affine& parent_from_node) const;
  void write_surfaces();
  template <class Get>
  void put(Path prim, std::string_view name, std::string_view type, const Get& get);

  const scene::World& world_;
  const scene::Scene& scene_;
  const UsdExportOptions& options_;
  std::vector<scene::World> ticks_;
  std::vector<const scene::World*> worlds_;  ///< The world itself, then one for each tick.
  UsdWriter out_;
  Notes notes_;
  std::optional<UsdLooks> looks_;
  Path root_, prototypes_;
  std::vector<Path> nodes_;
  std::map<std::string, Path> folders_;
  std::vector<Use> uses_;
  std::vector<int> below_;        ///< [node] Nodes and shapes beneath it.
  std::vector<char> dome_nodes_;  ///< [node] Whether its prim is a dome, turned as USD has it.
};

// An attribute that a world may change: `get` gives its value in one.
template <class Get>
void Exporter::put(Path prim, std::string_view name, std::string_view type, const Get& get) {
  std::vector<Value> values;
  for (const scene::World* world : worlds_) values.push_back(UsdWriter::value_of(type, get(*world)));
  write_values(out_, prim, name, type, values);
}

void Exporter::write_layer_metadata() {
  out_.metadata(Path::root(), "defaultPrim", Value::of(root_.name()));
  out_.metadata(Path::root(), "upAxis", Value::of(usd::Token("Z")));
  out_.metadata(Path::root(), "metersPerUnit", Value::of(1.0));
  out_.metadata(Path::root(), "kilogramsPerUnit", Value::of(1.0));
  const double rate = static_cast<double>(options_.rate.numerator) / static_cast<double>(options_.rate.denominator);
  out_.metadata(Path::root(), "timeCodesPerSecond", Value::of(rate));
  if (!options_.timeline) return;
  out_.metadata(Path::root(), "startTimeCode", Value::of(0.0));
  out_.metadata(Path::root(), "endTimeCode", Value::of(static_cast<double>(ticks_.size()) - 1));
}

// One root that can stand for all is the default prim; else a prim above all of them.
Path Exporter::choose_root() {
  std::size_t roots = 0, last = 0;
  for (std::size_t i = 0; i < scene_.nodes.size(); ++i) {
    if (!scene_.nodes[i].parent.exists()) ++roots, last = i;
  }
  // What belongs to no node must not stand below one.
  const auto homeless = [](const scene::Shape& shape) { return !shape.node.exists(); };
  const auto& shapes = scene_.mechanics.shapes;
  if (roots == 1 && !is_alone(last) && std::none_of(shapes.begin(), shapes.end(), homeless)) return {};
  const Path root = out_.define(Path::root(), options_.name, "Xform");
  out_.mark_part(root);
  return root;
}

void Exporter::count_uses() {
  uses_.resize(scene_.meshes.size());
  below_.resize(scene_.nodes.size());
  for (const Node& node : scene_.nodes) {
    for (const scene::Part& part : node.parts) ++uses_[part.mesh.index()].count;
    if (node.parent.exists()) ++below_[node.parent.index()];
  }
  for (const scene::Shape& shape : scene_.mechanics.shapes) {
    if (shape.node.exists()) ++below_[shape.node.index()];
  }
}

// Whether a node is one mesh or one light or one camera, and nothing beneath: its prim can be that very thing.
bool Exporter::is_alone(std::size_t index) const {
  const Node& node = scene_.nodes[index];
  const std::size_t things = node.parts.size() + (node.light.exists() ? 1 : 0) + (node.camera.exists() ? 1 : 0);
  return things == 1 && below_[index] == 0;
}

Affine Exporter::prim_transform(std::size_t node, const Affine& parent_from_node) const {
  return dome_nodes_[node] ? parent_from_node * kNodeFromDome : parent_from_node;
}

void Exporter::write_node(std::size_t index, Path parent) {
  const Node& node = scene_.nodes[index];
  const bool alone = is_alone(index);
  const bool lit = node.light.exists();
  const bool shares = alone && !node.parts.empty() && uses_[node.parts[0].mesh.index()].count > 1;
  const std::string_view type = !alone || shares       ? "Xform"
                                : !node.parts.empty()  ? "Mesh"
                                : node.camera.exists() ? "Camera"
                                                       : light_type(world_.lights[node.light.index()]);
  const std::string above = node.parent.exists() ? scene_.node(node.parent).path : "";
  const bool below = node.path.starts_with(above + "/");
  if (below) parent = folder(parent, std::string_view(node.path).substr(above.size()), above);
  const Path prim = out_.define(parent, node.name(), type);
  if (!below) out_.mark_name(prim, node.path);
  nodes_[index] = prim;
  if (root_.empty()) {
    root_ = prim;
    looks_.emplace(out_, world_, root_, options_.pictures, notes_);
  }
  dome_nodes_[index] = alone && lit && is_dome(world_.lights[node.light.index()]);
  std::vector<Affine> maps;
  for (const scene::World* world : worlds_) maps.push_back(prim_transform(index, world->parent_from_node[index]));
  write_transform(out_, prim, maps);
  const auto shown = [&](const scene::World* world) { return world->visible[index] != 0; };
  if (!std::all_of(worlds_.begin(), worlds_.end(), shown)) {
    put(prim, "visibility", "token",
        [&](const scene::World& world) { return world.visible[index] ? "inherited" : "invisible"; });
  }
  write_labels(prim, index);
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    const bool shared = uses_[node.parts[i].mesh.index()].count > 1;
    write_part(alone ? prim : make_part(prim, fmt::format("part_{}", i), shared ? "Xform" : "Mesh"), node.parts[i]);
  }
  if (lit) {
    const scene::Light& light = world_.lights[node.light.index()];
    const Path at = alone ? prim : make_part(prim, "light", light_type(light));
    if (!alone && is_dome(light)) write_transform(out_, at, {&kNodeFromDome, 1});
    write_light(at, node.light);
  }
  if (node.camera.exists()) {
    write_camera(alone ? prim : make_part(prim, "camera", "Camera"), scene_.cameras[node.camera.index()]);
  }
}

// Names between a node's and its parent's that no node has, as in /cup/0 where there is no /cup.
Path Exporter::folder(Path parent, std::string_view rest, std::string path) {
  for (std::size_t slash = rest.find('/', 1); slash != std::string::npos; slash = rest.find('/', 1)) {
    const std::string_view name = rest.substr(1, slash - 1);
    path += "/" + std::string(name);
    Path& prim = folders_[path];
    if (prim.empty()) {
      prim = out_.define(parent, name, "Xform");
      out_.mark_folder(prim);
    }
    parent = prim;
    rest.remove_prefix(slash);
  }
  return parent;
}

Path Exporter::make_part(Path parent, std::string_view name, std::string_view type) {
  const Path prim = out_.define(parent, name, type);
  out_.mark_part(prim);
  return prim;
}

void Exporter::write_part(Path prim, const scene::Part& part) {
  const geometry::Mesh& mesh = *scene_.meshes[part.mesh.index()];
  const bool double_sided = world_.materials[part.material.index()].double_sided;
  if (uses_[part.mesh.index()].count > 1) {
    out_.metadata(prim, "instanceable", Value::of(true));
    out_.refer(prim, prototype(part.mesh, double_sided));
  } else {
    write_mesh(out_, prim, mesh, double_sided);
  }
  looks_->bind(prim, part.material, !mesh.colors.empty());
}

Path Exporter::prototype(scene::MeshId mesh, bool double_sided) {
  Path& path = uses_[mesh.index()].prototypes[double_sided];
  if (!path.empty()) return path;
  if (prototypes_.empty()) prototypes_ = out_.define(root_, "Prototypes", "Scope", usd::Specifier::class_);
  path = out_.define(prototypes_, fmt::format("mesh_{}", mesh.index()), "Xform");
  write_mesh(out_, make_part(path, "mesh", "Mesh"), *scene_.meshes[mesh.index()], double_sided);
  return path;
}

void Exporter::write_labels(Path prim, std::size_t index) {
  const Node& node = scene_.nodes[index];
  std::vector<std::string> classes;
  if (index < options_.classes.size()) classes = options_.classes[index];
  if (classes.empty() && !node.semantic.empty()) classes = {node.semantic};
  const auto put = [&](std::string_view taxonomy, const std::vector<std::string>& labels) {
    if (labels.empty()) return;
    out_.apply(prim, fmt::format("SemanticsLabelsAPI:{}", taxonomy));
    out_.attribute(prim, fmt::format("semantics:labels:{}", taxonomy), "token[]", labels);
  };
  put("class", classes);
  put("tag", node.tags);
}

std::string_view Exporter::light_type(const scene::Light& light) const {
  switch (light.kind) {
    case LightKind::rect:
      return "RectLight";
    case LightKind::distant:
      return "DistantLight";
    case LightKind::environment:
      return "DomeLight";
    case LightKind::sphere:
    case LightKind::spot:
      break;
  }
  return "SphereLight";
}

// With `normalize` a sphere of intensity i has the luminance i / (4 pi r^2) and so the luminous intensity i / 4; a
// distant light of intensity i gives i lux.
float usd_intensity(const scene::Light& light) {
  const bool ball = light.kind == LightKind::sphere || light.kind == LightKind::spot;
  return (light.on ? light.intensity : 0) * (ball ? 4 : 1);
}

void Exporter::write_light(Path prim, scene::LightId id) {
  const scene::Light& light = world_.lights[id.index()];
  constexpr float kPoint = 1e-4f;  // [m]: USD has no sphere without a size
  put(prim, "inputs:color", "color3f", [&](const scene::World& w) { return w.lights[id.index()].color; });
  put(prim, "inputs:intensity", "float", [&](const scene::World& w) { return usd_intensity(w.lights[id.index()]); });
  switch (light.kind) {
    case LightKind::spot: {
      const double outer = light.outer_cone, soft = outer > 0 ? 1 - light.inner_cone / outer : 0;
      out_.apply(prim, "ShapingAPI");
      out_.attribute(prim, "inputs:shaping:cone:angle", "float", static_cast<float>(outer * kDegrees));
      out_.attribute(prim, "inputs:shaping:cone:softness", "float", static_cast<float>(soft));
      [[fallthrough]];
    }
    case LightKind::sphere:
      out_.attribute(prim, "inputs:normalize", "bool", true);
      out_.attribute(prim, "inputs:radius", "float", light.radius > 0 ? light.radius : kPoint);
      if (!(light.radius > 0)) out_.attribute(prim, "treatAsPoint", "bool", true);
      break;
    case LightKind::rect:
      out_.attribute(prim, "inputs:width", "float", light.width);
      out_.attribute(prim, "inputs:height", "float", light.height);
      break;
    case LightKind::distant:
      out_.attribute(prim, "inputs:normalize", "bool", true);
      out_.attribute(prim, "inputs:angle", "float", static_cast<float>(light.angle * kDegrees));
      break;
    case LightKind::environment:
      if (light.picture) {
        out_.attribute(prim, "inputs:texture:file", "asset", "./" + looks_->picture(light.picture));
        out_.attribute(prim, "inputs:texture:format", "token", "latlong");
      }
      break;
  }
}

// Apertures and focal length are in tenths of the scene's unit; only their ratios count for a pinhole. 24 mm high.
void Exporter::write_camera(Path prim, const scene::Camera& camera) {
  constexpr double kHeight = 0.24, kUsualAspect = 1.5;
  const double aspect = camera.aspect > 0 ? camera.aspect : kUsualAspect;
  out_.attribute(prim, "projection", "token", camera.orthographic ? "orthographic" : "perspective");
  out_.attribute(prim, "verticalAperture", "float", static_cast<float>(kHeight));
  out_.attribute(prim, "horizontalAperture", "float", static_cast<float>(kHeight * aspect));
  const double focal = 0.5 * kHeight / math::tan(0.5 * camera.vertical_fov);
  out_.attribute(prim, "focalLength", "float", static_cast<float>(focal));
  out_.attribute(prim, "clippingRange", "float2", math::Vec2f{0.01f, 1e6f});
}

// The constants of materials are told once all are written.
void Exporter::write_surfaces() {
  for (const UsdLooks::Written& one : looks_->written()) {
    std::vector<std::vector<UsdInput>> all;
    for (const scene::World* world : worlds_)
      all.push_back(surface_inputs(world->materials[one.id.index()], one.colors));
    for (std::size_t i = 0; i < all[0].size(); ++i) {
      std::vector<Value> values;
      for (const auto& inputs : all)
        values.push_back(inputs.size() == all[0].size() ? inputs[i].value : all[0][i].value);
      write_values(out_, one.surface, all[0][i].name, all[0][i].type, values);
    }
  }
}

UsdExport Exporter::write() {
  if (options_.timeline) {
    for (std::int64_t k = 0; options_.begin + options_.rate.tick(k) <= options_.end; ++k) {
      ticks_.push_back(options_.timeline->world_at(options_.begin + options_.rate.tick(k)));
    }
  }
  worlds_ = {&world_};
  for (const scene::World& tick : ticks_) worlds_.push_back(&tick);
  count_uses();
  nodes_.resize(scene_.nodes.size());
  dome_nodes_.resize(scene_.nodes.size());
  root_ = choose_root();
  if (!root_.empty()) looks_.emplace(out_, world_, root_, options_.pictures, notes_);
  const Path top = root_.empty() ? Path::root() : root_;
  for (std::size_t i = 0; i < scene_.nodes.size(); ++i) {
    const scene::NodeId parent = scene_.nodes[i].parent;
    write_node(i, parent.exists() ? nodes_[parent.index()] : top);
  }
  write_layer_metadata();
  write_physics(out_, world_, root_, nodes_, notes_);
  write_surfaces();
  UsdExport result;
  result.files = looks_->take_files();
  result.layer = out_.finish("world.usda");
  result.left_out = notes_.take();
  return result;
}

}  // namespace

UsdExport export_usd(const scene::World& world, const UsdExportOptions& options) {
  return Exporter(world, options).write();
}

Result<std::vector<std::string>> write_usd(base::Files& files, const std::filesystem::path& path,
                                           const scene::World& world, UsdExportOptions options) {
  const bool package = path.extension() == ".usdz";
  const std::string stem = path.stem().string();
  options.pictures = package ? "textures" : stem + "_textures";
  UsdExport made = export_usd(world, options);
  if (!package) {
    WM_TRY(bytes, usd::write_layer(*made.layer, path));
    for (const auto& [name, content] : made.files) files.commit(path.parent_path() / name, content);
    files.commit(path, bytes);
    return std::move(made.left_out);
  }
  WM_TRY(bytes, usd::write_layer(*made.layer, stem + ".usdc"));
  std::vector<std::pair<std::string, std::string_view>> members{{stem + ".usdc", bytes}};
  for (const auto& [name, content] : made.files) members.emplace_back(name, content);
  files.commit(path, usd::write_package(members));
  return std::move(made.left_out);
}

}  // namespace wm::import
