// A Scene's bodies become the engine's tree:
//
//   node with a Body        -> body, below the nearest node above that has one; its pose is the product of the nodes'
//   Shape, Site, Joint      -> on that body, in its frame; what scale the nodes have goes into sizes and vertices
//   Surface                 -> friction of the geoms that have it; restitution: the contact's spring and damper
//   extras                  -> written last, so that they win
//
// Names in the engine are paths and names of the Scene, so that its complaints can be read.
#include "worldmill/physics/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "worldmill/base/hash.h"
#include "worldmill/math/elementary.h"
#include "worldmill/mujoco/engine.h"
#include "worldmill/mujoco/fields.h"
#include "worldmill/physics/solver.h"

namespace wm::physics {

using base::error;
using math::Affine;
using math::Mat3;
using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::BodyId;
using scene::Mechanics;
using scene::NodeId;
using scene::Shape;
using scene::ShapeKind;

namespace {

void put(double to[3], Vec3 v) {
  to[0] = v.x, to[1] = v.y, to[2] = v.z;
}

void put(double to[4], const Rotation& r) {
  to[0] = r.w, to[1] = r.x, to[2] = r.y, to[3] = r.z;
}

constexpr double kTiny = 1e-9;

bool is_rotation(const Mat3& m) {
  const Mat3 square = m * math::transposed(m);
  const auto near = [](Vec3 a, Vec3 b) { return math::length(a - b) < kTiny; };
  return near(square.row0, {1, 0, 0}) && near(square.row1, {0, 1, 0}) && near(square.row2, {0, 0, 1}) &&
         math::determinant(m) > 0;
}

bool is_diagonal(const Mat3& m, double size) {
  return std::abs(m.row0.y) + std::abs(m.row0.z) + std::abs(m.row1.x) + std::abs(m.row1.z) + std::abs(m.row2.x) +
             std::abs(m.row2.y) <
         1e-6 * size;
}

// A quaternion in the extras is the node's rotation to the last bit and with its author's sign, if it still is that.
void keep_rotation(const Pose& pose, double quat[4]) {
  const Rotation& r = pose.rotation;
  const double along = r.w * quat[0] + r.x * quat[1] + r.y * quat[2] + r.z * quat[3];
  if (std::abs(std::abs(along) - 1) > 1e-14) put(quat, r);
}

class Builder {
 public:
  explicit Builder(const scene::Scene& scene) : scene_(scene), m_(scene.mechanics), spec_(mj_makeSpec()) {}

  Result<Built> build();

 private:
  Result<Built> compile();
  Status add_options();
  Status place_nodes();
  Status add_bodies();
  Status add_shapes();
  Status add_shape(std::size_t index);
  Status set_shape(const Shape& shape, std::size_t index, mjsGeom& geom, Frame& frame);
  Status scale_size(const Shape& shape, const Frame& frame, Vec3& size, mjsGeom& geom);
  void set_surface(const Shape& shape, mjsGeom& geom);
  Result<std::string> mesh_of(const geometry::Mesh& mesh, const Frame& frame, const std::string& shape);
  Result<std::string> mesh_of(const scene::MeshFile& file, const std::string& shape);
  std::string heights_of(const scene::HeightField& heights);
  Status add_joints();
  Status add_sites();
  Status add_tendons();
  Status add_drives();
  Status set_drive(const scene::Drive& drive, const std::string& name, mjsActuator& actuator);
  Status add_constraints();
  Status set_constraint(const scene::Constraint& c, const std::string& name, mjsEquality& equality);
  Status add_distance(const scene::Constraint& c, const std::string& name);
  Status add_deformables();
  Status hold_length(const std::string& rope);
  Status add_contacts();
  void exclude_joined();
  Status add_sensors();
  Status adopt_masses(Built& built);

  // Names that are unique in the engine.
  template <class Table>
  std::string name_of(const Table& table, std::size_t index) const {
    const std::string& name = table[index].name;
    return name.empty() ? fmt::format("#{}", index) : name;
  }
  std::string body_name(BodyId id) const { return id.exists() ? path_of(m_.bodies[id.index()].node) : "world"; }
  std::string joint_name(scene::JointId id) const { return name_of(m_.joints, id.index()); }
  std::string site_name(scene::SiteId id) const { return name_of(m_.sites, id.index()); }
  std::string tendon_name(scene::TendonId id) const { return name_of(m_.tendons, id.index()); }
  std::string shape_name(scene::ShapeId id) const { return name_of(m_.shapes, id.index()); }
  std::string path_of(NodeId id) const { return id.exists() ? scene_.node(id).path : "/"; }
  BodyId body_above(BodyId id) const {
    const NodeId above = scene_.node(m_.bodies[id.index()].node).parent;
    return above.exists() ? placement_.nodes[above.index()].body : BodyId();
  }
  mjsBody* body_of(BodyId id) { return id.exists() ? bodies_[id.index()] : mjs_findBody(spec_.get(), "world"); }

  template <class Spec>
  Status named(Spec& spec, const std::string& kind, const std::string& name) {
    if (mjs_setName(spec.element, name.c_str()) == 0) return {};
    return error(fmt::format("{} \"{}\": there is another of that name; give it one of its own", kind, name));
  }
  template <class Spec>
  Status with_extras(Spec& spec, const base::Value& extras, const std::string& kind, const std::string& name) {
    auto set = mujoco::set_extras(spec, extras);
    if (set) return {};
    return error(fmt::format("{} \"{}\": {}", kind, name, set.error().message), set.error().place);
  }

  const scene::Scene& scene_;
  const Mechanics& m_;
  SpecPtr spec_;
  mujoco::MemoryDisk files_;
  std::vector<BodyId> body_at_;  ///< [node]
  Placement placement_;
  std::vector<mjsBody*> bodies_;  ///< [body]
  std::vector<std::vector<mjsElement*>> shapes_;
  std::vector<mjsElement*> joints_, sites_, tendons_, drives_, sensors_;
  std::map<std::string, std::string> meshes_;  ///< What it is made of -> name in the engine.
  int height_fields_ = 0;
  ContactDefaults contact_;
  std::string solver_;
  std::vector<std::string> notes_;
};

Result<Built> Builder::build() {
  WM_TRY_STATUS(add_options());
  WM_TRY_STATUS(place_nodes());
  WM_TRY_STATUS(add_bodies());
  WM_TRY_STATUS(add_joints());
  WM_TRY_STATUS(add_shapes());
  WM_TRY_STATUS(add_sites());
  WM_TRY_STATUS(add_tendons());
  WM_TRY_STATUS(add_drives());
  WM_TRY_STATUS(add_deformables());
  WM_TRY_STATUS(add_constraints());
  WM_TRY_STATUS(add_contacts());
  WM_TRY_STATUS(add_sensors());
  return compile();
}

Status Builder::add_options() {
  const scene::PhysicsOptions& options = m_.options;
  spec_->compiler.degree = false;
  spec_->compiler.autolimits = false;
  spec_->compiler.usethread = false;  // results must not depend on threads
  mjOption& option = spec_->option;
  if (!(options.time_step > 0)) {
    return error(fmt::format("physics: the time step is {} s, must be positive", options.time_step));
  }
  option.timestep = options.time_step;
  put(option.gravity, options.gravity);
  put(option.wind, options.wind);
  option.density = options.medium_density;
  option.viscosity = options.medium_viscosity;
  if (options.extras.is_null()) {
    Choice choice = choose_solver(scene_, option);
    contact_ = choice.contact;
    solver_ = std::move(choice.why);
  } else {
    if (auto set = mujoco::set_extras(option, options.extras); !set) {
      return error("physics options: " + set.error().message, set.error().place);
    }
    option.disableflags |= mjDSBL_AUTORESET;
    solver_ = "as the author of the model set it";
  }
  // Memory for contacts is reserved, not used, until they come: a pile has some dozens for each body.
  spec_->memory = std::max<mjtSize>(mjtSize{64} << 20, static_cast<mjtSize>(m_.bodies.size()) << 20);
  return {};
}

Status Builder::place_nodes() {
  body_at_.resize(scene_.nodes.size());
  for (std::size_t i = 0; i < m_.bodies.size(); ++i) {
    BodyId& slot = body_at_[m_.bodies[i].node.index()];
    if (slot.exists()) return error(fmt::format("{} has two bodies; make one of them", path_of(m_.bodies[i].node)));
    slot = BodyId(i);
  }
  std::vector<Affine> local;
  for (const scene::Node& node : scene_.nodes) local.push_back(node.parent_from_node);
  placement_ = place(scene_, body_at_, local);
  return {};
}

// In the order of the nodes, so that a file's own order is kept.
Status Builder::add_bodies() {
  std::vector<std::size_t> order(m_.bodies.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return m_.bodies[a].node < m_.bodies[b].node; });
  bodies_.resize(m_.bodies.size());
  for (const std::size_t i : order) {
    const scene::Body& body = m_.bodies[i];
    mjsBody* parent = body_of(body_above(BodyId(i)));
    bodies_[i] = mjs_addBody(parent, nullptr);
    mjsBody& to = *bodies_[i];
    const std::string name = path_of(body.node);
    WM_TRY_STATUS(named(to, "body", name));
    const Pose& parent_from_body = placement_.parent_from_body[i];
    put(to.pos, parent_from_body.translation);
    put(to.quat, parent_from_body.rotation);
    to.gravcomp = body.gravity_compensation;
    to.mocap = body.kinematic;
    const bool inertia = body.inertia.x > 0 || body.inertia.y > 0 || body.inertia.z > 0;
    if (body.mass < 0 || !std::isfinite(body.mass)) {
      return error(fmt::format("body \"{}\": its mass is {} kg, must be positive", name, body.mass));
    }
    if (body.mass > 0 && inertia) {
      to.explicitinertial = true;
      to.mass = body.mass;
      put(to.ipos, body.center);
      put(to.iquat, body.axes);
      put(to.inertia, body.inertia);
    }
    WM_TRY_STATUS(with_extras(to, body.extras, "body", name));
    keep_rotation(parent_from_body, to.quat);
  }
  return {};
}

Status Builder::add_joints() {
  for (std::size_t i = 0; i < m_.joints.size(); ++i) {
    const scene::Joint& joint = m_.joints[i];
    const std::string name = joint_name(scene::JointId(i));
    if (!joint.body.exists()) return error(fmt::format("joint \"{}\" moves no body", name));
    mjsJoint& to = *mjs_addJoint(body_of(joint.body), nullptr);
    joints_.push_back(to.element);
    WM_TRY_STATUS(named(to, "joint", name));
    constexpr mjtJoint kTypes[] = {mjJNT_HINGE, mjJNT_SLIDE, mjJNT_BALL, mjJNT_FREE};
    to.type = kTypes[static_cast<std::size_t>(joint.kind)];
    to.align = mjALIGNFREE_FALSE;
    if (joint.kind != scene::JointKind::free) put(to.pos, joint.anchor);
    put(to.axis, joint.axis);
    to.ref = joint.reference;
    to.limited = joint.limited ? mjLIMITED_TRUE : mjLIMITED_FALSE;
    to.range[0] = joint.lower, to.range[1] = joint.upper;
    to.stiffness[0] = joint.stiffness;
    to.springref = joint.spring_reference;
    to.damping[0] = joint.damping;
    to.armature = joint.armature;
    to.frictionloss = joint.friction_loss;
    WM_TRY_STATUS(with_extras(to, joint.extras, "joint", name));
  }
  return {};
}

Status Builder::add_shapes() {
  shapes_.resize(m_.shapes.size());
  for (std::size_t i = 0; i < m_.shapes.size(); ++i) WM_TRY_STATUS(add_shape(i));
  return {};
}

Status Builder::add_shape(std::size_t index) {
  const Shape& shape = m_.shapes[index];
  const std::string name = shape_name(scene::ShapeId(index));
  const Placed placed = placed_at(placement_, shape.node);
  const Frame frame = frame_of_shape(scene_, placement_, shape);
  const std::size_t count = shape.kind == ShapeKind::pieces ? shape.pieces.size() : 1;
  if (count == 0) return error(fmt::format("shape \"{}\" has no pieces", name));
  for (std::size_t piece = 0; piece < count; ++piece) {
    mjsGeom& geom = *mjs_addGeom(body_of(placed.body), nullptr);
    shapes_[index].push_back(geom.element);
    WM_TRY_STATUS(named(geom, "shape", piece == 0 ? name : fmt::format("{}#{}", name, piece)));
    Frame own_frame = frame;
    WM_TRY_STATUS(set_shape(shape, piece, geom, own_frame));
    put(geom.pos, own_frame.rigid.translation);
    put(geom.quat, own_frame.rigid.rotation);
    geom.contype = static_cast<int>(shape.category);
    geom.conaffinity = static_cast<int>(shape.collides_with);
    geom.density = shape.density;
    if (shape.mass > 0) geom.mass = shape.mass / static_cast<double>(count);
    set_surface(shape, geom);
    WM_TRY_STATUS(with_extras(geom, shape.extras, "shape", name));
  }
  return {};
}

void Builder::set_surface(const Shape& shape, mjsGeom& geom) {
  const scene::Surface surface = shape.surface.exists() ? m_.surfaces[shape.surface.index()] : scene::Surface{};
  geom.friction[0] = surface.friction;
  geom.friction[1] = surface.torsional_friction;
  geom.friction[2] = surface.rolling_friction;
  if (!shape.extras.is_null()) return;
  geom.condim = surface.rolling_friction > 0.001 ? 6 : contact_.condim;
  std::copy(std::begin(contact_.solref), std::end(contact_.solref), geom.solref);
  std::copy(std::begin(contact_.solimp), std::end(contact_.solimp), geom.solimp);
  const BodyId body = placed_at(placement_, shape.node).body;
  if (body.exists() && m_.bodies[body.index()].kinematic) {
    std::copy(std::begin(kPushingSolref), std::end(kPushingSolref), geom.solref);
    geom.priority = 1;  // over whatever it pushes
  }
  if (surface.restitution > 0) set_restitution(surface.restitution, m_.options.time_step, geom.solref);
}

Status Builder::set_shape(const Shape& shape, std::size_t piece, mjsGeom& geom, Frame& frame) {
  constexpr mjtGeom kTypes[] = {mjGEOM_PLANE,     mjGEOM_BOX,  mjGEOM_SPHERE, mjGEOM_CAPSULE, mjGEOM_CYLINDER,
                                mjGEOM_ELLIPSOID, mjGEOM_MESH, mjGEOM_MESH,   mjGEOM_SDF,     mjGEOM_HFIELD};
  geom.type = kTypes[static_cast<std::size_t>(shape.kind)];
  const std::string name = shape.name.empty() ? path_of(shape.node) : shape.name;
  switch (shape.kind) {
    case ShapeKind::hull:
    case ShapeKind::pieces:
    case ShapeKind::distance_field: {
      const auto& mesh = shape.kind == ShapeKind::pieces ? shape.pieces[piece] : shape.mesh;
      if (!mesh && !shape.file) return error(fmt::format("shape \"{}\" has no mesh", name));
      if (shape.file && frame.stretched) {
        return error(
            fmt::format("shape \"{}\": its node is scaled, but the engine reads its mesh file as it is; give "
                        "the mesh itself",
                        name));
      }
      WM_TRY(asset, shape.file ? mesh_of(*shape.file, name) : mesh_of(*mesh, frame, name));
      mjs_setString(geom.meshname, asset.c_str());
      return {};
    }
    case ShapeKind::height_field: {
      if (!shape.heights || shape.heights->rows < 2 || shape.heights->columns < 2) {
        return error(fmt::format("shape \"{}\" has no heights; a height field needs 2 x 2 of them", name));
      }
      if (frame.stretched) return error(fmt::format("shape \"{}\": a height field's node may not be scaled", name));
      mjs_setString(geom.hfieldname, heights_of(*shape.heights).c_str());
      return {};
    }
    default: {
      Vec3 size = shape.size;
      if (frame.stretched) WM_TRY_STATUS(scale_size(shape, frame, size, geom));
      put(geom.size, size);
      if (shape.kind == ShapeKind::plane) geom.size[2] = 1;
      return {};
    }
  }
}

Status Builder::scale_size(const Shape& shape, const Frame& frame, Vec3& size, mjsGeom& geom) {
  const Mat3& s = frame.stretch;
  const Vec3 by{std::abs(s.row0.x), std::abs(s.row1.y), std::abs(s.row2.z)};
  const auto differ = [](double a, double b) { return std::abs(a - b) > 1e-6 * std::max(a, b); };
  const bool round = shape.kind == ShapeKind::capsule || shape.kind == ShapeKind::cylinder;
  const std::string name = shape.name.empty() ? path_of(shape.node) : shape.name;
  if (!is_diagonal(s, by.x + by.y + by.z) || (round && differ(by.x, by.y)) ||
      (shape.kind == ShapeKind::capsule && differ(by.x, by.z))) {
    return error(fmt::format("shape \"{}\" would not keep its kind under the scale of its node; give a hull", name));
  }
  if (shape.kind == ShapeKind::sphere && (differ(by.x, by.y) || differ(by.x, by.z))) {
    geom.type = mjGEOM_ELLIPSOID;
    size = {size.x, size.x, size.x};
  }
  size = round ? Vec3{size.x * by.x, size.y * by.z, 0} : size * by;
  return {};
}

Result<std::string> Builder::mesh_of(const geometry::Mesh& mesh, const Frame& frame, const std::string& shape) {
  std::string key = fmt::format("{}", fmt::ptr(&mesh));
  if (frame.stretched) {
    const Mat3& s = frame.stretch;
    for (const Vec3 row : {s.row0, s.row1, s.row2}) key += fmt::format(" {:a} {:a} {:a}", row.x, row.y, row.z);
  }
  const auto [known, is_new] = meshes_.try_emplace(key, fmt::format("mesh#{}", meshes_.size()));
  if (!is_new) return known->second;
  mjsMesh& to = *mjs_addMesh(spec_.get(), nullptr);
  WM_TRY_STATUS(named(to, "mesh", known->second));
  std::vector<float> vertices;
  vertices.reserve(mesh.positions.size() * 3);
  for (const math::Vec3f p : mesh.positions) {
    const Vec3 q = frame.stretched ? frame.stretch * Vec3{p.x, p.y, p.z} : Vec3{p.x, p.y, p.z};
    for (const double c : {q.x, q.y, q.z}) vertices.push_back(static_cast<float>(c));
  }
  const bool mirrored = frame.stretched && math::determinant(frame.stretch) < 0;
  std::vector<int> faces;
  faces.reserve(mesh.triangles.size() * 3);
  for (const geometry::Triangle& t : mesh.triangles) {
    const std::array<std::uint32_t, 3> order = {t[0], mirrored ? t[2] : t[1], mirrored ? t[1] : t[2]};
    for (const std::uint32_t v : order) faces.push_back(static_cast<int>(v));
  }
  if (vertices.size() < 12) return error(fmt::format("shape \"{}\" has a mesh of fewer than 4 vertices", shape));
  mjs_setFloat(to.uservert, vertices.data(), static_cast<int>(vertices.size()));
  mjs_setInt(to.userface, faces.data(), static_cast<int>(faces.size()));
  return known->second;
}

Result<std::string> Builder::mesh_of(const scene::MeshFile& file, const std::string& shape) {
  const std::string content = to_string(base::hash_bytes(file.bytes));
  const std::string in_files = fmt::format("{}_{}", content, file.name.substr(file.name.rfind('/') + 1));
  const auto [known, is_new] =
      meshes_.try_emplace(fmt::format("{}", fmt::ptr(&file)), fmt::format("mesh#{}", meshes_.size()));
  if (!is_new) return known->second;
  mjsMesh& to = *mjs_addMesh(spec_.get(), nullptr);
  WM_TRY_STATUS(named(to, "mesh", known->second));
  if (file.bytes.empty()) {
    mjs_setFloat(to.uservert, file.vertices.data(), static_cast<int>(file.vertices.size()));
    mjs_setInt(to.userface, file.faces.data(), static_cast<int>(file.faces.size()));
  } else {
    files_.add(in_files, file.bytes);
    mjs_setString(to.file, in_files.c_str());
  }
  WM_TRY_STATUS(with_extras(to, file.extras, "mesh of shape", shape));
  return known->second;
}

std::string Builder::heights_of(const scene::HeightField& heights) {
  const std::string name = fmt::format("heights#{}", height_fields_++);
  mjsHField& to = *mjs_addHField(spec_.get());
  mjs_setName(to.element, name.c_str());
  put(to.size, heights.half_size);
  to.size[3] = heights.base;
  to.nrow = heights.rows;
  to.ncol = heights.columns;
  mjs_setFloat(to.userdata, heights.values.data(), static_cast<int>(heights.values.size()));
  return name;
}

Status Builder::add_sites() {
  for (std::size_t i = 0; i < m_.sites.size(); ++i) {
    const scene::Site& site = m_.sites[i];
    const Placed placed = placed_at(placement_, site.node);
    mjsSite& to = *mjs_addSite(body_of(placed.body), nullptr);
    sites_.push_back(to.element);
    const std::string name = site_name(scene::SiteId(i));
    WM_TRY_STATUS(named(to, "site", name));
    Frame frame = frame_of(placed.body_from_node * Affine(site.node_from_site));
    const bool own = !site.node.exists() ||
                     (placed.body.exists() && m_.bodies[placed.body.index()].node == site.node && !frame.stretched);
    if (own) frame.rigid = site.node_from_site;  // to the last bit
    put(to.pos, frame.rigid.translation);
    put(to.quat, frame.rigid.rotation);
    WM_TRY_STATUS(with_extras(to, site.extras, "site", name));
  }
  return {};
}

Status Builder::add_tendons() {
  for (std::size_t i = 0; i < m_.tendons.size(); ++i) {
    const scene::Tendon& tendon = m_.tendons[i];
    mjsTendon& to = *mjs_addTendon(spec_.get(), nullptr);
    tendons_.push_back(to.element);
    const std::string name = tendon_name(scene::TendonId(i));
    WM_TRY_STATUS(named(to, "tendon", name));
    for (const scene::TendonHold& hold : tendon.path) {
      if (hold.joint.exists()) {
        mjs_wrapJoint(&to, joint_name(hold.joint).c_str(), hold.factor);
      } else if (hold.shape.exists()) {
        const std::string side = hold.side.exists() ? site_name(hold.side) : "";
        mjs_wrapGeom(&to, shape_name(hold.shape).c_str(), side.c_str());
      } else if (hold.site.exists()) {
        mjs_wrapSite(&to, site_name(hold.site).c_str());
      } else {
        mjs_wrapPulley(&to, hold.factor);
      }
    }
    to.limited = tendon.limited ? mjLIMITED_TRUE : mjLIMITED_FALSE;
    to.actfrclimited = mjLIMITED_FALSE;
    to.range[0] = tendon.lower, to.range[1] = tendon.upper;
    to.stiffness[0] = tendon.stiffness;
    to.damping[0] = tendon.damping;
    to.frictionloss = tendon.friction_loss;
    to.armature = tendon.armature;
    to.springlength[0] = tendon.rest_length[0], to.springlength[1] = tendon.rest_length[1];
    WM_TRY_STATUS(with_extras(to, tendon.extras, "tendon", name));
  }
  return {};
}

Status Builder::add_drives() {
  for (std::size_t i = 0; i < m_.drives.size(); ++i) {
    mjsActuator& to = *mjs_addActuator(spec_.get(), nullptr);
    drives_.push_back(to.element);
    const std::string name = name_of(m_.drives, i);
    WM_TRY_STATUS(named(to, "drive", name));
    WM_TRY_STATUS(set_drive(m_.drives[i], name, to));
    WM_TRY_STATUS(with_extras(to, m_.drives[i].extras, "drive", name));
  }
  return {};
}

Status Builder::set_drive(const scene::Drive& drive, const std::string& name, mjsActuator& to) {
  if (drive.joint.exists()) {
    to.trntype = mjTRN_JOINT;
    mjs_setString(to.target, joint_name(drive.joint).c_str());
  } else if (drive.tendon.exists()) {
    to.trntype = mjTRN_TENDON;
    mjs_setString(to.target, tendon_name(drive.tendon).c_str());
  } else if (drive.site.exists()) {
    to.trntype = mjTRN_SITE;
    mjs_setString(to.target, site_name(drive.site).c_str());
  } else if (drive.body.exists()) {
    to.trntype = mjTRN_BODY;
    mjs_setString(to.target, body_name(drive.body).c_str());
  } else {
    return error(fmt::format("drive \"{}\" drives nothing; give it a joint, tendon, site or body", name));
  }
  if (drive.reference_site.exists()) {
    const bool crank = !drive.extras.is_null() && drive.extras.find("cranklength");
    mjs_setString(crank ? to.slidersite : to.refsite, site_name(drive.reference_site).c_str());
  }
  to.gear[0] = drive.gear;
  if (drive.kind == scene::DriveKind::position) {
    to.gainprm[0] = drive.stiffness;
    to.biastype = mjBIAS_AFFINE;
    to.biasprm[1] = -drive.stiffness;
    to.biasprm[2] = -drive.damping;
  } else if (drive.kind == scene::DriveKind::velocity) {
    to.gainprm[0] = drive.damping;
    to.biastype = mjBIAS_AFFINE;
    to.biasprm[2] = -drive.damping;
  }
  to.ctrllimited = drive.command_limited ? mjLIMITED_TRUE : mjLIMITED_FALSE;
  to.ctrlrange[0] = drive.lower_command, to.ctrlrange[1] = drive.upper_command;
  to.forcelimited = drive.force_limited ? mjLIMITED_TRUE : mjLIMITED_FALSE;
  to.forcerange[0] = drive.lower_force, to.forcerange[1] = drive.upper_force;
  to.actlimited = mjLIMITED_FALSE;
  if (drive.delay > 0) {
    to.delay = drive.delay;
    to.nsample = static_cast<int>(drive.delay / m_.options.time_step) + 2;
  }
  return {};
}

Status Builder::add_constraints() {
  for (std::size_t i = 0; i < m_.constraints.size(); ++i) {
    const scene::Constraint& c = m_.constraints[i];
    const std::string name = name_of(m_.constraints, i);
    if (c.kind == scene::ConstraintKind::distance) {
      WM_TRY_STATUS(add_distance(c, name));
      continue;
    }
    mjsEquality& to = *mjs_addEquality(spec_.get(), nullptr);
    WM_TRY_STATUS(named(to, "constraint", name));
    to.active = c.active;
    WM_TRY_STATUS(set_constraint(c, name, to));
    WM_TRY_STATUS(with_extras(to, c.extras, "constraint", name));
  }
  return {};
}

Status Builder::set_constraint(const scene::Constraint& c, const std::string& name, mjsEquality& to) {
  const auto pair = [&](mjtObj type, const std::string& a, const std::string& b) {
    to.objtype = type;
    mjs_setString(to.name1, a.c_str());
    if (!b.empty()) mjs_setString(to.name2, b.c_str());
  };
  using scene::ConstraintKind;
  if (c.kind == ConstraintKind::connect || c.kind == ConstraintKind::weld) {
    to.type = c.kind == ConstraintKind::connect ? mjEQ_CONNECT : mjEQ_WELD;
    if (c.site_a.exists() && c.site_b.exists()) {
      pair(mjOBJ_SITE, site_name(c.site_a), site_name(c.site_b));
    } else if (c.body_a.exists()) {
      pair(mjOBJ_BODY, body_name(c.body_a), c.body_b.exists() ? body_name(c.body_b) : "");
    } else {
      return error(fmt::format("constraint \"{}\" holds nothing; give it two bodies or two sites", name));
    }
    std::fill(std::begin(to.data), std::end(to.data), 0.0);
    put(to.data, c.anchor);
    if (c.kind == ConstraintKind::weld) {
      if (c.relative_given) {
        put(to.data + 3, c.relative.translation);
        put(to.data + 6, c.relative.rotation);
      }
      to.data[10] = c.torque_scale;
    }
    return {};
  }
  if (c.kind == ConstraintKind::joint && c.joint_a.exists()) {
    to.type = mjEQ_JOINT;
    pair(mjOBJ_JOINT, joint_name(c.joint_a), c.joint_b.exists() ? joint_name(c.joint_b) : "");
  } else if (c.kind == ConstraintKind::tendon && c.tendon_a.exists()) {
    to.type = mjEQ_TENDON;
    pair(mjOBJ_TENDON, tendon_name(c.tendon_a), c.tendon_b.exists() ? tendon_name(c.tendon_b) : "");
  } else if (c.kind == ConstraintKind::edges && c.deformable >= 0) {
    to.type = mjEQ_FLEX;
    pair(mjOBJ_FLEX, name_of(m_.deformables, static_cast<std::size_t>(c.deformable)), "");
    return {};
  } else {
    return error(fmt::format("constraint \"{}\" does not say what it holds", name));
  }
  std::copy(c.polynomial.begin(), c.polynomial.end(), to.data);
  return {};
}

// The engine has none: a tendon between the two sites that keeps its length.
Status Builder::add_distance(const scene::Constraint& c, const std::string& name) {
  if (!c.site_a.exists() || !c.site_b.exists()) {
    return error(fmt::format("constraint \"{}\" of kind distance needs two sites", name));
  }
  const std::string rope = name + "#distance";
  mjsTendon& tendon = *mjs_addTendon(spec_.get(), nullptr);
  WM_TRY_STATUS(named(tendon, "tendon", rope));
  mjs_wrapSite(&tendon, site_name(c.site_a).c_str());
  mjs_wrapSite(&tendon, site_name(c.site_b).c_str());
  tendon.limited = tendon.actfrclimited = mjLIMITED_FALSE;
  mjsEquality& to = *mjs_addEquality(spec_.get(), nullptr);
  WM_TRY_STATUS(named(to, "constraint", name));
  to.type = mjEQ_TENDON;
  to.objtype = mjOBJ_TENDON;
  to.active = c.active;
  mjs_setString(to.name1, rope.c_str());
  std::fill(std::begin(to.data), std::end(to.data), 0.0);
  return with_extras(to, c.extras, "constraint", name);
}

// The engine's ropes bend elastically, but nothing holds their length: a constraint does.
Status Builder::hold_length(const std::string& rope) {
  mjsEquality& to = *mjs_addEquality(spec_.get(), nullptr);
  WM_TRY_STATUS(named(to, "constraint", rope + "#length"));
  to.type = mjEQ_FLEX;
  to.objtype = mjOBJ_FLEX;
  mjs_setString(to.name1, rope.c_str());
  return {};
}

Status Builder::add_deformables() {
  for (std::size_t i = 0; i < m_.deformables.size(); ++i) {
    const scene::Deformable& soft = m_.deformables[i];
    const std::string name = name_of(m_.deformables, i);
    mjsFlex& to = *mjs_addFlex(spec_.get());
    WM_TRY_STATUS(named(to, "deformable", name));
    to.dim = soft.dimension;
    to.radius = soft.radius;
    to.young = soft.youngs_modulus;
    to.poisson = soft.poisson_ratio;
    to.damping = soft.damping;
    to.thickness = soft.thickness;
    if (soft.extras.is_null() && soft.dimension == 2) to.elastic2d = 3;  // stretches and bends
    if (soft.extras.is_null() && soft.dimension == 1) WM_TRY_STATUS(hold_length(name));
    const scene::Surface surface = soft.surface.exists() ? m_.surfaces[soft.surface.index()] : scene::Surface{};
    to.friction[0] = surface.friction;
    to.friction[1] = surface.torsional_friction;
    to.friction[2] = surface.rolling_friction;
    for (const BodyId body : soft.vertices) mjs_appendString(to.vertbody, body_name(body).c_str());
    for (const BodyId body : soft.nodes) mjs_appendString(to.nodebody, body_name(body).c_str());
    std::vector<double> points;
    for (const Vec3 p : soft.points) points.insert(points.end(), {p.x, p.y, p.z});
    if (!points.empty()) mjs_setDouble(to.vert, points.data(), static_cast<int>(points.size()));
    mjs_setInt(to.elem, soft.elements.data(), static_cast<int>(soft.elements.size()));
    WM_TRY_STATUS(with_extras(to, soft.extras, "deformable", name));
  }
  return {};
}

// What a joint joins does not touch: models overlap there. The engine sees to it where the body above moves; where it
// is fixed we say so, unless an author wrote for the engine.
void Builder::exclude_joined() {
  std::vector<char> jointed(m_.bodies.size());
  for (const scene::Joint& joint : m_.joints) jointed[joint.body.index()] = true;
  for (std::size_t i = 0; i < m_.bodies.size(); ++i) {
    if (!jointed[i] || !m_.bodies[i].extras.is_null()) continue;
    for (BodyId above = body_above(BodyId(i)); above.exists(); above = body_above(above)) {
      mjsExclude& to = *mjs_addExclude(spec_.get());
      mjs_setString(to.bodyname1, body_name(above).c_str());
      mjs_setString(to.bodyname2, body_name(BodyId(i)).c_str());
      if (jointed[above.index()]) break;
    }
  }
}

Status Builder::add_contacts() {
  exclude_joined();
  for (const scene::Exclude& exclude : m_.excludes) {
    mjsExclude& to = *mjs_addExclude(spec_.get());
    mjs_setString(to.bodyname1, body_name(exclude.body_a).c_str());
    mjs_setString(to.bodyname2, body_name(exclude.body_b).c_str());
  }
  for (const scene::ContactPair& pair : m_.pairs) {
    mjsPair& to = *mjs_addPair(spec_.get(), nullptr);
    mjs_setString(to.geomname1, shape_name(pair.shape_a).c_str());
    mjs_setString(to.geomname2, shape_name(pair.shape_b).c_str());
    WM_TRY_STATUS(with_extras(to, pair.extras, "contact pair", shape_name(pair.shape_a)));
  }
  return {};
}

Status Builder::add_sensors() {
  const auto name_of_ref = [&](const scene::Ref& ref) -> std::string {
    switch (ref.kind) {
      case scene::Ref::Kind::none:
        return "";
      case scene::Ref::Kind::body:
        return body_name(BodyId(ref.index));
      case scene::Ref::Kind::joint:
        return joint_name(scene::JointId(ref.index));
      case scene::Ref::Kind::shape:
        return shape_name(scene::ShapeId(ref.index));
      case scene::Ref::Kind::site:
        return site_name(scene::SiteId(ref.index));
      case scene::Ref::Kind::tendon:
        return tendon_name(scene::TendonId(ref.index));
      case scene::Ref::Kind::drive:
        return name_of(m_.drives, ref.index);
    }
    return "";
  };
  for (std::size_t i = 0; i < m_.sensors.size(); ++i) {
    const scene::StateSensor& sensor = m_.sensors[i];
    mjsSensor& to = *mjs_addSensor(spec_.get());
    sensors_.push_back(to.element);
    const std::string name = name_of(m_.sensors, i);
    WM_TRY_STATUS(named(to, "sensor", name));
    WM_TRY_STATUS(with_extras(to, sensor.extras, "sensor", name));
    const std::string object = name_of_ref(sensor.object), reference = name_of_ref(sensor.reference);
    if (!object.empty()) mjs_setString(to.objname, object.c_str());
    if (!reference.empty()) mjs_setString(to.refname, reference.c_str());
  }
  return {};
}

// Bodies with a mass but no inertia: the shapes' own, scaled.
Status Builder::adopt_masses(Built& built) {
  bool changed = false;
  for (std::size_t i = 0; i < m_.bodies.size(); ++i) {
    const scene::Body& body = m_.bodies[i];
    if (body.mass <= 0 || body.inertia.x > 0 || body.inertia.y > 0 || body.inertia.z > 0) continue;
    mjModel& model = *built.model;
    const int id = built.bodies[i];
    if (!(model.body_mass[id] > 0)) {
      return error(
          fmt::format("body \"{}\" has a mass but neither an inertia nor shapes to take it from", path_of(body.node)));
    }
    const double factor = body.mass / model.body_mass[id];
    model.body_mass[id] = body.mass;
    for (int k = 0; k < 3; ++k) model.body_inertia[3 * id + k] *= factor;
    changed = true;
  }
  if (!changed) return {};
  mjData* data = mj_makeData(built.model.get());
  if (!data) throw std::bad_alloc();
  mj_setConst(built.model.get(), data);
  mj_deleteData(data);
  return {};
}

Result<Built> Builder::compile() {
  Built built;
  built.model.reset(mj_compile(spec_.get(), files_.get()));
  if (!built.model) {
    std::string why = mjs_getError(spec_.get());
    std::replace(why.begin(), why.end(), '\n', ' ');
    return error(fmt::format("physics: the engine does not take the scene: {}", why));
  }
  built.model->opt.enableflags |= mjENBL_ENERGY;  // told by each step, where it costs little; moves nothing
  const auto ids = [](const std::vector<mjsElement*>& elements) {
    std::vector<int> all;
    for (const mjsElement* element : elements) all.push_back(mjs_getId(element));
    return all;
  };
  for (const mjsBody* body : bodies_) built.bodies.push_back(mjs_getId(body->element));
  for (const auto& elements : shapes_) built.shapes.push_back(ids(elements));
  built.joints = ids(joints_);
  built.sites = ids(sites_);
  built.tendons = ids(tendons_);
  built.drives = ids(drives_);
  built.sensors = ids(sensors_);
  built.body_at = std::move(body_at_);
  built.placement = std::move(placement_);
  built.shape_of_geom.assign(static_cast<std::size_t>(built.model->ngeom), -1);
  for (std::size_t i = 0; i < built.shapes.size(); ++i) {
    for (const int geom : built.shapes[i]) built.shape_of_geom[static_cast<std::size_t>(geom)] = static_cast<int>(i);
  }
  WM_TRY_STATUS(adopt_masses(built));
  for (const scene::Surface& surface : m_.surfaces) {
    if (surface.static_friction > surface.friction * (1 + kTiny)) {
      notes_.push_back(
          fmt::format("surface \"{}\": static friction has no effect; the engine has one coefficient", surface.name));
    }
  }
  built.solver = std::move(solver_);
  built.notes = std::move(notes_);
  return built;
}

}  // namespace

Frame frame_of(const Affine& map) {
  if (is_rotation(map.linear)) return {{Rotation::from_matrix(map.linear), map.translation}, {}, false};
  const Mat3 columns = math::transposed(map.linear);
  const Vec3 x = math::normalized(columns.row0);
  const Vec3 y = math::normalized(columns.row1 - x * math::dot(x, columns.row1));
  const Mat3 axes = math::transposed({x, y, math::cross(x, y)});
  return {{Rotation::from_matrix(axes), map.translation}, math::transposed(axes) * map.linear, true};
}

Placement place(const scene::Scene& scene, const std::vector<BodyId>& body_at,
                std::span<const Affine> parent_from_node) {
  Placement placement;
  placement.nodes.resize(scene.nodes.size());
  placement.parent_from_body.resize(scene.mechanics.bodies.size());
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    const NodeId parent = scene.nodes[i].parent;
    const Placed above = parent.exists() ? placement.nodes[parent.index()] : Placed{};
    const Affine body_from_node = parent.exists() ? above.body_from_node * parent_from_node[i] : parent_from_node[i];
    if (!body_at[i].exists()) {
      placement.nodes[i] = {above.body, body_from_node};
      continue;
    }
    const Frame frame = frame_of(body_from_node);
    placement.parent_from_body[body_at[i].index()] = frame.rigid;
    placement.nodes[i] = {body_at[i], Affine(frame.stretch, {})};
  }
  return placement;
}

Placed placed_at(const Placement& placement, NodeId node) {
  return node.exists() ? placement.nodes[node.index()] : Placed{};
}

Frame frame_of_shape(const scene::Scene& scene, const Placement& placement, const Shape& shape) {
  const Placed placed = placed_at(placement, shape.node);
  Frame frame = frame_of(placed.body_from_node * Affine(shape.node_from_shape));
  const bool own =
      !shape.node.exists() || (placed.body.exists() && scene.mechanics.bodies[placed.body.index()].node == shape.node);
  if (own && !frame.stretched) frame.rigid = shape.node_from_shape;  // to the last bit
  return frame;
}

// A contact is a spring and a damper; a mass that hits them at speed v leaves at v exp(-pi z / sqrt(1 - z^2)) when the
// damping ratio is z (the half period of a damped oscillator). The engine makes of solref = (t, z) a damper of 2 / t
// and a spring of 1 / (t z)^2 [per unit mass]; the half period is held at 16 steps, so that the integrator resolves it.
void set_restitution(double restitution, double time_step, double solref[2]) {
  const double log = -math::log(std::min(restitution, 0.95));
  constexpr double kPi = 3.14159265358979323846;
  const double ratio = log / std::sqrt(kPi * kPi + log * log);
  const double angular = kPi / (16 * time_step * std::sqrt(1 - ratio * ratio));  // of the undamped spring [rad/s]
  solref[0] = 1 / (angular * ratio);
  solref[1] = ratio;
}

Result<Built> build(const scene::Scene& scene) {
  mujoco::silence();
  return Builder(scene).build();
}

}  // namespace wm::physics
