#include "worldmill/physics/solver.h"

#include <fmt/format.h>

namespace wm::physics {
namespace {

struct Census {
  std::size_t free = 0;  ///< Bodies that fly on their own.
  std::size_t drives = 0;
  bool soft = false;  ///< Something with elasticity.
};

Census count(const scene::Mechanics& mechanics) {
  Census census;
  for (const scene::Joint& joint : mechanics.joints) census.free += joint.kind == scene::JointKind::free;
  census.drives = mechanics.drives.size();
  census.soft = !mechanics.deformables.empty();
  return census;
}

// Whether two shapes on different bodies (or a body and the world) may meet.
bool can_touch(const scene::Mechanics& mechanics) {
  const scene::Shape* first = nullptr;
  for (const scene::Shape& shape : mechanics.shapes) {
    if (shape.category == 0 && shape.collides_with == 0) continue;
    if (first && first->node != shape.node) return true;
    first = &shape;
  }
  return false;
}

}  // namespace

Choice choose_solver(const scene::Scene& scene, mjOption& option) {
  const Census census = count(scene.mechanics);
  option.disableflags |= mjDSBL_AUTORESET;  // trouble is reported, not hidden
  if (census.soft) {
    option.integrator = mjINT_DISCRETE;
    option.solver = mjSOL_NEWTON;
    return {{}, "discrete integrator, Newton: soft bodies are stiff"};
  }
  // Piles: Newton factors a matrix of all contacts at every step, conjugate gradients do not (measured at 300 boxes:
  // 8 times the speed). Friction in a pile need not hold against a steady pull for a minute, so the pyramid will do.
  constexpr std::size_t kPile = 24;
  if (census.free > kPile && census.drives == 0) {
    option.integrator = mjINT_EULER;  // with implicitfast the same iterations leave a heap that creeps
    option.solver = mjSOL_CG;
    option.iterations = 20;
    option.jacobian = mjJAC_SPARSE;
    // Twenty iterations do not solve for contacts as hard as ours (boxes gain energy); the engine's own settings they
    // do.
    const ContactDefaults soft{3, {0.02, 1}, {0.9, 0.95, 0.001, 0.5, 2}};
    return {soft, fmt::format("Euler, CG of 20 iterations, pyramidal cones, soft contacts: a pile of {} free bodies",
                              census.free)};
  }
  option.integrator = mjINT_IMPLICITFAST;
  // Where nothing touches and nothing drives, energy is to be kept: Runge-Kutta loses a millionth where implicitfast
  // loses a third (three links, 10 s at 1 ms), and holds fast tops, which implicitfast throws over.
  if (!can_touch(scene.mechanics) && census.drives == 0) {
    option.integrator = mjINT_RK4;
    return {{}, "RK4, Newton: nothing touches, nothing drives"};
  }
  // The engine's friction is a damper: what is held slips at a speed of load / (contact impedance * impratio). Elliptic
  // cones let impratio stiffen friction alone (solver.h says what that does to a grasp). The noslip solver goes lower
  // at twice the time, and is not needed.
  option.solver = mjSOL_NEWTON;
  option.cone = mjCONE_ELLIPTIC;
  option.impratio = 300;
  return {{}, "implicitfast, Newton, elliptic cones, impratio 300: few bodies, firm grasps"};
}

}  // namespace wm::physics
