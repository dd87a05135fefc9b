#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "worldmill/import/primitives.h"
#include "worldmill/import/usd_export_parts.h"
#include "worldmill/math/elementary.h"

namespace wm::import {

using math::Affine;
using math::Pose;
using math::Rotation;
using math::Vec3;
using math::Vec3f;
using scene::BodyId;
using scene::JointKind;
using scene::ShapeKind;
using usd::Path;

namespace {

constexpr double kDegrees = 57.29577951308232;  // per radian

Vec3f narrow(Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

std::array<float, 4> real_last(const Rotation& r) {
  return {static_cast<float>(r.x), static_cast<float>(r.y), static_cast<float>(r.z), static_cast<float>(r.w)};
}

Rotation about_x(double angle) {
  const math::SinCos half = math::sincos(0.5 * angle);
  return {half.cos, half.sin, 0, 0};
}

// What a matrix turns by, its scale left out.
Rotation rotation_of(const math::Mat3& m) {
  const math::Mat3 c = math::transposed(m);
  const Vec3 x = normalized(c.row0), y = normalized(c.row1 - x * dot(x, c.row1));
  return Rotation::from_matrix(math::transposed(math::Mat3{x, y, cross(x, y)}));
}

class PhysicsWriter {
 public:
  PhysicsWriter(UsdWriter& out, const scene::World& world, Path root, const std::vector<Path>& nodes, Notes& notes)
      : out_(out),
        world_(world),
        scene_(*world.scene),
        m_(scene_.mechanics),
        root_(root),
        nodes_(nodes),
        notes_(notes),
        world_from_node_(scene::world_from_nodes(world)) {}
  void write();

 private:
  void find_bodies();
  void write_scene();
  void write_body(std::size_t index);
  void write_shape(std::size_t index);
  void write_form(Path prim, const scene::Shape& shape);
  void write_collision_mesh(Path prim, const geometry::Mesh& mesh, std::string_view approximation);
  std::shared_ptr<const geometry::Mesh> mesh_of(const std::shared_ptr<const scene::MeshFile>& file);
  Path surface(scene::SurfaceId id);
  void write_joints_of(std::size_t body);
  Path make_joint(std::string_view name, std::string_view type, std::size_t body);
  void place_joint(Path joint, std::size_t body, const Pose& body_from_frame, const Pose& frame_from_start);
  void write_joint(std::size_t index);
  void write_drive(Path joint, const scene::Joint& spec, std::size_t index);
  void write_articulations();
  void write_excludes();
  void note_what_stays_out();
  Path body_prim(std::size_t body) const { return nodes_[m_.bodies[body].node.index()]; }

  UsdWriter& out_;
  const scene::World& world_;
  const scene::Scene& scene_;
  const scene::Mechanics& m_;
  Path root_;
  const std::vector<Path>& nodes_;
  Notes& notes_;
  std::vector<Affine> world_from_node_;
  std::vector<BodyId> above_;                     ///< [body] The nearest body above.
  std::vector<std::vector<std::size_t>> joints_;  ///< [body]
  std::vector<int> shapes_of_node_;
  Path joint_scope_, surface_scope_;
  std::map<std::size_t, Path> surfaces_;
  std::map<const scene::MeshFile*, std::shared_ptr<const geometry::Mesh>> files_;
};

void PhysicsWriter::find_bodies() {
  std::vector<BodyId> at(scene_.nodes.size());
  for (std::size_t b = 0; b < m_.bodies.size(); ++b) at[m_.bodies[b].node.index()] = BodyId(b);
  above_.resize(m_.bodies.size());
  for (std::size_t b = 0; b < m_.bodies.size(); ++b) {
    for (scene::NodeId up = scene_.node(m_.bodies[b].node).parent; up.exists(); up = scene_.node(up).parent) {
      if (!at[up.index()].exists()) continue;
      above_[b] = at[up.index()];
      break;
    }
  }
  joints_.resize(m_.bodies.size());
  for (std::size_t j = 0; j < m_.joints.size(); ++j) joints_[m_.joints[j].body.index()].push_back(j);
}

void PhysicsWriter::write_scene() {
  const Path prim = out_.define(root_, "PhysicsScene", "PhysicsScene");
  const double g = length(world_.gravity);
  const Vec3 down = g > 0 ? world_.gravity / g : Vec3{0, 0, -1};
  out_.attribute(prim, "physics:gravityDirection", "vector3f", narrow(down));
  out_.attribute(prim, "physics:gravityMagnitude", "float", static_cast<float>(g));
}

void PhysicsWriter::write_body(std::size_t index) {
  const scene::Body& body = m_.bodies[index];
  const Path prim = body_prim(index);
  out_.apply(prim, "PhysicsRigidBodyAPI");
  if (body.kinematic) out_.attribute(prim, "physics:kinematicEnabled", "bool", true);
  const scene::Twist& twist = world_.twists[index];
  if (twist.linear != Vec3{} || twist.angular != Vec3{}) {
    const scene::NodeId parent = scene_.node(body.node).parent;
    const math::Mat3 parent_from_world =
        parent.exists() ? math::inverse(world_from_node_[parent.index()].linear) : math::Mat3{};
    out_.attribute(prim, "physics:velocity", "vector3f", narrow(parent_from_world * twist.linear));
    out_.attribute(prim, "physics:angularVelocity", "vector3f", narrow(parent_from_world * twist.angular * kDegrees));
  }
  const double spec = body.mass,
               now = (world_.masses[index] > 0 ? world_.masses[index] : spec) * world_.mass_scales[index];
  if (!(now > 0)) return;
  out_.apply(prim, "PhysicsMassAPI");
  out_.attribute(prim, "physics:mass", "float", static_cast<float>(now));
  if (body.inertia == Vec3{}) return;
  out_.attribute(prim, "physics:centerOfMass", "point3f", narrow(body.center));
  out_.attribute(prim, "physics:diagonalInertia", "float3", narrow(body.inertia * (spec > 0 ? now / spec : 1)));
  out_.attribute(prim, "physics:principalAxes", "quatf", real_last(body.axes));
}

Path PhysicsWriter::surface(scene::SurfaceId id) {
  Path& path = surfaces_[id.index()];
  if (!path.empty()) return path;
  if (surface_scope_.empty()) surface_scope_ = out_.define(root_, "PhysicsMaterials", "Scope");
  const scene::Surface& spec = m_.surfaces[id.index()];
  const scene::SurfaceValues& now = world_.surfaces[id.index()];
  path = out_.define(surface_scope_, spec.name.empty() ? fmt::format("surface_{}", id.index()) : spec.name, "Material");
  out_.apply(path, "PhysicsMaterialAPI");
  const double still = spec.friction > 0 ? spec.static_friction * now.friction / spec.friction : spec.static_friction;
  out_.attribute(path, "physics:dynamicFriction", "float", static_cast<float>(now.friction));
  out_.attribute(path, "physics:staticFriction", "float", static_cast<float>(std::max(still, now.friction)));
  out_.attribute(path, "physics:restitution", "float", static_cast<float>(now.restitution));
  return path;
}

void PhysicsWriter::write_collision_mesh(Path prim, const geometry::Mesh& mesh, std::string_view approximation) {
  geometry::Mesh bare;
  bare.positions = mesh.positions;
  bare.triangles = mesh.triangles;
  write_mesh(out_, prim, bare, false);
  out_.apply(prim, "PhysicsMeshCollisionAPI");
  out_.uniform(prim, "physics:approximation", "token", approximation);
}

std::string_view form_of(ShapeKind kind) {
  switch (kind) {
    case ShapeKind::plane:
      return "Plane";
    case ShapeKind::box:
      return "Cube";
    case ShapeKind::sphere:
      return "Sphere";
    case ShapeKind::capsule:
      return "Capsule";
    case ShapeKind::cylinder:
      return "Cylinder";
    case ShapeKind::pieces:
      return "Xform";
    case ShapeKind::ellipsoid:
    case ShapeKind::hull:
    case ShapeKind::distance_field:
    case ShapeKind::height_field:
      break;
  }
  return "Mesh";
}

// The sizes of a prim that has been made as form_of(kind).
void PhysicsWriter::write_form(Path prim, const scene::Shape& shape) {
  const Vec3 s = shape.size;
  const auto extent = [&](Vec3 half) {
    out_.attribute(prim, "extent", "float3[]", std::vector{narrow(-half), narrow(half)});
  };
  switch (shape.kind) {
    case ShapeKind::plane: {
      constexpr double kEndless = 100;  // [m]: how much of an endless plane is drawn; as a collider it has no edge
      const Vec3 half{s.x > 0 ? s.x : kEndless, s.y > 0 ? s.y : kEndless, 0};
      out_.uniform(prim, "axis", "token", "Z");
      out_.attribute(prim, "width", "double", 2 * half.x);
      out_.attribute(prim, "length", "double", 2 * half.y);
      extent(half);
      return;
    }
    case ShapeKind::box:
      out_.attribute(prim, "size", "double", 2.0);
      extent({1, 1, 1});
      return;
    case ShapeKind::sphere:
      out_.attribute(prim, "radius", "double", s.x);
      extent({s.x, s.x, s.x});
      return;
    case ShapeKind::ellipsoid:
      write_collision_mesh(prim, make_ellipsoid(s), "convexHull");
      return;
    case ShapeKind::capsule:
    case ShapeKind::cylinder:
      out_.uniform(prim, "axis", "token", "Z");
      out_.attribute(prim, "radius", "double", s.x);
      out_.attribute(prim, "height", "double", 2 * s.y);
      extent({s.x, s.x, s.y + (shape.kind == ShapeKind::capsule ? s.x : 0)});
      return;
    case ShapeKind::pieces:
      return;
    case ShapeKind::height_field:
      WM_CHECK(shape.heights);
      write_collision_mesh(prim, mesh_of_heights(*shape.heights), "none");
      return;
    case ShapeKind::hull:
    case ShapeKind::distance_field:
      break;
  }
  const auto mesh = shape.mesh ? shape.mesh : mesh_of(shape.file);
  write_collision_mesh(prim, *mesh, shape.kind == ShapeKind::hull ? "convexHull" : "none");
}

std::shared_ptr<const geometry::Mesh> PhysicsWriter::mesh_of(const std::shared_ptr<const scene::MeshFile>& file) {
  const auto [known, is_new] = files_.try_emplace(file.get());
  if (auto mesh = is_new ? mesh_of_file(*file) : std::nullopt) {
    known->second = std::make_shared<const geometry::Mesh>(std::move(*mesh));
  }
  return known->second;
}

void PhysicsWriter::write_shape(std::size_t index) {
  const scene::Shape& shape = m_.shapes[index];
  if (shape.file && !shape.mesh && !mesh_of(shape.file)) {
    notes_.add("shapes made of points alone, or of files that are neither STL nor OBJ, are not written");
    return;
  }
  int& count = shapes_of_node_[shape.node.exists() ? shape.node.index() : scene_.nodes.size()];
  const Path above = shape.node.exists() ? nodes_[shape.node.index()] : root_;
  const std::string name = fmt::format("collision_{}", count++);
  const Path prim = out_.define(above, name, form_of(shape.kind));
  out_.mark_part(prim);
  Affine map(shape.node_from_shape);
  const Vec3 s = shape.size;
  if (shape.kind == ShapeKind::box) {
    map.linear = map.linear * math::Mat3{{s.x, 0, 0}, {0, s.y, 0}, {0, 0, s.z}};
  }
  write_transform(out_, prim, {&map, 1});
  out_.uniform(prim, "purpose", "token", "guide");
  write_form(prim, shape);
  if (shape.kind == ShapeKind::ellipsoid) notes_.add("ellipsoids that touch are written as their hulls");
  if (shape.kind == ShapeKind::distance_field) {
    notes_.add("distance fields are written as the triangles they were made of");
  }
  std::vector<Path> touching{prim};
  if (shape.kind == ShapeKind::pieces) {
    touching.clear();
    for (std::size_t i = 0; i < shape.pieces.size(); ++i) {
      touching.push_back(out_.define(prim, fmt::format("piece_{}", i), "Mesh"));
      out_.mark_part(touching.back());
      write_collision_mesh(touching.back(), *shape.pieces[i], "convexHull");
    }
  }
  const bool own_mass = shape.mass > 0, weighs = !own_mass && shape.density != 1000;
  if (shape.mass > 0 && touching.size() > 1) notes_.add("masses of shapes of several pieces are not written");
  for (const Path touch : touching) {
    out_.apply(touch, "PhysicsCollisionAPI");
    if (shape.surface.exists()) {
      out_.apply(touch, "MaterialBindingAPI");
      out_.relate(touch, "material:binding:physics", {surface(shape.surface)});
    }
    if (touching.size() == 1 && own_mass) {
      out_.apply(touch, "PhysicsMassAPI");
      out_.attribute(touch, "physics:mass", "float", static_cast<float>(shape.mass));
    } else if (weighs) {
      out_.apply(touch, "PhysicsMassAPI");
      out_.attribute(touch, "physics:density", "float", static_cast<float>(shape.density));
    }
  }
  if (shape.category != 1 || shape.collides_with != 1) {
    notes_.add("which shapes may touch which, told in bits, is not written");
  }
}

Path PhysicsWriter::make_joint(std::string_view name, std::string_view type, std::size_t body) {
  if (joint_scope_.empty()) joint_scope_ = out_.define(root_, "Joints", "Scope");
  const Path joint = out_.define(joint_scope_, name, type);
  if (above_[body].exists()) out_.relate(joint, "physics:body0", {body_prim(above_[body].index())});
  out_.relate(joint, "physics:body1", {body_prim(body)});
  return joint;
}

// `frame_from_start` leads from the joint's frame on the body above, where its coordinate is 0, to where it stands.
void PhysicsWriter::place_joint(Path joint, std::size_t body, const Pose& body_from_frame,
                                const Pose& frame_from_start) {
  const Affine& world_from_body = world_from_node_[m_.bodies[body].node.index()];
  Affine above_from_body = world_from_body;
  if (above_[body].exists()) {
    const Affine& up = world_from_node_[m_.bodies[above_[body].index()].node.index()];
    above_from_body = up.inverse() * world_from_body;
  }
  const Pose above{rotation_of(above_from_body.linear), above_from_body.translation};
  const Pose frame0 =
      Pose{above.rotation * body_from_frame.rotation, above_from_body.point(body_from_frame.translation)} *
      frame_from_start.inverse();
  out_.attribute(joint, "physics:localPos0", "point3f", narrow(frame0.translation));
  out_.attribute(joint, "physics:localRot0", "quatf", real_last(frame0.rotation));
  out_.attribute(joint, "physics:localPos1", "point3f", narrow(body_from_frame.translation));
  out_.attribute(joint, "physics:localRot1", "quatf", real_last(body_from_frame.rotation));
}

void PhysicsWriter::write_joints_of(std::size_t body) {
  const std::vector<std::size_t>& joints = joints_[body];
  const scene::Body& spec = m_.bodies[body];
  if (joints.empty()) {
    if (spec.kinematic) return;
    const Path fixed = make_joint(fmt::format("{}_fixed", scene_.node(spec.node).name()), "PhysicsFixedJoint", body);
    place_joint(fixed, body, {}, {});
    return;
  }
  if (joints.size() > 1) {
    notes_.add("several joints in a row between two bodies are not written: there the body is free");
    return;
  }
  if (m_.joints[joints[0]].kind != JointKind::free) write_joint(joints[0]);
}

// The joint turns about, or slides along, the x axis of its frame.
void PhysicsWriter::write_joint(std::size_t index) {
  const scene::Joint& spec = m_.joints[index];
  const scene::JointValues& now = world_.joints[index];
  const std::size_t body = spec.body.index();
  const bool hinge = spec.kind == JointKind::hinge, ball = spec.kind == JointKind::ball;
  const std::string_view type = hinge  ? "PhysicsRevoluteJoint"
                                : ball ? "PhysicsSphericalJoint"
                                       : "PhysicsPrismaticJoint";
  const std::string name = spec.name.substr(spec.name.rfind('/') + 1);
  const Path joint = make_joint(name.empty() ? fmt::format("joint_{}", index) : name, type, body);
  if (!spec.name.empty() && name != spec.name) out_.mark_name(joint, spec.name);
  const Pose body_from_frame{Rotation::between({1, 0, 0}, spec.axis), spec.anchor};
  const Pose start = hinge ? Pose{about_x(spec.reference), {}} : ball ? Pose{} : Pose{{}, {spec.reference, 0, 0}};
  place_joint(joint, body, body_from_frame, start);
  out_.uniform(joint, "physics:axis", "token", "X");
  const double unit = hinge ? kDegrees : 1;
  if (spec.limited && !ball) {
    out_.attribute(joint, "physics:lowerLimit", "float", static_cast<float>(now.lower * unit));
    out_.attribute(joint, "physics:upperLimit", "float", static_cast<float>(now.upper * unit));
  } else if (spec.limited) {
    const auto cone = static_cast<float>(now.upper * kDegrees);
    out_.attribute(joint, "physics:coneAngle0Limit", "float", cone);
    out_.attribute(joint, "physics:coneAngle1Limit", "float", cone);
  }
  if (!ball) write_drive(joint, spec, index);
  if (now.armature > 0 || now.friction_loss > 0) notes_.add("armature and dry friction of joints are not written");
}

// A drive of force = stiffness (target - coordinate) + damping (target velocity - velocity), angles in degrees. Spring
// and damper of the joint's own are in it too.
void PhysicsWriter::write_drive(Path joint, const scene::Joint& spec, std::size_t index) {
  const scene::JointValues& now = world_.joints[index];
  const bool hinge = spec.kind == JointKind::hinge;
  const double unit = hinge ? kDegrees : 1;
  const std::string instance = hinge ? "angular" : "linear";
  const auto put = [&](std::string_view key, double value) {
    out_.attribute(joint, fmt::format("drive:{}:physics:{}", instance, key), "float", static_cast<float>(value));
  };
  const auto begin = [&] {
    out_.apply(joint, "PhysicsDriveAPI:" + instance);
    out_.uniform(joint, fmt::format("drive:{}:physics:type", instance), "token", "force");
  };
  const auto drives = [&](const scene::Drive& d) { return d.joint.exists() && d.joint.index() == index; };
  const auto found = std::find_if(m_.drives.begin(), m_.drives.end(), drives);
  const bool springs = now.stiffness > 0 || now.damping > 0;
  if (found == m_.drives.end()) {
    if (!springs) return;
    begin();
    put("stiffness", now.stiffness / unit);
    put("damping", now.damping / unit);
    put("targetPosition", now.spring_reference * unit);
    return;
  }
  if (std::find_if(found + 1, m_.drives.end(), drives) != m_.drives.end()) {
    notes_.add("of several drives of one joint the first is written");
  }
  if (found->kind == scene::DriveKind::general) {
    notes_.add("drives that only an engine's own words describe are not written");
    return;
  }
  const scene::DriveValues& drive = world_.drives[static_cast<std::size_t>(found - m_.drives.begin())];
  const double gear = found->gear * found->gear;
  begin();
  const bool holds = found->kind == scene::DriveKind::position, damps = found->kind != scene::DriveKind::motor;
  if (holds && now.stiffness > 0) notes_.add("springs of joints that are driven to a position are not written");
  if (found->kind == scene::DriveKind::velocity && now.damping > 0) {
    notes_.add("dampers of joints that are driven to a velocity resist the drive's own error instead");
  }
  put("stiffness", (holds ? drive.stiffness * gear : now.stiffness) / unit);
  put("damping", ((damps ? drive.damping * gear : 0) + now.damping) / unit);
  if (found->force_limited) {
    const double most = std::max(std::abs(drive.lower_force), std::abs(drive.upper_force));
    put("maxForce", most * std::abs(found->gear));
    if (drive.lower_force != -drive.upper_force) notes_.add("forces limited otherwise each way are limited alike");
  }
  put("targetPosition", (holds ? now.start : now.spring_reference) * unit);
}

void PhysicsWriter::write_articulations() {
  std::vector<char> moves(m_.bodies.size());
  for (std::size_t b = m_.bodies.size(); b-- > 0;) {
    for (BodyId up(b); above_[up.index()].exists();) {
      up = above_[up.index()];
      moves[up.index()] = 1;
    }
    const bool jointed = joints_[b].size() == 1 && m_.joints[joints_[b][0]].kind != JointKind::free;
    if (jointed) moves[b] = 1;
  }
  for (std::size_t b = 0; b < m_.bodies.size(); ++b) {
    if (above_[b].exists() || !moves[b] || m_.bodies[b].kinematic) continue;
    out_.apply(body_prim(b), "PhysicsArticulationRootAPI");
  }
}

void PhysicsWriter::write_excludes() {
  std::map<std::size_t, std::vector<Path>> pairs;
  for (const scene::Exclude& e : m_.excludes) {
    if (e.body_a.exists() && e.body_b.exists()) pairs[e.body_a.index()].push_back(body_prim(e.body_b.index()));
  }
  for (auto& [body, others] : pairs) {
    out_.apply(body_prim(body), "PhysicsFilteredPairsAPI");
    out_.relate(body_prim(body), "physics:filteredPairs", std::move(others));
  }
}

void PhysicsWriter::note_what_stays_out() {
  if (!m_.tendons.empty()) notes_.add("tendons are not written");
  if (!m_.constraints.empty()) notes_.add("loops, welds and mimics are not written");
  if (!m_.deformables.empty())
    notes_.add("cloth, ropes and soft bodies are written as they stand, without their mechanics");
  if (!m_.sensors.empty() || !m_.keyframes.empty() || !m_.pairs.empty()) {
    notes_.add("state sensors, named states and settings of pairs are not written");
  }
  const auto elsewhere = [](const scene::Drive& d) { return !d.joint.exists(); };
  if (std::any_of(m_.drives.begin(), m_.drives.end(), elsewhere)) {
    notes_.add("drives of tendons, sites and bodies are not written");
  }
}

void PhysicsWriter::write() {
  if (m_.empty()) return;
  find_bodies();
  shapes_of_node_.resize(scene_.nodes.size() + 1);
  write_scene();
  for (std::size_t b = 0; b < m_.bodies.size(); ++b) write_body(b);
  for (std::size_t s = 0; s < m_.shapes.size(); ++s) write_shape(s);
  for (std::size_t b = 0; b < m_.bodies.size(); ++b) write_joints_of(b);
  write_articulations();
  write_excludes();
  note_what_stays_out();
}

}  // namespace

void write_physics(UsdWriter& out, const scene::World& world, Path root, const std::vector<Path>& nodes, Notes& notes) {
  PhysicsWriter(out, world, root, nodes, notes).write();
}

}  // namespace wm::import
