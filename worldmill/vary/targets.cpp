#include "worldmill/vary/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "worldmill/base/check.h"
#include "worldmill/vary/changes.h"

namespace wm::vary {
namespace {

using base::error;
using scene::DriveValues;
using scene::JointValues;
using scene::Light;
using scene::Material;
using scene::SurfaceValues;

constexpr double kFar = 1e30;  // a float holds it

tl::unexpected<base::Diagnostic> refuse(const Write& write, const std::string& why) {
  return error(fmt::format("{}: {}", write.field->name, why), write.field->value.place);
}

Result<double> acted(const Write& write, double current, double value) {
  const Target& target = *write.target;
  const double result = write.act == Act::set ? value : write.act == Act::scale ? current * value : current + value;
  if (write.act != Act::set) return std::clamp(result, target.low, target.high);
  if (result >= target.low && result <= target.high) return result;
  if (target.high == kFar) return refuse(write, fmt::format("is {}, must be at least {}", result, target.low));
  return refuse(write, fmt::format("is {}, must be in [{}, {}]", result, target.low, target.high));
}

Result<double> acted_number(const Write& write, double current) {
  WM_TRY(value, as_number(write.value, write.field->name));
  return acted(write, current, value);
}

/// One number stands for three alike.
Result<math::Vec3> three(const Write& write) {
  if (write.value.list()) return as_vec3(write.value, write.field->name);
  WM_TRY(grey, as_number(write.value, write.field->name));
  return math::Vec3{grey, grey, grey};
}

Result<math::Vec3f> acted_color(const Write& write, math::Vec3f current) {
  WM_TRY(value, three(write));
  WM_TRY(r, acted(write, double{current.x}, value.x));
  WM_TRY(g, acted(write, double{current.y}, value.y));
  WM_TRY(b, acted(write, double{current.z}, value.z));
  return math::Vec3f{static_cast<float>(r), static_cast<float>(g), static_cast<float>(b)};
}

Status set_linear_and_place(Writer& w, const Write& write, const math::Affine& world_from_node) {
  if (set_world_from_node(w.world, write.node, world_from_node)) return {};
  return refuse(write, fmt::format("{} lies below a node that is flat (scaled to 0), so it cannot be moved",
                                   w.world.scene->node(write.node).path));
}

Status turn(Writer& w, const Write& write, const math::Rotation& rotation) {
  if (write.act == Act::scale) return refuse(write, "a rotation cannot be scaled; write set or add");
  const math::Affine before = world_from_node(w.world, write.node);
  return set_linear_and_place(w, write, {rotation.matrix() * before.linear, before.translation});
}

Status turn_by_yaw(Writer& w, const Write& write) {
  WM_TRY(angle, as_number(write.value, write.field->name));
  return turn(w, write, rotation_about_z(angle));
}

Status turn_by_rpy(Writer& w, const Write& write) {
  WM_TRY(rotation, rotation_from_rpy(write.value, write.field->name));
  return turn(w, write, rotation);
}

Status turn_by_quat(Writer& w, const Write& write) {
  WM_TRY(rotation, rotation_from_quat(write.value, write.field->name));
  return turn(w, write, rotation);
}

Status move(Writer& w, const Write& write) {
  WM_TRY(value, three(write));
  const math::Affine before = world_from_node(w.world, write.node);
  const math::Vec3 at = write.act == Act::set     ? value
                        : write.act == Act::scale ? before.translation * value
                                                  : before.translation + value;
  return set_linear_and_place(w, write, {before.linear, at});
}

Status scale(Writer& w, const Write& write) {
  if (write.act == Act::add) return refuse(write, "a scale is multiplied; write set or scale");
  WM_TRY(value, three(write));
  if (!(value.x > 0 && value.y > 0 && value.z > 0)) return refuse(write, "a scale must be above 0");
  math::Affine local = w.world.parent_from_node[write.node.index()];
  for (math::Vec3* row : {&local.linear.row0, &local.linear.row1, &local.linear.row2}) *row = *row * value;
  w.world.parent_from_node.set(write.node.index(), local);
  return {};
}

Status show(Writer& w, const Write& write) {
  if (write.act != Act::set) return refuse(write, "true or false can only be set");
  WM_TRY(truth, as_truth(write.value, write.field->name));
  w.world.visible.set(write.node.index(), truth ? 1 : 0);
  return {};
}

Status switch_light(Writer& w, const Write& write) {
  if (write.act != Act::set) return refuse(write, "true or false can only be set");
  WM_TRY(truth, as_truth(write.value, write.field->name));
  Light light = w.world.lights[write.index];
  light.on = truth;
  w.world.lights.set(write.index, std::move(light));
  return {};
}

Status change_picture(Writer& w, const Write& write) {
  if (write.act != Act::set) return refuse(write, "a picture can only be set");
  Light light = w.world.lights[write.index];
  if (light.kind != scene::LightKind::environment) {
    return refuse(write, fmt::format("{} is no environment, and only environments take a picture; say `of: "
                                     "type:environment`",
                                     w.world.scene->node(write.node).path));
  }
  WM_TRY(path, as_text(write.value, write.field->name));
  auto picture = w.assets.load_picture(path);
  if (!picture) return refuse(write, base::to_string(picture.error()));
  light.picture = *std::move(picture);
  w.used.insert(path);
  w.world.lights.set(write.index, std::move(light));
  return {};
}

/// What a body weighs may follow from its shapes, so it is scaled apart.
Status change_mass(Writer& w, const Write& write) {
  WM_TRY(value, as_number(write.value, write.field->name));
  const double known = w.world.masses[write.index];
  if (write.act == Act::add && known == 0) {
    const double spec = w.world.scene->mechanics.bodies[write.index].mass;
    if (spec == 0)
      return refuse(write, "cannot be added to: what it weighs follows from its shapes; write set or scale");
    w.world.masses.set(write.index, spec);
  }
  if (write.act == Act::scale) {
    if (!(value > 0)) return refuse(write, fmt::format("is {}, a mass is scaled by what is above 0", value));
    w.world.mass_scales.set(write.index, w.world.mass_scales[write.index] * value);
    return {};
  }
  const double mass = write.act == Act::set ? value : w.world.masses[write.index] + value;
  if (!(mass > 0)) return refuse(write, fmt::format("makes a mass of {} kg, must be above 0", mass));
  w.world.masses.set(write.index, mass);
  return {};
}

template <math::Vec3 scene::Twist::*kPart>
Status change_velocity(Writer& w, const Write& write) {
  WM_TRY(value, three(write));
  scene::Twist twist = w.world.twists[write.index];
  const math::Vec3 before = twist.*kPart;
  twist.*kPart = write.act == Act::set ? value : write.act == Act::scale ? before * value : before + value;
  w.world.twists.set(write.index, twist);
  return {};
}

/// The same both ways.
Status change_force_limit(Writer& w, const Write& write) {
  scene::DriveValues drive = w.world.drives[write.index];
  WM_TRY(limit, acted_number(write, drive.upper_force));
  drive.upper_force = limit;
  drive.lower_force = -limit;
  w.world.drives.set(write.index, drive);
  return {};
}

constexpr Target material_number(std::string_view name, double low, double high, float Material::*number) {
  Target target{name, On::material, name, low, high};
  target.material_number = number;
  return target;
}

constexpr Target material_color(std::string_view name, double high, math::Vec3f Material::*color) {
  Target target{name, On::material, name, 0, high};
  target.material_color = color;
  return target;
}

constexpr Target light_number(std::string_view name, double high, float Light::*number) {
  Target target{name, On::light, name, 0, high};
  target.light_number = number;
  return target;
}

constexpr Target light_color(std::string_view name, math::Vec3f Light::*color) {
  Target target{name, On::light, name, 0, kFar};
  target.light_color = color;
  return target;
}

constexpr Target surface_number(std::string_view name, double high, double scene::SurfaceValues::*number) {
  Target target{name, On::surface, name, 0, high};
  target.surface_number = number;
  return target;
}

constexpr Target joint_number(std::string_view name, double low, double scene::JointValues::*number) {
  Target target{name, On::joint, name, low, kFar};
  target.joint_number = number;
  return target;
}

constexpr Target drive_number(std::string_view name, double scene::DriveValues::*number) {
  Target target{name, On::drive, name, 0, kFar};
  target.drive_number = number;
  return target;
}

constexpr Target special(std::string_view name, On on, std::string_view writes, Status (*make)(Writer&, const Write&),
                         double high = 0) {
  Target target{name, on, writes, 0, high};
  target.special = make;
  return target;
}

constexpr std::array kTargets = {
    special("pose.scale", On::node, "pose.scale", scale),
    special("pose.yaw", On::node, "pose.rotation", turn_by_yaw),
    special("pose.rpy", On::node, "pose.rotation", turn_by_rpy),
    special("pose.quat_wxyz", On::node, "pose.rotation", turn_by_quat),
    special("pose.position", On::node, "pose.position", move),
    special("visible", On::node, "visible", show),
    material_color("material.base_color", 1, &Material::base_color),
    material_number("material.opacity", 0, 1, &Material::opacity),
    material_number("material.metallic", 0, 1, &Material::metallic),
    material_number("material.roughness", 0, 1, &Material::roughness),
    material_color("material.emission", kFar, &Material::emission),
    material_number("material.normal_scale", -kFar, kFar, &Material::normal_scale),
    material_number("material.ior", 1, 3, &Material::ior),
    material_number("material.transmission", 0, 1, &Material::transmission),
    material_number("material.clearcoat", 0, 1, &Material::clearcoat),
    material_number("material.clearcoat_roughness", 0, 1, &Material::clearcoat_roughness),
    special("light.switch", On::light, "light.switch", switch_light),
    light_color("light.color", &Light::color),
    light_number("light.intensity", kFar, &Light::intensity),
    special("light.image", On::light, "light.image", change_picture),
    special("light.yaw", On::light, "light.yaw", turn_by_yaw),
    light_number("light.radius", kFar, &Light::radius),
    light_number("light.angle", 3.14159265, &Light::angle),
    special("light.position", On::light, "light.position", move),
    special("body.mass", On::body, "body.mass", change_mass),
    special("body.velocity", On::body, "body.velocity", change_velocity<&scene::Twist::linear>),
    special("body.angular_velocity", On::body, "body.angular_velocity", change_velocity<&scene::Twist::angular>),
    surface_number("body.friction", 10, &SurfaceValues::friction),
    surface_number("body.torsional_friction", 10, &SurfaceValues::torsional_friction),
    surface_number("body.rolling_friction", 10, &SurfaceValues::rolling_friction),
    surface_number("body.restitution", 0.95, &SurfaceValues::restitution),
    joint_number("joint.start", -kFar, &JointValues::start),
    joint_number("joint.lower", -kFar, &JointValues::lower),
    joint_number("joint.upper", -kFar, &JointValues::upper),
    joint_number("joint.stiffness", 0, &JointValues::stiffness),
    joint_number("joint.spring_reference", -kFar, &JointValues::spring_reference),
    joint_number("joint.damping", 0, &JointValues::damping),
    joint_number("joint.armature", 0, &JointValues::armature),
    joint_number("joint.friction_loss", 0, &JointValues::friction_loss),
    drive_number("drive.stiffness", &DriveValues::stiffness),
    drive_number("drive.damping", &DriveValues::damping),
    special("drive.force_limit", On::drive, "drive.force_limit", change_force_limit, kFar),
    drive_number("drive.delay", &DriveValues::delay),
};

Status make_material(Writer& w, const Write& write) {
  const Target& target = *write.target;
  Material material = w.world.materials[write.index];
  if (target.material_color != nullptr) {
    WM_TRY(color, acted_color(write, material.*target.material_color));
    material.*target.material_color = color;
  } else {
    WM_TRY(number, acted_number(write, double{material.*target.material_number}));
    material.*target.material_number = static_cast<float>(number);
  }
  // Nothing would be seen of an opacity that the material's mode passes over.
  const bool see_through = target.material_number == &Material::opacity && material.opacity < 1;
  if (see_through && material.alpha_mode == scene::AlphaMode::opaque) material.alpha_mode = scene::AlphaMode::blend;
  w.world.materials.set(write.index, std::move(material));
  return {};
}

Status make_light(Writer& w, const Write& write) {
  const Target& target = *write.target;
  Light light = w.world.lights[write.index];
  if (target.light_color != nullptr) {
    WM_TRY(color, acted_color(write, light.*target.light_color));
    light.*target.light_color = color;
  } else {
    WM_TRY(number, acted_number(write, double{light.*target.light_number}));
    light.*target.light_number = static_cast<float>(number);
  }
  w.world.lights.set(write.index, std::move(light));
  return {};
}

template <class T>
Status make_number(scene::Column<T>& column, const Write& write, double T::*number) {
  T values = column[write.index];
  WM_TRY(result, acted_number(write, values.*number));
  values.*number = result;
  column.set(write.index, values);
  return {};
}

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

const Target* find_target(std::string_view name) {
  const auto* found = std::ranges::find(kTargets, name, &Target::name);
  return found == kTargets.end() ? nullptr : found;
}

Status make(Writer& writer, const Write& write) {
  const Target& target = *write.target;
  if (target.special != nullptr) return target.special(writer, write);
  switch (target.on) {
    case On::material:
      return make_material(writer, write);
    case On::light:
      return make_light(writer, write);
    case On::surface:
      return make_number(writer.world.surfaces, write, target.surface_number);
    case On::joint:
      return make_number(writer.world.joints, write, target.joint_number);
    case On::drive:
      return make_number(writer.world.drives, write, target.drive_number);
    case On::node:
    case On::body:
      break;
  }
  WM_CHECK(false);  // all of theirs are special
  return {};
}

}  // namespace wm::vary
