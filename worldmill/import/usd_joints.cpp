#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "worldmill/import/usd_parts.h"
#include "worldmill/math/elementary.h"

namespace wm::import {

using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::BodyId;
using scene::JointKind;
using usd::Prim;

namespace {

constexpr double kRadians = 0.017453292519943295;  // per degree
constexpr double kPi = 3.141592653589793;

Vec3 axis_named(const std::string& name) {
  if (name == "Y") return {0, 1, 0};
  if (name == "Z") return {0, 0, 1};
  return {1, 0, 0};
}

/// A freedom of a joint, in its frames: what UsdPhysics calls `rotX`, `angular` and so on.
struct Freedom {
  bool turns = false;
  Vec3 axis;
  std::string name;                    ///< Of its drive and limit.
  std::optional<double> lower, upper;  ///< [rad or m]
};

struct Plan {
  std::vector<Freedom> freedoms;
  bool ball = false;
  std::optional<double> cone;  ///< [rad]
};

class JointReader {
 public:
  JointReader(const UsdValues& values, const UsdUnits& units, const Prim& prim)
      : values_(values), units_(units), prim_(prim), type_(prim.type_name().text()) {}

  Plan plan(Notes& notes) const {
    Plan plan;
    const Vec3 axis = axis_named(values_.text(prim_, "physics:axis", "X"));
    if (type_ == "PhysicsRevoluteJoint" || type_ == "PhysicsPrismaticJoint") {
      const bool turns = type_ == "PhysicsRevoluteJoint";
      Freedom freedom{turns, axis, turns ? "angular" : "linear", {}, {}};
      set_limits(freedom, "physics:lowerLimit", "physics:upperLimit");
      plan.freedoms.push_back(freedom);
    } else if (type_ == "PhysicsSphericalJoint") {
      plan.ball = true;
      const double cone = std::min(values_.number(prim_, "physics:coneAngle0Limit", -1),
                                   values_.number(prim_, "physics:coneAngle1Limit", -1));
      if (cone >= 0 && std::isfinite(cone)) plan.cone = cone * kRadians;
    } else if (type_ == "PhysicsJoint") {
      plan_six(plan);
    } else if (type_ != "PhysicsFixedJoint") {
      notes.add(fmt::format("joints of type {} hold their bodies as if fixed", type_));
    }
    return plan;
  }

  /// `stands`: the joint's coordinate at the pose of the stage.
  void set_drive(const Freedom& freedom, scene::JointId joint, double stands, scene::Mechanics& out,
                 Notes& notes) const {
    const auto instances = schema_instances(prim_, "PhysicsDriveAPI");
    if (std::find(instances.begin(), instances.end(), freedom.name) == instances.end()) return;
    const std::string prefix = fmt::format("drive:{}:physics:", freedom.name);
    // Of force: [kg m^2/s^2 per degree] or [kg/s^2] in the stage's units.
    const double unit = units_.kilograms * (freedom.turns ? units_.meters * units_.meters / kRadians : 1);
    scene::Drive drive;
    drive.name = out.joints[joint.index()].name;
    drive.joint = joint;
    drive.stiffness = std::max(0.0, finite(prefix + "stiffness", 0)) * unit;
    drive.damping = std::max(0.0, finite(prefix + "damping", 0)) * unit;
    drive.kind = drive.stiffness > 0 ? scene::DriveKind::position
                 : drive.damping > 0 ? scene::DriveKind::velocity
                                     : scene::DriveKind::motor;
    const double most = values_.number(prim_, prefix + "maxForce", INFINITY);
    if (std::isfinite(most) && most >= 0) {
      drive.force_limited = true;
      drive.upper_force = most * units_.kilograms * units_.meters * (freedom.turns ? units_.meters : 1);
      drive.lower_force = -drive.upper_force;
    }
    if (values_.text(prim_, prefix + "type", "force") == "acceleration") {
      notes.add("drives of acceleration are taken as drives of force");
    }
    const double target = finite(prefix + "targetPosition", 0) * (freedom.turns ? kRadians : units_.meters);
    constexpr double kElsewhere = 1e-4;  // [rad or m] from where the joint stands
    const bool goes = drive.kind == scene::DriveKind::position && std::abs(target - stands) > kElsewhere;
    if (goes || finite(prefix + "targetVelocity", 0) != 0) {
      notes.add("targets of drives are not read: commands are given");
    }
    out.drives.push_back(std::move(drive));
  }

  double finite(const std::string& name, double fallback) const {
    const double said = values_.number(prim_, name, fallback);
    return std::isfinite(said) ? said : fallback;
  }

 private:
  void set_limits(Freedom& freedom, const std::string& low, const std::string& high) const {
    const double unit = freedom.turns ? kRadians : units_.meters;
    const auto lower = values_.number(prim_, low), upper = values_.number(prim_, high);
    if (lower && std::isfinite(*lower)) freedom.lower = *lower * unit;
    if (upper && std::isfinite(*upper)) freedom.upper = *upper * unit;
  }

  // A joint of six freedoms: a limit whose low is above its high takes one away.
  void plan_six(Plan& plan) const {
    const auto limits = schema_instances(prim_, "PhysicsLimitAPI");
    constexpr std::array<std::string_view, 6> kNames = {"transX", "transY", "transZ", "rotX", "rotY", "rotZ"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      const std::string name(kNames[i]);
      Freedom freedom{i >= 3, axis_named(name.substr(name.size() - 1)), name, {}, {}};
      if (std::find(limits.begin(), limits.end(), name) != limits.end()) {
        const std::string prefix = fmt::format("limit:{}:physics:", name);
        if (values_.number(prim_, prefix + "low", -INFINITY) > values_.number(prim_, prefix + "high", INFINITY))
          continue;
        set_limits(freedom, prefix + "low", prefix + "high");
      }
      plan.freedoms.push_back(freedom);
    }
    const auto turns = [](const Freedom& f) { return f.turns && !f.lower && !f.upper; };
    const bool free_ball = plan.freedoms.size() == 3 && std::all_of(plan.freedoms.begin(), plan.freedoms.end(), turns);
    if (!free_ball || !schema_instances(prim_, "PhysicsDriveAPI").empty()) return;
    plan.ball = true;
    plan.freedoms.clear();
  }

  const UsdValues& values_;
  const UsdUnits& units_;
  const Prim& prim_;
  std::string type_;
};

// How far `turn` turns about `axis` [rad], in (-pi, pi].
double twist(const Rotation& turn, Vec3 axis) {
  const double along = dot(Vec3{turn.x, turn.y, turn.z}, axis);
  double angle = 2 * math::atan2(along, turn.w);
  if (angle > kPi) angle -= 2 * kPi;
  if (angle <= -kPi) angle += 2 * kPi;
  return angle;
}

std::string unique_name(std::string name, const std::vector<scene::Joint>& joints) {
  const auto taken = [&](const std::string& n) {
    return std::any_of(joints.begin(), joints.end(), [&](const scene::Joint& j) { return j.name == n; });
  };
  if (!taken(name)) return name;
  for (int i = 1;; ++i) {
    if (std::string other = fmt::format("{}_{}", name, i); !taken(other)) return other;
  }
}

}  // namespace

// Breadth first from the world, from kinematic bodies, from articulation roots, then from whatever carries something
// and hangs on nothing, then from the rest. A joint between two that are reached already closes a loop.
UsdTree make_tree(std::vector<UsdJoint>& joints, const std::vector<char>& kinematic,
                  const std::vector<char>& preferred) {
  const std::size_t count = kinematic.size();
  UsdTree tree;
  tree.holds.resize(count);
  std::vector<char> reached(count), carried(count), used(joints.size());
  std::vector<std::vector<std::size_t>> at(count + 1);  // joints of each body; the last: of the world
  const auto slot = [&](int body) { return body < 0 ? count : static_cast<std::size_t>(body); };
  for (std::size_t j = 0; j < joints.size(); ++j) {
    if (joints[j].loop) continue;
    at[slot(joints[j].body_a)].push_back(j);
    at[slot(joints[j].body_b)].push_back(j);
    if (joints[j].body_b >= 0) carried[slot(joints[j].body_b)] = 1;
  }
  const auto spread = [&](std::size_t from) {
    std::deque<std::size_t> queue{from};
    while (!queue.empty()) {
      const std::size_t body = queue.front();
      queue.pop_front();
      for (const std::size_t j : at[body]) {
        if (used[j]) continue;
        const std::size_t a = slot(joints[j].body_a), b = slot(joints[j].body_b), other = a == body ? b : a;
        if (other == count || reached[other] || kinematic[other]) continue;
        used[j] = reached[other] = 1;
        tree.holds[other] = {body == count ? -1 : static_cast<int>(body), static_cast<int>(j)};
        queue.push_back(other);
      }
    }
  };
  const auto start = [&](const auto& wanted) {
    for (std::size_t b = 0; b < count; ++b) {
      if (reached[b] || !wanted(b)) continue;
      reached[b] = 1;
      spread(b);
    }
  };
  spread(count);
  start([&](std::size_t b) { return kinematic[b] != 0; });
  start([&](std::size_t b) { return preferred[b] != 0; });
  start([&](std::size_t b) { return carried[b] == 0; });
  start([](std::size_t) { return true; });
  for (std::size_t j = 0; j < joints.size(); ++j) {
    if (!used[j]) joints[j].loop = true;
  }
  return tree;
}

Pose allowed_part(const UsdValues& values, const UsdUnits& units, const Prim& joint, const Pose& a_from_b,
                  Notes& notes) {
  const Plan plan = JointReader(values, units, joint).plan(notes);
  Pose allowed;
  int turns = plan.ball ? 3 : 0;
  for (const Freedom& freedom : plan.freedoms) {
    if (!freedom.turns) allowed.translation += freedom.axis * dot(a_from_b.translation, freedom.axis);
    turns += freedom.turns ? 1 : 0;
  }
  if (turns > 1) allowed.rotation = a_from_b.rotation;
  for (const Freedom& freedom : plan.freedoms) {
    if (!freedom.turns || turns > 1) continue;
    const math::SinCos half = math::sincos(0.5 * twist(a_from_b.rotation, freedom.axis));
    allowed.rotation = {half.cos, freedom.axis.x * half.sin, freedom.axis.y * half.sin, freedom.axis.z * half.sin};
  }
  return allowed;
}

void add_tree_joint(const UsdValues& values, const UsdUnits& units, const UsdJoint& joint, bool child_is_b,
                    BodyId child, const Pose& world_from_child, scene::Mechanics& out, Notes& notes) {
  const JointReader reader(values, units, joint.prim);
  const Plan plan = reader.plan(notes);
  const Pose& frame = child_is_b ? joint.frame_b : joint.frame_a;
  const Pose child_from_frame = world_from_child.inverse() * frame;
  const Pose a_from_b = joint.frame_a.inverse() * joint.frame_b;
  const UsdMark mark = mark_of(joint.prim);
  const std::string name = mark.name.empty() ? std::string(joint.prim.name().text()) : mark.name;
  const auto add = [&](scene::Joint made) {
    made.body = child;
    made.anchor = child_from_frame.translation;
    made.armature = std::max(0.0, reader.finite("physxJoint:armature", 0));
    out.joints.push_back(std::move(made));
    return scene::JointId(out.joints.size() - 1);
  };
  if (plan.ball) {
    scene::Joint ball;
    ball.name = unique_name(name, out.joints);
    ball.kind = JointKind::ball;
    ball.limited = plan.cone.has_value();
    ball.upper = plan.cone.value_or(0);
    add(std::move(ball));
    return;
  }
  const bool one = plan.freedoms.size() == 1;
  for (const Freedom& freedom : plan.freedoms) {
    scene::Joint made;
    made.name = unique_name(one ? name : fmt::format("{}_{}", name, freedom.name), out.joints);
    made.kind = freedom.turns ? JointKind::hinge : JointKind::slider;
    made.axis = normalized(child_from_frame.rotation * freedom.axis) * (child_is_b ? 1.0 : -1.0);
    made.reference = freedom.turns ? twist(a_from_b.rotation, freedom.axis) : dot(a_from_b.translation, freedom.axis);
    made.limited = freedom.lower || freedom.upper;
    constexpr double kFar = 1e6;  // a side without a limit
    made.lower = freedom.lower.value_or(-kFar);
    made.upper = freedom.upper.value_or(kFar);
    if (!made.limited) made.lower = made.upper = 0;
    const double stands = made.reference;
    const scene::JointId id = add(std::move(made));
    reader.set_drive(freedom, id, stands, out, notes);
  }
}

// A hinge that closes a loop holds two points of its axis together, a ball one, a fixed joint all.
void add_loop(const UsdValues& values, const UsdJoint& joint, const std::vector<BodyId>& bodies,
              const std::vector<Pose>& world_from_body, scene::Mechanics& out, Notes& notes) {
  const std::string type(joint.prim.type_name().text());
  const std::string name(joint.prim.name().text());
  const bool swapped = joint.body_a < 0;
  const int a = swapped ? joint.body_b : joint.body_a, b = swapped ? joint.body_a : joint.body_b;
  const auto first = static_cast<std::size_t>(a);
  const Pose& frame = swapped ? joint.frame_b : joint.frame_a;
  scene::Constraint made;
  made.name = joint.prim.path().text();
  made.body_a = bodies[first];
  if (b >= 0) made.body_b = bodies[static_cast<std::size_t>(b)];
  if (type == "PhysicsFixedJoint") {
    made.kind = scene::ConstraintKind::weld;
    out.constraints.push_back(std::move(made));
    return;
  }
  const bool hinge = type == "PhysicsRevoluteJoint";
  if (!hinge && type != "PhysicsSphericalJoint") {
    notes.add(fmt::format("{}: a joint of type {} that closes a loop is left out", joint.prim.path().text(), type));
    return;
  }
  const Pose a_from_frame = world_from_body[first].inverse() * frame;
  made.anchor = a_from_frame.translation;
  out.constraints.push_back(made);
  if (!hinge) return;
  constexpr double kArm = 0.1;  // [m] between the two points
  made.name += "_axis";
  made.anchor = a_from_frame * (axis_named(values.text(joint.prim, "physics:axis", "X")) * kArm);
  out.constraints.push_back(std::move(made));
}

}  // namespace wm::import
