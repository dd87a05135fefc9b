#include "worldmill/vary/cameras.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/distributions.h"
#include "worldmill/math/elementary.h"
#include "worldmill/vary/changes.h"

namespace wm::vary {
namespace {

using base::error;
using math::Vec3;
using scene::NodeId;

constexpr double kTau = 6.283185307179586;
constexpr double kDefaultElevation = 0.5235987755982988;  // 30 deg

class Placer {
 public:
  Placer(const Sensor& sensor, Draws& draws, const scene::World& world, const scene::Names& names)
      : sensor_(sensor), draws_(draws), world_(world), names_(names) {}

  Result<PlacedCamera> run() {
    PlacedCamera camera{sensor_.name, sensor_.camera, {}};
    WM_TRY_STATUS(draw_settings(camera.spec));
    WM_TRY(pose, sensor_.look_at ? looking() : standing());
    WM_TRY(roll, number_or(sensor_.roll, 0));
    camera.world_from_camera = pose * math::Pose{rotation_about_z(-roll), {}};
    return camera;
  }

 private:
  Status draw_settings(scene::CameraSpec& spec) {
    WM_TRY(fov, number_or(sensor_.fov, spec.fov));
    WM_TRY(exposure, number_or(sensor_.exposure, spec.exposure));
    if (!(fov > 0 && fov < kTau / 2)) {
      return error(fmt::format("{} is {} rad, must be between 0 and pi", sensor_.fov.name, fov),
                   sensor_.fov.value.place);
    }
    spec.fov = fov;
    spec.exposure = exposure;
    return {};
  }

  Result<double> number_or(const Field& field, double fallback) {
    if (!field.exists()) return fallback;
    return draws_.number(field, sensor_.per, {});
  }

  std::string name(std::string_view field) const { return fmt::format("sensors.{}.pose.{}", sensor_.name, field); }

  tl::unexpected<base::Diagnostic> refuse(const std::string& why) const {
    return error(fmt::format("sensors.{}.pose: {}", sensor_.name, why), sensor_.place);
  }

  Result<math::Pose> standing() {
    if (!sensor_.position.exists()) return refuse("says neither what to look at nor a position");
    WM_TRY(position, draws_.vec3(sensor_.position, sensor_.per, {}));
    WM_TRY(world_from_body, draw_rotation(draws_, sensor_.yaw, sensor_.rpy, sensor_.quat_wxyz, sensor_.per, {}));
    const auto body_from_camera = math::Rotation::from_matrix({{0, 0, 1}, {-1, 0, 0}, {0, -1, 0}});
    return math::Pose{world_from_body * body_from_camera, position};
  }

  Result<math::Pose> looking() {
    WM_TRY(target, draw_target());
    if (sensor_.position.exists()) {
      WM_TRY(position, draws_.vec3(sensor_.position, sensor_.per, {}));
      if (math::length(target - position) < 1e-9) return refuse("the camera stands in the point that it looks at");
      return look_at(position, target, {0, -1, 0});
    }
    if (!sensor_.distance.exists()) return refuse("look_at needs a distance or a position");
    WM_TRY(distance, draws_.number(sensor_.distance, sensor_.per, {}));
    if (!(distance > 0)) return refuse(fmt::format("distance is {} m, must be above 0", distance));
    WM_TRY(azimuth, draw_azimuth());
    const math::SinCos around = math::sincos(azimuth);
    Vec3 from = target + Vec3{distance * around.cos, distance * around.sin, 0};
    if (sensor_.height.exists()) {
      WM_TRY(height, draws_.number(sensor_.height, sensor_.per, {}));
      from.z = height;
    } else {
      WM_TRY(elevation, number_or(sensor_.elevation, kDefaultElevation));
      const math::SinCos up = math::sincos(elevation);
      from = target + distance * Vec3{up.cos * around.cos, up.cos * around.sin, up.sin};
    }
    return look_at(from, target, {-around.sin, around.cos, 0});
  }

  Result<double> draw_azimuth() {
    if (sensor_.azimuth.exists()) return draws_.number(sensor_.azimuth, sensor_.per, {});
    const double azimuth = base::uniform(draws_.key(sensor_.per, name("azimuth"), {}), 0, 0, kTau);
    draws_.record(draws_.address(sensor_.per, name("azimuth"), {}), "uniform [0, 6.28319]", {azimuth, {}});
    return azimuth;
  }

  /// The point looked at: of what is visible, if anything is.
  Result<Vec3> draw_target() {
    WM_TRY(matches, match(*sensor_.look_at, *world_.scene, names_));
    if (matches.empty()) {
      return refuse(fmt::format("there is no \"{}\" to look at in this scene; let its count be at least 1",
                                sensor_.look_at->to_string()));
    }
    const std::vector<char> visible = scene::effective_visibility(world_);
    std::vector<NodeId> seen;
    for (const NodeId id : matches) {
      if (visible[id.index()]) seen.push_back(id);
    }
    const NodeId target = draw_one(seen.empty() ? matches : seen);
    const math::Box3 box = scene::world_bounds(world_, target);
    Vec3 offset;
    if (sensor_.offset.exists()) {
      WM_TRY(drawn, draws_.vec3(sensor_.offset, sensor_.per, {}));
      offset = drawn;
    }
    return (box.is_empty() ? world_from_node(world_, target).translation : box.center()) + offset;
  }

  NodeId draw_one(std::span<const NodeId> nodes) {
    if (nodes.size() == 1) return nodes[0];
    std::vector<Candidate> candidates;
    for (const NodeId id : nodes) candidates.push_back({world_.scene->node(id).path});
    const std::size_t picked = *pick(draws_.key(sensor_.per, name("look_at"), {}), candidates);
    draws_.record(draws_.address(sensor_.per, name("look_at"), {}),
                  fmt::format("one of {} ({})", sensor_.look_at->to_string(), nodes.size()),
                  {candidates[picked].written, {}});
    return nodes[picked];
  }

  const Sensor& sensor_;
  Draws& draws_;
  const scene::World& world_;
  const scene::Names& names_;
};

}  // namespace

math::Pose look_at(Vec3 from, Vec3 to, Vec3 right_if_vertical) {
  const Vec3 forward = math::normalized(to - from);
  const Vec3 level = math::cross(forward, Vec3{0, 0, 1});
  const Vec3 right = math::length(level) < 1e-9 ? right_if_vertical : math::normalized(level);
  const Vec3 down = math::cross(forward, right);
  const math::Mat3 columns{right, down, forward};
  return {math::Rotation::from_matrix(math::transposed(columns)), from};
}

Result<PlacedCamera> place_camera(const Sensor& sensor, Draws& draws, const scene::World& world,
                                  const scene::Names& names) {
  return Placer(sensor, draws, world, names).run();
}

}  // namespace wm::vary
