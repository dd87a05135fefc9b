#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/sim/actor.h"

namespace wm::sim {
namespace {

using base::error;
using base::SimTime;
using math::Vec3;
using std::nullopt;

SimTime seconds_of(double s) {
  return SimTime::from_seconds(s);
}

/// The free joint of a body, on which it can be thrown and held.
Result<scene::JointId> free_joint(const Part& part, const physics::Model& model, std::size_t thing) {
  const std::vector<scene::Joint>& joints = model.scene()->mechanics.joints;
  for (std::size_t j = 0; j < joints.size(); ++j) {
    const bool its = part.of.bodies[thing].exists() && joints[j].body == part.of.bodies[thing];
    if (its && joints[j].kind == scene::JointKind::free) return scene::JointId(j);
  }
  return error(fmt::format("{}: {} acts upon bodies that move freely, and {} does not", part.name, part.actor,
                           part.of.names[thing]));
}

Status need_bodies(const Part& part) {
  for (std::size_t i = 0; i < part.of.size(); ++i) {
    if (!part.of.bodies[i].exists()) {
      return error(fmt::format("{}: {} is no body: it cannot be moved", part.name, part.of.names[i]));
    }
  }
  return {};
}

Channel channel(const Part& part, std::size_t thing, std::string kind, std::string unit, int size) {
  return {part.name + part.of.names[thing], std::move(kind), std::move(unit), "world", size, {}, {}, {}};
}

void note(Channel& channel, SimTime time, std::initializer_list<double> commanded,
          std::initializer_list<double> actual) {
  channel.times.push_back(time);
  channel.commanded.insert(channel.commanded.end(), commanded);
  channel.actual.insert(channel.actual.end(), actual);
}

/// push: a force on the centre of mass, from `at` for `lasting`.
class Push : public Actor {
 public:
  explicit Push(const Part& part) : part_(part) {}

  static Result<std::unique_ptr<Actor>> make(const Part& part, const physics::Model&) {
    WM_TRY_STATUS(need_bodies(part));
    return std::make_unique<Push>(part);
  }

  std::vector<Channel> channels() const override {
    std::vector<Channel> all;
    for (std::size_t i = 0; i < part_.of.size(); ++i) all.push_back(channel(part_, i, "force", "N", 3));
    return all;
  }
  Status act(const State& now, double, Stagehands& hands) override {
    for (const scene::BodyId body : part_.of.bodies) hands.batch().push(0, body, force(now.time), {});
    return {};
  }
  void report(const State& now, std::vector<Channel>& channels) const override {
    const Vec3 f = force(now.time);
    for (Channel& c : channels) note(c, now.time, {f.x, f.y, f.z}, {f.x, f.y, f.z});
  }
  std::vector<Deed> deeds() const override { return {{when(), part_.name, part_.of.names}}; }

 private:
  double at(const char* name) const { return part_.numbers.at(name); }
  SimTime when() const { return seconds_of(at("at")); }
  Vec3 force(SimTime time) const {
    const bool on = time >= when() && time < when() + seconds_of(at("lasting"));
    return on ? Vec3{at("force_x"), at("force_y"), at("force_z")} : Vec3{};
  }
  Part part_;
};

/// hold and throw: things stay where they are until `at`, then go with a velocity.
class Throw : public Actor {
 public:
  Throw(const Part& part, std::vector<scene::JointId> joints) : part_(part), joints_(std::move(joints)) {}

  static Result<std::unique_ptr<Actor>> make(const Part& part, const physics::Model& model) {
    std::vector<scene::JointId> joints;
    for (std::size_t i = 0; i < part.of.size(); ++i) {
      WM_TRY(joint, free_joint(part, model, i));
      joints.push_back(joint);
    }
    return std::make_unique<Throw>(part, std::move(joints));
  }

  std::vector<Channel> channels() const override {
    std::vector<Channel> all;
    for (std::size_t i = 0; i < part_.of.size(); ++i) all.push_back(channel(part_, i, "velocity", "m/s", 3));
    return all;
  }
  Status act(const State& now, double seconds, Stagehands& hands) override {
    if (now.time > when()) return {};
    const bool goes = now.time + seconds_of(seconds) > when();
    for (std::size_t index = 0; index < joints_.size(); ++index) {
      const scene::JointId joint = joints_[index];
      const std::span<double> positions = hands.batch().positions(0), velocities = hands.batch().velocities(0);
      const std::size_t q = hands.model().position_of(joint), v = hands.model().velocity_of(joint);
      std::copy_n(start_.begin() + static_cast<std::ptrdiff_t>(7 * index), 7,
                  positions.begin() + static_cast<std::ptrdiff_t>(q));
      std::fill_n(velocities.begin() + static_cast<std::ptrdiff_t>(v), 6, 0.0);
      if (!goes) continue;
      const double behind = hands.model().semi_implicit() ? seconds / 2 : 0;
      const Vec3 gone = velocity() - hands.values().gravity * behind;
      velocities[v] = gone.x, velocities[v + 1] = gone.y, velocities[v + 2] = gone.z;
      velocities[v + 5] = at("spin");
    }
    return {};
  }
  void report(const State& now, std::vector<Channel>& channels) const override {
    const Vec3 v = now.time >= when() ? velocity() : Vec3{};
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const Vec3 is = now.twists[part_.of.bodies[i].index()].linear;
      note(channels[i], now.time, {v.x, v.y, v.z}, {is.x, is.y, is.z});
    }
  }
  std::vector<Deed> deeds() const override { return {{when(), part_.name, part_.of.names}}; }
  Status begin(Stagehands& hands) override {
    start_.clear();
    for (const scene::JointId joint : joints_) {
      const auto from = hands.batch().positions(0).subspan(hands.model().position_of(joint), 7);
      start_.insert(start_.end(), from.begin(), from.end());
    }
    return {};
  }

 private:
  double at(const char* name) const {
    const auto found = part_.numbers.find(name);
    return found == part_.numbers.end() ? 0 : found->second;
  }
  SimTime when() const { return seconds_of(at("at")); }
  Vec3 velocity() const { return {at("velocity_x"), at("velocity_y"), at("velocity_z")}; }

  Part part_;
  std::vector<scene::JointId> joints_;
  std::vector<double> start_;  // coordinates at first, 7 for each
};

/// waypoints: a kinematic body goes from point to point, speeding up and slowing down by `acceleration` at the ends.
class Waypoints : public Actor {
 public:
  explicit Waypoints(const Part& part) : part_(part) {
    for (std::size_t i = 1; i < part_.points.size(); ++i) {
      lengths_.push_back(math::length(part_.points[i] - part_.points[i - 1]));
      whole_ += lengths_.back();
    }
  }

  static Result<std::unique_ptr<Actor>> make(const Part& part, const physics::Model& model) {
    WM_TRY_STATUS(need_bodies(part));
    for (std::size_t i = 0; i < part.of.size(); ++i) {
      if (!model.scene()->mechanics.bodies[part.of.bodies[i].index()].kinematic) {
        return error(fmt::format("{}: waypoints lead kinematic bodies, and {} is none", part.name, part.of.names[i]));
      }
    }
    if (part.points.size() < 2) return error(fmt::format("{}: waypoints needs two points or more", part.name));
    if (part.numbers.at("speed") <= 0 || part.numbers.at("acceleration") <= 0) {
      return error(fmt::format("{}: speed and acceleration must be positive", part.name));
    }
    return std::make_unique<Waypoints>(part);
  }

  std::vector<Channel> channels() const override {
    std::vector<Channel> all;
    for (std::size_t i = 0; i < part_.of.size(); ++i) all.push_back(channel(part_, i, "position", "m", 3));
    return all;
  }
  Status act(const State& now, double, Stagehands& hands) override {
    const Vec3 to = place(now.time);
    for (const scene::BodyId body : part_.of.bodies) {
      hands.batch().place(0, body, {now.poses[body.index()].rotation, to});
    }
    return {};
  }
  void report(const State& now, std::vector<Channel>& channels) const override {
    const Vec3 to = place(now.time);
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const Vec3 is = now.poses[part_.of.bodies[i].index()].translation;
      note(channels[i], now.time, {to.x, to.y, to.z}, {is.x, is.y, is.z});
    }
  }
  std::vector<Deed> deeds() const override { return {{when(), part_.name, part_.of.names}}; }

 private:
  SimTime when() const { return seconds_of(part_.numbers.at("at")); }

  /// Way gone [m] after so many seconds of a trapezoid of speed.
  double gone(double t) const {
    if (t <= 0) return 0;
    const double a = part_.numbers.at("acceleration");
    const double speed = std::min(part_.numbers.at("speed"), std::sqrt(a * whole_));
    const double rise = speed / a, cruise = (whole_ - speed * rise) / speed, all = 2 * rise + cruise;
    if (t >= all) return whole_;
    if (t < rise) return 0.5 * a * t * t;
    if (t < rise + cruise) return speed * (t - rise / 2);
    return whole_ - 0.5 * a * (all - t) * (all - t);
  }

  Vec3 place(SimTime time) const {
    double left = gone((time - when()).seconds());
    for (std::size_t i = 0; i < lengths_.size(); ++i) {
      if (left <= lengths_[i] && lengths_[i] > 0) {
        return part_.points[i] + (part_.points[i + 1] - part_.points[i]) * (left / lengths_[i]);
      }
      left -= lengths_[i];
    }
    return part_.points.back();
  }

  Part part_;
  std::vector<double> lengths_;
  double whole_ = 0;
};

/// drive: the drives of a thing's joints are told `command` from `at`, risen to over `over`.
class Drive : public Actor {
 public:
  Drive(const Part& part, std::vector<scene::DriveId> drives, const physics::Model& model)
      : part_(part), drives_(std::move(drives)), model_(model) {}

  static Result<std::unique_ptr<Actor>> make(const Part& part, const physics::Model& model) {
    WM_TRY_STATUS(need_bodies(part));
    WM_TRY(drives, drives_of(part, model));
    return std::make_unique<Drive>(part, std::move(drives), model);
  }

  static Result<std::vector<scene::DriveId>> drives_of(const Part& part, const physics::Model& model) {
    const scene::Mechanics& m = model.scene()->mechanics;
    std::vector<scene::DriveId> found;
    for (std::size_t d = 0; d < m.drives.size(); ++d) {
      const bool moves =
          m.drives[d].joint.exists() &&
          std::ranges::find(part.of.bodies, m.joints[m.drives[d].joint.index()].body) != part.of.bodies.end();
      if (moves) found.emplace_back(d);
    }
    if (found.empty()) return error(fmt::format("{}: nothing of it has a drive", part.name));
    return found;
  }

  std::vector<Channel> channels() const override {
    std::vector<Channel> all;
    for (const scene::DriveId drive : drives_) {
      const scene::Drive& spec = model_.scene()->mechanics.drives[drive.index()];
      const bool turns = model_.scene()->mechanics.joints[spec.joint.index()].kind != scene::JointKind::slider;
      const bool position = spec.kind == scene::DriveKind::position, velocity = spec.kind == scene::DriveKind::velocity;
      all.push_back({part_.name + spec.name,
                     position   ? "joint_position"
                     : velocity ? "joint_velocity"
                                : "force",
                     position   ? (turns ? "rad" : "m")
                     : velocity ? (turns ? "rad/s" : "m/s")
                                : (turns ? "N m" : "N"),
                     "joint",
                     1,
                     {},
                     {},
                     {}});
    }
    return all;
  }
  Status act(const State& now, double, Stagehands& hands) override {
    for (const scene::DriveId drive : drives_) {
      hands.batch().commands(0)[model_.command_of(drive)] = command(now.time);
    }
    return {};
  }
  void report(const State& now, std::vector<Channel>& channels) const override {
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const scene::Drive& spec = model_.scene()->mechanics.drives[drives_[i].index()];
      const double is = spec.kind == scene::DriveKind::velocity ? now.velocities[model_.velocity_of(spec.joint)]
                                                                : now.positions[model_.position_of(spec.joint)];
      note(channels[i], now.time, {command(now.time)}, {is});
    }
  }
  std::vector<Deed> deeds() const override {
    return {{seconds_of(part_.numbers.at("at")), part_.name, part_.of.names}};
  }

 private:
  double command(SimTime time) const {
    const double since = (time - seconds_of(part_.numbers.at("at"))).seconds();
    if (since < 0) return part_.numbers.at("from");
    const double over = part_.numbers.at("over"), share = over > 0 ? std::min(since / over, 1.0) : 1;
    return part_.numbers.at("from") + share * (part_.numbers.at("command") - part_.numbers.at("from"));
  }

  Part part_;
  std::vector<scene::DriveId> drives_;
  const physics::Model& model_;
};

/// conveyor: a body on a slider runs at a speed and yet stays where it is, so that what lies on it is carried along.
class Conveyor : public Actor {
 public:
  Conveyor(const Part& part, std::vector<scene::JointId> sliders) : part_(part), sliders_(std::move(sliders)) {}

  static Result<std::unique_ptr<Actor>> make(const Part& part, const physics::Model& model) {
    WM_TRY_STATUS(need_bodies(part));
    std::vector<scene::JointId> sliders;
    const std::vector<scene::Joint>& joints = model.scene()->mechanics.joints;
    for (std::size_t i = 0; i < part.of.size(); ++i) {
      const auto at = std::ranges::find_if(joints, [&](const scene::Joint& joint) {
        return joint.body == part.of.bodies[i] && joint.kind == scene::JointKind::slider;
      });
      if (at == joints.end()) {
        return error(
            fmt::format("{}: a conveyor's belt is a body on a slider, and {} is none", part.name, part.of.names[i]));
      }
      sliders.emplace_back(static_cast<std::size_t>(at - joints.begin()));
    }
    return std::make_unique<Conveyor>(part, std::move(sliders));
  }

  std::vector<Channel> channels() const override {
    std::vector<Channel> all;
    for (std::size_t i = 0; i < part_.of.size(); ++i) all.push_back(channel(part_, i, "velocity", "m/s", 1));
    return all;
  }
  Status act(const State& now, double, Stagehands& hands) override {
    for (const scene::JointId slider : sliders_) {
      hands.batch().positions(0)[hands.model().position_of(slider)] = 0;
      hands.batch().velocities(0)[hands.model().velocity_of(slider)] = speed(now.time);
    }
    return {};
  }
  void report(const State& now, std::vector<Channel>& channels) const override {
    for (Channel& c : channels) note(c, now.time, {speed(now.time)}, {speed(now.time)});
  }
  std::vector<Deed> deeds() const override {
    return {{seconds_of(part_.numbers.at("at")), part_.name, part_.of.names}};
  }

 private:
  double speed(SimTime time) const {
    return time >= seconds_of(part_.numbers.at("at")) ? part_.numbers.at("speed") : 0;
  }
  Part part_;
  std::vector<scene::JointId> sliders_;
};

/// drive_dead, joint_loose: from `at` on, drives of a thing give no force, or its joints no stiffness, damping,
/// friction.
class Fault : public Actor {
 public:
  Fault(const Part& part, std::vector<scene::DriveId> motors) : part_(part), motors_(std::move(motors)) {}

  static Result<std::unique_ptr<Actor>> make(const Part& part, const physics::Model& model) {
    WM_TRY_STATUS(need_bodies(part));
    std::vector<scene::DriveId> motors;  // have no gains to lose
    if (part.actor == "drive_dead") {
      WM_TRY(drives, Drive::drives_of(part, model));
      std::ranges::copy_if(drives, std::back_inserter(motors), [&](scene::DriveId drive) {
        return model.scene()->mechanics.drives[drive.index()].kind == scene::DriveKind::motor;
      });
    }
    return std::make_unique<Fault>(part, std::move(motors));
  }

  std::vector<Channel> channels() const override {
    std::vector<Channel> all;
    for (std::size_t i = 0; i < part_.of.size(); ++i) all.push_back(channel(part_, i, "failure", "1", 1));
    return all;
  }
  Status act(const State& now, double, Stagehands& hands) override {
    if (now.time < when()) return {};
    for (const scene::DriveId motor : motors_) hands.batch().commands(0)[hands.model().command_of(motor)] = 0;
    if (failed_) return {};
    failed_ = true;
    return hands.set_values(broken(hands.values()));
  }
  void report(const State& now, std::vector<Channel>& channels) const override {
    const double is = now.time >= when() ? 1 : 0;
    for (Channel& c : channels) note(c, now.time, {is}, {is});
  }
  std::vector<Deed> deeds() const override { return {{when(), part_.name, part_.of.names}}; }
  Status resume(SimTime time, Stagehands& hands) override {
    failed_ = time > when();  // at `when` itself nobody has acted yet
    return failed_ ? hands.set_values(broken(hands.values())) : Status();
  }

 private:
  SimTime when() const { return seconds_of(part_.numbers.at("at")); }

  bool has(scene::BodyId body) const { return std::ranges::find(part_.of.bodies, body) != part_.of.bodies.end(); }

  scene::World broken(scene::World values) const {
    const scene::Mechanics& m = values.scene->mechanics;
    for (std::size_t j = 0; j < m.joints.size() && part_.actor == "joint_loose"; ++j) {
      if (!has(m.joints[j].body)) continue;
      scene::JointValues loose = values.joints[j];
      loose.stiffness = loose.damping = loose.friction_loss = 0;
      values.joints.set(j, loose);
    }
    for (std::size_t d = 0; d < m.drives.size() && part_.actor == "drive_dead"; ++d) {
      if (!m.drives[d].joint.exists() || !has(m.joints[m.drives[d].joint.index()].body)) continue;
      scene::DriveValues dead = values.drives[d];
      dead.stiffness = dead.damping = 0;
      dead.lower_force = dead.upper_force = 0;
      values.drives.set(d, dead);
    }
    return values;
  }

  Part part_;
  std::vector<scene::DriveId> motors_;
  bool failed_ = false;
};

const NumberSchema kAt{"at", "s", 0, "When, counted from the take's beginning."};

const std::vector<ActorRow>& rows() {
  static const std::vector<ActorRow> all{
      {"push",
       "A force on the centre of mass.",
       {kAt,
        {"lasting", "s", 0.1, "How long."},
        {"force_x", "N", 0, "In the world's frame."},
        {"force_y", "N", 0, "Likewise."},
        {"force_z", "N", 0, "Likewise."}},
       false,
       Push::make},
      {"throw",
       "Things are held where they are, then go with a velocity.",
       {kAt,
        {"velocity_x", "m/s", 0, "In the world's frame."},
        {"velocity_y", "m/s", 0, "Likewise."},
        {"velocity_z", "m/s", 0, "Likewise."},
        {"spin", "rad/s", 0, "About the body's z."}},
       false,
       Throw::make},
      {"drop", "Things are held where they are, then let go.", {kAt}, false, Throw::make},
      {"waypoints",
       "A kinematic body goes from point to point.",
       {kAt, {"speed", "m/s", 1, "On the way."}, {"acceleration", "m/s^2", 2, "At both ends."}},
       true,
       Waypoints::make},
      {"drive",
       "Joints are told where to be, how fast, or with what force, as their drives understand it.",
       {kAt,
        {"command", "rad, m, rad/s, m/s, N m or N", nullopt, "What they are told."},
        {"from", "the same", 0, "What they are told before."},
        {"over", "s", 0, "How long the one becomes the other."}},
       false,
       Drive::make},
      {"conveyor",
       "A belt carries what lies on it.",
       {kAt, {"speed", "m/s", nullopt, "Along its slider."}},
       false,
       Conveyor::make},
      {"drive_dead", "A fault: drives give no force any more.", {kAt}, false, Fault::make},
      {"joint_loose", "A fault: joints lose stiffness, damping and friction.", {kAt}, false, Fault::make},
  };
  return all;
}

}  // namespace

std::span<const ActorRow> builtin_actors() {
  return rows();
}

Result<std::unique_ptr<Actor>> make_actor(const Part& part, const physics::Model& model) {
  const auto row = std::ranges::find(rows(), part.actor, &ActorRow::name);
  if (row == rows().end()) {
    std::vector<std::string_view> known;
    for (const ActorRow& r : rows()) known.push_back(r.name);
    return error(
        fmt::format("{}: there is no actor \"{}\"{}", part.name, part.actor, base::did_you_mean(part.actor, known)));
  }
  Part full = part;
  for (const auto& [name, number] : full.numbers) {
    if (std::ranges::find(row->numbers, name, &NumberSchema::name) == row->numbers.end()) {
      return error(fmt::format("{}: {} has no \"{}\"", part.name, row->name, name));
    }
  }
  for (const NumberSchema& number : row->numbers) {
    if (!number.preset && !full.numbers.contains(std::string(number.name))) {
      return error(
          fmt::format("{}: {} needs \"{}\" [{}]: {}", part.name, row->name, number.name, number.unit, number.help));
    }
    if (number.preset) full.numbers.try_emplace(std::string(number.name), *number.preset);
  }
  if (!full.points.empty() && !row->points) {
    return error(fmt::format("{}: {} takes no points", part.name, row->name));
  }
  if (full.of.size() == 0) return error(fmt::format("{}: there is nothing to act upon", part.name));
  return row->make(full, model);
}

}  // namespace wm::sim
