#include "worldmill/vary/vary.h"

#include "worldmill/vary/build.h"
#include "worldmill/vary/cameras.h"
#include "worldmill/vary/changes.h"
#include "worldmill/vary/placing.h"

namespace wm::vary {

Result<Staged> stage(const Job& job, std::int64_t scene_index, int attempt, scene::AssetSource& assets) {
  Draws draws(job, {scene_index, attempt, std::nullopt, 0});
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
  Draws draws(job, {staged.scene_index, staged.attempt, take_index, attempt});
  WM_TRY_STATUS(draws.evaluate_lets());
  Varied varied;
  varied.world = staged.world;
  std::set<std::string> used;
  WM_TRY_STATUS(change_world(varied.world, draws, staged.names, Per::take, assets, used));
  WM_TRY_STATUS(place_things(varied.world, draws, staged.names, Per::take));
  for (const Sensor& sensor : job.sensors) {
    WM_TRY(camera, place_camera(sensor, draws, varied.world, staged.names));
    varied.cameras.push_back(std::move(camera));
  }
  varied.assets.assign(used.begin(), used.end());
  varied.draws = draws.take_records();
  return varied;
}

}  // namespace wm::vary
