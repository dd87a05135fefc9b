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

}  // namespace

std::string choose_solver(const scene::Scene& scene, mjOption& option) {
  const Census census = count(scene.mechanics);
  option.disableflags |= mjDSBL_AUTORESET;  // trouble is reported, not hidden
  if (census.soft) {
    option.integrator = mjINT_DISCRETE;
    option.solver = mjSOL_NEWTON;
    return "discrete integrator, Newton: soft bodies are stiff";
  }
  option.integrator = mjINT_IMPLICITFAST;
  // Piles: Newton factors a matrix of all contacts at every step, conjugate gradients do not (measured at 300 boxes:
  // 8 times the speed). Friction in a pile need not hold against a steady pull for a minute, so the pyramid will do.
  constexpr std::size_t kPile = 40;
  if (census.free > kPile && census.drives == 0) {
    option.solver = mjSOL_CG;
    option.iterations = 20;
    option.jacobian = mjJAC_SPARSE;
    return fmt::format("implicitfast, CG of 20 iterations, pyramidal cones: a pile of {} free bodies", census.free);
  }
  // The engine's friction is a damper: what is held slips at a speed of load / (contact impedance * impratio). Elliptic
  // cones let impratio stiffen friction alone. Measured on a gripper of two fingers that holds 0.5 kg, with our contact
  // settings: engine's own defaults drop it; elliptic with impratio 10: 77 um/s, 100: 7.7, 500: 1.5. The noslip solver
  // goes lower (0.01) at twice the time, and is not needed.
  option.solver = mjSOL_NEWTON;
  option.cone = mjCONE_ELLIPTIC;
  option.impratio = 500;
  return "implicitfast, Newton, elliptic cones, impratio 500: few bodies, firm grasps";
}

}  // namespace wm::physics
