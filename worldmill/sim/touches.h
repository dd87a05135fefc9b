#pragma once
#include <vector>

#include "worldmill/sim/cast.h"

namespace wm::sim {

/// All contacts between two things in one step, as one; seen from `a`.
struct Touch {
  int a = 0, b = 0;
  double force = 0;     ///< Along the normals [N].
  double overlap = 0;   ///< Of the deepest contact [m]; negative: a gap that the engine already minds.
  math::Vec3 point;     ///< Of the deepest contact, in the world's frame [m].
  math::Vec3 normal;    ///< There, from a to b.
  double approach = 0;  ///< Speed at which the two close in there, before the contact's force [m/s].
  double sliding = 0;   ///< Speed across the normal there [m/s].
};

/// The touches between things of two groups, in order of (a, b). A thing does not touch itself.
std::vector<Touch> touches(const Instant& instant, const Group& a, const Group& b);

/// When the two met, on the way to the overlap they have now; not before the last step.
base::SimTime when_met(const Instant& instant, const Touch& touch);

/// [thing] Whether anything of the scene touches it.
std::vector<char> touched(const Instant& instant, const Group& group);

}  // namespace wm::sim
