// The engine reads and compiles the text (classes, degrees, frames, replicas, inertias are resolved by it), then its
// numbers become the Scene's:
//
//   compiled model   poses, sizes, masses, inertias, limits, gains: what depended on how the file was written
//   spec             the rest of each element's fields, by table (worldmill/mujoco/fields.h), into its extras
//
// Every element keeps its order, so that the model made of the Scene again has the same state vector.
#include "worldmill/import/mjcf.h"

#include <fmt/format.h>
#include <mujoco/mjspec.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <set>

#include "worldmill/import/mjcf_look.h"
#include "worldmill/import/mjcf_text.h"
#include "worldmill/mujoco/engine.h"
#include "worldmill/mujoco/fields.h"

namespace wm::import {

using base::error;
using base::Value;
using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::BodyId;
using scene::NodeId;
using scene::ShapeKind;

namespace {

using SpecPtr = std::unique_ptr<mjSpec, decltype(&mj_deleteSpec)>;
using ModelPtr = std::unique_ptr<mjModel, decltype(&mj_deleteModel)>;

Vec3 vec(const mjtNum* from) {
  return {from[0], from[1], from[2]};
}
Rotation rotation(const mjtNum* from) {
  return {from[0], from[1], from[2], from[3]};
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text.starts_with("Error: ") ? text.substr(7) : text;
}

void set(Value& extras, const std::string& key, Value value) {
  auto& map = std::get<Value::Map>(extras.data);
  for (base::Entry& entry : map) {
    if (entry.key == key) return void(entry.value = std::move(value));
  }
  map.push_back({key, {}, std::move(value)});
}

Value list_of_numbers(const mjtNum* from, int count) {
  std::vector<Value> all;
  for (int i = 0; i < count; ++i) all.push_back(base::value_of(from[i]));
  return base::list_of(std::move(all));
}

Value whole(int number) {
  return base::value_of(static_cast<std::int64_t>(number));
}

class Reader {
 public:
  Reader(Source& source, const MjcfText& text, mjSpec& spec, Notes& notes)
      : source_(source), text_(text), spec_(spec), notes_(notes) {}

  /// Takes out what is only to be seen and cannot be; refuses when more is missing.
  Status drop_missing();
  Result<scene::Scene> read(const mjModel& model);

 private:
  base::Place place() const { return {source_.file(), 0, 0}; }
  void list_elements();
  void find_referenced();
  bool weighs(const mjsGeom& geom) const;
  void read_options();
  void read_tree();
  void add_body(int body, const std::string& name);
  void add_children(int body);
  void read_body(int body, NodeId node);
  void read_joint(int joint);
  void read_geom(int geom);
  void set_shape_kind(int geom, scene::Shape& shape);
  scene::SurfaceId surface_of(const mjtNum friction[3]);
  void read_site(int site);
  void read_tendon(int tendon);
  void read_actuator(int actuator);
  bool as_servo(int actuator, scene::Drive& drive) const;
  void read_equality(int equality);
  void read_flex(int flex);
  void read_sensor(int sensor);
  void read_pairs();
  void read_keyframes();
  void add_camera(int camera, NodeId parent, const std::string& path);

  template <class Id>
  Id find(mjtObj type, const std::string& name, const std::vector<int>& table) const {
    const mjsElement* element = name.empty() ? nullptr : mjs_findElement(&spec_, type, name.c_str());
    const int id = element ? mjs_getId(element) : -1;
    if (id < 0 || static_cast<std::size_t>(id) >= table.size() || table[static_cast<std::size_t>(id)] < 0) return {};
    return Id(static_cast<std::size_t>(table[static_cast<std::size_t>(id)]));
  }
  BodyId body(const std::string& name) const { return find<BodyId>(mjOBJ_BODY, name, bodies_); }
  scene::JointId joint(const std::string& name) const { return find<scene::JointId>(mjOBJ_JOINT, name, joints_); }
  scene::SiteId site(const std::string& name) const { return find<scene::SiteId>(mjOBJ_SITE, name, sites_); }
  scene::TendonId tendon(const std::string& name) const { return find<scene::TendonId>(mjOBJ_TENDON, name, tendons_); }
  scene::ShapeId shape(const std::string& name) const { return find<scene::ShapeId>(mjOBJ_GEOM, name, shapes_); }
  scene::Ref ref(int type, const std::string& name) const;
  std::string name_at(const int* addresses, int i) const { return m().names + addresses[i]; }
  const mjModel& m() const { return *model_; }

  template <class Spec>
  static Spec* of(const std::vector<Spec*>& elements, int id) {
    return elements[static_cast<std::size_t>(id)];
  }

  Source& source_;
  const MjcfText& text_;
  mjSpec& spec_;
  Notes& notes_;
  const mjModel* model_ = nullptr;
  scene::Scene scene_;
  scene::Mechanics& out_ = scene_.mechanics;
  std::unique_ptr<MjcfLook> look_;
  std::map<int, NodeId> static_nodes_;  // of the world's geoms that show something, so that selectors reach them
  // The engine's elements by number, and where each came to stand in our tables (-1: nowhere).
  std::vector<mjsBody*> body_specs_;
  std::vector<mjsJoint*> joint_specs_;
  std::vector<mjsGeom*> geom_specs_;
  std::vector<mjsSite*> site_specs_;
  std::vector<mjsTendon*> tendon_specs_;
  std::vector<mjsActuator*> actuator_specs_;
  std::vector<mjsEquality*> equality_specs_;
  std::vector<mjsFlex*> flex_specs_;
  std::vector<mjsSensor*> sensor_specs_;
  std::vector<int> bodies_, joints_, shapes_, sites_, tendons_, actuators_, flexes_;
  std::vector<NodeId> nodes_;         ///< [engine's body]; none: the world
  std::set<std::string> referenced_;  ///< Geoms that sensors and pairs name.
  std::set<const mjsBody*> unseen_;   ///< Bodies whose looks are missing: they show what they touch with.
  std::map<std::string, std::shared_ptr<const scene::MeshFile>> mesh_files_;
  std::map<std::array<double, 3>, scene::SurfaceId> surfaces_;
};

// Whether the mass of a geom counts for its body.
bool Reader::weighs(const mjsGeom& geom) const {
  const mjsBody* body = mjs_getParent(geom.element);
  const bool given = body && (body->explicitinertial || body->mass > 0);
  const mjsCompiler& compiler = spec_.compiler;
  if (compiler.inertiafromgeom == mjINERTIAFROMGEOM_FALSE) return false;
  if (compiler.inertiafromgeom == mjINERTIAFROMGEOM_AUTO && given) return false;
  if (geom.group < compiler.inertiagrouprange[0] || geom.group > compiler.inertiagrouprange[1]) return false;
  return std::isnan(geom.mass) ? geom.density > 0 : geom.mass > 0;
}

Status Reader::drop_missing() {
  std::vector<mjsGeom*> dropped;
  for (mjsElement* e = mjs_firstElement(&spec_, mjOBJ_GEOM); e; e = mjs_nextElement(&spec_, e)) {
    mjsGeom* geom = mjs_asGeom(e);
    const auto missing = text_.missing_meshes.find(mjs_getString(geom->meshname));
    if (missing == text_.missing_meshes.end()) continue;
    if (geom->contype != 0 || geom->conaffinity != 0 || weighs(*geom)) return error(missing->second, place());
    dropped.push_back(geom);
    unseen_.insert(mjs_getParent(geom->element));
    notes_.add(fmt::format("{}; it would only be seen", missing->second.substr(0, missing->second.find(';'))));
  }
  for (mjsGeom* geom : dropped) mjs_delete(&spec_, geom->element);
  return {};
}

template <class Spec, class As>
void list(const mjSpec& spec, mjtObj type, As as, mjtSize count, std::vector<Spec*>& to) {
  to.assign(static_cast<std::size_t>(count), nullptr);
  for (mjsElement* e = mjs_firstElement(&spec, type); e; e = mjs_nextElement(&spec, e)) {
    const int id = mjs_getId(e);
    if (id >= 0 && id < count) to[static_cast<std::size_t>(id)] = as(e);
  }
}

void Reader::list_elements() {
  list(spec_, mjOBJ_BODY, mjs_asBody, m().nbody, body_specs_);
  list(spec_, mjOBJ_JOINT, mjs_asJoint, m().njnt, joint_specs_);
  list(spec_, mjOBJ_GEOM, mjs_asGeom, m().ngeom, geom_specs_);
  list(spec_, mjOBJ_SITE, mjs_asSite, m().nsite, site_specs_);
  list(spec_, mjOBJ_TENDON, mjs_asTendon, m().ntendon, tendon_specs_);
  list(spec_, mjOBJ_ACTUATOR, mjs_asActuator, m().nactuator, actuator_specs_);
  list(spec_, mjOBJ_EQUALITY, mjs_asEquality, m().neq, equality_specs_);
  list(spec_, mjOBJ_FLEX, mjs_asFlex, m().nflex, flex_specs_);
  list(spec_, mjOBJ_SENSOR, mjs_asSensor, m().nsensor, sensor_specs_);
  const auto none = [](mjtSize count) { return std::vector<int>(static_cast<std::size_t>(count), -1); };
  bodies_ = none(m().nbody);
  joints_ = none(m().njnt);
  shapes_ = none(m().ngeom);
  sites_ = none(m().nsite);
  tendons_ = none(m().ntendon);
  actuators_ = none(m().nactuator);
  flexes_ = none(m().nflex);
  nodes_.resize(static_cast<std::size_t>(m().nbody));
}

void Reader::find_referenced() {
  for (const mjsSensor* sensor : sensor_specs_) {
    if (!sensor) continue;
    if (sensor->objtype == mjOBJ_GEOM) referenced_.insert(mjs_getString(sensor->objname));
    if (sensor->reftype == mjOBJ_GEOM) referenced_.insert(mjs_getString(sensor->refname));
  }
  for (mjsElement* e = mjs_firstElement(&spec_, mjOBJ_PAIR); e; e = mjs_nextElement(&spec_, e)) {
    referenced_.insert(mjs_getString(mjs_asPair(e)->geomname1));
    referenced_.insert(mjs_getString(mjs_asPair(e)->geomname2));
  }
}

Result<scene::Scene> Reader::read(const mjModel& model) {
  model_ = &model;
  if (m().nmeshvert + m().nmeshface + m().nhfielddata > source_.budget().vertices) {
    return error(fmt::format("has more than the {} vertices and triangles allowed here", source_.budget().vertices),
                 place());
  }
  look_ = std::make_unique<MjcfLook>(m(), text_, scene_, notes_);
  list_elements();
  find_referenced();
  read_options();
  read_tree();
  for (int i = 0; i < m().njnt; ++i) read_joint(i);
  for (int i = 0; i < m().ngeom; ++i) read_geom(i);
  for (int i = 0; i < m().nsite; ++i) read_site(i);
  for (int i = 0; i < m().ntendon; ++i) read_tendon(i);
  for (int i = 0; i < m().nactuator; ++i) read_actuator(i);
  for (int i = 0; i < m().nflex; ++i) read_flex(i);
  for (int i = 0; i < m().neq; ++i) read_equality(i);
  for (int i = 0; i < m().nsensor; ++i) read_sensor(i);
  read_pairs();
  read_keyframes();
  if (m().nlight > 0) notes_.add("lights are not read: they have no photometric units");
  if (m().nskin > 0) notes_.add("skins are not read");
  return std::move(scene_);
}

void Reader::read_options() {
  const mjOption& option = m().opt;
  scene::PhysicsOptions& to = out_.options;
  constexpr std::string_view kHandled[] = {"timestep", "gravity", "wind", "density", "viscosity"};
  out_.has_options = true;
  to.time_step = option.timestep;
  to.gravity = vec(option.gravity);
  to.wind = vec(option.wind);
  to.medium_density = option.density;
  to.medium_viscosity = option.viscosity;
  to.extras = mujoco::extras_of(option, kHandled);
}

void Reader::read_tree() {
  add_children(0);
}

// The bodies of a body, what it shows and its cameras: children of its node, with names that are unique among them.
void Reader::add_children(int body) {
  std::vector<std::string> names, fallbacks;
  std::vector<int> children, geoms, cameras;
  std::vector<std::optional<scene::Part>> parts;
  for (int i = body + 1; i < m().nbody; ++i) {
    if (m().body_parentid[i] != body) continue;
    children.push_back(i);
    names.push_back(name_at(m().name_bodyadr, i));
    fallbacks.push_back(fmt::format("body_{}", i));
  }
  for (int i = 0; i < m().ngeom; ++i) {
    if (m().geom_bodyid[i] != body) continue;
    auto part = look_->part_of(i, unseen_.contains(of(body_specs_, body)));
    if (!part) continue;
    geoms.push_back(i);
    parts.push_back(part);
    const int mesh = m().geom_dataid[i];
    const bool of_mesh = mesh >= 0 && m().geom_type[i] != mjGEOM_HFIELD;
    const std::string own = name_at(m().name_geomadr, i);
    names.push_back(own.empty() && of_mesh ? name_at(m().name_meshadr, mesh) : own);
    fallbacks.push_back(fmt::format("geom_{}", i));
  }
  for (int i = 0; i < m().ncam; ++i) {
    if (m().cam_bodyid[i] != body || m().cam_mode[i] != mjCAMLIGHT_FIXED) continue;
    cameras.push_back(i);
    names.push_back(name_at(m().name_camadr, i));
    fallbacks.push_back(fmt::format("camera_{}", i));
  }
  const std::vector<std::string> unique = sibling_names(names, fallbacks);
  const NodeId parent = nodes_[static_cast<std::size_t>(body)];
  const std::string path = parent.exists() ? scene_.node(parent).path : "";
  for (std::size_t i = 0; i < geoms.size(); ++i) {
    scene::Node node;
    node.path = path + "/" + unique[children.size() + i];
    node.parent = parent;
    node.parent_from_node =
        math::Affine(Pose{rotation(m().geom_quat + 4 * geoms[i]), vec(m().geom_pos + 3 * geoms[i])});
    node.parts.push_back(*parts[i]);
    if (body == 0) static_nodes_[geoms[i]] = NodeId(scene_.nodes.size());
    scene_.nodes.push_back(std::move(node));
  }
  for (std::size_t i = 0; i < cameras.size(); ++i) {
    add_camera(cameras[i], parent, path + "/" + unique[children.size() + geoms.size() + i]);
  }
  for (std::size_t i = 0; i < children.size(); ++i) add_body(children[i], path + "/" + unique[i]);
}

void Reader::add_body(int body, const std::string& path) {
  scene::Node node;
  node.path = path;
  node.parent = nodes_[static_cast<std::size_t>(m().body_parentid[body])];
  node.parent_from_node = math::Affine(Pose{rotation(m().body_quat + 4 * body), vec(m().body_pos + 3 * body)});
  const NodeId id(scene_.nodes.size());
  nodes_[static_cast<std::size_t>(body)] = id;
  scene_.nodes.push_back(std::move(node));
  read_body(body, id);
  add_children(body);
}

void Reader::read_body(int body, NodeId node) {
  constexpr std::string_view kHandled[] = {
      "childclass",  "pos",   "quat",     "mass",     "ipos", "iquat",  "inertia",
      "fullinertia", "mocap", "gravcomp", "userdata", "fuse", "simple", "explicitinertial"};
  scene::Body to;
  to.node = node;
  to.mass = m().body_mass[body];
  to.inertia = vec(m().body_inertia + 3 * body);
  to.center = vec(m().body_ipos + 3 * body);
  to.axes = rotation(m().body_iquat + 4 * body);
  to.gravity_compensation = m().body_gravcomp[body];
  to.kinematic = m().body_mocapid[body] >= 0;
  to.extras = mujoco::extras_of(*of(body_specs_, body), kHandled);
  set(to.extras, "quat", list_of_numbers(m().body_quat + 4 * body, 4));
  bodies_[static_cast<std::size_t>(body)] = static_cast<int>(out_.bodies.size());
  out_.bodies.push_back(std::move(to));
}

// A polynomial's higher terms, where there are any, with the first.
void set_polynomial(Value& extras, const char* key, double first, const mjtNum* higher) {
  if (higher[0] == 0 && higher[1] == 0) return;
  const mjtNum all[] = {first, higher[0], higher[1]};
  set(extras, key, list_of_numbers(all, 3));
}

void Reader::read_joint(int i) {
  constexpr std::string_view kHandled[] = {"type",          "pos",        "axis",         "ref",      "align",
                                           "stiffness",     "springref",  "springdamper", "limited",  "range",
                                           "armature",      "damping",    "frictionloss", "userdata", "springyield",
                                           "actfrclimited", "actfrcrange"};
  scene::Joint to;
  constexpr scene::JointKind kKinds[] = {scene::JointKind::free, scene::JointKind::ball, scene::JointKind::slider,
                                         scene::JointKind::hinge};
  const int dof = m().jnt_dofadr[i], position = m().jnt_qposadr[i];
  to.name = name_at(m().name_jntadr, i);
  to.body = BodyId(static_cast<std::size_t>(bodies_[static_cast<std::size_t>(m().jnt_bodyid[i])]));
  to.kind = kKinds[m().jnt_type[i]];
  to.anchor = vec(m().jnt_pos + 3 * i);
  to.axis = vec(m().jnt_axis + 3 * i);
  if (to.coordinates() == 1) {
    to.reference = m().qpos0[position];
    to.spring_reference = m().qpos_spring[position];
  }
  to.limited = m().jnt_limited[i];
  to.lower = m().jnt_range[2 * i], to.upper = m().jnt_range[2 * i + 1];
  to.stiffness = m().jnt_stiffness[i];
  to.damping = m().dof_damping[dof];
  to.armature = m().dof_armature[dof];
  to.friction_loss = m().dof_frictionloss[dof];
  to.extras = mujoco::extras_of(*of(joint_specs_, i), kHandled);
  set_polynomial(to.extras, "stiffness", to.stiffness, m().jnt_stiffnesspoly + mjNPOLY * i);
  set_polynomial(to.extras, "damping", to.damping, m().dof_dampingpoly + mjNPOLY * dof);
  if (m().jnt_springyield[i] != 0) set(to.extras, "springyield", base::value_of(m().jnt_springyield[i]));
  set(to.extras, "actfrclimited", whole(m().jnt_actfrclimited[i]));
  if (m().jnt_actfrclimited[i]) set(to.extras, "actfrcrange", list_of_numbers(m().jnt_actfrcrange + 2 * i, 2));
  joints_[static_cast<std::size_t>(i)] = static_cast<int>(out_.joints.size());
  out_.joints.push_back(std::move(to));
}

scene::SurfaceId Reader::surface_of(const mjtNum friction[3]) {
  const auto [known, is_new] =
      surfaces_.try_emplace({friction[0], friction[1], friction[2]}, scene::SurfaceId(out_.surfaces.size()));
  if (is_new) {
    out_.surfaces.push_back({.name = fmt::format("surface_{}", out_.surfaces.size()),
                             .friction = friction[0],
                             .static_friction = friction[0],
                             .torsional_friction = friction[1],
                             .rolling_friction = friction[2]});
  }
  return known->second;
}

void Reader::read_geom(int i) {
  constexpr std::string_view kHandled[] = {"type",        "pos",         "quat",     "fromto",    "size",
                                           "contype",     "conaffinity", "friction", "mass",      "density",
                                           "typeinertia", "material",    "rgba",     "group",     "hfieldname",
                                           "meshname",    "fitscale",    "userdata", "surfacevel"};
  const mjsGeom& spec = *of(geom_specs_, i);
  const int type = m().geom_type[i];
  const bool touches = m().geom_contype[i] != 0 || m().geom_conaffinity[i] != 0;
  const bool heavy = type == mjGEOM_MESH || type == mjGEOM_SDF || type == mjGEOM_HFIELD;
  const std::string name = name_at(m().name_geomadr, i);
  if (!touches && heavy && !text_.sees && (name.empty() || !referenced_.contains(name))) return;
  scene::Shape to;
  to.name = name;
  to.node = nodes_[static_cast<std::size_t>(m().geom_bodyid[i])];
  to.node_from_shape = {rotation(m().geom_quat + 4 * i), vec(m().geom_pos + 3 * i)};
  if (const auto own = static_nodes_.find(i); own != static_nodes_.end()) {
    to.node = own->second;
    to.node_from_shape = {};
  }
  set_shape_kind(i, to);
  to.surface = surface_of(m().geom_friction + 3 * i);
  to.density = 0;  // the bodies say what they weigh
  to.category = static_cast<std::uint32_t>(m().geom_contype[i]);
  to.collides_with = static_cast<std::uint32_t>(m().geom_conaffinity[i]);
  to.extras = mujoco::extras_of(spec, kHandled);
  const mjtNum* speed = m().geom_surfacevel + 6 * i;
  if (std::any_of(speed, speed + 6, [](mjtNum v) { return v != 0; })) {
    set(to.extras, "surfacevel", list_of_numbers(speed, 6));
  }
  shapes_[static_cast<std::size_t>(i)] = static_cast<int>(out_.shapes.size());
  out_.shapes.push_back(std::move(to));
}

void Reader::set_shape_kind(int i, scene::Shape& shape) {
  constexpr ShapeKind kKinds[] = {ShapeKind::plane,   ShapeKind::height_field, ShapeKind::sphere,
                                  ShapeKind::capsule, ShapeKind::ellipsoid,    ShapeKind::cylinder,
                                  ShapeKind::box,     ShapeKind::hull,         ShapeKind::distance_field};
  shape.kind = kKinds[m().geom_type[i]];
  const int data = m().geom_dataid[i];
  if (shape.kind == ShapeKind::height_field) {
    auto heights = std::make_shared<scene::HeightField>();
    heights->rows = m().hfield_nrow[data];
    heights->columns = m().hfield_ncol[data];
    heights->half_size = vec(m().hfield_size + 4 * data);
    heights->base = m().hfield_size[4 * data + 3];
    const float* values = m().hfield_data + m().hfield_adr[data];
    heights->values.assign(values, values + static_cast<std::ptrdiff_t>(heights->rows) * heights->columns);
    shape.heights = std::move(heights);
    return;
  }
  if (shape.kind != ShapeKind::hull && shape.kind != ShapeKind::distance_field) {
    shape.size = vec(m().geom_size + 3 * i);
    return;
  }
  // The engine moved the mesh's frame into its centre; ours stays where the file has it.
  const Pose mesh{rotation(m().mesh_quat + 4 * data), vec(m().mesh_pos + 3 * data)};
  shape.node_from_shape = shape.node_from_shape * mesh.inverse();
  const std::string name = name_at(m().name_meshadr, data);
  std::shared_ptr<const scene::MeshFile>& file = mesh_files_[name];
  const auto written = text_.meshes.find(name);
  if (!file && written != text_.meshes.end()) {
    constexpr std::string_view kHandled[] = {"file", "content_type", "material"};
    auto copy = std::make_shared<scene::MeshFile>(*written->second);
    copy->extras = mujoco::extras_of(*mjs_asMesh(mjs_findElement(&spec_, mjOBJ_MESH, name.c_str())), kHandled);
    file = std::move(copy);
  }
  shape.file = file;
  if (file) return;
  // Made by the engine itself (builtin): as it made it.
  shape.node_from_shape = shape.node_from_shape * mesh;
  auto made = std::make_shared<geometry::Mesh>();
  const float* vertices = m().mesh_vert + 3 * m().mesh_vertadr[data];
  for (int v = 0; v < m().mesh_vertnum[data]; ++v) {
    made->positions.push_back({vertices[3 * v], vertices[3 * v + 1], vertices[3 * v + 2]});
  }
  const int* faces = m().mesh_face + 3 * m().mesh_faceadr[data];
  for (int f = 0; f < m().mesh_facenum[data]; ++f) {
    made->triangles.push_back({static_cast<std::uint32_t>(faces[3 * f]), static_cast<std::uint32_t>(faces[3 * f + 1]),
                               static_cast<std::uint32_t>(faces[3 * f + 2])});
  }
  shape.mesh = std::move(made);
}

void Reader::read_site(int i) {
  constexpr std::string_view kHandled[] = {"pos",   "quat", "fromto",   "size",    "material",
                                           "group", "rgba", "meshname", "userdata"};
  scene::Site to;
  to.name = name_at(m().name_siteadr, i);
  to.node = nodes_[static_cast<std::size_t>(m().site_bodyid[i])];
  to.node_from_site = {rotation(m().site_quat + 4 * i), vec(m().site_pos + 3 * i)};
  to.extras = mujoco::extras_of(*of(site_specs_, i), kHandled);
  set(to.extras, "size", list_of_numbers(m().site_size + 3 * i, 3));
  sites_[static_cast<std::size_t>(i)] = static_cast<int>(out_.sites.size());
  out_.sites.push_back(std::move(to));
}

void Reader::read_tendon(int i) {
  constexpr std::string_view kHandled[] = {"stiffness", "springlength", "damping",       "frictionloss", "armature",
                                           "limited",   "range",        "material",      "width",        "rgba",
                                           "group",     "userdata",     "actfrclimited", "actfrcrange"};
  const mjsTendon& spec = *of(tendon_specs_, i);
  scene::Tendon to;
  to.name = name_at(m().name_tendonadr, i);
  for (int w = 0; w < mjs_getWrapNum(&spec); ++w) {
    const mjsWrap* wrap = mjs_getWrap(&spec, w);
    scene::TendonHold hold;
    mjsElement* target = mjs_getWrapTarget(wrap);
    const int id = target ? mjs_getId(target) : -1;
    const auto at = [&](const std::vector<int>& table) {
      return static_cast<std::size_t>(table[static_cast<std::size_t>(id)]);
    };
    if (wrap->type == mjWRAP_JOINT) {
      hold.joint = scene::JointId(at(joints_));
      hold.factor = mjs_getWrapCoef(wrap);
    } else if (wrap->type == mjWRAP_PULLEY) {
      hold.factor = mjs_getWrapDivisor(wrap);
    } else if (wrap->type == mjWRAP_SITE) {
      hold.site = scene::SiteId(at(sites_));
    } else {
      hold.shape = scene::ShapeId(at(shapes_));
      const mjsSite* side = mjs_getWrapSideSite(wrap);
      if (side) {
        hold.side = scene::SiteId(static_cast<std::size_t>(sites_[static_cast<std::size_t>(mjs_getId(side->element))]));
      }
    }
    to.path.push_back(hold);
  }
  to.limited = m().tendon_limited[i];
  to.lower = m().tendon_range[2 * i], to.upper = m().tendon_range[2 * i + 1];
  to.stiffness = m().tendon_stiffness[i];
  to.damping = m().tendon_damping[i];
  to.friction_loss = m().tendon_frictionloss[i];
  to.armature = m().tendon_armature[i];
  to.rest_length = {spec.springlength[0], spec.springlength[1]};
  to.extras = mujoco::extras_of(spec, kHandled);
  set_polynomial(to.extras, "stiffness", to.stiffness, m().tendon_stiffnesspoly + mjNPOLY * i);
  set_polynomial(to.extras, "damping", to.damping, m().tendon_dampingpoly + mjNPOLY * i);
  set(to.extras, "actfrclimited", whole(m().tendon_actfrclimited[i]));
  if (m().tendon_actfrclimited[i]) set(to.extras, "actfrcrange", list_of_numbers(m().tendon_actfrcrange + 2 * i, 2));
  tendons_[static_cast<std::size_t>(i)] = static_cast<int>(out_.tendons.size());
  out_.tendons.push_back(std::move(to));
}

// Whether an actuator is a motor or a servo of position or velocity, whose gains may be varied.
bool Reader::as_servo(int i, scene::Drive& drive) const {
  const mjtNum *gain = m().actuator_gainprm + mjNGAIN * i, *bias = m().actuator_biasprm + mjNBIAS * i;
  const auto zero_after = [](const mjtNum* values, int first, int count) {
    return std::all_of(values + first, values + count, [](mjtNum v) { return v == 0; });
  };
  if (m().actuator_dyntype[i] != mjDYN_NONE || m().actuator_gaintype[i] != mjGAIN_FIXED ||
      !zero_after(gain, 1, mjNGAIN)) {
    return false;
  }
  if (m().actuator_biastype[i] == mjBIAS_NONE && gain[0] == 1) {
    drive.kind = scene::DriveKind::motor;
    return true;
  }
  if (m().actuator_biastype[i] != mjBIAS_AFFINE || bias[0] != 0 || bias[2] > 0 || !zero_after(bias, 3, mjNBIAS))
    return false;
  drive.damping = bias[2] == 0 ? 0 : -bias[2];
  if (bias[1] != 0 && bias[1] == -gain[0]) {
    drive.kind = scene::DriveKind::position;
    drive.stiffness = gain[0];
    return true;
  }
  if (bias[1] == 0 && bias[2] == -gain[0] && gain[0] != 0) {
    drive.kind = scene::DriveKind::velocity;
    return true;
  }
  return false;
}

void Reader::read_actuator(int i) {
  constexpr std::string_view kHandled[] = {
      "type",       "gaintype", "gainprm",      "biastype",    "biasprm",   "target",       "refsite",
      "slidersite", "gear",     "inheritrange", "ctrllimited", "ctrlrange", "forcelimited", "forcerange",
      "actlimited", "actrange", "lengthrange",  "userdata",    "group",     "dynprm",       "damping"};
  const mjsActuator& spec = *of(actuator_specs_, i);
  scene::Drive to;
  to.name = name_at(m().name_actuatoradr, i);
  const std::string target = mjs_getString(spec.target);
  const int kind = m().actuator_trntype[i];
  if (kind == mjTRN_JOINT || kind == mjTRN_JOINTINPARENT) to.joint = joint(target);
  if (kind == mjTRN_TENDON) to.tendon = tendon(target);
  if (kind == mjTRN_SITE || kind == mjTRN_SLIDERCRANK || kind == mjTRN_SO3) to.site = site(target);
  if (kind == mjTRN_BODY) to.body = body(target);
  to.reference_site = site(mjs_getString(kind == mjTRN_SLIDERCRANK ? spec.slidersite : spec.refsite));
  const int first = m().actuator_outadr[i], control = m().actuator_ctrladr[i];
  const bool one_control = m().actuator_ctrlnum[i] == 1;
  to.gear = m().actuator_gear[6 * first];
  to.command_limited = one_control && m().actuator_ctrllimited[control];
  if (one_control)
    to.lower_command = m().actuator_ctrlrange[2 * control], to.upper_command = m().actuator_ctrlrange[2 * control + 1];
  to.force_limited = m().actuator_forcelimited[i];
  to.lower_force = m().actuator_forcerange[2 * i], to.upper_force = m().actuator_forcerange[2 * i + 1];
  to.extras = mujoco::extras_of(spec, kHandled);
  const mjtNum* gear = m().actuator_gear + 6 * first;
  if (std::any_of(gear + 1, gear + 6, [](mjtNum g) { return g != 0; }))
    set(to.extras, "gear", list_of_numbers(gear, 6));
  if (!as_servo(i, to)) {
    to.kind = scene::DriveKind::general;
    set(to.extras, "gaintype", whole(m().actuator_gaintype[i]));
    set(to.extras, "gainprm", list_of_numbers(m().actuator_gainprm + mjNGAIN * i, mjNGAIN));
    set(to.extras, "biastype", whole(m().actuator_biastype[i]));
    set(to.extras, "biasprm", list_of_numbers(m().actuator_biasprm + mjNBIAS * i, mjNBIAS));
  }
  set(to.extras, "dynprm", list_of_numbers(m().actuator_dynprm + mjNDYN * i, mjNDYN));
  set(to.extras, "actlimited", whole(m().actuator_actlimited[i]));
  if (m().actuator_actlimited[i]) set(to.extras, "actrange", list_of_numbers(m().actuator_actrange + 2 * i, 2));
  if (spec.damping[0] != 0) set(to.extras, "damping", list_of_numbers(spec.damping, 3));
  const mjtNum* length = m().actuator_lengthrange + 2 * first;
  if (length[0] != 0 || length[1] != 0) set(to.extras, "lengthrange", list_of_numbers(length, 2));
  actuators_[static_cast<std::size_t>(i)] = static_cast<int>(out_.drives.size());
  out_.drives.push_back(std::move(to));
}

void Reader::read_equality(int i) {
  constexpr std::string_view kHandled[] = {"type", "data", "active", "name1", "name2", "objtype"};
  const mjsEquality& spec = *of(equality_specs_, i);
  scene::Constraint to;
  to.name = name_at(m().name_eqadr, i);
  to.active = spec.active;
  to.extras = mujoco::extras_of(spec, kHandled);
  const std::string a = mjs_getString(spec.name1), b = mjs_getString(spec.name2);
  if (spec.type == mjEQ_CONNECT || spec.type == mjEQ_WELD) {
    to.kind = spec.type == mjEQ_WELD ? scene::ConstraintKind::weld : scene::ConstraintKind::connect;
    if (spec.objtype == mjOBJ_SITE) {
      to.site_a = site(a), to.site_b = site(b);
    } else {
      to.body_a = body(a), to.body_b = body(b);
      if (!to.body_a.exists()) {
        notes_.add(fmt::format("the constraint \"{}\" of the world with a body is not read", to.name));
        return;
      }
    }
    to.anchor = vec(spec.data);
    to.torque_scale = spec.data[10];
    to.relative_given = std::any_of(spec.data + 6, spec.data + 10, [](double v) { return v != 0; });
    if (to.relative_given) to.relative = {rotation(spec.data + 6), vec(spec.data + 3)};
  } else if (spec.type == mjEQ_JOINT || spec.type == mjEQ_TENDON) {
    to.kind = spec.type == mjEQ_JOINT ? scene::ConstraintKind::joint : scene::ConstraintKind::tendon;
    if (spec.type == mjEQ_JOINT) {
      to.joint_a = joint(a), to.joint_b = joint(b);
    } else {
      to.tendon_a = tendon(a), to.tendon_b = tendon(b);
    }
    std::copy_n(spec.data, to.polynomial.size(), to.polynomial.begin());
  } else {
    to.kind = scene::ConstraintKind::edges;
    const mjsElement* flex = mjs_findElement(&spec_, mjOBJ_FLEX, a.c_str());
    to.deformable = flex ? flexes_[static_cast<std::size_t>(mjs_getId(flex))] : -1;
    if (spec.type != mjEQ_FLEX) set(to.extras, "type", whole(spec.type));
    set(to.extras, "data", list_of_numbers(spec.data, mjNEQDATA));
  }
  out_.constraints.push_back(std::move(to));
}

void Reader::read_flex(int i) {
  constexpr std::string_view kHandled[] = {"friction", "dim",       "radius", "young",    "poisson",
                                           "damping",  "thickness", "rgba",   "material", "nodebody",
                                           "vertbody", "vert",      "group",  "flatskin"};
  const mjsFlex& spec = *of(flex_specs_, i);
  scene::Deformable to;
  to.name = name_at(m().name_flexadr, i);
  to.dimension = spec.dim;
  const auto bodies = [&](const mjStringVec* names) {
    std::vector<BodyId> all;
    for (int k = 0;; ++k) {
      const char* name = mjs_getInStringVec(names, k);
      if (!name) return all;
      all.push_back(body(name));
    }
  };
  to.vertices = bodies(spec.vertbody);
  to.nodes = bodies(spec.nodebody);
  int count = 0;
  const double* points = mjs_getDouble(spec.vert, &count);
  for (int k = 0; k + 2 < count; k += 3) to.points.push_back(vec(points + k));
  const int* elements = m().flex_elem + m().flex_elemdataadr[i];
  to.elements.assign(elements, elements + static_cast<std::ptrdiff_t>(m().flex_elemnum[i]) * (spec.dim + 1));
  to.radius = spec.radius;
  to.youngs_modulus = spec.young;
  to.poisson_ratio = spec.poisson;
  to.damping = spec.damping;
  to.thickness = spec.thickness;
  to.surface = surface_of(spec.friction);
  to.extras = mujoco::extras_of(spec, kHandled);
  notes_.add("deformables are simulated, but not drawn");
  flexes_[static_cast<std::size_t>(i)] = static_cast<int>(out_.deformables.size());
  out_.deformables.push_back(std::move(to));
}

scene::Ref Reader::ref(int type, const std::string& name) const {
  const auto to = [](scene::Ref::Kind kind, auto id) {
    return id.exists() ? scene::Ref{kind, static_cast<std::uint32_t>(id.index())} : scene::Ref{};
  };
  switch (type) {
    case mjOBJ_BODY:
    case mjOBJ_XBODY:
      return to(scene::Ref::Kind::body, body(name));
    case mjOBJ_JOINT:
      return to(scene::Ref::Kind::joint, joint(name));
    case mjOBJ_GEOM:
      return to(scene::Ref::Kind::shape, shape(name));
    case mjOBJ_SITE:
      return to(scene::Ref::Kind::site, site(name));
    case mjOBJ_TENDON:
      return to(scene::Ref::Kind::tendon, tendon(name));
    case mjOBJ_ACTUATOR:
      return to(scene::Ref::Kind::drive, find<scene::DriveId>(mjOBJ_ACTUATOR, name, actuators_));
    default:
      return {};
  }
}

void Reader::read_sensor(int i) {
  constexpr std::string_view kHandled[] = {"objname", "refname", "userdata"};
  const mjsSensor& spec = *of(sensor_specs_, i);
  scene::StateSensor to;
  to.name = name_at(m().name_sensoradr, i);
  const std::string object = mjs_getString(spec.objname), reference = mjs_getString(spec.refname);
  to.object = ref(spec.objtype, object);
  to.reference = ref(spec.reftype, reference);
  if ((!object.empty() && to.object.kind == scene::Ref::Kind::none) ||
      (!reference.empty() && to.reference.kind == scene::Ref::Kind::none)) {
    notes_.add(fmt::format("the sensor \"{}\" looks at what is not read, and is not read either", to.name));
    return;
  }
  to.extras = mujoco::extras_of(spec, kHandled);
  out_.sensors.push_back(std::move(to));
}

void Reader::read_pairs() {
  constexpr std::string_view kHandled[] = {"geomname1", "geomname2"};
  for (mjsElement* e = mjs_firstElement(&spec_, mjOBJ_PAIR); e; e = mjs_nextElement(&spec_, e)) {
    const mjsPair& spec = *mjs_asPair(e);
    out_.pairs.push_back({shape(mjs_getString(spec.geomname1)), shape(mjs_getString(spec.geomname2)),
                          mujoco::extras_of(spec, kHandled)});
  }
  for (mjsElement* e = mjs_firstElement(&spec_, mjOBJ_EXCLUDE); e; e = mjs_nextElement(&spec_, e)) {
    const mjsExclude& spec = *mjs_asExclude(e);
    out_.excludes.push_back({body(mjs_getString(spec.bodyname1)), body(mjs_getString(spec.bodyname2))});
  }
}

void Reader::read_keyframes() {
  const auto row = [](const mjtNum* from, int key, mjtSize length) {
    return std::vector<double>(from + key * length, from + (key + 1) * length);
  };
  for (int i = 0; i < m().nkey; ++i) {
    scene::Keyframe to;
    to.name = name_at(m().name_keyadr, i);
    to.time = m().key_time[i];
    to.positions = row(m().key_qpos, i, m().nq);
    to.velocities = row(m().key_qvel, i, m().nv);
    to.activations = row(m().key_act, i, m().na);
    to.commands = row(m().key_ctrl, i, m().nu);
    to.kinematic_positions = row(m().key_mpos, i, 3 * m().nmocap);
    to.kinematic_rotations = row(m().key_mquat, i, 4 * m().nmocap);
    out_.keyframes.push_back(std::move(to));
  }
}

void Reader::add_camera(int i, NodeId parent, const std::string& path) {
  scene::Node node;
  node.path = path;
  node.parent = parent;
  node.parent_from_node = math::Affine(Pose{rotation(m().cam_quat + 4 * i), vec(m().cam_pos + 3 * i)});
  node.camera = scene::CameraId(scene_.cameras.size());
  scene_.cameras.push_back({.name = name_at(m().name_camadr, i),
                            .vertical_fov = m().cam_fovy[i] * (mjPI / 180),
                            .orthographic = m().cam_projection[i] == mjPROJ_ORTHOGRAPHIC});
  scene_.nodes.push_back(std::move(node));
}

}  // namespace

Result<scene::Asset> import_mjcf(Source& source, const std::string& bytes) {
  Notes notes;
  WM_TRY(text, prepare_mjcf(source, bytes, notes));
  mujoco::silence();
  mujoco::MemoryDisk files;
  for (const auto& [name, content] : text.files) files.add(name, content);
  char why[1000] = "";
  const SpecPtr spec(mj_parseXMLString(text.xml.c_str(), files.get(), why, sizeof why), mj_deleteSpec);
  if (!spec) return error("the engine does not take it: " + one_line(why), {source.file()});
  spec->compiler.usethread = false;  // results must not depend on threads
  Reader reader(source, text, *spec, notes);
  WM_TRY_STATUS(reader.drop_missing());
  const ModelPtr model(mj_compile(spec.get(), files.get()), mj_deleteModel);
  if (!model) {
    return error("the engine does not take it: " + one_line(mjs_getError(spec.get())), {source.file()});
  }
  WM_TRY(scene, reader.read(*model));
  scene::Asset asset{std::move(scene), source.files(), notes.take()};
  if (!asset.scene.meshes.empty() || !asset.scene.mechanics.bodies.empty()) return asset;
  return error("has nothing to show: it has no geoms and no bodies", {source.file()});
}

}  // namespace wm::import
