// URDF is a tree of links, written as a list of links and a list of joints between them. A joint's frame is its child
// link's; visuals and collisions have frames of their own on the link:
//
//   /base                     link, Body
//   /base/visual_0            what it shows
//   /base/upper_arm           link of a joint: parent_from_node is the joint's origin; Joint at its own origin
#include "worldmill/import/urdf.h"

#include <fmt/format.h>
#include <tinyxml2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "worldmill/image/color.h"
#include "worldmill/import/obj.h"
#include "worldmill/import/pictures.h"
#include "worldmill/import/primitives.h"
#include "worldmill/import/stl.h"
#include "worldmill/math/elementary.h"
#include "worldmill/math/symmetric.h"

namespace wm::import {

using base::error;
using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::BodyId;
using scene::JointId;
using scene::JointKind;
using scene::NodeId;
using scene::ShapeKind;
using tinyxml2::XMLElement;

namespace {

/// Fixed axes: first about x, then y, then z.
Rotation from_rpy(Vec3 rpy) {
  const auto about = [](double angle, Vec3 axis) {
    const math::SinCos half = math::sincos(0.5 * angle);
    return Rotation{half.cos, axis.x * half.sin, axis.y * half.sin, axis.z * half.sin};
  };
  return about(rpy.z, {0, 0, 1}) * about(rpy.y, {0, 1, 0}) * about(rpy.x, {1, 0, 0});
}

/// A mesh file: its parts as they are to be seen, and all of it as one to touch.
struct MeshFile {
  std::vector<scene::Part> parts;  ///< In the scene that is being made.
  std::shared_ptr<const geometry::Mesh> whole;
};

class Reader {
 public:
  Reader(Source& source, Notes& notes) : source_(source), notes_(notes) {}
  Result<scene::Scene> read(const XMLElement& robot);

 private:
  struct Edge {
    const XMLElement* joint;
    std::string child;
  };
  base::Place place(const XMLElement& element) const { return {source_.file(), element.GetLineNum(), 0}; }
  std::string text(const XMLElement& element, const char* key) const;
  Result<std::vector<double>> numbers(const XMLElement& element, const char* key) const;
  Result<Vec3> vector(const XMLElement* element, const char* key, Vec3 fallback) const;
  Result<double> number(const XMLElement* element, const char* key, double fallback) const;
  Result<Pose> origin(const XMLElement& parent) const;
  Status list(const XMLElement& robot);
  Status add_link(const std::string& name, const XMLElement* joint, NodeId parent, const std::string& path, int depth);
  Status add_inertia(const XMLElement& link, const std::string& name, scene::Body& body);
  Status add_visuals(const XMLElement& link, NodeId node);
  Status add_look(const XMLElement& visual, NodeId parent, const std::string& name);
  Status add_collisions(const XMLElement& link, NodeId node, const std::string& name, bool seen);
  Result<std::vector<scene::Part>> look(const XMLElement& visual, math::Mat3& scale);
  Result<std::optional<scene::MaterialId>> material(const XMLElement* element);
  Status add_joint(const XMLElement& joint, BodyId body);
  Status add_axis(const XMLElement& joint, const std::string& name, BodyId body, JointKind kind, Vec3 axis);
  Status add_mimics();
  Result<std::string> find(const std::string& filename, const XMLElement& at);
  Result<const MeshFile*> mesh_file(const XMLElement& mesh);
  scene::MeshId add_mesh(geometry::Mesh mesh);
  scene::MaterialId plain();

  Source& source_;
  Notes& notes_;
  scene::Scene scene_;
  scene::Mechanics& out_ = scene_.mechanics;
  std::map<std::string, const XMLElement*> links_;
  std::map<std::string, std::vector<Edge>> children_;
  std::map<std::string, const XMLElement*> materials_;
  std::map<std::string, scene::MaterialId> made_;
  std::map<std::string, MeshFile> meshes_;
  std::map<std::string, JointId> joints_;
  std::vector<const XMLElement*> mimics_;
  std::optional<scene::MaterialId> plain_;
  std::set<std::string> visited_;
};

// `$(optenv NAME default)` is its default: what the machine's environment says is nobody's business here.
std::string Reader::text(const XMLElement& element, const char* key) const {
  const char* said = element.Attribute(key);
  std::string value = said ? said : "";
  for (std::size_t at = value.find("$(optenv "); at != std::string::npos; at = value.find("$(optenv ")) {
    const std::size_t end = value.find(')', at);
    if (end == std::string::npos) break;
    const std::size_t space = value.find(' ', at + 9);
    const std::string fallback = space < end ? value.substr(space + 1, end - space - 1) : "";
    value.replace(at, end - at + 1, fallback);
  }
  return value;
}

Result<std::vector<double>> Reader::numbers(const XMLElement& element, const char* key) const {
  const std::string value = text(element, key);
  std::vector<double> all;
  const char* at = value.c_str();
  for (;;) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == ',') ++at;
    if (!*at) return all;
    char* end = nullptr;
    const double n = std::strtod(at, &end);
    if (end == at || !std::isfinite(n) || std::abs(n) > 1e9) {
      return error(fmt::format("{} has the {} \"{}\", which is not made of numbers", element.Name(), key, value),
                   place(element));
    }
    all.push_back(n);
    at = end;
  }
}

Result<Vec3> Reader::vector(const XMLElement* element, const char* key, Vec3 fallback) const {
  if (!element || !element->Attribute(key)) return fallback;
  WM_TRY(all, numbers(*element, key));
  if (all.size() == 3) return Vec3{all[0], all[1], all[2]};
  return error(fmt::format("{} has {} numbers as its {}, must be 3", element->Name(), all.size(), key),
               place(*element));
}

Result<double> Reader::number(const XMLElement* element, const char* key, double fallback) const {
  if (!element || !element->Attribute(key)) return fallback;
  WM_TRY(all, numbers(*element, key));
  if (all.size() == 1) return all[0];
  return error(fmt::format("{} has {} numbers as its {}, must be 1", element->Name(), all.size(), key),
               place(*element));
}

Result<Pose> Reader::origin(const XMLElement& parent) const {
  const XMLElement* element = parent.FirstChildElement("origin");
  WM_TRY(xyz, vector(element, "xyz", {}));
  WM_TRY(rpy, vector(element, "rpy", {}));
  return Pose{from_rpy(rpy), xyz};
}

Result<scene::Scene> Reader::read(const XMLElement& robot) {
  WM_TRY_STATUS(list(robot));
  std::set<std::string> below;
  for (const auto& [parent, edges] : children_) {
    for (const Edge& edge : edges) below.insert(edge.child);
  }
  int roots = 0;
  for (const XMLElement* link = robot.FirstChildElement("link"); link; link = link->NextSiblingElement("link")) {
    const std::string name = text(*link, "name");
    if (below.contains(name)) continue;
    WM_TRY_STATUS(add_link(name, nullptr, {}, "/" + sibling_names({name}, {"link"})[0], 0));
    ++roots;
  }
  if (roots == 0 || visited_.size() < links_.size()) {
    return error("its joints lead in a circle; URDF is a tree, take one joint out", place(robot));
  }
  WM_TRY_STATUS(add_mimics());
  return std::move(scene_);
}

Status Reader::list(const XMLElement& robot) {
  for (const XMLElement* e = robot.FirstChildElement(); e; e = e->NextSiblingElement()) {
    const std::string kind = e->Name(), name = text(*e, "name");
    if (kind.starts_with("xacro:"))
      return error("holds xacro macros; run xacro on it and give what comes out", place(*e));
    if (kind == "material") materials_[name] = e;
    if (kind == "link" && !links_.try_emplace(name, e).second) {
      return error(fmt::format("has two links \"{}\"", name), place(*e));
    }
  }
  for (const XMLElement* e = robot.FirstChildElement("joint"); e; e = e->NextSiblingElement("joint")) {
    const XMLElement *parent = e->FirstChildElement("parent"), *child = e->FirstChildElement("child");
    if (!parent || !child) return error("a joint needs a parent and a child", place(*e));
    const std::string from = text(*parent, "link"), to = text(*child, "link");
    for (const std::string& link : {from, to}) {
      if (!links_.contains(link)) return error(fmt::format("there is no link \"{}\"", link), place(*e));
    }
    children_[from].push_back({e, to});
  }
  return {};
}

Status Reader::add_link(const std::string& name, const XMLElement* joint, NodeId parent, const std::string& path,
                        int depth) {
  const XMLElement& link = *links_[name];
  if (depth > source_.budget().depth || !visited_.insert(name).second) {
    return error(fmt::format("the link \"{}\" is reached twice; URDF is a tree, take one joint out", name),
                 place(link));
  }
  const NodeId id(scene_.nodes.size());
  scene::Node& node = scene_.nodes.emplace_back();
  node.path = path;
  node.parent = parent;
  if (joint) {
    WM_TRY(pose, origin(*joint));
    node.parent_from_node = math::Affine(pose);
  }
  scene::Body body;
  body.node = id;
  WM_TRY_STATUS(add_inertia(link, name, body));
  const BodyId body_id(out_.bodies.size());
  out_.bodies.push_back(std::move(body));
  if (joint) WM_TRY_STATUS(add_joint(*joint, body_id));
  const std::size_t before = scene_.nodes.size();
  WM_TRY_STATUS(add_visuals(link, id));
  WM_TRY_STATUS(add_collisions(link, id, name, scene_.nodes.size() > before));
  std::vector<std::string> names;
  for (const Edge& edge : children_[name]) names.push_back(edge.child);
  const std::vector<std::string> unique = sibling_names(names, names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    WM_TRY_STATUS(add_link(names[i], children_[name][i].joint, id, path + "/" + unique[i], depth + 1));
  }
  return {};
}

Status Reader::add_inertia(const XMLElement& link, const std::string& name, scene::Body& body) {
  const XMLElement* inertial = link.FirstChildElement("inertial");
  if (!inertial) return {};
  WM_TRY(pose, origin(*inertial));
  WM_TRY(mass, number(inertial->FirstChildElement("mass"), "value", 0));
  const XMLElement* tensor = inertial->FirstChildElement("inertia");
  std::array<double, 6> i{};
  constexpr const char* kKeys[] = {"ixx", "iyy", "izz", "ixy", "ixz", "iyz"};
  for (std::size_t k = 0; k < 6; ++k) {
    WM_TRY(moment, number(tensor, kKeys[k], 0));
    i[k] = moment;
  }
  if (mass < 0)
    return error(fmt::format("link \"{}\" has a mass of {} kg, must be positive", name, mass), place(*inertial));
  const math::Principal principal = math::principal_axes({{i[0], i[3], i[4]}, {i[3], i[1], i[5]}, {i[4], i[5], i[2]}});
  Vec3 moments = principal.values;
  const double sum = moments.x + moments.y + moments.z, largest = std::max({moments.x, moments.y, moments.z});
  const bool possible = std::min({moments.x, moments.y, moments.z}) > 0 && 2 * largest <= sum * (1 + 1e-9);
  if (mass > 0 && sum > 0 && !possible) {
    notes_.add(fmt::format("link \"{}\": no body has such an inertia; the mean of its moments is taken", name));
    moments = Vec3{sum, sum, sum} / 3;
  }
  body.mass = mass;
  if (sum > 0) body.inertia = moments;
  body.center = pose.translation;
  body.axes = pose.rotation * principal.axes;
  return {};
}

scene::MeshId Reader::add_mesh(geometry::Mesh mesh) {
  scene_.meshes.push_back(std::make_shared<const geometry::Mesh>(std::move(mesh)));
  return scene::MeshId(scene_.meshes.size() - 1);
}

scene::MaterialId Reader::plain() {
  if (!plain_) {
    plain_ = scene::MaterialId(scene_.materials.size());
    scene_.materials.push_back({.name = "plain"});
  }
  return *plain_;
}

// What an element <material> says, or the one of its name that the robot has.
Result<std::optional<scene::MaterialId>> Reader::material(const XMLElement* element) {
  if (!element) return std::nullopt;
  const std::string name = text(*element, "name");
  const XMLElement* source = element;
  if (!element->FirstChildElement()) {
    const auto global = materials_.find(name);
    if (global == materials_.end()) return std::nullopt;
    source = global->second;
  }
  const std::string key = fmt::format("{} {}", name, source->GetLineNum());
  if (const auto known = made_.find(key); known != made_.end()) return known->second;
  scene::Material out;
  out.name = name.empty() ? "plain" : name;
  if (const XMLElement* color = source->FirstChildElement("color")) {
    WM_TRY(rgba, numbers(*color, "rgba"));
    if (rgba.size() != 4) return error(fmt::format("a colour has {} numbers, must be 4", rgba.size()), place(*color));
    const auto linear = [&](std::size_t i) {
      return image::linear_from_srgb(static_cast<std::uint8_t>(std::lround(std::clamp(rgba[i], 0.0, 1.0) * 255)));
    };
    out.base_color = {linear(0), linear(1), linear(2)};
    out.opacity = static_cast<float>(std::clamp(rgba[3], 0.0, 1.0));
    if (out.opacity < 1) out.alpha_mode = scene::AlphaMode::blend;
  }
  if (const XMLElement* texture = source->FirstChildElement("texture")) {
    WM_TRY(path, find(text(*texture, "filename"), *texture));
    if (source_.exists(path)) {
      WM_TRY(bytes, source_.read(path));
      WM_TRY(picture, decode_picture(bytes, source_.budget(), source_.place(path), source_.name(path)));
      out.base_color_texture.picture = picture;
      out.base_color = {1, 1, 1};
    }
  }
  const scene::MaterialId id(scene_.materials.size());
  scene_.materials.push_back(std::move(out));
  return made_[key] = id;
}

Status Reader::add_visuals(const XMLElement& link, NodeId parent) {
  int count = 0;
  for (const XMLElement* e = link.FirstChildElement("visual"); e; e = e->NextSiblingElement("visual")) {
    WM_TRY_STATUS(add_look(*e, parent, fmt::format("visual_{}", count++)));
  }
  return {};
}

// A node for what a <visual> shows, or a <collision> where nothing else of the link can be seen.
Status Reader::add_look(const XMLElement& visual, NodeId parent, const std::string& name) {
  WM_TRY(pose, origin(visual));
  math::Mat3 scale;
  WM_TRY(parts, look(visual, scale));
  if (parts.empty()) return {};
  scene::Node node;
  node.path = fmt::format("{}/{}", scene_.node(parent).path, name);
  node.parent = parent;
  node.parent_from_node = math::Affine(pose.rotation.matrix() * scale, pose.translation);
  node.parts = std::move(parts);
  scene_.nodes.push_back(std::move(node));
  return {};
}

Result<std::vector<scene::Part>> Reader::look(const XMLElement& visual, math::Mat3& scale) {
  const XMLElement* geometry = visual.FirstChildElement("geometry");
  const XMLElement* shape = geometry ? geometry->FirstChildElement() : nullptr;
  if (!shape) return error("a visual has no geometry", place(visual));
  WM_TRY(own, material(visual.FirstChildElement("material")));
  const std::string kind = shape->Name();
  if (kind == "mesh") {
    WM_TRY(file, mesh_file(*shape));
    WM_TRY(by, vector(shape, "scale", {1, 1, 1}));
    scale = {{by.x, 0, 0}, {0, by.y, 0}, {0, 0, by.z}};
    if (!file || !std::isnormal(by.x * by.y * by.z)) return std::vector<scene::Part>();
    std::vector<scene::Part> parts = file->parts;
    const bool painted = std::any_of(parts.begin(), parts.end(), [&](const scene::Part& part) {
      return scene_.materials[part.material.index()].base_color_texture.picture != nullptr;
    });
    if (own && !painted) {
      for (scene::Part& part : parts) part.material = *own;
    }
    return parts;
  }
  WM_TRY(size, vector(shape, "size", {1, 1, 1}));
  WM_TRY(radius, number(shape, "radius", 1));
  WM_TRY(length, number(shape, "length", 1));
  if (!(size.x > 0 && size.y > 0 && size.z > 0 && radius > 0 && length > 0)) {
    return error(fmt::format("a {} has no size", kind), place(*shape));
  }
  const scene::MaterialId paint = own ? *own : plain();
  if (kind == "box") return std::vector<scene::Part>{{add_mesh(make_box(size * 0.5)), paint}};
  if (kind == "sphere") return std::vector<scene::Part>{{add_mesh(make_ellipsoid({radius, radius, radius})), paint}};
  if (kind == "cylinder") return std::vector<scene::Part>{{add_mesh(make_cylinder(radius, 0.5 * length)), paint}};
  if (kind == "capsule") return std::vector<scene::Part>{{add_mesh(make_capsule(radius, 0.5 * length)), paint}};
  return error(fmt::format("there is no geometry \"{}\"; known are box, sphere, cylinder, capsule and mesh", kind),
               place(*shape));
}

Status Reader::add_collisions(const XMLElement& link, NodeId node, const std::string& name, bool seen) {
  int count = 0;
  for (const XMLElement* e = link.FirstChildElement("collision"); e; e = e->NextSiblingElement("collision")) {
    const XMLElement* geometry = e->FirstChildElement("geometry");
    const XMLElement* shape = geometry ? geometry->FirstChildElement() : nullptr;
    if (!shape) return error("a collision has no geometry", place(*e));
    WM_TRY(pose, origin(*e));
    scene::Shape to;
    to.name = fmt::format("{}/collision_{}", name, count++);
    to.node = node;
    to.node_from_shape = pose;
    const std::string kind = shape->Name();
    WM_TRY(size, vector(shape, "size", {1, 1, 1}));
    WM_TRY(radius, number(shape, "radius", 1));
    WM_TRY(length, number(shape, "length", 1));
    if (kind == "box") {
      to.kind = ShapeKind::box, to.size = size * 0.5;
    } else if (kind == "sphere") {
      to.kind = ShapeKind::sphere, to.size = {radius, 0, 0};
    } else if (kind == "cylinder" || kind == "capsule") {
      to.kind = kind == "capsule" ? ShapeKind::capsule : ShapeKind::cylinder, to.size = {radius, 0.5 * length, 0};
    } else if (kind == "mesh") {
      WM_TRY(file, mesh_file(*shape));
      if (!file) {
        return error(fmt::format("the collision mesh \"{}\" cannot be read: {}", text(*shape, "filename"),
                                 "only OBJ and STL are read; export it as one of them"),
                     place(*shape));
      }
      WM_TRY(by, vector(shape, "scale", {1, 1, 1}));
      to.kind = ShapeKind::hull;
      to.mesh = file->whole;
      if (!(by == Vec3{1, 1, 1})) {
        auto scaled = std::make_shared<geometry::Mesh>(*file->whole);
        for (math::Vec3f& p : scaled->positions) {
          p = {static_cast<float>(p.x * by.x), static_cast<float>(p.y * by.y), static_cast<float>(p.z * by.z)};
        }
        to.mesh = std::move(scaled);
      }
    } else {
      return error(fmt::format("there is no geometry \"{}\"; known are box, sphere, cylinder, capsule and mesh", kind),
                   place(*shape));
    }
    out_.shapes.push_back(std::move(to));
    if (!seen) WM_TRY_STATUS(add_look(*e, node, fmt::format("collision_{}", count - 1)));
  }
  return {};
}

Status Reader::add_axis(const XMLElement& joint, const std::string& name, BodyId body, JointKind kind, Vec3 axis) {
  const XMLElement *limit = joint.FirstChildElement("limit"), *dynamics = joint.FirstChildElement("dynamics");
  const std::string type = text(joint, "type");
  scene::Joint to;
  to.name = name;
  to.body = body;
  to.kind = kind;
  to.axis = axis;
  WM_TRY(lower, number(limit, "lower", 0));
  WM_TRY(upper, number(limit, "upper", 0));
  to.limited = (type == "revolute" || type == "prismatic") && lower < upper;
  to.lower = lower, to.upper = upper;
  WM_TRY(damping, number(dynamics, "damping", 0));
  WM_TRY(friction, number(dynamics, "friction", 0));
  to.damping = std::max(damping, 0.0);
  to.friction_loss = std::max(friction, 0.0);
  joints_[name] = JointId(out_.joints.size());
  out_.joints.push_back(std::move(to));
  return {};
}

Status Reader::add_joint(const XMLElement& joint, BodyId body) {
  const std::string name = text(joint, "name"), type = text(joint, "type");
  if (joints_.contains(name)) return error(fmt::format("has two joints \"{}\"", name), place(joint));
  if (type == "fixed") return {};
  WM_TRY(axis, vector(joint.FirstChildElement("axis"), "xyz", {1, 0, 0}));
  if (!(math::length(axis) > 0)) return error(fmt::format("joint \"{}\" has an axis of no length", name), place(joint));
  axis = math::normalized(axis);
  if (type == "floating" || type == "planar") {
    const Rotation turn = Rotation::between({0, 0, 1}, type == "planar" ? axis : Vec3{0, 0, 1});
    WM_TRY_STATUS(add_axis(joint, name + "_x", body, JointKind::slider, turn * Vec3{1, 0, 0}));
    WM_TRY_STATUS(add_axis(joint, name + "_y", body, JointKind::slider, turn * Vec3{0, 1, 0}));
    if (type == "planar") return add_axis(joint, name, body, JointKind::hinge, axis);
    WM_TRY_STATUS(add_axis(joint, name + "_z", body, JointKind::slider, {0, 0, 1}));
    return add_axis(joint, name, body, JointKind::ball, axis);
  }
  if (type != "revolute" && type != "continuous" && type != "prismatic") {
    return error(
        fmt::format("joint \"{}\" is of type \"{}\"; known are revolute, continuous, prismatic, fixed, floating "
                    "and planar",
                    name, type),
        place(joint));
  }
  WM_TRY_STATUS(add_axis(joint, name, body, type == "prismatic" ? JointKind::slider : JointKind::hinge, axis));
  if (joint.FirstChildElement("mimic")) {
    mimics_.push_back(&joint);
    return {};
  }
  WM_TRY(effort, number(joint.FirstChildElement("limit"), "effort", 0));
  out_.drives.push_back({.name = name,
                         .joint = joints_[name],
                         .force_limited = effort > 0,
                         .lower_force = -std::abs(effort),
                         .upper_force = std::abs(effort)});
  return {};
}

Status Reader::add_mimics() {
  for (const XMLElement* joint : mimics_) {
    const XMLElement& mimic = *joint->FirstChildElement("mimic");
    const std::string leader = text(mimic, "joint");
    const auto known = joints_.find(leader);
    if (known == joints_.end()) {
      return error(
          fmt::format("joint \"{}\" mimics \"{}\", which is no joint that moves", text(*joint, "name"), leader),
          place(mimic));
    }
    WM_TRY(multiplier, number(&mimic, "multiplier", 1));
    WM_TRY(offset, number(&mimic, "offset", 0));
    out_.constraints.push_back({.name = text(*joint, "name") + "_mimic",
                                .kind = scene::ConstraintKind::joint,
                                .joint_a = joints_[text(*joint, "name")],
                                .joint_b = known->second,
                                .polynomial = {offset, multiplier, 0, 0, 0}});
  }
  return {};
}

// A package's folder is not known: its path is looked for at the file's folder and above, with ever fewer folders of
// its own in front. The longest that is there wins.
Result<std::string> Reader::find(const std::string& filename, const XMLElement& at) {
  std::string path = filename;
  for (const char* scheme : {"package://", "model://", "file://"}) {
    if (path.starts_with(scheme)) path = path.substr(std::string_view(scheme).size());
  }
  if (path == filename) {
    if (path.find("://") != std::string::npos) {
      return error(fmt::format("refers to \"{}\", which is no file; use a path or package://", filename), place(at));
    }
    return path;
  }
  constexpr int kAbove = 6;
  for (std::string rest = path; !rest.empty();) {
    std::string up;
    for (int i = 0; i < kAbove; ++i, up += "../") {
      if (source_.exists(up + rest)) return up + rest;
    }
    const std::size_t slash = rest.find('/');
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
  }
  return path;
}

Result<const MeshFile*> Reader::mesh_file(const XMLElement& mesh) {
  const std::string filename = text(mesh, "filename");
  WM_TRY(path, find(filename, mesh));
  const auto [at, is_new] = meshes_.try_emplace(path);
  if (!is_new) return at->second.whole ? &at->second : nullptr;
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (ending != ".obj" && ending != ".stl") {
    notes_.add(fmt::format("meshes of the kind {} are not read; export them as OBJ or STL", ending));
    return nullptr;
  }
  WM_TRY(bytes, source_.read(path));
  auto whole = std::make_shared<geometry::Mesh>();
  if (ending == ".stl") {
    WM_TRY(read, read_stl(bytes, source_.budget(), source_.place(path)));
    *whole = read;
    at->second.parts.push_back({add_mesh(std::move(read)), plain()});
  } else {
    Source beside = source_.at(path);
    WM_TRY(asset, import_obj(beside, bytes));
    source_.adopt(beside);
    for (const std::string& note : asset.ignored) notes_.add(fmt::format("{}: {}", filename, note));
    const std::size_t first = scene_.materials.size();
    scene_.materials.insert(scene_.materials.end(), asset.scene.materials.begin(), asset.scene.materials.end());
    for (const scene::Node& node : asset.scene.nodes) {
      for (const scene::Part& part : node.parts) {
        const geometry::Mesh& piece = *asset.scene.meshes[part.mesh.index()];
        const auto base = static_cast<std::uint32_t>(whole->positions.size());
        whole->positions.insert(whole->positions.end(), piece.positions.begin(), piece.positions.end());
        for (const geometry::Triangle& t : piece.triangles) {
          whole->triangles.push_back({t[0] + base, t[1] + base, t[2] + base});
        }
        at->second.parts.push_back({add_mesh(piece), scene::MaterialId(first + part.material.index())});
      }
    }
  }
  at->second.whole = std::move(whole);
  return &at->second;
}

}  // namespace

Result<scene::Asset> import_urdf(Source& source, const std::string& bytes) {
  tinyxml2::XMLDocument document;
  if (document.Parse(bytes.data(), bytes.size()) != tinyxml2::XML_SUCCESS || !document.RootElement()) {
    return error(fmt::format("is no XML: {}", document.ErrorName()), {source.file(), document.ErrorLineNum(), 0});
  }
  const XMLElement& robot = *document.RootElement();
  if (std::string_view(robot.Name()) != "robot") {
    return error(fmt::format("is XML of <{}>, not URDF (<robot>)", robot.Name()),
                 {source.file(), robot.GetLineNum(), 0});
  }
  Notes notes;
  WM_TRY(scene, Reader(source, notes).read(robot));
  scene::Asset asset{std::move(scene), source.files(), notes.take()};
  return asset;
}

}  // namespace wm::import
