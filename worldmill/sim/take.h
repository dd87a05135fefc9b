#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/sim/cast.h"
#include "worldmill/sim/event.h"

namespace wm::sim {

/// Where a body is at a time, and how it moves.
struct Key {
  base::SimTime time;
  math::Pose pose;  ///< world_from_body
  scene::Twist twist;
};

/// The way of one body: keys in order of time, no two of one time. Before the first and after the last it stands.
struct Track {
  scene::BodyId body;
  std::string path;  ///< Of the body's node.
  std::vector<Key> keys;
};

/// What one actor told one thing to do, and what came of it. Both lists have `size` numbers for each time.
struct Channel {
  std::string name;   ///< `push/shelf`: the actor's name and what it acts upon.
  std::string kind;   ///< pose, joint_position, joint_velocity, force, impulse, velocity, failure
  std::string unit;   ///< `N`, `rad`, `m; quaternion w x y z`
  std::string frame;  ///< `world`, `joint`
  int size = 1;
  std::vector<base::SimTime> times;
  std::vector<double> commanded;
  std::vector<double> actual;
};

/// A state from which the take goes on with the same bits.
struct Checkpoint {
  std::int64_t step = 0;
  std::string block;  ///< physics::Batch::save, before anybody acts
};

/// One run of a World: what is needed to have it again, and what became of it. Times count from 0, after settling.
struct Take {
  std::int64_t step_ns = 2'000'000;
  std::int64_t settle_steps = 0;  ///< Before time 0.
  std::int64_t steps = 0;         ///< From time 0.
  std::string solver;             ///< How it was stepped.
  std::vector<Track> tracks;      ///< Of the bodies that moved, in order of body.
  std::vector<Channel> channels;
  std::vector<Event> events;            ///< In order of begin, then name, then participants.
  std::vector<Checkpoint> checkpoints;  ///< In order of step, the first at step 0.
  physics::Diagnosis trouble;           ///< Why it ended early.

  base::SimTime end() const { return {step_ns * steps}; }
};

/// The file: `WMTAKE01`, a header in JSON, packed numbers, a checksum over it all.
std::string encode(const Take& take);
/// An error says what of the file is not as it should be. Nothing larger than `budget` [bytes] is unpacked.
Result<Take> decode(std::string_view bytes, const std::string& file, std::uint64_t budget = std::uint64_t{1} << 30);

/// The take as a function of time. `initial` is the World that it began with. Between keys: cubic in position (Hermite,
/// by the velocities at both) and in the rotation vector. `world_at` also gives velocities (World::twists).
/// Thread-safe; O(log keys) for each body that moves.
std::unique_ptr<scene::Timeline> timeline(std::shared_ptr<const Take> take, scene::World initial);

/// Pose and velocity of a track at a time.
Key at_time(const Track& track, base::SimTime time);

}  // namespace wm::sim
