// A stage is walked once, in namespace order:
//
//   prim with a place      -> node of the same path            shapes  -> parts     (usd_geom.cpp, usd_subdivide.cpp)
//   instance               -> its own nodes, shared meshes     looks   -> materials (usd_shade.cpp, usd_network.cpp)
//   point instances        -> <instancer>/instance_<index>     lights, cameras      (usd_light.cpp)
//   Looks, joints ...      -> no nodes                         physics at the end   (usd_physics.cpp, usd_joints.cpp)
#include "worldmill/import/usd.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/import/pictures.h"
#include "worldmill/import/usd_look.h"
#include "worldmill/usd/layer_file.h"

namespace wm::import {

using base::error;
using math::Affine;
using math::Vec3;
using scene::Node;
using scene::NodeId;
using usd::known;
using usd::Path;
using usd::Prim;
using usd::Token;
using usd::Value;

namespace {

constexpr std::int64_t kMostNodes = 4'000'000;
constexpr std::size_t kMostComplaints = 20;

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

class Builder {
 public:
  Builder(usd::Stage& stage, Source& source, UsdValues values, UsdUnits units, Notes& notes)
      : stage_(stage),
        source_(source),
        values_(values),
        units_(units),
        notes_(notes),
        pictures_(stage, source, notes),
        shade_(stage, values_, pictures_, scene_, notes),
        shapes_(values_, units_, shade_, source, scene_, notes) {}

  Result<scene::Scene> build();
  UsdPictures& pictures() { return pictures_; }

 private:
  /// Where a prim is met.
  struct Place {
    NodeId parent;
    std::string path;  ///< Of the parent, "" at the root.
    Affine world;      ///< scene_from_parent
    std::string purpose = "default";
    int depth = 0;
    bool copied = false;  ///< Within a point instance: its prims have nodes elsewhere too.
    int instancers = 0;   ///< How many point instances it is within.
  };
  Status walk_children(const UsdNode& of, const Place& place);
  Status walk(const UsdNode& met, const Place& place);
  Status fill(const UsdNode& met, NodeId id, const std::string& purpose);
  Status absorb(const UsdNode& met, NodeId into, const Affine& into_from_parent, const Place& place);
  Status add_instances(const UsdNode& met, const Place& place);
  Status add_node(const UsdNode& met, const std::string& path, const Affine& local, const Place& place);
  bool collect(const Prim& prim);
  void add_semantics(const Prim& prim, Node& node) const;
  std::string purpose_of(const Prim& prim, const std::string& above) const;
  Affine local_of(const Prim& prim, const Place& place);
  std::vector<Affine> instance_transforms(const Prim& prim, std::size_t count);

  usd::Stage& stage_;
  Source& source_;
  UsdValues values_;
  UsdUnits units_;
  Notes& notes_;
  scene::Scene scene_;
  UsdFound found_;
  UsdPictures pictures_;
  UsdShade shade_;
  UsdShapes shapes_;
};

// What is no place in space: kept for physics, or of no use here.
bool Builder::collect(const Prim& prim) {
  const std::string_view type = prim.type_name().text();
  if (type == "PhysicsScene") {
    found_.scenes.push_back(prim);
  } else if (type == "PhysicsCollisionGroup") {
    found_.groups.push_back(prim);
  } else if (type.starts_with("Physics") && type.ends_with("Joint")) {
    found_.joints.push_back(prim);
  } else if (is_one_of(type, {"Skeleton", "SkelAnimation", "BlendShape"})) {
    notes_.add("skins are not applied: skinned meshes stand as they were modelled");
  } else if (!is_one_of(type, {"Material", "Shader", "NodeGraph", "GeomSubset"}) && !type.starts_with("Render")) {
    return false;
  }
  return true;
}

std::string Builder::purpose_of(const Prim& prim, const std::string& above) const {
  if (above != "default") return above;
  return values_.text(prim, "purpose", "default");
}

Affine Builder::local_of(const Prim& prim, const Place& place) {
  const UsdLocal local = local_transform(prim, values_, units_.meters, notes_);
  const Affine turned(units_.scene_from_stage, {});
  if (local.resets)
    return place.parent.exists() ? place.world.inverse() * turned * local.parent_from_prim
                                 : turned * local.parent_from_prim;
  return place.parent.exists() ? local.parent_from_prim : turned * local.parent_from_prim;
}

void Builder::add_semantics(const Prim& prim, Node& node) const {
  const auto say = [&](const std::string& kind, const std::string& label) {
    if (label.empty()) return;
    if (kind == "class" && node.semantic.empty()) {
      node.semantic = label;
    } else {
      node.tags.push_back(kind == "tag" || kind == "class" ? label : kind + ":" + label);
    }
  };
  for (const std::string& kind : schema_instances(prim, "SemanticsLabelsAPI")) {
    for (const std::string& label : values_.texts(prim, "semantics:labels:" + kind)) say(kind, label);
  }
  for (const std::string& instance : schema_instances(prim, "SemanticsAPI")) {  // before OpenUSD had its own
    const std::string prefix = "semantic:" + instance + ":params:";
    say(values_.text(prim, prefix + "semanticType"), values_.text(prim, prefix + "semanticData"));
  }
}

Status Builder::walk_children(const UsdNode& of, const Place& place) {
  if (place.depth > source_.budget().depth) {
    return error(fmt::format("its tree is deeper than the {} levels allowed here", source_.budget().depth),
                 {source_.file(), 0, 0});
  }
  // The content of an instance is that of the first one that has it.
  const Path content = of.prim.is_instance() ? of.prim.shared_with() : of.canonical;
  for (const Prim& child : of.prim.children(true)) {
    if (!child.is_active() || !child.is_loaded() || !child.is_defined() || child.is_abstract()) continue;
    WM_TRY_STATUS(walk({child, content.child(child.name())}, place));
  }
  return {};
}

Status Builder::walk(const UsdNode& met, const Place& place) {
  if (collect(met.prim)) return {};
  const UsdMark mark = mark_of(met.prim);
  if (mark.part && !place.parent.exists()) return walk_children(met, place);  // the prim that holds our roots
  if (mark.part) return absorb(met, place.parent, {}, place);
  const std::string name = mark.name.empty() ? std::string(met.prim.name().text()) : mark.name;
  const std::string path = name.starts_with('/') ? name : place.path + "/" + name;
  if (!mark.folder) return add_node(met, path, local_of(met.prim, place), place);
  Place below = place;
  below.path = path;
  ++below.depth;
  return walk_children(met, below);
}

Status Builder::add_node(const UsdNode& met, const std::string& path, const Affine& local, const Place& place) {
  const std::int64_t most = std::min(kMostNodes, source_.budget().vertices);
  if (static_cast<std::int64_t>(scene_.nodes.size()) >= most) {
    return error(fmt::format("has more than {} prims with their instances, which is more than allowed here", most),
                 {source_.file(), 0, 0});
  }
  const Affine world = place.world * local;
  if (!std::isnormal(math::determinant(world.linear)) || !std::isfinite(length(world.translation))) {
    notes_.add(fmt::format("{} has no size and is not shown, nor is what stands below it", path));
    return {};
  }
  const NodeId id(scene_.nodes.size());
  Node& node = scene_.nodes.emplace_back();
  node.path = path;
  node.parent = place.parent;
  node.parent_from_node = local;
  node.visible = values_.text(met.prim, "visibility", "inherited") != "invisible";
  add_semantics(met.prim, node);
  found_.nodes.push_back(met);
  if (!place.copied) found_.node_of.emplace(met.prim.path(), id.index());
  const Place below{
      id, path, world, purpose_of(met.prim, place.purpose), place.depth + 1, place.copied, place.instancers};
  WM_TRY_STATUS(fill(met, id, below.purpose));
  if (met.prim.type_name().text() == "PointInstancer") return add_instances(met, below);
  WM_TRY_STATUS(walk_children(met, below));
  // A folder with nothing in it that has a place (Looks, for one) is no node.
  const std::string_view type = met.prim.type_name().text();
  const bool empty = scene_.nodes.size() == id.index() + 1 && scene_.nodes.back().parts.empty() &&
                     !scene_.nodes.back().light.exists() && !scene_.nodes.back().camera.exists();
  if (empty && (type == "Scope" || type.empty()) && applied_schemas(met.prim).empty()) {
    scene_.nodes.pop_back();
    found_.nodes.pop_back();
    found_.node_of.erase(met.prim.path());
  }
  return {};
}

Status Builder::fill(const UsdNode& met, NodeId id, const std::string& purpose) {
  const std::string type(met.prim.type_name().text());
  const bool shown = purpose == "default" || purpose == "render";
  if (UsdShapes::is_shape(met.prim)) {
    if (shown) {
      WM_TRY(parts, shapes_.parts(met));
      auto& all = scene_.nodes[id.index()].parts;
      all.insert(all.end(), parts.begin(), parts.end());
    }
  } else if (type.ends_with("Light") || type == "DomeLight_1") {
    std::vector<Affine> local;
    Vec3 scale = scale_of(scene_.nodes[id.index()].parent_from_node);
    for (NodeId up = scene_.nodes[id.index()].parent; up.exists(); up = scene_.node(up).parent) {
      scale = scale * scale_of(scene_.node(up).parent_from_node);
    }
    if (const auto light = read_light(met.prim, values_, units_.meters, scale, pictures_, notes_)) {
      Node& node = scene_.nodes[id.index()];
      node.light = scene::LightId(scene_.lights.size());
      scene_.lights.push_back(light->light);
      node.parent_from_node = node.parent_from_node * Affine(light->prim_from_node, {});
    }
  } else if (type == "Camera") {
    scene_.nodes[id.index()].camera = scene::CameraId(scene_.cameras.size());
    scene_.cameras.push_back(read_camera(met.prim, values_, notes_));
  } else if (is_one_of(type, {"BasisCurves", "NurbsCurves", "HermiteCurves", "NurbsPatch", "Points", "TetMesh",
                              "Volume", "Capsule_1", "Cylinder_1", "ParticleField"})) {
    notes_.add(fmt::format("prims of type {} are not shown", type));
  }
  if (has_schema(met.prim, "PhysicsCollisionAPI")) found_.colliders.push_back({met, id.index(), {}});
  if (has_schema(met.prim, "SkelBindingAPI") && UsdShapes::is_shape(met.prim)) {
    notes_.add("skins are not applied: skinned meshes stand as they were modelled");
  }
  return {};
}

// A prim of our own writing that belongs to the node above it.
Status Builder::absorb(const UsdNode& met, NodeId into, const Affine& into_from_parent, const Place& place) {
  const Affine local = into_from_parent * local_transform(met.prim, values_, units_.meters, notes_).parent_from_prim;
  const std::string purpose = purpose_of(met.prim, place.purpose);
  const std::size_t colliders = found_.colliders.size();
  const scene::LightId had = scene_.nodes[into.index()].light;
  const Affine before = scene_.nodes[into.index()].parent_from_node;
  WM_TRY_STATUS(fill(met, into, purpose));
  // The light stands as its own prim does, which is turned as a dome's is, so that the node is as it was.
  if (scene_.nodes[into.index()].light != had) scene_.nodes[into.index()].parent_from_node = before;
  for (std::size_t i = colliders; i < found_.colliders.size(); ++i) found_.colliders[i].node_from_prim = local;
  const Path content = met.prim.is_instance() ? met.prim.shared_with() : met.canonical;
  for (const Prim& child : met.prim.children(true)) {
    if (!child.is_defined() || child.is_abstract() || !mark_of(child).part) continue;
    WM_TRY_STATUS(absorb({child, content.child(child.name())}, into, local, place));
  }
  return {};
}

std::vector<Affine> Builder::instance_transforms(const Prim& prim, std::size_t count) {
  const std::vector<float> positions = values_.floats(prim, "positions"), scales = values_.floats(prim, "scales");
  std::vector<float> turns = values_.floats(prim, "orientationsf");
  if (turns.size() != 4 * count) turns = values_.floats(prim, "orientations");
  std::vector<Affine> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (turns.size() == 4 * count) {
      const double x = turns[4 * i], y = turns[4 * i + 1], z = turns[4 * i + 2], w = turns[4 * i + 3];
      if (std::isnormal(x * x + y * y + z * z + w * w)) {
        all[i].linear = math::Rotation::normalized(w, x, y, z).matrix();
      }
    }
    if (scales.size() == 3 * count) {
      const Vec3 s{scales[3 * i], scales[3 * i + 1], scales[3 * i + 2]};
      all[i].linear = all[i].linear * math::Mat3{{s.x, 0, 0}, {0, s.y, 0}, {0, 0, s.z}};
    }
    if (positions.size() == 3 * count) {
      all[i].translation = Vec3{positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]} * units_.meters;
    }
  }
  return all;
}

std::vector<std::int64_t> whole_numbers(const Value& value) {
  std::vector<std::int64_t> out;
  if (value.is(usd::Type::int64_list_op))
    return value.content<usd::IntegerListOp>().is_explicit ? value.content<usd::IntegerListOp>().explicit_items
                                                           : value.content<usd::IntegerListOp>().prepended;
  if (!value.is(usd::Type::int64)) return out;
  for (std::size_t i = 0; i < value.size(); ++i) out.push_back(value.get<std::int64_t>(i));
  return out;
}

// UsdGeomPointInstancer: instance i shows prototype protoIndices[i]; its transform stands before the prototype's own.
Status Builder::add_instances(const UsdNode& met, const Place& place) {
  const std::vector<std::int32_t> which = values_.integers(met.prim, "protoIndices");
  const std::vector<Path> targets = usd::Property(met.prim, Token("prototypes")).targets();
  const std::vector<Affine> transforms = instance_transforms(met.prim, which.size());
  const auto ids = whole_numbers(values_.value(met.prim, "ids"));
  std::vector<std::int64_t> hidden = whole_numbers(values_.value(met.prim, "invisibleIds"));
  for (const std::int64_t id : whole_numbers(met.prim.metadata(Token("inactiveIds")))) hidden.push_back(id);
  std::sort(hidden.begin(), hidden.end());
  constexpr int kMostWithin = 16;
  if (place.instancers >= kMostWithin) {
    return error(fmt::format("{}: point instances within point instances are deeper than {}", place.path, kMostWithin),
                 {source_.file(), 0, 0});
  }
  for (std::size_t i = 0; i < which.size(); ++i) {
    const std::int64_t id = i < ids.size() ? ids[i] : static_cast<std::int64_t>(i);
    if (std::binary_search(hidden.begin(), hidden.end(), id)) continue;
    const auto target = static_cast<std::size_t>(which[i]);
    const Prim prototype = which[i] >= 0 && target < targets.size() ? stage_.find(targets[target]) : Prim();
    if (!prototype) {
      notes_.add(fmt::format("{}: some instances are of a prototype that is not there", met.prim.path().text()));
      continue;
    }
    Place inside = place;
    inside.copied = true;
    ++inside.instancers;
    const Affine local = transforms[i] * local_transform(prototype, values_, units_.meters, notes_).parent_from_prim;
    WM_TRY_STATUS(add_node({prototype, prototype.path()}, fmt::format("{}/instance_{}", place.path, i), local, inside));
  }
  return {};
}

Result<scene::Scene> Builder::build() {
  const Prim root = stage_.pseudo_root();
  WM_TRY_STATUS(walk_children({root, root.path()}, {}));
  const auto mesh = [&](const UsdNode& node) { return shapes_.collision(node); };
  const auto material = [&](const Prim& prim) { return shade_.bound(prim, "physics"); };
  WM_TRY_STATUS(read_physics(values_, units_, found_, mesh, material, scene_, notes_));
  if (scene_.meshes.empty() && scene_.lights.empty() && scene_.cameras.empty() && scene_.mechanics.empty()) {
    const std::vector<std::string> notes = notes_.take();
    const std::string why =
        notes.empty() ? "no prim of it is a shape, a light or a camera" : fmt::format("{}", fmt::join(notes, "; "));
    return error(fmt::format("has nothing to show: {}", why), {source_.file(), 0, 0});
  }
  return std::move(scene_);
}

// metersPerUnit, upAxis, kilogramsPerUnit of the root layer; OpenUSD's own fallbacks where it says nothing.
UsdUnits units_of(const usd::Layer& root, Notes& notes) {
  UsdUnits units;
  const auto number = [&](std::string_view key, double fallback) {
    const Value said = root.field(Path::root(), Token(key));
    if (!said) return fallback;
    const double n = said.number(0);
    if (std::isnormal(n) && n > 0) return n;
    notes.add(fmt::format("{} is not positive; {} is taken", key, fallback));
    return fallback;
  };
  if (!root.field(Path::root(), known("metersPerUnit")))
    notes.add("says no metersPerUnit: centimetres, as OpenUSD has it");
  units.meters = number("metersPerUnit", 0.01);
  units.kilograms = number("kilogramsPerUnit", 1);
  const std::string_view up = root.field(Path::root(), known("upAxis")).token().text();
  if (up != "Z" && up != "Y" && !up.empty())
    notes.add(fmt::format("upAxis is \"{}\", neither Y nor Z; Y is taken", up));
  if (up != "Z") units.scene_from_stage = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}};
  return units;
}

/// `text` without this machine's name of the folder of `file`, as given or as identifiers of layers spell it.
std::string without_folder(std::string text, const std::filesystem::path& file) {
  const std::filesystem::path given = file.parent_path();
  for (const auto& spelt : {given, std::filesystem::absolute(given).lexically_normal()}) {
    const std::string folder = (spelt / "").string();
    if (folder.size() < 2) continue;
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.erase(at, folder.size());
    }
  }
  return text;
}

}  // namespace

scene::PicturePtr UsdPictures::read(const Prim& prim, std::string_view attribute, const UsdValues& values) {
  const usd::Property property(prim, Token(attribute));
  std::string path = values.text(prim, attribute);
  const usd::Layer* layer = property ? property.value_layer() : nullptr;
  if (path.empty() || !layer) return nullptr;
  if (const std::size_t tile = path.find("<UDIM>"); tile != std::string::npos) {
    notes_.add("of pictures in tiles (UDIM) the first is read");
    path.replace(tile, 6, "1001");
  }
  std::string why;
  const std::string identifier = stage_.library().resolve(layer->identifier(), path, &why);
  const auto missing = [&](const std::string& reason) {
    notes_.add(fmt::format("the picture \"{}\" is left out: {}", path, reason));
    return nullptr;
  };
  if (identifier.empty()) return missing(why.empty() ? "it is not there" : why);
  if (const auto known_one = known_.find(identifier); known_one != known_.end()) return known_one->second;
  const auto bytes = stage_.library().read(identifier);
  if (!bytes) return known_[identifier] = missing(bytes.error().message);
  const auto [package, inside] = usd::split_package_path(identifier);
  const std::string name = std::filesystem::path(inside.empty() ? package : inside).filename().string();
  const auto picture = decode_picture(bytes->text(), source_.budget(), name, name);
  note_file(identifier);
  if (!picture) return known_[identifier] = missing(picture.error().message);
  return known_[identifier] = *picture;
}

void UsdPictures::note_file(const std::string& identifier) {
  const std::string file(usd::split_package_path(identifier).first);
  const std::filesystem::path folder = std::filesystem::path(source_.file()).parent_path();
  const std::string reference =
      std::filesystem::path(file).lexically_relative(folder.empty() ? "." : folder).generic_string();
  if (const auto bytes = stage_.library().read(file)) source_.note(reference, bytes->text());
}

Result<scene::Asset> import_usd(Source& source, const std::string& bytes, std::optional<double> time) {
  usd::Stage::Options options;
  const auto file_bytes = static_cast<std::uint64_t>(source.budget().file_bytes);
  options.library.budget = {file_bytes, 10'000'000, file_bytes};
  options.library.roots = source.roots().folders();
  if (options.library.roots.empty()) options.library.roots = {"/nowhere"};  // an empty list would allow all
  options.prims = static_cast<std::size_t>(std::min(kMostNodes, source.budget().vertices));
  WM_TRY(layer, usd::read_layer(usd::bytes_of(bytes), source.file(), options.library.budget));
  WM_TRY(stage, usd::Stage::open(layer, std::move(options)));
  Notes notes;
  std::size_t complaints = 0;
  for (const usd::CompositionError& one : stage->errors()) {
    if (++complaints <= kMostComplaints) notes.add(without_folder(one.message, source.file()));
  }
  if (complaints > kMostComplaints)
    notes.add(fmt::format("{} more things do not compose", complaints - kMostComplaints));
  const usd::Layer& root = stage->root().root();
  const Value start = root.field(Path::root(), known("startTimeCode"));
  Builder builder(*stage, source, UsdValues(time.value_or(start ? start.number() : 0)), units_of(root, notes), notes);
  std::vector<std::string> used;
  for (const usd::Layer* one : stage->used_layers()) used.push_back(one->identifier());
  std::sort(used.begin(), used.end());
  for (const std::string& identifier : used) builder.pictures().note_file(identifier);
  WM_TRY(scene, builder.build());
  return scene::Asset{std::move(scene), source.files(), notes.take()};
}

}  // namespace wm::import
