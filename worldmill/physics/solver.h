#pragma once
#include <mujoco/mjmodel.h>

#include <string>

#include "worldmill/scene/scene.h"

namespace wm::physics {

/// Sets how a scene without authored options is stepped, and says what was chosen and why, in one line.
std::string choose_solver(const scene::Scene& scene, mjOption& option);

/// Our contact settings, for shapes without authored ones.
struct ContactDefaults {
  int condim = 4;
  double solref[2] = {0.004, 1};
  double solimp[5] = {0.95, 0.99, 0.001, 0.5, 2};
};

}  // namespace wm::physics
