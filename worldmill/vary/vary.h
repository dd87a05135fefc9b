#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "worldmill/base/random_key.h"
#include "worldmill/sample/sample.h"
#include "worldmill/scene/asset_source.h"
#include "worldmill/scene/labels.h"
#include "worldmill/scene/world.h"
#include "worldmill/vary/job.h"

namespace wm::vary {

/// What one attempt at a scene gave: its structure. Shared by the scene's takes.
struct Staged {
  std::int64_t scene_index = 0;
  int attempt = 0;
  std::shared_ptr<const scene::Scene> scene;
  scene::Names names;
  scene::Labels labels;
  std::vector<std::string> assets;        ///< Paths handed to AssetSource, sorted, each once.
  std::vector<sample::DrawRecord> draws;  ///< In the order made.
  std::string part;                       ///< Of the split; empty without one.
  scene::World world;                     ///< With the `per: scene` (and dataset) changes and placements made.
};

struct PlacedCamera {
  std::string name;
  scene::CameraSpec spec;        ///< fov and exposure as drawn
  math::Pose world_from_camera;  ///< optical frame
};

/// What an entry of `simulate.actors` or `simulate.faults` does in one take: `numbers` SI, by the names of its row.
struct DrawnAction {
  std::string name;
  std::string kind;
  std::vector<scene::NodeId> of;
  std::map<std::string, double> numbers;
  std::vector<math::Vec3> points;  ///< [m]
  base::Place place;
};

/// What one attempt at a take gave: values, nothing structural.
struct Varied {
  std::int64_t take_index = 0;
  int attempt = 0;
  scene::World world;                     ///< As the take begins.
  std::vector<DrawnAction> actions;       ///< In the order of job.simulate.
  std::vector<PlacedCamera> cameras;      ///< In the order of job.sensors; those per moment are not placed yet.
  std::vector<std::string> assets;        ///< Further ones (environment maps), sorted, each once.
  std::vector<sample::DrawRecord> draws;  ///< The take's alone.
};

/// What one moment of a take is made of.
struct Shown {
  scene::World world;
  std::vector<PlacedCamera> cameras;      ///< In the order of job.sensors.
  std::vector<std::string> assets;        ///< Further ones, sorted, each once.
  std::vector<sample::DrawRecord> draws;  ///< The moment's alone.
};

/// What a take or a scene is made of, in this order: lets; copies of assets; labels; the changes of `vary`, all drawn
/// first and then made, parents before children; placements in the order written. A scene makes those per scene (and
/// dataset), a take starts from there and makes its own, a moment starts from what the take has become by its time.
///
/// A match of `vary` stands for its subtree: material.* and light.* change all that hangs at or below it and below no
/// deeper match of the same entry; things that a file lets share a material or a light get their own. Poses are of the
/// matched node, in world axes: position is where its origin is, yaw, rpy and quat_wxyz turn it about its origin from
/// how it stands (set and add are the same), scale stretches it along its own axes. Numbers that scale or add lead out
/// of their range stop at its end.
///
/// Sky: where neither stage nor copies bring an environment light, the scene gets a root node `/Sky` with one, white
/// and of luminance 1. It shines when the scene has no other light, or when an entry of `vary` changes it.
///
/// Labels go down the tree. Each match of a whole is an object, unless it lies in a match of the same label; deeper
/// labels win. One node cannot be two wholes, nor two parts.

/// Addresses: seed / "scene" / n / attempt, then / "take" / n / attempt where per is take, then / "moment" / n; then
/// the field's name, then the path of the object that is drawn for (nothing when shared), then the index. A draw inside
/// a field has the field's name with where in it: `vary.paint.material.base_color.h`; `.0` of a list, `.night` of a
/// case. What is drawn without a field of its own: `scene.place.NAME.spot` (three numbers a try),
/// `sensors.NAME.pose.look_at` (which of several) and `sensors.NAME.pose.azimuth`.
/// Choices, parts and targets are picked by weighted rendezvous hashing of what is written: a further candidate takes
/// its own share alone.
/// The part of a split is drawn at seed / "scene" / n / "split" (no attempt: a scene stays in its part), and a
/// candidate of a disjoint field dealt to its part at seed / "split" / field / candidate.
std::string split_part(const Job& job, std::int64_t scene_index);

/// Draws the structure of a scene: adds, counts, labels, placements and changes that are per scene. Errors are the
/// user's: an asset that cannot be read, a selector that matches nothing, an expression that has no value.
Result<Staged> stage(const Job& job, std::int64_t scene_index, int attempt, scene::AssetSource& assets);

/// The nodes that `selector` means in a staged scene. That a name of `scene.add` has no copies this time is no error.
Result<std::vector<scene::NodeId>> match(const scene::Selector& selector, const scene::Scene& scene,
                                         const scene::Names& names, bool optional = false);

/// Draws one take of it.
Result<Varied> vary(const Job& job, const Staged& staged, std::int64_t take_index, int attempt,
                    scene::AssetSource& assets);

/// Draws one moment of a take, in which `world` is what has become of Varied::world.
Result<Shown> show(const Job& job, const Staged& staged, const Varied& varied, scene::World world,
                   std::int64_t moment_index, scene::AssetSource& assets);

/// The times [s] at which `capture` looks in a take of `length` [s]: where `at` is written, or, for drawn windows, a
/// new place each time that `fits` says no, 100 times at most for each. `fits(begin)` of a window's begin.
Result<std::vector<double>> draw_times(const Job& job, const Staged& staged, const Varied& varied,
                                       const Capture& capture, double length, const std::function<bool(double)>& fits,
                                       std::vector<sample::DrawRecord>& draws);

/// One row per distribution that a recipe may write: the schema, the help and `explain` read it.
struct DistributionRow {
  std::string_view name;
  std::string_view summary;
  std::string_view arguments;  ///< `[min, max]`, `{mean, sd}`
};
std::span<const DistributionRow> distributions();

}  // namespace wm::vary
