#pragma once
#include "worldmill/vary/draws.h"

namespace wm::vary {

/// Draws what actors do in a take, and its gravity. A fault with a hazard comes at an exponentially distributed time,
/// drawn at `simulate.faults.NAME.hazard`; one that would come after the take's end is left out.
Status draw_actions(const Simulate& simulate, Draws& draws, const scene::Names& names, Varied& varied);

}  // namespace wm::vary
