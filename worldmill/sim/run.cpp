#include "worldmill/sim/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "worldmill/base/check.h"
#include "worldmill/sim/causes.h"

// The loop, in one fixed order:
//
//   act ── step ── (poses, contacts and forces of the step's beginning are known now) ── detect ── record
//
// Velocities stand half a step behind positions, as in leapfrog, unless the stepper is Runge-Kutta: semi-implicit Euler
// moves x by the velocity after the step, so a start with v(-h/2) = v(0) - a h/2 makes constant accelerations exact,
// and what is dropped lands in time.

namespace wm::sim {
namespace {

using base::SimTime;

class Hands : public Stagehands {
 public:
  Hands(const physics::Model& model, const Script& script) : model_(model), values_(script.initial) {
    physics::BatchOptions options;
    options.contacts = true;
    options.limits = script.limits;
    batch_ = model.batch(options);
  }

  /// The world stands as the take begins, half a step of velocity taken back.
  Status begin() {
    WM_TRY_STATUS(batch_->set_values(0, values_));
    if (!model_.semi_implicit()) return {};
    const std::string block = batch_->save(0);
    const std::span<double> velocities = batch_->velocities(0);
    const std::vector<double> before(velocities.begin(), velocities.end());
    batch_->step();
    const std::vector<double> after(velocities.begin(), velocities.end());
    if (batch_->diagnosis(0).trouble != physics::Trouble::none) return {};  // and the first step will say so
    WM_TRY_STATUS(batch_->restore(0, block));
    for (std::size_t i = 0; i < velocities.size(); ++i) velocities[i] -= (after[i] - before[i]) / 2;
    return {};
  }

  physics::Batch& batch() override { return *batch_; }
  const physics::Model& model() const override { return model_; }
  const scene::World& values() const override { return values_; }
  Status set_values(const scene::World& values) override {
    const std::string block = batch_->save(0);
    values_ = values;
    WM_TRY_STATUS(batch_->set_values(0, values_));
    return batch_->restore(0, block);
  }

 private:
  const physics::Model& model_;
  scene::World values_;
  std::unique_ptr<physics::Batch> batch_;
};

Result<std::vector<std::unique_ptr<Actor>>> make_actors(const physics::Model& model, const Script& script) {
  std::vector<std::unique_ptr<Actor>> actors;
  for (const Part& part : script.actors) {
    WM_TRY(actor, make_actor(part, model));
    actors.push_back(std::move(actor));
  }
  return actors;
}

void copy_joints(Hands& hands, State& state) {
  const auto copy = [](std::span<const double> from, std::vector<double>& to) { to.assign(from.begin(), from.end()); };
  const physics::Batch& batch = hands.batch();
  copy(batch.positions(0), state.positions);
  copy(batch.velocities(0), state.velocities);
}

/// To the nearest multiple of 2^-bits: numbers with many zeros at their end take little room in a file.
double rounded(double x, int bits) {
  const double scale = std::ldexp(1.0, bits);
  return std::nearbyint(x * scale) / scale;
}

math::Vec3 rounded(math::Vec3 v, int bits) {
  return {rounded(v.x, bits), rounded(v.y, bits), rounded(v.z, bits)};
}

/// Places to 0.06 um and as small a turn, velocities to 15 um/s and urad/s.
Key rounded(const Key& key) {
  constexpr int kPlace = 24, kSpeed = 16;
  const math::Rotation& q = key.pose.rotation;
  return {key.time,
          {{rounded(q.w, kPlace), rounded(q.x, kPlace), rounded(q.y, kPlace), rounded(q.z, kPlace)},
           rounded(key.pose.translation, kPlace)},
          {rounded(key.twist.linear, kSpeed), rounded(key.twist.angular, kSpeed)}};
}

/// Keeps keys: at their rate, and around every jolt. Fed with each step in turn, it writes the one before, whose
/// velocities are known from both sides then.
class Recorder {
 public:
  /// `staggered`: velocities stand half a step behind positions.
  Recorder(const scene::World& initial, base::Rate rate, bool staggered) : rate_(rate), staggered_(staggered) {
    const scene::Scene& scene = *initial.scene;
    const std::vector<math::Affine> world_from_node = scene::world_from_nodes(initial);
    for (const scene::Body& body : scene.mechanics.bodies) {
      tracks_.push_back({scene::BodyId(tracks_.size()), scene.node(body.node).path, {}});
      stood_.push_back({{}, rigid_part(world_from_node[body.node.index()]), {}});
    }
    moved_.resize(tracks_.size());
    waiting_.resize(tracks_.size());
    jolted_.resize(tracks_.size());
  }

  void add(const State& before, const State& now) {
    const bool due = before.time >= rate_.tick(next_);
    while (before.time >= rate_.tick(next_)) ++next_;
    for (std::size_t b = 0; b < tracks_.size(); ++b) {
      const scene::Twist &v0 = before.twists[b], &v1 = now.twists[b];
      constexpr double kJolt = 0.06, kTurn = 0.6;  // in one step [m/s], [rad/s]
      const bool jolt = math::length(v1.linear - v0.linear) > kJolt || math::length(v1.angular - v0.angular) > kTurn;
      if (!due && !jolt && !jolted_[b] && !tracks_[b].keys.empty()) continue;
      const scene::Twist twist =
          jolt || !staggered_ ? v0 : scene::Twist{(v0.linear + v1.linear) * 0.5, (v0.angular + v1.angular) * 0.5};
      keep(b, {before.time, before.poses[b], twist}, jolt || jolted_[b]);
      jolted_[b] = jolt;
    }
  }

  void end(const State& last) {
    for (std::size_t b = 0; b < tracks_.size(); ++b) keep(b, {last.time, last.poses[b], last.twists[b]}, false);
  }

  std::vector<Track> take_tracks() {
    std::vector<Track> kept;
    for (std::size_t b = 0; b < tracks_.size(); ++b) {
      if (tracks_[b].keys.empty()) continue;
      // What came to rest before time 0 does not move, and yet it is not where the scene has it.
      if (moved_[b] || !same_place(stood_[b], tracks_[b].keys.front())) kept.push_back(std::move(tracks_[b]));
    }
    return kept;
  }

 private:
  static bool same_place(const Key& a, const Key& b) {
    constexpr double kFar = 2e-6;  // [m], and of quaternions
    const math::Vec3 way = b.pose.translation - a.pose.translation;
    const math::Rotation &q = a.pose.rotation, &r = b.pose.rotation;
    const double side = q.w * r.w + q.x * r.x + q.y * r.y + q.z * r.z < 0 ? -1 : 1;
    const double turn = std::max({std::abs(q.w - side * r.w), std::abs(q.x - side * r.x), std::abs(q.y - side * r.y),
                                  std::abs(q.z - side * r.z)});
    return math::length(way) < kFar && turn < kFar;
  }

  /// What stands still needs no keys, but one where it begins to move again.
  void keep(std::size_t b, const Key& key, bool anyway) {
    std::vector<Key>& keys = tracks_[b].keys;
    if (!keys.empty() && keys.back().time == key.time) return;
    if (!keys.empty() && !anyway && same_place(keys.back(), key)) {
      waiting_[b] = key;
      return;
    }
    if (!keys.empty()) moved_[b] = 1;
    if (waiting_[b] && waiting_[b]->time > keys.back().time && waiting_[b]->time < key.time)
      keys.push_back(rounded(*waiting_[b]));
    waiting_[b].reset();
    keys.push_back(rounded(key));
  }

  base::Rate rate_;
  bool staggered_;
  std::int64_t next_ = 0;
  std::vector<Track> tracks_;                // [body]
  std::vector<Key> stood_;                   // [body] Where its node has it.
  std::vector<char> moved_;                  // [body]
  std::vector<std::optional<Key>> waiting_;  // [body] The last key that was left out.
  std::vector<char> jolted_;                 // [body] In the step before.
};

class Loop {
 public:
  Loop(const physics::Model& model, const Script& script, Hands& hands, std::vector<std::unique_ptr<Actor>> actors)
      : model_(model),
        script_(script),
        hands_(hands),
        actors_(std::move(actors)),
        body_of_shape_(bodies_of_shapes(*model.scene())),
        recorder_(script.initial, script.keys, model.semi_implicit()) {
    take_.step_ns = SimTime::from_seconds(model.time_step()).nanoseconds;
    const auto steps = [&](double seconds) { return std::llround(seconds * 1e9 / static_cast<double>(take_.step_ns)); };
    take_.settle_steps = steps(script.settle);
    take_.steps = steps(script.run);
    every_ = std::max<std::int64_t>(1, steps(script.checkpoints));
    take_.solver = model.solver();
    for (State* state : {&before_, &now_}) {
      const std::size_t bodies = model.scene()->mechanics.bodies.size();
      state->poses.resize(bodies);
      state->twists.resize(bodies);
    }
  }

  const Take& take() const { return take_; }

  Status begin() {
    WM_TRY_STATUS(hands_.begin());
    for (const auto& actor : actors_) WM_TRY_STATUS(actor->begin(hands_));
    for (std::size_t b = 0; b < now_.poses.size(); ++b) now_.poses[b] = hands_.batch().pose(0, scene::BodyId(b));
    before_.poses = now_.poses;
    return {};
  }

  Status resume(const Checkpoint& checkpoint) {
    for (const auto& actor : actors_) WM_TRY_STATUS(actor->resume(time_of(checkpoint.step), hands_));
    return hands_.batch().restore(0, checkpoint.block);
  }

  /// Act and step; whether the world is sound still.
  Result<bool> advance(std::int64_t step) {
    now_.time = time_of(step);
    copy_joints(hands_, now_);
    for (const auto& actor : actors_) WM_TRY_STATUS(actor->act(now_, model_.time_step(), hands_));
    copy_joints(hands_, now_);
    if (hands_.batch().step() > 0) return false;
    hands_.batch().at_step(0, now_.poses, now_.twists);
    return true;
  }

  Result<Take> run(const base::Cancel* cancel) {
    for (const Rule& rule : script_.rules) {
      WM_TRY(detector, make_detector(rule));
      detectors_.push_back(std::move(detector));
    }
    std::vector<Deed> deeds;
    for (const auto& actor : actors_) {
      channels_.push_back(actor->channels());
      std::ranges::move(actor->deeds(), std::back_inserter(deeds));
    }
    std::ranges::stable_sort(deeds, {}, &Deed::time);
    chain_.emplace(*model_.scene(), std::move(deeds));
    for (std::int64_t step = -take_.settle_steps; step < take_.steps; ++step) {
      if (cancel && cancel->requested()) break;
      if (step >= 0 && step % every_ == 0) take_.checkpoints.push_back({step, hands_.batch().save(0)});
      WM_TRY(sound, advance(step));
      if (!sound) {
        tell(step);
        break;
      }
      if (step >= 0) observe(step);
      std::swap(before_, now_);
    }
    finish();
    return std::move(take_);
  }

 private:
  SimTime time_of(std::int64_t step) const { return {step * take_.step_ns}; }

  void observe(std::int64_t step) {
    const State& before = step == 0 ? now_ : before_;
    const Instant instant{model_,         hands_.batch(),    before, now_, hands_.batch().contacts(0),
                          body_of_shape_, model_.time_step()};
    for (const auto& detector : detectors_) detector->observe(instant, take_.events);
    chain_->observe(now_.time, instant.contacts, body_of_shape_);
    if (step > 0) recorder_.add(before_, now_);
    if (now_.time < script_.keys.tick(next_report_)) return;
    while (now_.time >= script_.keys.tick(next_report_)) ++next_report_;
    for (std::size_t a = 0; a < actors_.size(); ++a) actors_[a]->report(now_, channels_[a]);
  }

  void tell(std::int64_t step) {
    take_.trouble = hands_.batch().diagnosis(0);
    take_.trouble.time = time_of(step).seconds();
    take_.steps = std::max<std::int64_t>(step, 0);
  }

  void finish() {
    const SimTime end = take_.end();
    const bool sound = take_.trouble.trouble == physics::Trouble::none;
    State last = before_;  // of the last step's beginning
    if (sound && take_.steps > 0) {
      last.time = end;
      for (std::size_t b = 0; b < last.poses.size(); ++b) {
        last.poses[b] = hands_.batch().pose(0, scene::BodyId(b));
        last.twists[b] = hands_.batch().twist(0, scene::BodyId(b));
      }
      recorder_.add(before_, last);
    }
    if (take_.steps > 0) recorder_.end(last);
    for (const auto& detector : detectors_) detector->finish(end, take_.events);
    const auto order = [](const Event& e) { return std::tie(e.begin, e.name, e.participants); };
    std::ranges::stable_sort(take_.events, [&](const Event& a, const Event& b) { return order(a) < order(b); });
    if (chain_) find_causes(chain_->take(), take_.events);
    take_.tracks = recorder_.take_tracks();
    for (std::vector<Channel>& channels : channels_) std::ranges::move(channels, std::back_inserter(take_.channels));
  }

  const physics::Model& model_;
  const Script& script_;
  Hands& hands_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::vector<std::unique_ptr<Detector>> detectors_;
  std::vector<std::vector<Channel>> channels_;  // [actor]
  std::optional<Chain> chain_;
  std::vector<scene::BodyId> body_of_shape_;
  Recorder recorder_;
  Take take_;
  State before_, now_;
  std::int64_t every_ = 1, next_report_ = 0;
};

}  // namespace

Result<Take> run(const physics::Model& model, const Script& script, const base::Cancel* cancel) {
  WM_TRY(actors, make_actors(model, script));
  Hands hands(model, script);
  Loop loop(model, script, hands, std::move(actors));
  WM_TRY_STATUS(loop.begin());
  return loop.run(cancel);
}

Result<std::string> state_at(const physics::Model& model, const Script& script, const Take& take, std::int64_t step) {
  const auto after = std::ranges::upper_bound(take.checkpoints, step, {}, &Checkpoint::step);
  if (after == take.checkpoints.begin() || step > take.steps) {
    return base::error(fmt::format("the take has steps 0 to {}, not {}", take.steps, step));
  }
  const Checkpoint& checkpoint = *(after - 1);
  WM_TRY(actors, make_actors(model, script));
  Hands hands(model, script);
  Loop loop(model, script, hands, std::move(actors));
  WM_TRY_STATUS(loop.begin());
  WM_TRY_STATUS(loop.resume(checkpoint));
  for (std::int64_t at = checkpoint.step; at < step; ++at) {
    WM_TRY(sound, loop.advance(at));
    WM_CHECK(sound);  // it was, when the take was recorded
  }
  return hands.batch().save(0);
}

}  // namespace wm::sim
