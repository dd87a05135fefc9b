#pragma once
#include <stdexcept>

#include "worldmill/physics/test_scenes.h"
#include "worldmill/sim/run.h"

/// What the tests of takes and detectors begin with.
namespace wm::sim {

using physics::TestScene;

constexpr double kGravity = 9.81;  // [m/s^2]

inline scene::NodeId node_of(const TestScene& s, scene::BodyId body) {
  return s.m.bodies[body.index()].node;
}

inline Group things(const TestScene& s, std::initializer_list<scene::BodyId> bodies) {
  std::vector<scene::NodeId> nodes;
  for (const scene::BodyId body : bodies) nodes.push_back(node_of(s, body));
  return group_of(*s.scene, nodes);
}

/// The last node that was added, as a thing: a floor.
inline Group last_node(const TestScene& s) {
  const std::vector<scene::NodeId> nodes{scene::NodeId(s.scene->nodes.size() - 1)};
  return group_of(*s.scene, nodes);
}

inline Script script(const TestScene& s, double seconds) {
  Script script;
  script.initial = scene::World::of(s.scene);
  script.run = seconds;
  return script;
}

inline Take take_of(const TestScene& s, const Script& script) {
  auto take = run(*s.compile(), script);
  if (!take) throw std::runtime_error(to_string(take.error()));
  if (take->trouble.trouble != physics::Trouble::none) throw std::runtime_error(take->trouble.message);
  return std::move(*take);
}

}  // namespace wm::sim
