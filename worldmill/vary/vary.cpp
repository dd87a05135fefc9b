#include "worldmill/vary/vary.h"

#include <algorithm>

#include "worldmill/vary/actions.h"
#include "worldmill/vary/build.h"
#include "worldmill/vary/cameras.h"
#include "worldmill/vary/changes.h"
#include "worldmill/vary/placing.h"

namespace wm::vary {

Result<Staged> stage(const Job& job, std::int64_t scene_index, int attempt, scene::AssetSource& assets) {
  Draws draws(job, {scene_index, attempt, {}, 0, {}});
  WM_TRY_STATUS(draws.evaluate_lets());
  WM_TRY(built, build_scene(draws, assets));
  WM_TRY(labels, label_scene(job, built.scene, built.names, built.asset_of));
  WM_TRY_STATUS(make_unique(job, built.scene, built.names));
  if (built.sky.exists()) {
    WM_TRY(is_used, touches_light(job, built.scene, built.names, built.sky));
    const std::size_t light = built.scene.node(built.sky).light.index();
    built.scene.lights[light].on = is_used || built.scene.lights.size() == 1;
  }
  Staged staged;
  staged.scene_index = scene_index;
  staged.attempt = attempt;
  staged.scene = std::make_shared<const scene::Scene>(std::move(built.scene));
  staged.names = std::move(built.names);
  staged.labels = std::move(labels);
  staged.part = draws.part();
  staged.world = scene::World::of(staged.scene);
  WM_TRY_STATUS(change_world(staged.world, draws, staged.names, Per::scene, assets, built.assets));
  WM_TRY_STATUS(place_things(staged.world, draws, staged.names, Per::scene));
  staged.assets.assign(built.assets.begin(), built.assets.end());
  staged.draws = draws.take_records();
  return staged;
}

Result<Varied> vary(const Job& job, const Staged& staged, std::int64_t take_index, int attempt,
                    scene::AssetSource& assets) {
  Draws draws(job, {staged.scene_index, staged.attempt, take_index, attempt, {}});
  WM_TRY_STATUS(draws.evaluate_lets());
  Varied varied;
  varied.take_index = take_index;
  varied.attempt = attempt;
  varied.world = staged.world;
  std::set<std::string> used;
  WM_TRY_STATUS(change_world(varied.world, draws, staged.names, Per::take, assets, used));
  WM_TRY_STATUS(place_things(varied.world, draws, staged.names, Per::take));
  if (job.simulate) WM_TRY_STATUS(draw_actions(*job.simulate, draws, staged.names, varied));
  for (const Sensor& sensor : job.sensors) {
    PlacedCamera camera{sensor.name, sensor.camera, {}};
    if (sensor.per < Per::moment) {
      WM_TRY(placed, place_camera(sensor, draws, varied.world, staged.names));
      camera = std::move(placed);
    }
    varied.cameras.push_back(std::move(camera));
  }
  varied.assets.assign(used.begin(), used.end());
  varied.draws = draws.take_records();
  return varied;
}

Result<Shown> show(const Job& job, const Staged& staged, const Varied& varied, scene::World world,
                   std::int64_t moment_index, scene::AssetSource& assets) {
  Draws draws(job, {staged.scene_index, staged.attempt, varied.take_index, varied.attempt, moment_index});
  WM_TRY_STATUS(draws.evaluate_lets());
  Shown shown{std::move(world), varied.cameras, {}, {}};
  std::set<std::string> used;
  WM_TRY_STATUS(change_world(shown.world, draws, staged.names, Per::moment, assets, used));
  if (std::ranges::any_of(job.places, [](const Place& place) { return place.per == Per::moment; })) {
    WM_TRY_STATUS(place_things(shown.world, draws, staged.names, Per::moment));
  }
  for (std::size_t i = 0; i < job.sensors.size(); ++i) {
    if (job.sensors[i].per < Per::moment) continue;
    WM_TRY(camera, place_camera(job.sensors[i], draws, shown.world, staged.names));
    shown.cameras[i] = std::move(camera);
  }
  shown.assets.assign(used.begin(), used.end());
  shown.draws = draws.take_records();
  return shown;
}

}  // namespace wm::vary
