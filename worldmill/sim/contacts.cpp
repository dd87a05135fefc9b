#include <algorithm>
#include <map>

#include "worldmill/math/elementary.h"
#include "worldmill/sim/detectors.h"
#include "worldmill/sim/touches.h"

// Detectors that look at contacts. A pair that parts for a moment only, as what bounces or rolls does, has not parted:
// an event ends when the two have been apart for `gap`.

namespace wm::sim {
namespace {

using base::SimTime;
using Pair = std::pair<int, int>;

SimTime seconds(double s) {
  return SimTime::from_seconds(s);
}

/// contact: from the first touch until the two have parted.
class ContactDetector : public Detector {
 public:
  explicit ContactDetector(const Rule& rule) : rule_(rule) {}

  void observe(const Instant& instant, std::vector<Event>& events) override {
    for (const Touch& touch : touches(instant, rule_.groups[0], rule_.groups[1])) {
      if (touch.force <= 0 && touch.overlap < 0) continue;
      auto [at, fresh] = going_.try_emplace({touch.a, touch.b});
      Going& going = at->second;
      if (fresh) {
        going.begin = when_met(instant, touch);
        going.touch = touch;
        going.first = instant.now.time;
      }
      going.last = SimTime{instant.now.time.nanoseconds + seconds(instant.seconds).nanoseconds};
      going.impulse += touch.force * instant.seconds;
      going.peak = std::max(going.peak, touch.force);
      if (instant.now.time - going.first < seconds(rule_.numbers.at("window"))) {
        going.hit += touch.force * instant.seconds;
      }
    }
    for (auto at = going_.begin(); at != going_.end();) {
      const bool over = instant.now.time - at->second.last > seconds(rule_.numbers.at("gap"));
      if (over) write(at->first, at->second, at->second.last, false, events);
      at = over ? going_.erase(at) : std::next(at);
    }
  }

  void finish(SimTime end, std::vector<Event>& events) override {
    for (const auto& [pair, going] : going_) write(pair, going, end, true, events);
    going_.clear();
  }

 private:
  struct Going {
    SimTime begin, first, last;
    Touch touch;  // the first
    double impulse = 0, hit = 0, peak = 0;
  };

  void write(const Pair& pair, const Going& going, SimTime end, bool open, std::vector<Event>& events) const {
    if (going.hit < rule_.numbers.at("impulse") || going.peak < rule_.numbers.at("force") ||
        going.touch.approach < rule_.numbers.at("speed")) {
      return;
    }
    const bool instant = rule_.detector == "collision";
    Event event{.name = rule_.name, .kind = rule_.detector, .begin = going.begin, .end = instant ? going.begin : end};
    event.open = open && !instant;
    event.participants = {rule_.groups[0].names[static_cast<std::size_t>(pair.first)],
                          rule_.groups[1].names[static_cast<std::size_t>(pair.second)]};
    event.severity = going.hit;
    event.point = going.touch.point;
    event.normal = going.touch.normal;
    event.values = {{"impulse", going.impulse}, {"peak_force", going.peak}, {"approach_speed", going.touch.approach}};
    events.push_back(std::move(event));
  }

  Rule rule_;
  std::map<Pair, Going> going_;
};

/// slip: two that touch, and slide faster than `speed`.
class SlipDetector : public Detector {
 public:
  explicit SlipDetector(const Rule& rule) : rule_(rule) {}

  void observe(const Instant& instant, std::vector<Event>& events) override {
    std::map<Pair, double> margins;
    for (const Touch& touch : touches(instant, rule_.groups[0], rule_.groups[1])) {
      if (touch.force > 0) margins[{touch.a, touch.b}] = touch.sliding - rule_.numbers.at("speed");
    }
    for (const auto& [pair, margin] : margins) spans_.try_emplace(pair, rule_, pair.first, pair.second);
    for (auto& [pair, span] : spans_) {
      const auto at = margins.find(pair);
      const double margin = at == margins.end() ? -1 : at->second;
      span.feed(instant, margin, margin + rule_.numbers.at("speed"), events);
    }
  }
  void finish(SimTime end, std::vector<Event>& events) override {
    for (auto& [pair, span] : spans_) span.finish(end, events);
  }

 private:
  Rule rule_;
  std::map<Pair, Span> spans_;
};

/// grasp: a thing is held by two fingers or more that press from opposite sides.
class GraspDetector : public Detector {
 public:
  explicit GraspDetector(const Rule& rule) : rule_(rule) {
    for (std::size_t i = 0; i < rule.groups[0].size(); ++i) spans_.emplace_back(rule_, static_cast<int>(i), -1);
  }

  void observe(const Instant& instant, std::vector<Event>& events) override {
    const std::vector<Touch> all = touches(instant, rule_.groups[0], rule_.groups[1]);
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      double least = -1, force = 0;  // of the pair of fingers that hold it best
      for (const Touch& a : all) {
        for (const Touch& b : all) {
          if (a.a != static_cast<int>(i) || b.a != a.a || a.b >= b.b) continue;
          const bool opposed = math::dot(a.normal, b.normal) < -0.5;  // more than 120 degrees apart
          if (!opposed || std::min(a.force, b.force) <= force) continue;
          force = std::min(a.force, b.force);
          least = force - rule_.numbers.at("force");
        }
      }
      spans_[i].feed(instant, least, force, events);
    }
  }
  void finish(SimTime end, std::vector<Event>& events) override {
    for (Span& span : spans_) span.finish(end, events);
  }

 private:
  Rule rule_;
  std::vector<Span> spans_;
};

/// drop: from where a thing lost its last contact to where it met the next, `height` lower or more.
class DropDetector : public Detector {
 public:
  explicit DropDetector(const Rule& rule) : rule_(rule), falls_(rule.groups[0].size()) {}

  void observe(const Instant& instant, std::vector<Event>& events) override {
    const std::vector<char> touching = touched(instant, rule_.groups[0]);
    for (std::size_t i = 0; i < falls_.size(); ++i) {
      const scene::BodyId body = rule_.groups[0].bodies[i];
      if (!body.exists()) continue;
      Fall& fall = falls_[i];
      const double z = instant.now.poses[body.index()].translation.z;
      if (touching[i]) {
        if (fall.flying && fall.from - z >= rule_.numbers.at("height")) write(i, fall, instant.now.time, false, events);
        fall = {true, false, instant.now.time, z, z};
      } else {
        fall.flying = fall.held;
        fall.lowest = z;
      }
    }
  }
  void finish(SimTime end, std::vector<Event>& events) override {
    for (std::size_t i = 0; i < falls_.size(); ++i) {
      const Fall& fall = falls_[i];
      if (fall.flying && fall.from - fall.lowest >= rule_.numbers.at("height")) write(i, fall, end, true, events);
    }
  }

 private:
  struct Fall {
    bool held = false;  // once, by anything
    bool flying = false;
    SimTime since;
    double from = 0, lowest = 0;
  };
  void write(std::size_t i, const Fall& fall, SimTime end, bool open, std::vector<Event>& events) const {
    Event event{.name = rule_.name, .kind = rule_.detector, .begin = fall.since, .end = end, .open = open};
    event.participants = {rule_.groups[0].names[i]};
    event.severity = fall.from - fall.lowest;
    event.values = {{"height", event.severity}};
    events.push_back(std::move(event));
  }
  Rule rule_;
  std::vector<Fall> falls_;
};

}  // namespace

std::unique_ptr<Detector> make_contact(const Rule& rule) {
  return std::make_unique<ContactDetector>(rule);
}
std::unique_ptr<Detector> make_slip(const Rule& rule) {
  return std::make_unique<SlipDetector>(rule);
}
std::unique_ptr<Detector> make_grasp(const Rule& rule) {
  return std::make_unique<GraspDetector>(rule);
}
std::unique_ptr<Detector> make_drop(const Rule& rule) {
  return std::make_unique<DropDetector>(rule);
}

}  // namespace wm::sim
