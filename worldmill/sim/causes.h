#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "worldmill/physics/physics.h"
#include "worldmill/scene/scene.h"
#include "worldmill/sim/event.h"

namespace wm::sim {

/// An actor or a fault sets things going.
struct Deed {
  base::SimTime time;
  std::string actor;
  std::vector<std::string> things;  ///< Paths.
};

/// Follows through one take what deeds set going: whatever belongs to one articulated system goes with it, and who
/// touches what goes is set going too. The latest deed counts. What stands fixed passes nothing on.
class Chain {
 public:
  /// `deeds` in order of time.
  Chain(const scene::Scene& scene, std::vector<Deed> deeds);

  /// One step, at `now`: contacts of its beginning; `body_of_shape` as bodies_of_shapes gives it.
  void observe(base::SimTime now, std::span<const physics::Contact> contacts,
               std::span<const scene::BodyId> body_of_shape);

  /// The deeds, and after them, in order of time, one for each time that a deed was passed on.
  std::vector<Deed> take();

 private:
  std::optional<std::size_t> system_of(const physics::Contact& contact, bool second,
                                       std::span<const scene::BodyId> body_of_shape) const;

  std::vector<Deed> deeds_;
  std::vector<std::size_t> system_;    ///< [body] The topmost body above it.
  std::vector<std::string> path_;      ///< [body]
  std::vector<std::ptrdiff_t> going_;  ///< [system] Index of the deed; -1: none.
  std::vector<Deed> passed_;
  std::size_t begun_ = 0;  ///< Of deeds.
};

/// Fills in `cause`: who set going what takes part, himself or through others. `deeds` in order of time, `events` of
/// beginning.
void find_causes(std::span<const Deed> deeds, std::span<Event> events);

}  // namespace wm::sim
