#pragma once
#include <mujoco/mjmodel.h>

#include <string>

#include "worldmill/scene/scene.h"

namespace wm::physics {

/// Contact settings for shapes without authored ones. Measured with the solver of choose_solver at 2 ms:
///
///   solref   solimp        gripper creeps    10 boxes sink    a sliding cube hops at
///   0.02     0.9   0.95    drops it          4.1 mm           0.30 m/s                 (the engine's own, impratio 1)
///   0.004    0.95  0.99    1.5 um/s          0.2 mm           0.91 m/s
///   0.01     0.99  0.999   1.2 um/s          0.2 mm           0.56 m/s
///   0.015    0.99  0.999   about 2 um/s      0.6 mm           0.3 m/s                  (these)
///
/// Soft contacts that friction drags rock and hop, the more the faster their spring; a high impedance (solimp) holds
/// without a fast spring. condim 4: what stands on one point or two fingers does not turn there.
struct ContactDefaults {
  int condim = 4;
  double solref[2] = {0.015, 1};
  double solimp[5] = {0.99, 0.999, 0.001, 0.5, 2};
};

/// Of kinematic bodies, which the engine sees as standing still wherever they are put: what they push sinks in by about
/// twice the first number for each m/s, so it must be small.
constexpr double kPushingSolref[2] = {0.004, 1};

struct Choice {
  ContactDefaults contact;
  std::string why;  ///< What was chosen and why, in one line.
};

/// Sets how a scene without authored options is stepped.
Choice choose_solver(const scene::Scene& scene, mjOption& option);

}  // namespace wm::physics
