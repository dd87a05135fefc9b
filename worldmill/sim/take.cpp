#include "worldmill/sim/take.h"

#include <algorithm>
#include <cmath>

#include "worldmill/base/check.h"
#include "worldmill/math/elementary.h"

namespace wm::sim {
namespace {

using base::SimTime;
using math::Rotation;
using math::Vec3;

Rotation negated(const Rotation& q) {
  return {-q.w, -q.x, -q.y, -q.z};
}

/// The rotation vector of the shorter way, [0, pi] rad long.
Vec3 log_of(Rotation q) {
  if (q.w < 0) q = negated(q);
  const Vec3 v{q.x, q.y, q.z};
  const double sine = math::length(v);
  if (sine < 1e-12) return v * 2;
  return v * (2 * math::atan2(sine, q.w) / sine);
}

Rotation exp_of(Vec3 v) {
  const double angle = math::length(v);
  if (angle < 1e-12) return Rotation::normalized(1, v.x / 2, v.y / 2, v.z / 2);
  const auto [sine, cosine] = math::sincos(angle / 2);
  const Vec3 axis = v * (sine / angle);
  return Rotation::normalized(cosine, axis.x, axis.y, axis.z);
}

/// How fast a rotation vector changes while what it stands for turns by `w`: the inverse of SO(3)'s left Jacobian
/// (Sola, Deray, Atchuthan, "A micro Lie theory", 2018, eq. 146).
Vec3 rate_of(Vec3 v, Vec3 w) {
  const double square = math::dot(v, v), angle = std::sqrt(square);
  const Vec3 across = math::cross(v, w);
  double factor = 1.0 / 12;
  if (angle > 1e-4) {
    const auto [sine, cosine] = math::sincos(angle);
    factor = 1 / square - (1 + cosine) / (2 * angle * sine);
    if (std::abs(sine) < 1e-9) factor = 1 / square;  // half a turn
  }
  return w - across * 0.5 + math::cross(v, across) * factor;
}

/// And back: eq. 145.
Vec3 turning(Vec3 v, Vec3 rate) {
  const double square = math::dot(v, v), angle = std::sqrt(square);
  double a = 0.5, b = 1.0 / 6;
  if (angle > 1e-4) {
    const auto [sine, cosine] = math::sincos(angle);
    a = (1 - cosine) / square;
    b = (angle - sine) / (square * angle);
  }
  const Vec3 across = math::cross(v, rate);
  return rate + across * a + math::cross(v, across) * b;
}

struct Cubic {
  Vec3 value, rate;
};

/// Hermite's cubic at share `s` of a span of `seconds`.
Cubic hermite(Vec3 p0, Vec3 v0, Vec3 p1, Vec3 v1, double seconds, double s) {
  const double s2 = s * s, s3 = s2 * s;
  const Vec3 value = p0 * (2 * s3 - 3 * s2 + 1) + v0 * ((s3 - 2 * s2 + s) * seconds) + p1 * (3 * s2 - 2 * s3) +
                     v1 * ((s3 - s2) * seconds);
  const Vec3 rate = (p1 - p0) * ((6 * s - 6 * s2) / seconds) + v0 * (3 * s2 - 4 * s + 1) + v1 * (3 * s2 - 2 * s);
  return {value, rate};
}

class Played : public scene::Timeline {
 public:
  Played(std::shared_ptr<const Take> take, scene::World initial)
      : take_(std::move(take)), initial_(std::move(initial)) {
    const std::vector<math::Affine> world_from_node = scene::world_from_nodes(initial_);
    const scene::Scene& scene = *initial_.scene;
    track_at_.resize(scene.nodes.size());
    for (std::size_t i = 0; i < take_->tracks.size(); ++i) {
      const std::size_t node = scene.mechanics.bodies[take_->tracks[i].body.index()].node.index();
      track_at_[node] = static_cast<int>(i) + 1;
      // What of the node's map is not the body's rigid frame, its scale, goes along with it.
      const math::Rotation turn = rigid_part(world_from_node[node]).rotation;
      stretch_.push_back(turn.inverse().matrix() * world_from_node[node].linear);
    }
  }

  SimTime end() const override { return take_->end(); }

  scene::World world_at(SimTime time) const override {
    scene::World world = initial_;
    const scene::Scene& scene = *world.scene;
    std::vector<math::Affine> world_from_node(scene.nodes.size());
    for (std::size_t n = 0; n < scene.nodes.size(); ++n) {
      const scene::NodeId parent = scene.nodes[n].parent;
      const math::Affine above = parent.exists() ? world_from_node[parent.index()] : math::Affine();
      if (track_at_[n] == 0) {
        world_from_node[n] = above * world.parent_from_node[n];
        continue;
      }
      const auto i = static_cast<std::size_t>(track_at_[n] - 1);
      const Key key = at_time(take_->tracks[i], time);
      world_from_node[n] = {key.pose.rotation.matrix() * stretch_[i], key.pose.translation};
      world.parent_from_node.set(n, above.inverse() * world_from_node[n]);
      world.twists.set(take_->tracks[i].body.index(), key.twist);
    }
    return world;
  }

 private:
  std::shared_ptr<const Take> take_;
  scene::World initial_;
  std::vector<int> track_at_;        // [node] Index of its track + 1; 0: none.
  std::vector<math::Mat3> stretch_;  // [track]
};

}  // namespace

Key at_time(const Track& track, SimTime time) {
  WM_CHECK(!track.keys.empty());
  const auto unit = [](const Rotation& q) { return Rotation::normalized(q.w, q.x, q.y, q.z); };
  const auto at_key = [&](const Key& key) {
    const bool moves = key.time == time;
    return Key{time, {unit(key.pose.rotation), key.pose.translation}, moves ? key.twist : scene::Twist()};
  };
  const auto after = std::ranges::upper_bound(track.keys, time, {}, &Key::time);
  if (after == track.keys.begin()) return at_key(*after);
  const Key& a = *(after - 1);
  if (after == track.keys.end() || a.time == time) return at_key(a);
  const Key& b = *after;
  const double seconds = (b.time - a.time).seconds(), s = (time - a.time).seconds() / seconds;
  const Cubic place = hermite(a.pose.translation, a.twist.linear, b.pose.translation, b.twist.linear, seconds, s);
  const Rotation from = unit(a.pose.rotation);
  const Vec3 way = log_of(unit(b.pose.rotation) * from.inverse());
  const Cubic turn = hermite({}, a.twist.angular, way, rate_of(way, b.twist.angular), seconds, s);
  const Rotation rotation = exp_of(turn.value) * from;
  return {time, {unit(rotation), place.value}, {place.rate, turning(turn.value, turn.rate)}};
}

std::unique_ptr<scene::Timeline> timeline(std::shared_ptr<const Take> take, scene::World initial) {
  return std::make_unique<Played>(std::move(take), std::move(initial));
}

}  // namespace wm::sim
