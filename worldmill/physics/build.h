#pragma once
#include <mujoco/mjspec.h>
#include <mujoco/mujoco.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "worldmill/base/result.h"
#include "worldmill/scene/scene.h"

namespace wm::physics {

struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
struct ModelDeleter {
  void operator()(mjModel* model) const { mj_deleteModel(model); }
};
using SpecPtr = std::unique_ptr<mjSpec, SpecDeleter>;
using ModelPtr = std::unique_ptr<mjModel, ModelDeleter>;

/// Where a node is: on the nearest body at or above it (none: the world), in that body's rigid frame.
struct Placed {
  scene::BodyId body;
  math::Affine body_from_node;
};

/// A frame without scale, and what is left of a map: outer_from_inner = rigid * stretch. Stretch is exactly 1 when the
/// map was rigid.
struct Frame {
  math::Pose rigid;
  math::Mat3 stretch;
  bool stretched = false;
};
Frame frame_of(const math::Affine& map);

struct Placement {
  std::vector<Placed> nodes;                 ///< [node]
  std::vector<math::Pose> parent_from_body;  ///< [body]
};
/// From the nodes' transforms. `body_at`: the body of each node, or none.
Placement place(const scene::Scene& scene, const std::vector<scene::BodyId>& body_at,
                std::span<const math::Affine> parent_from_node);
/// Where a node is that may be none: the world's frame.
Placed placed_at(const Placement& placement, scene::NodeId node);
/// The frame of a shape on its body.
Frame frame_of_shape(const scene::Scene& scene, const Placement& placement, const scene::Shape& shape);

/// A Scene as the engine has it, and which of the engine's numbers stand for what of the Scene.
struct Built {
  ModelPtr model;
  std::vector<int> bodies;               ///< [body]
  std::vector<std::vector<int>> shapes;  ///< [shape] Several for a shape of pieces.
  std::vector<int> joints;               ///< [joint]
  std::vector<int> sites;                ///< [site]
  std::vector<int> tendons;              ///< [tendon]
  std::vector<int> drives;               ///< [drive]
  std::vector<int> sensors;              ///< [sensor]
  std::vector<scene::BodyId> body_at;    ///< [node]
  Placement placement;
  std::vector<int> shape_of_geom;  ///< [engine's shape] -1: none
  std::string solver;
  std::vector<std::string> notes;
};

Result<Built> build(const scene::Scene& scene);

/// What a restitution makes of the contact's spring and damper (solref), at a step of `time_step` [s].
void set_restitution(double restitution, double time_step, double solref[2]);

}  // namespace wm::physics
