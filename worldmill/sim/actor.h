#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/sim/causes.h"
#include "worldmill/sim/detector.h"
#include "worldmill/sim/take.h"

namespace wm::sim {

/// What an actor may do to the one world of a take, before each step.
class Stagehands {
 public:
  virtual ~Stagehands() = default;
  virtual physics::Batch& batch() = 0;  ///< World 0 is the take's.
  virtual const physics::Model& model() const = 0;
  /// Gives the world these values from now on; its state stays.
  virtual Status set_values(const scene::World& values) = 0;
  virtual const scene::World& values() const = 0;
};

/// Makes something happen. What it does follows from the time and the state alone, so that a take can be gone into at
/// any checkpoint. One for each take.
class Actor {
 public:
  virtual ~Actor() = default;
  virtual std::vector<Channel> channels() const = 0;
  /// The world stands as the take begins.
  virtual Status begin(Stagehands&) { return {}; }
  /// Before the step that begins at `now.time`, which lasts `seconds`. Times before 0 are those of settling. Poses and
  /// twists of `now` are those of one step earlier; joints stand as they are.
  virtual Status act(const State& now, double seconds, Stagehands& hands) = 0;
  /// Fills in one row of each channel: what it commands at `now`, and what is.
  virtual void report(const State& now, std::vector<Channel>& channels) const = 0;
  /// What it sets going, and when: for the causes of events.
  virtual std::vector<Deed> deeds() const = 0;
  /// The take is gone into at `time`, after `begin`: brings the world's values to what they were.
  virtual Status resume(base::SimTime, Stagehands&) { return {}; }
};

/// What a recipe's `simulate.actors` or `simulate.faults` entry asks for.
struct Part {
  std::string name;
  std::string actor;                      ///< Name of the row.
  Group of;                               ///< Whom it acts upon.
  std::map<std::string, double> numbers;  ///< SI
  std::vector<math::Vec3> points;         ///< waypoints alone, in the world's frame [m].
};

struct ActorRow {
  std::string_view name;
  std::string_view summary;
  std::vector<NumberSchema> numbers;
  bool points = false;  ///< Whether it takes points.
  Result<std::unique_ptr<Actor>> (*make)(const Part& part, const physics::Model& model);
};

/// push, throw, drop, waypoints, drive, conveyor; and faults: drive_dead, joint_loose.
std::span<const ActorRow> builtin_actors();

/// An actor for a part; an error says what it lacks.
Result<std::unique_ptr<Actor>> make_actor(const Part& part, const physics::Model& model);

}  // namespace wm::sim
