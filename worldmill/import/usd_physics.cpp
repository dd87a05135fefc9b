// UsdPhysics lists bodies anywhere and joints between any two; a Scene hangs each body below the one that carries it:
//
//   bodies, joints  --make_tree-->  who carries whom; joints that close a loop become constraints
//   parents of nodes follow it, nodes are put parents first; then the tables are filled in the order of nodes
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "worldmill/import/usd_parts.h"

namespace wm::import {

using math::Affine;
using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::BodyId;
using scene::NodeId;
using scene::ShapeKind;
using usd::Prim;

namespace {

constexpr std::string_view kBody = "PhysicsRigidBodyAPI", kRoot = "PhysicsArticulationRootAPI";

class PhysicsReader {
 public:
  PhysicsReader(const UsdValues& values, const UsdUnits& units, UsdFound& found, const UsdCollisionMesh& mesh,
                const UsdPhysicsMaterial& material, scene::Scene& scene, Notes& notes)
      : values_(values),
        units_(units),
        found_(found),
        mesh_(mesh),
        material_(material),
        scene_(scene),
        out_(scene.mechanics),
        notes_(notes) {}
  Status read();

 private:
  void read_gravity();
  void find_bodies();
  void find_joints();
  std::optional<std::size_t> body_target(const Prim& joint, std::string_view name, Affine& world, bool& broken);
  int body_above(std::size_t node) const;
  void settle();
  void move(std::size_t node, const Pose& by);
  void hang();
  void order_nodes();
  void add_body(std::size_t node);
  Status add_shape(const UsdCollider& collider);
  Result<bool> set_form(const UsdNode& node, scene::Shape& shape);
  Result<bool> set_mesh(const UsdNode& node, scene::Shape& shape);
  scene::SurfaceId surface(const Prim& material);
  void add_joints();
  void add_excludes();

  const UsdValues& values_;
  const UsdUnits& units_;
  UsdFound& found_;
  const UsdCollisionMesh& mesh_;
  const UsdPhysicsMaterial& material_;
  scene::Scene& scene_;
  scene::Mechanics& out_;
  Notes& notes_;
  std::vector<Affine> world_;                       ///< [node]
  std::vector<std::size_t> body_nodes_;             ///< [found body]
  std::vector<std::vector<std::size_t>> children_;  ///< [node] As the stage has them.
  std::vector<int> body_at_;                        ///< [node] Found body, or -1.
  std::vector<UsdJoint> joints_;
  UsdTree tree_;
  std::vector<BodyId> ids_;                             ///< [found body]
  std::map<std::uint32_t, scene::SurfaceId> surfaces_;  ///< By the material's path.
};

void PhysicsReader::read_gravity() {
  if (found_.scenes.empty()) return;
  if (found_.scenes.size() > 1) notes_.add("of several physics scenes the first is read");
  const Prim& prim = found_.scenes[0];
  const Vec3 said = values_.vector(prim, "physics:gravityDirection").value_or(Vec3{});
  const double magnitude = values_.number(prim, "physics:gravityMagnitude", -1);
  const Vec3 down = length(said) > 0 ? units_.scene_from_stage * normalized(said) : Vec3{0, 0, -1};
  out_.options.gravity = down * (magnitude >= 0 && std::isfinite(magnitude) ? magnitude * units_.meters : 9.81);
  out_.has_options = true;
}

void PhysicsReader::find_bodies() {
  body_at_.assign(scene_.nodes.size(), -1);
  for (std::size_t i = 0; i < found_.nodes.size(); ++i) {
    const Prim& prim = found_.nodes[i].prim;
    if (!prim || !has_schema(prim, kBody) || !values_.flag(prim, "physics:rigidBodyEnabled", true)) continue;
    body_at_[i] = static_cast<int>(body_nodes_.size());
    body_nodes_.push_back(i);
  }
}

int PhysicsReader::body_above(std::size_t node) const {
  for (NodeId up = scene_.nodes[node].parent; up.exists(); up = scene_.node(up).parent) {
    if (body_at_[up.index()] >= 0) return body_at_[up.index()];
  }
  return -1;
}

// The node that a joint's relationship names, and where its frame stands; none: the world.
std::optional<std::size_t> PhysicsReader::body_target(const Prim& joint, std::string_view name, Affine& world,
                                                      bool& broken) {
  const auto targets = usd::Property(joint, usd::Token(name)).targets();
  if (targets.empty()) {
    world.linear = units_.scene_from_stage;
    return std::nullopt;
  }
  const auto node = found_.node_of.find(targets[0]);
  broken = node == found_.node_of.end();
  if (broken) return std::nullopt;
  world = world_[node->second];
  return node->second;
}

void PhysicsReader::find_joints() {
  for (const Prim& prim : found_.joints) {
    if (!values_.flag(prim, "physics:jointEnabled", true)) continue;
    UsdJoint joint;
    joint.prim = prim;
    joint.loop = values_.flag(prim, "physics:excludeFromArticulation", false);
    bool broken = false;
    const auto side = [&](char digit, int& body, Pose& frame) {
      Affine world;
      bool lost = false;
      const auto node = body_target(prim, fmt::format("physics:body{}", digit), world, lost);
      broken = broken || lost;
      if (node) body = body_at_[*node] >= 0 ? body_at_[*node] : body_above(*node);
      const Vec3 at = values_.vector(prim, fmt::format("physics:localPos{}", digit)).value_or(Vec3{}) * units_.meters;
      const Rotation turn = values_.rotation(prim, fmt::format("physics:localRot{}", digit)).value_or(Rotation{});
      frame = {rigid_part(world).rotation * turn, world.point(at)};
    };
    side('0', joint.body_a, joint.frame_a);
    side('1', joint.body_b, joint.frame_b);
    if (broken) {
      notes_.add(fmt::format("{} joins something that is not there and is left out", prim.path().text()));
    } else if (joint.body_a != joint.body_b) {
      joints_.push_back(joint);
    }
  }
}

// Bodies go where their joints hold them: a joint whose frames do not meet in the stage pulls what it carries, with all
// that this carries, as it would in the first step.
void PhysicsReader::settle() {
  constexpr double kFar = 1e-4, kTurned = 1e-4;  // [m], sine of half an angle
  std::vector<std::vector<std::size_t>> carried(body_nodes_.size());
  std::vector<std::size_t> order;
  for (std::size_t b = 0; b < body_nodes_.size(); ++b) {
    const int parent = tree_.holds[b].parent;
    if (parent >= 0) carried[static_cast<std::size_t>(parent)].push_back(b);
    if (parent < 0) order.push_back(b);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    order.insert(order.end(), carried[order[i]].begin(), carried[order[i]].end());
  }
  std::vector<std::optional<Pose>> moves(body_nodes_.size());
  for (const std::size_t b : order) {
    const UsdTree::Hold& hold = tree_.holds[b];
    if (hold.joint < 0) continue;
    const UsdJoint& joint = joints_[static_cast<std::size_t>(hold.joint)];
    const Pose a_from_b = joint.frame_a.inverse() * joint.frame_b;
    const Pose allowed = allowed_part(values_, units_, joint.prim, a_from_b, notes_);
    const Rotation turn = allowed.rotation.inverse() * a_from_b.rotation;
    const double turned = length(Vec3{turn.x, turn.y, turn.z});
    const bool fits = length(a_from_b.translation - allowed.translation) < kFar && turned < kTurned;
    const std::optional<Pose> above = hold.parent < 0 ? std::nullopt : moves[static_cast<std::size_t>(hold.parent)];
    if (fits && !above) continue;
    const bool is_b = joint.body_b == static_cast<int>(b);
    const Pose held = (above ? *above : Pose{}) * (is_b ? joint.frame_a : joint.frame_b);
    const Pose own = is_b ? joint.frame_b : joint.frame_a;
    moves[b] = held * (is_b ? allowed : allowed.inverse()) * own.inverse();
    if (!fits) {
      notes_.add(fmt::format("{} is put where its joint {} holds it", scene_.nodes[body_nodes_[b]].path,
                             joint.prim.path().text()));
    }
  }
  for (UsdJoint& joint : joints_) {
    const auto follow = [&](int body, Pose& frame) {
      if (body >= 0 && moves[static_cast<std::size_t>(body)]) frame = *moves[static_cast<std::size_t>(body)] * frame;
    };
    follow(joint.body_a, joint.frame_a);
    follow(joint.body_b, joint.frame_b);
  }
  for (std::size_t b = 0; b < body_nodes_.size(); ++b) {
    if (moves[b]) move(body_nodes_[b], *moves[b]);
  }
}

// Moves a node in the scene; bodies below it stay where they are.
void PhysicsReader::move(std::size_t node, const Pose& by) {
  const Affine after = Affine(by) * world_[node];
  const NodeId parent = scene_.nodes[node].parent;
  scene_.nodes[node].parent_from_node = parent.exists() ? world_[parent.index()].inverse() * after : after;
  const Affine change = after * world_[node].inverse();
  std::vector<std::size_t> stack{node};
  while (!stack.empty()) {
    const std::size_t at = stack.back();
    stack.pop_back();
    world_[at] = change * world_[at];
    for (const std::size_t child : children_[at]) {
      if (body_at_[child] < 0) {
        stack.push_back(child);
      } else {
        const Affine& world = world_[at];
        scene_.nodes[child].parent_from_node = world.inverse() * world_[child];
      }
    }
  }
}

// Parents follow the tree: what hangs on a body stands below it, what hangs on none stands below no body.
void PhysicsReader::hang() {
  bool changed = false;
  for (std::size_t b = 0; b < body_nodes_.size(); ++b) {
    const std::size_t node = body_nodes_[b];
    const int parent = tree_.holds[b].parent;
    if (body_above(node) == parent) continue;
    NodeId up;
    if (parent >= 0) {
      up = NodeId(body_nodes_[static_cast<std::size_t>(parent)]);
    } else {
      std::size_t top = node;  // above the outermost body
      for (int above = body_above(node); above >= 0; above = body_above(top)) {
        top = body_nodes_[static_cast<std::size_t>(above)];
      }
      up = scene_.nodes[top].parent;
    }
    scene_.nodes[node].parent = up;
    scene_.nodes[node].parent_from_node = up.exists() ? world_[up.index()].inverse() * world_[node] : world_[node];
    changed = true;
  }
  if (changed) order_nodes();
}

// Parents first, children in the order they had.
void PhysicsReader::order_nodes() {
  const std::size_t count = scene_.nodes.size();
  std::vector<std::vector<std::size_t>> children(count);
  std::vector<std::size_t> order, stack;
  for (std::size_t i = count; i-- > 0;) {
    const NodeId parent = scene_.nodes[i].parent;
    (parent.exists() ? children[parent.index()] : stack).push_back(i);
  }
  while (!stack.empty()) {
    const std::size_t node = stack.back();
    stack.pop_back();
    order.push_back(node);
    stack.insert(stack.end(), children[node].begin(), children[node].end());
  }
  WM_CHECK(order.size() == count);
  std::vector<std::size_t> to(count);
  for (std::size_t i = 0; i < count; ++i) to[order[i]] = i;
  std::vector<scene::Node> nodes;
  std::vector<UsdNode> found;
  std::vector<Affine> world;
  std::vector<int> body_at;
  for (const std::size_t old : order) {
    scene::Node& node = nodes.emplace_back(std::move(scene_.nodes[old]));
    if (node.parent.exists()) node.parent = NodeId(to[node.parent.index()]);
    found.push_back(found_.nodes[old]);
    world.push_back(world_[old]);
    body_at.push_back(body_at_[old]);
  }
  scene_.nodes = std::move(nodes);
  found_.nodes = std::move(found);
  world_ = std::move(world);
  body_at_ = std::move(body_at);
  for (auto& [path, node] : found_.node_of) node = to[node];
  for (UsdCollider& collider : found_.colliders) collider.node = to[collider.node];
  for (std::size_t& node : body_nodes_) node = to[node];
}

void PhysicsReader::add_body(std::size_t node) {
  const Prim& prim = found_.nodes[node].prim;
  scene::Body body;
  body.node = NodeId(node);
  body.kinematic = values_.flag(prim, "physics:kinematicEnabled", false);
  if (has_schema(prim, "PhysicsMassAPI")) {
    const double mass = values_.number(prim, "physics:mass", 0);
    body.mass = std::isfinite(mass) && mass > 0 ? mass * units_.kilograms : 0;
    const Vec3 inertia = values_.vector(prim, "physics:diagonalInertia").value_or(Vec3{});
    const auto center = values_.vector(prim, "physics:centerOfMass");
    const double arm = units_.kilograms * units_.meters * units_.meters;
    const double sum = inertia.x + inertia.y + inertia.z, most = std::max({inertia.x, inertia.y, inertia.z});
    const bool possible = std::min({inertia.x, inertia.y, inertia.z}) > 0 && 2 * most <= sum * (1 + 1e-6);
    if (body.mass > 0 && possible) {
      body.inertia = inertia * arm;
      body.center = center.value_or(Vec3{}) * scale_of(world_[node]) * units_.meters;
      body.axes = values_.rotation(prim, "physics:principalAxes").value_or(Rotation{});
    } else if (sum > 0) {
      notes_.add("inertias that no body can have, or that come without a mass, are left to the shapes");
    } else if (center) {
      notes_.add("centres of mass without an inertia are left to the shapes");
    }
  }
  const auto moves = [&](std::string_view name) { return length(values_.vector(prim, name).value_or(Vec3{})) > 0; };
  if (moves("physics:velocity") || moves("physics:angularVelocity")) {
    notes_.add("velocities of bodies are not read: they begin at rest");
  }
  ids_[static_cast<std::size_t>(body_at_[node])] = BodyId(out_.bodies.size());
  out_.bodies.push_back(std::move(body));
}

scene::SurfaceId PhysicsReader::surface(const Prim& material) {
  if (!material || !has_schema(material, "PhysicsMaterialAPI")) return {};
  const auto [known, is_new] = surfaces_.try_emplace(material.path().id(), out_.surfaces.size());
  if (!is_new) return known->second;
  scene::Surface surface;
  surface.name = material.path().text();
  surface.friction = std::max(0.0, values_.number(material, "physics:dynamicFriction", 0));
  surface.static_friction = std::max(0.0, values_.number(material, "physics:staticFriction", 0));
  surface.restitution = std::clamp(values_.number(material, "physics:restitution", 0), 0.0, 0.95);
  out_.surfaces.push_back(std::move(surface));
  return known->second;
}

Rotation z_to(const std::string& axis) {
  if (axis == "X") return Rotation::between({0, 0, 1}, {1, 0, 0});
  if (axis == "Y") return Rotation::between({0, 0, 1}, {0, 1, 0});
  return {};
}

// Whether no vertex lies outside the plane of a face: then the hull is the shape itself. Large meshes count as not.
bool is_convex(const geometry::Mesh& mesh) {
  constexpr std::size_t kMostTests = 4'000'000;
  if (mesh.triangles.size() * mesh.positions.size() > kMostTests) return false;
  const auto at = [&](std::uint32_t i) { return Vec3{mesh.positions[i].x, mesh.positions[i].y, mesh.positions[i].z}; };
  const double slack = 1e-4 * length(geometry::bounds(mesh).size());
  for (const geometry::Triangle& t : mesh.triangles) {
    const Vec3 across = cross(at(t[1]) - at(t[0]), at(t[2]) - at(t[0]));
    const double size = length(across);
    if (!(size > 0)) continue;
    for (std::uint32_t i = 0; i < mesh.positions.size(); ++i) {
      if (dot(across, at(i) - at(t[0])) > slack * size) return false;
    }
  }
  return true;
}

// False: nothing of it touches.
Result<bool> PhysicsReader::set_form(const UsdNode& node, scene::Shape& shape) {
  const Prim& prim = node.prim;
  const std::string type(prim.type_name().text());
  const auto size = [&](std::string_view name, double fallback) {
    const double said = values_.number(prim, name, fallback) * units_.meters;
    return std::isfinite(said) ? std::abs(said) : 0;
  };
  const auto along = [&] { return z_to(values_.text(prim, "axis", "Z")); };
  if (type == "Cube") {
    const double half = 0.5 * size("size", 2);
    shape.kind = ShapeKind::box;
    shape.size = {half, half, half};
    return half > 0;
  }
  if (type == "Sphere") {
    const double radius = size("radius", 1);
    shape.kind = ShapeKind::sphere;
    shape.size = {radius, radius, radius};
    return radius > 0;
  }
  if (type == "Capsule" || type == "Cylinder") {
    const bool capsule = type == "Capsule";
    shape.kind = capsule ? ShapeKind::capsule : ShapeKind::cylinder;
    shape.size = {size("radius", capsule ? 0.5 : 1), 0.5 * size("height", capsule ? 1 : 2), 0};
    shape.node_from_shape.rotation = along();
    return shape.size.x > 0;
  }
  if (type == "Plane") {
    shape.kind = ShapeKind::plane;
    shape.size = {0, 0, 0};  // as a collider it has no edge
    shape.node_from_shape.rotation = along();
    return true;
  }
  if (type == "Mesh" || type == "Cone" || type == "Cylinder_1" || type == "Capsule_1") return set_mesh(node, shape);
  notes_.add(fmt::format("colliders of type {} are not read", type.empty() ? "none" : type));
  return false;
}

Result<bool> PhysicsReader::set_mesh(const UsdNode& node, scene::Shape& shape) {
  WM_TRY(mesh, mesh_(node));
  if (!mesh) return false;
  const std::string approximation =
      node.prim.type_name().text() == "Mesh" ? values_.text(node.prim, "physics:approximation", "none") : "convexHull";
  const math::Box3 box = geometry::bounds(*mesh);
  if (approximation == "boundingCube") {
    shape.kind = ShapeKind::box;
    shape.size = box.size() * 0.5;
    shape.node_from_shape.translation = box.center();
    constexpr double kThin = 1e-6;  // [m]: a flat box must have some thickness
    shape.size = {std::max(shape.size.x, kThin), std::max(shape.size.y, kThin), std::max(shape.size.z, kThin)};
  } else if (approximation == "boundingSphere") {
    double radius = 0;
    for (const math::Vec3f& p : mesh->positions) {
      radius = std::max(radius, length(Vec3{p.x, p.y, p.z} - box.center()));
    }
    shape.kind = ShapeKind::sphere;
    shape.size = {radius, radius, radius};
    shape.node_from_shape.translation = box.center();
  } else {
    const int own = body_at_[shape.node.index()], body = own >= 0 ? own : body_above(shape.node.index());
    const bool moves = body >= 0 && !out_.bodies[ids_[static_cast<std::size_t>(body)].index()].kinematic;
    const bool hull = approximation == "convexHull" || is_convex(*mesh) || (moves && approximation != "sdf");
    shape.kind = hull ? ShapeKind::hull : ShapeKind::distance_field;
    shape.mesh = mesh;
    if (hull && approximation != "convexHull" && !is_convex(*mesh)) {
      notes_.add(fmt::format("colliders that move and are approximated by {} are their hulls", approximation));
    }
  }
  return true;
}

Status PhysicsReader::add_shape(const UsdCollider& collider) {
  const UsdNode& node = collider.prim;
  if (!values_.flag(node.prim, "physics:collisionEnabled", true)) return {};
  scene::Shape shape;
  shape.name = node.prim.path().text();
  shape.node = NodeId(collider.node);
  WM_TRY(touches, set_form(node, shape));
  if (!touches) return {};
  if (shape.kind == ShapeKind::box) shape.size = shape.size * scale_of(collider.node_from_prim);
  shape.node_from_shape = rigid_part(collider.node_from_prim) * shape.node_from_shape;
  const Prim material = material_(node.prim);
  shape.surface = surface(material);
  const double per_volume = units_.kilograms / (units_.meters * units_.meters * units_.meters);
  const int own = body_at_[collider.node], body = own >= 0 ? own : body_above(collider.node);
  const auto density = [&](const Prim& prim) {
    const double said = prim ? values_.number(prim, "physics:density", 0) : 0;
    if (said > 0 && std::isfinite(said)) shape.density = said * per_volume;
  };
  density(material);
  if (body >= 0) density(found_.nodes[body_nodes_[static_cast<std::size_t>(body)]].prim);
  density(node.prim);
  const bool is_body = has_schema(node.prim, kBody);  // whose mass is the body's
  const double mass = is_body ? 0 : values_.number(node.prim, "physics:mass", 0);
  if (mass > 0 && std::isfinite(mass)) shape.mass = mass * units_.kilograms;
  out_.shapes.push_back(std::move(shape));
  return {};
}

void PhysicsReader::add_joints() {
  std::vector<Pose> world_from_body(body_nodes_.size());
  for (std::size_t b = 0; b < body_nodes_.size(); ++b) world_from_body[b] = rigid_part(world_[body_nodes_[b]]);
  std::vector<std::size_t> in_order(body_nodes_.size());
  std::iota(in_order.begin(), in_order.end(), 0);
  std::sort(in_order.begin(), in_order.end(), [&](std::size_t a, std::size_t b) { return ids_[a] < ids_[b]; });
  for (const std::size_t b : in_order) {
    const UsdTree::Hold& hold = tree_.holds[b];
    if (hold.joint >= 0) {
      const UsdJoint& joint = joints_[static_cast<std::size_t>(hold.joint)];
      add_tree_joint(values_, units_, joint, joint.body_b == static_cast<int>(b), ids_[b], world_from_body[b], out_,
                     notes_);
    } else if (!out_.bodies[ids_[b].index()].kinematic) {
      scene::Joint free;
      free.name = scene_.nodes[body_nodes_[b]].path;
      free.body = ids_[b];
      free.kind = scene::JointKind::free;
      out_.joints.push_back(std::move(free));
    }
  }
  for (const UsdJoint& joint : joints_) {
    if (joint.loop) add_loop(values_, joint, ids_, world_from_body, out_, notes_);
  }
}

void PhysicsReader::add_excludes() {
  for (std::size_t i = 0; i < found_.nodes.size(); ++i) {
    const Prim& prim = found_.nodes[i].prim;
    if (!prim || !has_schema(prim, "PhysicsFilteredPairsAPI")) continue;
    const int a = body_at_[i] >= 0 ? body_at_[i] : body_above(i);
    for (const usd::Path& target : usd::Property(prim, usd::Token("physics:filteredPairs")).targets()) {
      const auto node = found_.node_of.find(target);
      if (node == found_.node_of.end()) continue;
      const int b = body_at_[node->second] >= 0 ? body_at_[node->second] : body_above(node->second);
      if (a < 0 || b < 0 || a == b) continue;
      out_.excludes.push_back({ids_[static_cast<std::size_t>(a)], ids_[static_cast<std::size_t>(b)]});
    }
  }
  if (!found_.groups.empty()) notes_.add("collision groups are not read");
}

Status PhysicsReader::read() {
  read_gravity();
  std::vector<Affine> local;
  for (const scene::Node& node : scene_.nodes) local.push_back(node.parent_from_node);
  world_ = scene::world_from_nodes(scene_, local);
  find_bodies();
  find_joints();
  std::vector<char> kinematic, preferred;
  for (const std::size_t node : body_nodes_) {
    const Prim& prim = found_.nodes[node].prim;
    kinematic.push_back(values_.flag(prim, "physics:kinematicEnabled", false));
    preferred.push_back(has_schema(prim, kRoot));
  }
  tree_ = make_tree(joints_, kinematic, preferred);
  children_.resize(scene_.nodes.size());
  for (std::size_t i = 0; i < scene_.nodes.size(); ++i) {
    if (const NodeId up = scene_.nodes[i].parent; up.exists()) children_[up.index()].push_back(i);
  }
  settle();
  hang();
  ids_.resize(body_nodes_.size());
  for (std::size_t i = 0; i < scene_.nodes.size(); ++i) {
    if (body_at_[i] >= 0) add_body(i);
  }
  std::stable_sort(found_.colliders.begin(), found_.colliders.end(),
                   [](const UsdCollider& a, const UsdCollider& b) { return a.node < b.node; });
  for (const UsdCollider& collider : found_.colliders) WM_TRY_STATUS(add_shape(collider));
  add_joints();
  add_excludes();
  return {};
}

}  // namespace

Status read_physics(const UsdValues& values, const UsdUnits& units, UsdFound& found, const UsdCollisionMesh& mesh,
                    const UsdPhysicsMaterial& material, scene::Scene& scene, Notes& notes) {
  return PhysicsReader(values, units, found, mesh, material, scene, notes).read();
}

}  // namespace wm::import
