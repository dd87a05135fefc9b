#pragma once
#include <memory>
#include <span>

#include "worldmill/base/time.h"
#include "worldmill/scene/column.h"
#include "worldmill/scene/scene.h"

namespace wm::scene {

/// What of a Surface, a Joint, a Drive may be another in each world of a scene; units as there.
struct SurfaceValues {
  double friction = 0, torsional_friction = 0, rolling_friction = 0, restitution = 0;
  friend constexpr bool operator==(const SurfaceValues&, const SurfaceValues&) = default;
};
struct JointValues {
  double lower = 0, upper = 0;
  double stiffness = 0, spring_reference = 0, damping = 0, armature = 0, friction_loss = 0;
  double start = 0;  ///< Coordinate that a world begins with, of hinges and sliders [rad or m].
  friend constexpr bool operator==(const JointValues&, const JointValues&) = default;
};
struct DriveValues {
  double stiffness = 0, damping = 0;
  double lower_force = 0, upper_force = 0, delay = 0;
  friend constexpr bool operator==(const DriveValues&, const DriveValues&) = default;
};

/// The values that a spec has.
SurfaceValues values_of(const Surface& surface);
JointValues values_of(const Joint& joint);
DriveValues values_of(const Drive& drive);

/// Linear [m/s], of a body's origin, and angular [rad/s] velocity in the world's frame.
struct Twist {
  math::Vec3 linear, angular;
  friend constexpr bool operator==(const Twist&, const Twist&) = default;
};

/// A Scene at a time: what may change without being another Scene, in columns by handle. A value; copies share.
struct World {
  std::shared_ptr<const Scene> scene;
  Column<math::Affine> parent_from_node;  ///< [node]
  Column<char> visible;                   ///< [node]; 0 hides the subtree
  Column<Material> materials;             ///< [material]
  Column<Light> lights;                   ///< [light]

  math::Vec3 gravity;              ///< [m/s^2]
  Column<double> masses;           ///< [body] [kg], its inertia in step with it; 0: as the spec says.
  Column<double> mass_scales;      ///< [body] Factor on that [1].
  Column<SurfaceValues> surfaces;  ///< [surface]
  Column<JointValues> joints;      ///< [joint]
  Column<DriveValues> drives;      ///< [drive]
  Column<Twist> twists;            ///< [body] How each moves; bodies that fly begin so.

  static World of(std::shared_ptr<const Scene> scene);
};

std::vector<math::Affine> world_from_nodes(const World& world);  ///< [node]
/// [node] Whether the node and all above it are visible.
std::vector<char> effective_visibility(const World& world);
/// Around all triangles below `root` (itself included), in world coordinates [m]; empty when there are none.
math::Box3 world_bounds(const World& world, NodeId root);

/// A take as a function of time. Thread-safe.
class Timeline {
 public:
  virtual ~Timeline() = default;
  virtual base::SimTime end() const = 0;
  /// `time` in [0, end()].
  virtual World world_at(base::SimTime time) const = 0;
};

/// Nothing moves: a still.
std::unique_ptr<Timeline> still(World world);

}  // namespace wm::scene
