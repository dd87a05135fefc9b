#pragma once
#include <set>
#include <string>

#include "worldmill/scene/asset_source.h"
#include "worldmill/scene/world.h"
#include "worldmill/vary/job.h"

namespace wm::vary {

/// What a target writes to.
enum class On { node, material, light, body, surface, joint, drive };

/// One change of one thing, drawn and ready to be made.
struct Write {
  const struct Target* target = nullptr;
  std::size_t index = 0;  ///< Of the node, material, light, body ...
  std::size_t entry = 0;  ///< Index in job.varies.
  Act act = Act::set;
  base::Value value;
  const Field* field = nullptr;  ///< What the value was drawn from, for complaints.
  scene::NodeId node;            ///< That the thing belongs to.
};

/// Where writes are made.
struct Writer {
  scene::World& world;
  scene::AssetSource& assets;
  std::set<std::string>& used;
};

/// A target that `Change` may name. Numbers and colours keep to [low, high]: what is set outside is an error, what
/// scale and add lead outside is moved to the nearest end.
struct Target {
  std::string_view name;
  On on;
  std::string_view writes;  ///< The field that two entries must not both write: pose.yaw and pose.rpy write one.
  double low = 0, high = 0;
  float scene::Material::*material_number = nullptr;
  math::Vec3f scene::Material::*material_color = nullptr;
  float scene::Light::*light_number = nullptr;
  math::Vec3f scene::Light::*light_color = nullptr;
  double scene::SurfaceValues::*surface_number = nullptr;
  double scene::JointValues::*joint_number = nullptr;
  double scene::DriveValues::*drive_number = nullptr;
  Status (*special)(Writer&, const Write&) = nullptr;
};

/// The target named so, or nothing.
const Target* find_target(std::string_view name);
std::span<const Target> targets();

Status make(Writer& writer, const Write& write);

}  // namespace wm::vary
