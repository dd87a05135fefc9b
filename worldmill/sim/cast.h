#pragma once
#include <span>
#include <string>
#include <vector>

#include "worldmill/base/time.h"
#include "worldmill/physics/physics.h"

/// Who plays in a take, and what detectors and actors see of it.
namespace wm::sim {

/// The things that a rule or an actor is about.
struct Group {
  std::vector<std::string> names;     ///< [thing] Path of its node.
  std::vector<scene::BodyId> bodies;  ///< [thing] Whose motion is its own; none: it stands still.
  std::vector<int> of_shape;          ///< [shape of the scene] Which thing it belongs to; -1: none of them.

  std::size_t size() const { return names.size(); }
};

/// Each node with what is below it is a thing. Its body is the nearest at it or above, else the first below.
Group group_of(const scene::Scene& scene, std::span<const scene::NodeId> things);

/// [shape] The body that carries it: the nearest at its node or above.
std::vector<scene::BodyId> bodies_of_shapes(const scene::Scene& scene);

/// The rigid part of a node's map, as physics has it: its x axis, and y turned square to it.
math::Pose rigid_part(const math::Affine& map);

/// What is known of all bodies and joints at one time of the take.
struct State {
  base::SimTime time;
  std::vector<math::Pose> poses;              ///< [body] world_from_body
  std::vector<scene::Twist> twists;           ///< [body]
  std::vector<double> positions, velocities;  ///< Of joints, as physics::Batch orders them.
};

/// One step: what is so when it begins, what was so one step earlier, and the contacts through it.
struct Instant {
  const physics::Model& model;
  const physics::Batch& batch;  ///< World 0 is the take's. It has moved on to the step's end.
  const State& before;          ///< The same as `now` in the first step.
  const State& now;
  std::span<const physics::Contact> contacts;    ///< Found at `now`; their forces act until the step's end.
  std::span<const scene::BodyId> body_of_shape;  ///< [shape] That carries it; none: the world.
  double seconds = 0;                            ///< The step's length [s].

  /// Between `before` and `now`, where what was `from` became `to` and went through 0.
  base::SimTime crossing(double from, double to) const;
  /// The velocity of the world's point as one of a body [m/s]; 0 for none.
  math::Vec3 velocity(scene::BodyId body, math::Vec3 point) const;
};

}  // namespace wm::sim
