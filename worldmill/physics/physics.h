#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "worldmill/base/result.h"
#include "worldmill/math/pose.h"
#include "worldmill/scene/world.h"

/// Rigid, articulated and soft bodies behind one stepper. The engine (MuJoCo) is seen in the .cpp files alone; another
/// would be another pair of Model and Batch.
namespace wm::physics {

/// What touched during the last step, and with what force.
struct Contact {
  scene::ShapeId a, b;  ///< None: a deformable.
  math::Vec3 point;     ///< Midway between the surfaces, in the world's frame [m].
  math::Vec3 normal;    ///< From a to b, length 1.
  double distance = 0;  ///< Between the surfaces [m]; negative: overlap.
  math::Vec3 force;     ///< On b, in the world's frame [N].
  math::Vec3 torque;    ///< On b, about `point` [N m].
};

enum class Trouble {
  none,
  not_finite,     ///< A coordinate, velocity or acceleration is no number, or is beyond 1e10.
  too_fast,       ///< A body is faster than Limits say.
  energy_grew,    ///< Nobody drove or pushed, and yet there is more energy than before.
  tunnelled,      ///< A body went through a shape that does not move.
  contacts_lost,  ///< More contacts or constraints than memory was set aside for.
  singular,       ///< An inertia matrix had no inverse.
  failed          ///< The engine gave up.
};
const char* name_of(Trouble trouble);

/// Why a world is not to be trusted any more: the first trouble it had. Nothing is mended or reset behind one's back.
struct Diagnosis {
  Trouble trouble = Trouble::none;
  double time = 0;      ///< [s] of the world's clock, at the end of the step in which it was found.
  std::string message;  ///< A sentence.
};

/// What counts as trouble.
struct Limits {
  double speed = 1000;          ///< Of a body's centre of mass [m/s].
  double energy_growth = 0.02;  ///< Share of (greatest kinetic energy + work of gravity so far) [1]; passive worlds.
};

struct BatchOptions {
  int worlds = 1;         ///< At least 1.
  int workers = 1;        ///< Threads, the caller's included; results do not depend on it. At least 1.
  bool contacts = false;  ///< Whether contacts are kept after each step.
  bool check = true;      ///< Whether energy and tunnelling are looked at too, after each step.
  Limits limits;
};

using scene::Twist;

/// Many worlds of one Model, stepped together. Not thread-safe; it has threads of its own. Values by world: each world
/// is on its own and none sees another. Spans stay where they are for the batch's life.
class Batch {
 public:
  virtual ~Batch() = default;
  virtual int worlds() const = 0;

  // What is written before a step. Commands keep their values from step to step; so do pushes.
  virtual std::span<double> positions(int world) = 0;   ///< Coordinates of all joints (Model::position_of).
  virtual std::span<double> velocities(int world) = 0;  ///< (Model::velocity_of)
  virtual std::span<const double> positions(int world) const = 0;
  virtual std::span<const double> velocities(int world) const = 0;
  virtual std::span<double> commands(int world) = 0;      ///< Of all drives (Model::command_of).
  virtual std::span<double> joint_forces(int world) = 0;  ///< Applied from outside, as velocities are ordered [N, N m].
  /// Force [N] at the centre of mass of a body and torque [N m], both in the world's frame, until pushed otherwise.
  virtual void push(int world, scene::BodyId body, math::Vec3 force, math::Vec3 torque) = 0;
  /// Where a kinematic body is to be; in the world's frame.
  virtual void place(int world, scene::BodyId body, const math::Pose& world_from_body) = 0;
  /// Takes the values that `values` has instead of its scene's (masses, surfaces, joints, drives, gravity; the nodes'
  /// poses, which become the initial ones, and velocities), and starts the world anew. Its scene must be the model's.
  virtual Status set_values(int world, const scene::World& values) = 0;
  /// Starts the world anew: as the scene has it, or at one of its keyframes.
  virtual void reset(int world, int keyframe = -1) = 0;

  /// Advances all worlds that have no trouble by `steps` of Model::time_step; the others stand still. Gives how many
  /// have trouble now.
  virtual int step(int steps = 1) = 0;

  // What is read after a step.
  virtual double time(int world) const = 0;  ///< [s]
  virtual const Diagnosis& diagnosis(int world) const = 0;
  virtual math::Pose pose(int world, scene::BodyId body) = 0;  ///< world_from_body
  virtual Twist twist(int world, scene::BodyId body) = 0;
  virtual math::Pose site_pose(int world, scene::SiteId site) = 0;
  virtual std::span<const double> drive_forces(int world) = 0;  ///< What the drives gave in the last step [N, N m].
  virtual std::span<const double> sensor(int world, std::size_t index) = 0;
  /// [body] world_from_body and velocities as they were when the last step began: where its contacts were found. Costs
  /// nothing beside the step, while `pose` and `twist` of a world that has moved on have it computed. This and
  /// `distance` need options.contacts.
  virtual void at_step(int world, std::span<math::Pose> poses, std::span<Twist> twists) const = 0;
  /// Between the surfaces of two shapes as they stood when the last step began [m], negative where they overlap; `most`
  /// when it is more. Not of planes and height fields with each other.
  virtual double distance(int world, scene::ShapeId a, scene::ShapeId b, double most) const = 0;
  /// Those of the last step; options.contacts must have been set.
  virtual std::span<const Contact> contacts(int world) const = 0;
  /// Potential and kinetic [J] together.
  virtual double energy(int world) = 0;
  /// The mass matrix, row by row, in the order of velocities.
  virtual std::vector<double> mass_matrix(int world) = 0;
  /// Moves the nodes of `values` (its scene is the model's) to where their bodies are.
  virtual void write(int world, scene::World& values) = 0;

  /// All that the world's future depends on, for this very model: restored, it goes on with the same bits.
  virtual std::string save(int world) const = 0;
  virtual Status restore(int world, std::string_view block) = 0;
};

/// A Scene compiled for stepping. Immutable; thread-safe; shared by all batches made of it.
class Model : public std::enable_shared_from_this<Model> {
 public:
  virtual ~Model() = default;
  virtual const std::shared_ptr<const scene::Scene>& scene() const = 0;
  virtual double time_step() const = 0;  ///< [s]
  /// Whether a step moves positions by the velocities after it, as all steppers but Runge-Kutta do: then velocities are
  /// best taken as standing half a step behind.
  virtual bool semi_implicit() const = 0;
  virtual const std::string& solver() const = 0;              ///< How it is stepped and why, for the record of a take.
  virtual const std::vector<std::string>& notes() const = 0;  ///< A sentence for each thing that has no effect here.
  virtual std::size_t positions() const = 0;                  ///< Length of Batch::positions.
  virtual std::size_t velocities() const = 0;
  virtual std::size_t commands() const = 0;
  virtual std::size_t position_of(scene::JointId joint) const = 0;  ///< Where its first coordinate stands.
  virtual std::size_t velocity_of(scene::JointId joint) const = 0;
  virtual std::size_t command_of(scene::DriveId drive) const = 0;
  virtual double mass(scene::BodyId body) const = 0;  ///< [kg]
  virtual std::unique_ptr<Batch> batch(const BatchOptions& options) const = 0;
};

/// Compiles the bodies of a scene, or says what of them cannot be. Thread-safe.
Result<std::shared_ptr<const Model>> compile(std::shared_ptr<const scene::Scene> scene);

/// How many models this process has compiled.
std::int64_t compile_count();

}  // namespace wm::physics
