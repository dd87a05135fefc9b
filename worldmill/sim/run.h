#pragma once
#include <memory>
#include <vector>

#include "worldmill/base/jobs.h"
#include "worldmill/sim/actor.h"
#include "worldmill/sim/detector.h"
#include "worldmill/sim/take.h"

namespace wm::sim {

/// One take to be run.
struct Script {
  scene::World initial;
  double settle = 0;  ///< [s] Stepped before time 0, unseen but for actors that hold something.
  double run = 8;     ///< [s]
  std::vector<Part> actors;
  std::vector<Rule> rules;
  base::Rate keys{60, 1};  ///< How often poses and channels are kept.
  double checkpoints = 1;  ///< [s] between states to go on from.
  physics::Limits limits;
};

/// Runs the loop (act, step, detect, record) to the end, or to the first trouble, which the take then tells. The same
/// bits on any thread. Errors are the user's: rules and actors that lack something.
Result<Take> run(const physics::Model& model, const Script& script, const base::Cancel* cancel = nullptr);

/// The state after `step` steps from time 0, as physics::Batch::save gives it: from the last checkpoint before, bit for
/// bit what it was. An error when the take is of another scene.
Result<std::string> state_at(const physics::Model& model, const Script& script, const Take& take, std::int64_t step);

}  // namespace wm::sim
