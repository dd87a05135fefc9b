#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "worldmill/math/elementary.h"
#include "worldmill/sim/detectors.h"
#include "worldmill/sim/touches.h"

// Detectors that look at one thing's motion, or at the distance of two.

namespace wm::sim {

using base::SimTime;

void Span::feed(const Instant& instant, double margin, double measure, std::vector<Event>& events) {
  const bool holds = margin >= 0;
  if (holds && !on_) {
    on_ = true;
    if (!sank_) {
      begin_ = begun_ ? instant.crossing(last_, margin) : instant.now.time;
      severity_ = measure;
    }
    sank_.reset();
  } else if (!holds && on_) {
    on_ = false;
    sank_ = instant.crossing(last_, margin);
  }
  if (on_) severity_ = std::max(severity_, measure);
  if (sank_ && instant.now.time - *sank_ >= SimTime::from_seconds(rule_->numbers.at("gap"))) {
    write(*sank_, false, events);
    sank_.reset();
  }
  last_ = margin;
  begun_ = true;
}

void Span::finish(SimTime end, std::vector<Event>& events) {
  if (on_ || sank_) write(on_ ? end : *sank_, on_, events);
  on_ = false;
  sank_.reset();
}

void Span::write(SimTime end, bool open, std::vector<Event>& events) {
  if (end - begin_ < SimTime::from_seconds(rule_->numbers.at("lasting"))) return;
  Event event{.name = rule_->name, .kind = rule_->detector, .begin = begin_, .end = end, .open = open};
  event.participants = {rule_->groups[0].names[static_cast<std::size_t>(thing_)]};
  if (other_ >= 0) event.participants.push_back(rule_->groups[1].names[static_cast<std::size_t>(other_)]);
  event.severity = severity_;
  events.push_back(std::move(event));
}

namespace {

/// How far a rule's condition is from holding (negative) or holds, and how strongly.
struct Margin {
  double margin = -1, measure = 0;
};

/// What a rule about one thing's motion compares.
class Motion {
 public:
  Motion(const Rule& rule, scene::BodyId body) : rule_(rule), body_(body.index()) {}

  Margin now(const Instant& instant) {
    const scene::Twist &twist = instant.now.twists[body_], &earlier = instant.before.twists[body_];
    const double speed = math::length(twist.linear);
    if (rule_.detector == "speed") return {speed - at("above"), speed};
    if (rule_.detector == "acceleration") {
      const double a = math::length(twist.linear - earlier.linear) / instant.seconds;
      return {a - at("above"), a};
    }
    if (rule_.detector == "rest") {
      const double spin = math::length(twist.angular);
      return {std::min(1 - speed / at("speed"), 1 - spin / at("spin")), -speed};
    }
    if (rule_.detector == "topple") {
      const double tilt = tilt_of(instant);
      return {tilt - at("angle"), tilt};
    }
    if (rule_.detector == "zone") return inside(instant.now.poses[body_].translation);
    if (rule_.detector == "joint_limit") return at_limit(instant);
    return said(instant);
  }

 private:
  double at(const char* name) const { return rule_.numbers.at(name); }

  /// Angle between what was up at first and up [rad].
  double tilt_of(const Instant& instant) {
    const math::Rotation& r = instant.now.poses[body_].rotation;
    if (!up_) up_ = instant.before.poses[body_].rotation.inverse() * math::Vec3{0, 0, 1};
    return math::acos(std::clamp((r * *up_).z, -1.0, 1.0));
  }

  /// How deep in the box [m].
  Margin inside(math::Vec3 p) const {
    double depth = std::numeric_limits<double>::infinity();
    const std::array<std::array<double, 3>, 3> axes{
        {{p.x, at("min_x"), at("max_x")}, {p.y, at("min_y"), at("max_y")}, {p.z, at("min_z"), at("max_z")}}};
    for (const auto& [x, low, high] : axes) depth = std::min({depth, x - low, high - x});
    return {depth, depth};
  }

  Margin at_limit(const Instant& instant) const {
    double closest = -std::numeric_limits<double>::infinity();
    const std::vector<scene::Joint>& joints = instant.model.scene()->mechanics.joints;
    for (std::size_t j = 0; j < joints.size(); ++j) {
      const scene::Joint& joint = joints[j];
      if (joint.body.index() != body_ || !joint.limited || joint.coordinates() != 1) continue;
      const double q = instant.now.positions[instant.model.position_of(scene::JointId(j))];
      closest = std::max({closest, joint.lower + at("within") - q, q - (joint.upper - at("within"))});
    }
    return {std::max(closest, -1e9), closest};
  }

  Margin said(const Instant& instant) {
    const math::Vec3 p = instant.now.poses[body_].translation;
    const scene::Twist& twist = instant.now.twists[body_];
    const auto term = rule_.when->evaluate([&](const std::string& name) -> Result<base::Term> {
      if (name == "x") return base::Term(p.x);
      if (name == "y") return base::Term(p.y);
      if (name == "z") return base::Term(p.z);
      if (name == "speed") return base::Term(math::length(twist.linear));
      if (name == "vx") return base::Term(twist.linear.x);
      if (name == "vy") return base::Term(twist.linear.y);
      if (name == "vz") return base::Term(twist.linear.z);
      if (name == "spin") return base::Term(math::length(twist.angular));
      if (name == "tilt") return base::Term(tilt_of(instant));
      return base::Term(instant.now.time.seconds());  // $time: make_detector lets nothing else through
    });
    const bool* truth = term ? std::get_if<bool>(&*term) : nullptr;
    return truth && *truth ? Margin{1, 1} : Margin{-1, 0};  // what cannot be reckoned does not hold
  }

  const Rule& rule_;
  std::size_t body_;
  std::optional<math::Vec3> up_;  // in the body's frame
};

class MotionDetector : public Detector {
 public:
  explicit MotionDetector(const Rule& rule) : rule_(rule) {
    for (std::size_t i = 0; i < rule_.groups[0].size(); ++i) {
      if (!rule_.groups[0].bodies[i].exists()) continue;  // what stands still does nothing
      motions_.emplace_back(rule_, rule_.groups[0].bodies[i]);
      spans_.emplace_back(rule_, static_cast<int>(i), -1);
    }
  }
  void observe(const Instant& instant, std::vector<Event>& events) override {
    for (std::size_t i = 0; i < motions_.size(); ++i) {
      const Margin margin = motions_[i].now(instant);
      spans_[i].feed(instant, margin.margin, margin.measure, events);
    }
  }
  void finish(SimTime end, std::vector<Event>& events) override {
    for (Span& span : spans_) span.finish(end, events);
  }

 private:
  Rule rule_;
  std::vector<Motion> motions_;
  std::vector<Span> spans_;
};

/// proximity, time_to_collision, near_miss: the distance between the surfaces of two things, and how fast it shrinks.
class DistanceDetector : public Detector {
 public:
  explicit DistanceDetector(const Rule& rule) : rule_(rule) {
    for (std::size_t a = 0; a < rule_.groups[0].size(); ++a) {
      for (std::size_t b = 0; b < rule_.groups[1].size(); ++b) {
        if (rule_.groups[0].names[a] != rule_.groups[1].names[b]) pairs_.emplace_back(rule_, a, b);
      }
    }
  }

  void observe(const Instant& instant, std::vector<Event>& events) override {
    for (Pair& pair : pairs_) look(instant, pair, events);
  }
  void finish(SimTime end, std::vector<Event>& events) override {
    for (Pair& pair : pairs_) {
      pair.span.finish(end, events);
      if (pair.near && !pair.hit) write_miss(pair, events);
    }
  }

 private:
  struct Pair {
    Pair(const Rule& rule, std::size_t first, std::size_t second)
        : a(first), b(second), span(rule, static_cast<int>(first), static_cast<int>(second)) {}
    std::size_t a, b;
    Span span;
    std::optional<double> distance;  // one step ago
    bool near = false, hit = false;
    double least = 0;
    SimTime when;
  };

  /// Between the surfaces [m]; `most` or more: not looked at closely.
  double distance(const Instant& instant, const Pair& pair, double most) const {
    double least = most;
    const Group &a = rule_.groups[0], &b = rule_.groups[1];
    for (std::size_t s = 0; s < a.of_shape.size(); ++s) {
      if (a.of_shape[s] != static_cast<int>(pair.a)) continue;
      for (std::size_t t = 0; t < b.of_shape.size(); ++t) {
        if (b.of_shape[t] != static_cast<int>(pair.b)) continue;
        least = std::min(least, instant.batch.distance(0, scene::ShapeId(s), scene::ShapeId(t), least));
      }
    }
    return least;
  }

  void look(const Instant& instant, Pair& pair, std::vector<Event>& events) const {
    const double limit = rule_.numbers.at("below");
    if (rule_.detector == "time_to_collision") {
      const double d = distance(instant, pair, rule_.numbers.at("range"));
      const double closing = pair.distance ? (*pair.distance - d) / instant.seconds : 0;
      pair.distance = d;
      // In seconds; what does not close in has all the time there is.
      const double left = d <= 0 ? 0 : closing > 1e-9 ? std::min(d / closing, 1e6) : 1e6;
      pair.span.feed(instant, limit - left, -left, events);
      return;
    }
    const double d = distance(instant, pair, 2 * limit);
    if (rule_.detector == "proximity") return pair.span.feed(instant, limit - d, -d, events);
    const bool near = d < limit;
    if (near && (!pair.near || d < pair.least)) pair.least = d, pair.when = instant.now.time;
    if (near && d <= 0) pair.hit = true;
    if (!near && pair.near && !pair.hit) write_miss(pair, events);
    if (!near) pair.hit = false;
    pair.near = near;
  }

  void write_miss(const Pair& pair, std::vector<Event>& events) const {
    Event event{.name = rule_.name, .kind = rule_.detector, .begin = pair.when, .end = pair.when};
    event.participants = {rule_.groups[0].names[pair.a], rule_.groups[1].names[pair.b]};
    event.severity = pair.least;
    event.values = {{"distance", pair.least}};
    events.push_back(std::move(event));
  }

  Rule rule_;
  std::vector<Pair> pairs_;
};

}  // namespace

std::unique_ptr<Detector> make_motion(const Rule& rule) {
  return std::make_unique<MotionDetector>(rule);
}
std::unique_ptr<Detector> make_distance(const Rule& rule) {
  return std::make_unique<DistanceDetector>(rule);
}

}  // namespace wm::sim
