#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "worldmill/import/source.h"
#include "worldmill/scene/scene.h"
#include "worldmill/usd/stage.h"

/// What the files of the USD importer share.
namespace wm::import {

/// Reads values of prims at one time; what has another type than asked for, or is not finite, counts as not said.
class UsdValues {
 public:
  explicit UsdValues(usd::Time time) : time_(time) {}
  usd::Value value(const usd::Prim& prim, std::string_view name) const;
  std::optional<double> number(const usd::Prim& prim, std::string_view name) const;
  double number(const usd::Prim& prim, std::string_view name, double fallback) const {
    return number(prim, name).value_or(fallback);
  }
  bool flag(const usd::Prim& prim, std::string_view name, bool fallback) const;
  std::string text(const usd::Prim& prim, std::string_view name, std::string_view fallback = "") const;
  std::vector<std::string> texts(const usd::Prim& prim, std::string_view name) const;
  std::optional<math::Vec3> vector(const usd::Prim& prim, std::string_view name) const;
  std::optional<math::Rotation> rotation(const usd::Prim& prim, std::string_view name) const;  ///< None for 0 0 0 0.
  std::vector<float> floats(const usd::Prim& prim, std::string_view name) const;               ///< Components in a row.
  std::vector<std::int32_t> integers(const usd::Prim& prim, std::string_view name) const;

 private:
  usd::Time time_;
};

std::vector<double> numbers_of(const usd::Value& value);  ///< Of an element or an array, components in a row.

/// Names of the applied API schemas that are written, `PhysicsDriveAPI:angular`.
std::vector<std::string> applied_schemas(const usd::Prim& prim);
bool has_schema(const usd::Prim& prim, std::string_view name);
/// Instances of a schema of which there may be many: `angular` of `PhysicsDriveAPI`.
std::vector<std::string> schema_instances(const usd::Prim& prim, std::string_view name);

/// `worldmill` in the custom data of a prim that we wrote ourselves.
struct UsdMark {
  bool part = false;    ///< Stands for no node of its own.
  bool folder = false;  ///< Is a name in the paths of what lies below, and no node.
  std::string name;     ///< What it stands for was called, where the prim could not be; a whole path with its `/`.
};
UsdMark mark_of(const usd::Prim& prim);

/// The stage's units as factors to SI, and how its axes lie in ours.
struct UsdUnits {
  double meters = 1, kilograms = 1;
  math::Mat3 scene_from_stage;
};

/// A prim that became a node of the scene.
struct UsdNode {
  usd::Prim prim;
  usd::Path canonical;  ///< The prim whose content it has: instances share theirs.
};

/// What touches, if it does: a node's own prim, or one that stands for no node of its own.
struct UsdCollider {
  UsdNode prim;
  std::size_t node = 0;
  math::Affine node_from_prim;
};

/// What physics needs of the walk over the stage.
struct UsdFound {
  std::vector<UsdNode> nodes;                          ///< [node]
  std::unordered_map<usd::Path, std::size_t> node_of;  ///< Point instances do not count.
  std::vector<UsdCollider> colliders;                  ///< Those with PhysicsCollisionAPI.
  std::vector<usd::Prim> joints, scenes, groups;       ///< Of UsdPhysics.
};

using UsdCollisionMesh = std::function<Result<std::shared_ptr<const geometry::Mesh>>(const UsdNode&)>;
using UsdPhysicsMaterial = std::function<usd::Prim(const usd::Prim&)>;

/// Bodies, shapes, joints and drives of what was read. A node that a joint carries gets the node of the body that
/// carries it as its parent (paths stay, nodes are put in order again, as are those of `found`).
Status read_physics(const UsdValues& values, const UsdUnits& units, UsdFound& found, const UsdCollisionMesh& mesh,
                    const UsdPhysicsMaterial& material, scene::Scene& scene, Notes& notes);

/// What a joint joins: two frames in the scene at the pose of the stage.
struct UsdJoint {
  usd::Prim prim;
  int body_a = -1, body_b = -1;  ///< Index among the bodies; -1: the world.
  math::Pose frame_a, frame_b;   ///< world_from_frame
  bool loop = false;             ///< No part of a tree, by its own will or since there is one already.
};

/// Which body each body hangs on, and by which joint.
struct UsdTree {
  struct Hold {
    int parent = -1;  ///< -1: the world.
    int joint = -1;   ///< -1: free.
  };
  std::vector<Hold> holds;  ///< [body]
};
UsdTree make_tree(std::vector<UsdJoint>& joints, const std::vector<char>& kinematic,
                  const std::vector<char>& preferred);

/// Of the pose of a joint's frame b in its frame a, what its freedoms allow; the rest is what it would pull away.
math::Pose allowed_part(const UsdValues& values, const UsdUnits& units, const usd::Prim& joint,
                        const math::Pose& a_from_b, Notes& notes);

/// Adds joint `index` between body `child` (its pose in the scene) and what holds it, drives too; or a constraint.
void add_tree_joint(const UsdValues& values, const UsdUnits& units, const UsdJoint& joint, bool child_is_b,
                    scene::BodyId child, const math::Pose& world_from_child, scene::Mechanics& out, Notes& notes);
void add_loop(const UsdValues& values, const UsdJoint& joint, const std::vector<scene::BodyId>& bodies,
              const std::vector<math::Pose>& world_from_body, scene::Mechanics& out, Notes& notes);

/// The rotation of a map, scale and mirroring left out, and its scale along its own axes.
math::Pose rigid_part(const math::Affine& map);
math::Vec3 scale_of(const math::Affine& map);

}  // namespace wm::import
