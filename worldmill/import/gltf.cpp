// glTF's tree becomes the Scene's: node by node, with y up turned to z up at the roots. A mesh becomes one Mesh for
// each of its primitives. Skins and morph targets are baked in the pose and at the weights that the file is saved with.
#include "worldmill/import/gltf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/base/json.h"
#include "worldmill/import/gltf_animation.h"
#include "worldmill/import/gltf_document.h"
#include "worldmill/import/gltf_material.h"
#include "worldmill/import/gltf_mesh.h"
#include "worldmill/import/gltf_skin.h"
#include "worldmill/import/polygon.h"

namespace wm::import {

using base::error;
using math::Affine;
using math::Mat3;
using math::Vec3;
using scene::NodeId;
using scene::Part;

namespace {

constexpr std::string_view kKnown[] = {"KHR_mesh_quantization",
                                       "KHR_texture_transform",
                                       "KHR_draco_mesh_compression",
                                       "EXT_meshopt_compression",
                                       "KHR_lights_punctual",
                                       "KHR_materials_emissive_strength",
                                       "KHR_materials_ior",
                                       "KHR_materials_transmission",
                                       "KHR_materials_clearcoat",
                                       "KHR_materials_unlit",
                                       "KHR_materials_pbrSpecularGlossiness",
                                       "KHR_node_visibility",
                                       "EXT_mesh_gpu_instancing",
                                       "FB_ngon_encoding"};
// Named where they are met: a texture may bring a plain picture along.
constexpr std::string_view kTextureFormats[] = {"KHR_texture_basisu", "EXT_texture_webp", "MSFT_texture_dds",
                                                "EXT_texture_avif"};

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::vector<std::string> texts(const Fields& root, const char* key) {
  std::vector<std::string> all;
  const base::Value* list = root.find(key);
  if (!list || !list->list()) return all;
  for (const base::Value& value : *list->list()) {
    if (value.text()) all.push_back(*value.text());
  }
  return all;
}

Status check_extensions(GltfDocument& document, Notes& notes) {
  for (const std::string& name : texts(document.root(), "extensionsRequired")) {
    if (among(kKnown, name)) continue;
    return error(fmt::format("requires the extension {}, which is not read; export it without", name),
                 {document.source().file(), 0, 0});
  }
  for (const std::string& name : texts(document.root(), "extensionsUsed")) {
    if (!among(kKnown, name) && !among(kTextureFormats, name)) notes.add(fmt::format("{} is not read", name));
  }
  return {};
}

Status check_version(GltfDocument& document) {
  const Fields asset = document.root().object("asset");
  const std::string version = asset.text("version");
  const std::string least = asset.text("minVersion");
  WM_TRY_STATUS(document.complaint().status());
  const base::Place place{document.source().file(), 0, 0};
  if (version.empty()) return error("is no glTF: it has no asset.version", place);
  if (!version.starts_with("2.")) return error(fmt::format("is glTF {}, only 2.0 is read; convert it", version), place);
  if (least.empty() || least == "2.0") return {};
  return error(fmt::format("needs a reader of glTF {}, only 2.0 is read", least), place);
}

std::string license(const Fields& asset) {
  const base::Value* extras = asset.find("extras");
  const base::Value* said = extras ? extras->find("license") : nullptr;
  return said && said->text() ? *said->text() : asset.text("copyright");
}

constexpr Mat3 kZUpFromYUp{{1, 0, 0}, {0, 0, -1}, {0, 1, 0}};

scene::Light read_light(const Fields& fields) {
  scene::Light light;
  const std::string type = fields.text("type");
  std::array<double, 3> color{1, 1, 1};
  fields.numbers("color", color);
  for (const double c : color) {
    if (c < 0 || c > 1e6) fields.say(fmt::format("has a colour of {}, must be positive", c));
  }
  light.color = {static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2])};
  light.intensity = fields.number32("intensity", 1, 0, 1e12f);
  if (type == "directional") {
    light.kind = scene::LightKind::distant;
  } else if (type == "spot") {
    light.kind = scene::LightKind::spot;
    const Fields spot = fields.object("spot");
    light.inner_cone = spot.number32("innerConeAngle", 0, 0, 1.5707964f);
    light.outer_cone = spot.number32("outerConeAngle", 0.7853982f, 0, 1.5707964f);
    if (light.inner_cone > light.outer_cone) spot.say("has an inner cone that is wider than the outer");
  } else if (type != "point") {
    fields.say(fmt::format("has type \"{}\", must be directional, point or spot", type));
  }
  return light;
}

scene::Camera read_camera(const Fields& fields) {
  scene::Camera camera;
  camera.name = fields.text("name");
  const Fields perspective = fields.object("perspective");
  camera.orthographic = fields.text("type") == "orthographic";
  camera.vertical_fov = perspective.number("yfov", 0.8, 1e-4, 3.1415926);
  camera.aspect = perspective.number("aspectRatio", 0, 0, 1e4);
  return camera;
}

bool has_size(const Affine& world) {
  return std::isnormal(math::determinant(world.linear)) && std::isfinite(math::length(world.translation));
}

class Builder {
 public:
  /// `posed`: whether the nodes stand where the first animation has them.
  Builder(GltfDocument& document, Notes& notes, bool posed)
      : document_(document),
        notes_(notes),
        posed_(posed),
        materials_(document, notes),
        visited_(document.count("nodes")) {}

  Result<scene::Scene> build();

 private:
  struct Place {
    NodeId parent;
    std::string path;
    Affine world_from_parent;
    int depth = 0;
  };
  Result<std::vector<std::size_t>> roots();
  Status add_siblings(const std::vector<std::size_t>& nodes, const std::vector<Affine>& copies,
                      const std::vector<Part>& parts, const Place& place);
  Result<std::vector<Affine>> copies(const Fields& node);
  Status add_node(std::size_t index, const std::string& name, const Place& place);
  Status fill(std::size_t index, const Fields& fields, scene::Node& node);
  Result<std::vector<Part>> parts(std::size_t index, const Fields& node);
  Result<std::vector<Part>> read_mesh(std::size_t mesh, const std::vector<double>& weights, const Skin* skin);
  Result<scene::MaterialId> material(const Fields& primitive);
  std::vector<double> weights(const Fields& node, const Fields& mesh);
  void note_what_stays_out();

  GltfDocument& document_;
  Notes& notes_;
  bool posed_;
  GltfMaterials materials_;
  scene::Scene scene_;
  std::vector<bool> visited_;
  std::map<std::size_t, std::vector<Part>> meshes_;
  std::map<std::int64_t, scene::MaterialId> known_materials_;
  std::optional<GltfTransforms> transforms_;
};

void Builder::note_what_stays_out() {
  const std::size_t animations = document_.count("animations");
  if (animations > 0 && !posed_) notes_.add("animations are not read: nodes stand where the file has them");
  if (animations > 1 && posed_) notes_.add(fmt::format("of {} animations only the first is read", animations));
}

// Those of the default scene, or of the first; without any scene, all nodes that are nobody's child.
Result<std::vector<std::size_t>> Builder::roots() {
  const std::size_t nodes = document_.count("nodes");
  if (document_.count("scenes") > 0) {
    const auto chosen = document_.root().index("scene", document_.count("scenes"), "scenes");
    const std::size_t index = chosen.value_or(0);
    if (document_.count("scenes") > 1) {
      notes_.add(fmt::format("of {} scenes only scene {} is read", document_.count("scenes"), index));
    }
    auto all = document_.item("scenes", index).indices("nodes", nodes, "nodes");
    WM_TRY_STATUS(document_.complaint().status());
    return all;
  }
  std::vector<bool> is_child(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    for (const std::size_t c : document_.item("nodes", i).indices("children", nodes, "nodes")) is_child[c] = true;
  }
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < nodes; ++i) {
    if (!is_child[i]) all.push_back(i);
  }
  WM_TRY_STATUS(document_.complaint().status());
  return all;
}

Result<scene::Scene> Builder::build() {
  WM_TRY(top, roots());
  WM_TRY_STATUS(add_siblings(top, {}, {}, {}));
  note_what_stays_out();
  if (scene_.meshes.empty() && scene_.lights.empty() && scene_.cameras.empty()) {
    const std::vector<std::string> notes = notes_.take();
    const std::string why = notes.empty() ? "no node of its scene has a mesh, a light or a camera"
                                          : fmt::format("{}", fmt::join(notes, "; "));
    return error(fmt::format("has nothing to show: {}", why), {document_.source().file(), 0, 0});
  }
  return std::move(scene_);
}

// `nodes` of the file and, after them, `copies` of `parts` (EXT_mesh_gpu_instancing).
Status Builder::add_siblings(const std::vector<std::size_t>& nodes, const std::vector<Affine>& copies,
                             const std::vector<Part>& parts, const Place& place) {
  std::vector<std::string> names, fallbacks;
  for (const std::size_t i : nodes) {
    names.push_back(document_.item("nodes", i).text("name"));
    fallbacks.push_back(fmt::format("node_{}", i));
  }
  for (std::size_t i = 0; i < copies.size(); ++i) fallbacks.push_back(fmt::format("instance_{}", i));
  names.resize(fallbacks.size());
  const std::vector<std::string> unique = sibling_names(names, fallbacks);
  for (std::size_t i = 0; i < nodes.size(); ++i) WM_TRY_STATUS(add_node(nodes[i], unique[i], place));
  for (std::size_t i = 0; i < copies.size(); ++i) {
    scene::Node node;
    node.path = place.path + "/" + unique[nodes.size() + i];
    node.parent = place.parent;
    node.parent_from_node = copies[i];
    if (has_size(place.world_from_parent * copies[i])) {
      node.parts = parts;
      scene_.nodes.push_back(std::move(node));
    } else {
      notes_.add(fmt::format("{} has no size and is not shown", node.path));
    }
  }
  return {};
}

Result<std::vector<Affine>> Builder::copies(const Fields& node) {
  const Fields from = node.extension("EXT_mesh_gpu_instancing").object("attributes");
  std::optional<std::size_t> count;
  const auto read = [&](const char* key, std::size_t components) -> Result<std::vector<float>> {
    const auto accessor = from.index(key, document_.count("accessors"), "accessors");
    WM_TRY_STATUS(document_.complaint().status());
    if (!accessor) return std::vector<float>();
    const std::string what = fmt::format("{}, {}", from.where(), key);
    WM_TRY(numbers, document_.numbers(*accessor, what));
    if (numbers.components != components || (count && numbers.count() != *count)) {
      return error(fmt::format("{} has {} values of {}, which do not fit", what, numbers.count(), numbers.components),
                   {document_.source().file(), 0, 0});
    }
    if (!count) WM_TRY_STATUS(document_.spend(numbers.count()));
    count = numbers.count();
    return std::move(numbers.values);
  };
  WM_TRY(t, read("TRANSLATION", 3));
  WM_TRY(r, read("ROTATION", 4));
  WM_TRY(s, read("SCALE", 3));
  std::vector<Affine> all;
  for (std::size_t i = 0; i < count.value_or(0); ++i) {
    std::array<double, 3> offset{0, 0, 0}, scale{1, 1, 1};
    for (std::size_t k = 0; k < 3; ++k) {
      if (!t.empty()) offset[k] = t[3 * i + k];
      if (!s.empty()) scale[k] = s[3 * i + k];
    }
    math::Rotation turn;
    const float* q = r.empty() ? nullptr : r.data() + 4 * i;
    const double size = q ? double{q[0]} * q[0] + double{q[1]} * q[1] + double{q[2]} * q[2] + double{q[3]} * q[3] : 0;
    if (std::isnormal(size)) turn = math::Rotation::normalized(q[3], q[0], q[1], q[2]);
    all.push_back(to_affine(offset, turn, scale));
  }
  return all;
}

Status Builder::add_node(std::size_t index, const std::string& name, const Place& place) {
  const base::Place file{document_.source().file(), 0, 0};
  if (visited_[index])
    return error(fmt::format("nodes[{}] stands in the tree more than once; export it again", index), file);
  visited_[index] = true;
  if (place.depth >= document_.source().budget().depth) {
    return error(fmt::format("its tree is deeper than the {} levels allowed here", place.depth), file);
  }
  const Fields fields = document_.item("nodes", index);
  scene::Node node;
  node.path = place.path + "/" + name;
  node.parent = place.parent;
  node.parent_from_node = local_transform(fields);
  if (!place.parent.exists()) node.parent_from_node = Affine(kZUpFromYUp, {}) * node.parent_from_node;
  WM_TRY_STATUS(document_.complaint().status());
  Place below{NodeId(scene_.nodes.size()), node.path, place.world_from_parent * node.parent_from_node, place.depth + 1};
  if (!has_size(below.world_from_parent)) {
    notes_.add(fmt::format("{} has no size and is not shown, nor is what stands below it", node.path));
    return {};
  }
  WM_TRY_STATUS(fill(index, fields, node));
  WM_TRY(all_copies, copies(fields));
  std::vector<Part> copied;
  if (!all_copies.empty()) copied = std::exchange(node.parts, {});
  scene_.nodes.push_back(std::move(node));
  const auto children = fields.indices("children", document_.count("nodes"), "nodes");
  WM_TRY_STATUS(document_.complaint().status());
  return add_siblings(children, all_copies, copied, below);
}

Status Builder::fill(std::size_t index, const Fields& fields, scene::Node& node) {
  node.visible = fields.extension("KHR_node_visibility").flag("visible", true);
  WM_TRY(all, parts(index, fields));
  node.parts = std::move(all);
  if (const auto i = fields.index("camera", document_.count("cameras"), "cameras")) {
    node.camera = scene::CameraId(scene_.cameras.size());
    scene_.cameras.push_back(read_camera(document_.item("cameras", *i)));
    if (scene_.cameras.back().name.empty()) scene_.cameras.back().name = node.name();
  }
  const Fields lights = document_.root().extension("KHR_lights_punctual");
  const Fields light = fields.extension("KHR_lights_punctual");
  if (const auto i = light.index("light", lights.size("lights"), "lights")) {
    node.light = scene::LightId(scene_.lights.size());
    scene_.lights.push_back(read_light(lights.item("lights", *i)));
  }
  return document_.complaint().status();
}

std::vector<double> Builder::weights(const Fields& node, const Fields& mesh) {
  const Fields& from = node.has("weights") ? node : mesh;
  std::vector<double> all;
  const base::Value* list = from.find("weights");
  for (std::size_t i = 0; i < from.size("weights"); ++i) {
    const base::Value& value = (*list->list())[i];
    const auto* whole = std::get_if<std::int64_t>(&value.data);
    const auto* real = std::get_if<double>(&value.data);
    if (!whole && !real) from.say("has weights that are no numbers");
    all.push_back(whole ? static_cast<double>(*whole) : real ? *real : 0);
  }
  return all;
}

Result<std::vector<Part>> Builder::parts(std::size_t index, const Fields& node) {
  const auto mesh = node.index("mesh", document_.count("meshes"), "meshes");
  const auto skin_index = node.index("skin", document_.count("skins"), "skins");
  WM_TRY_STATUS(document_.complaint().status());
  if (!mesh) return std::vector<Part>();
  const bool shared = !skin_index && !node.has("weights");
  if (const auto known = meshes_.find(*mesh); shared && known != meshes_.end()) return known->second;
  const std::vector<double> morph = weights(node, document_.item("meshes", *mesh));
  std::optional<Skin> skin;
  if (skin_index) {
    if (!transforms_) transforms_.emplace(document_);
    WM_TRY(read, read_skin(document_, *transforms_, *skin_index, index));
    if (read.node_from_skin.empty()) {
      notes_.add("a skin whose joints have no size is not applied");
    } else {
      notes_.add("skins are baked in the pose of the file's nodes");
      skin = std::move(read);
    }
  }
  WM_TRY(all, read_mesh(*mesh, morph, skin ? &*skin : nullptr));
  if (shared) meshes_[*mesh] = all;
  return all;
}

Result<std::vector<Part>> Builder::read_mesh(std::size_t index, const std::vector<double>& weights, const Skin* skin) {
  const Fields fields = document_.item("meshes", index);
  const std::string given = fields.text("name");
  std::vector<Part> parts;
  for (std::size_t i = 0; i < fields.size("primitives"); ++i) {
    const Fields primitive = fields.item("primitives", i);
    const std::string mesh_name = given.empty() ? fmt::format("mesh {}", index) : fmt::format("mesh \"{}\"", given);
    const std::string name = fmt::format("{}, primitive {}", mesh_name, i);
    WM_TRY(material_id, material(primitive));
    const scene::Texture& normals = scene_.materials[material_id.index()].normal_texture;
    if (primitive.size("targets") > 0) notes_.add("morph targets are baked at the file's weights");
    WM_TRY(read, read_primitive(document_, primitive, name, normals.picture ? normals.uv_set : -1, weights, notes_));
    if (skin) WM_TRY_STATUS(apply_skin(*skin, read, name, document_.source().file()));
    if (read.mesh.triangles.empty()) continue;
    if (!has_area(read.mesh)) {
      notes_.add(fmt::format("{} has no area and is not shown", name));
      continue;
    }
    if (auto valid = geometry::validate(read.mesh, name); !valid) {
      return error(valid.error().message, {document_.source().file(), 0, 0});
    }
    parts.push_back({scene::MeshId(scene_.meshes.size()), material_id});
    scene_.meshes.push_back(std::make_shared<const geometry::Mesh>(std::move(read.mesh)));
  }
  WM_TRY_STATUS(document_.complaint().status());
  return parts;
}

Result<scene::MaterialId> Builder::material(const Fields& primitive) {
  const auto index = primitive.index("material", document_.count("materials"), "materials");
  WM_TRY_STATUS(document_.complaint().status());
  const std::int64_t key = index ? static_cast<std::int64_t>(*index) : -1;
  if (const auto known = known_materials_.find(key); known != known_materials_.end()) return known->second;
  scene::Material made = GltfMaterials::standard();
  made.name = "default";
  if (index) {
    WM_TRY(read, materials_.read(*index));
    made = std::move(read);
  }
  const scene::MaterialId id(scene_.materials.size());
  scene_.materials.push_back(std::move(made));
  known_materials_[key] = id;
  return id;
}

}  // namespace

Result<scene::Asset> import_gltf(Source& source, const std::string& bytes, std::optional<double> time) {
  WM_TRY(chunks, split_gltf(bytes, source.file()));
  WM_TRY(root, base::parse_json(chunks.json, source.file()));
  if (!root.map()) return error("is no glTF: its JSON is not an object", {source.file(), 0, 0});
  if (time) {
    GltfDocument still(source, root, chunks);
    WM_TRY(moved, posed(still, root, *time));
    root = std::move(moved);
  }
  GltfDocument document(source, root, chunks);
  Notes notes;
  WM_TRY_STATUS(check_version(document));
  WM_TRY_STATUS(check_extensions(document, notes));
  WM_TRY(scene, Builder(document, notes, time.has_value()).build());
  scene::Asset asset{std::move(scene), source.files(), notes.take()};
  for (scene::AssetFile& file : asset.files) file.license = license(document.root().object("asset"));
  return asset;
}

}  // namespace wm::import
