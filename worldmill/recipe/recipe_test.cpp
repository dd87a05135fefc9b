#include "worldmill/recipe/recipe.h"

#include <gtest/gtest.h>

#include "worldmill/recipe/memory_files.h"
#include "worldmill/recipe/tree.h"

namespace wm::recipe {
namespace {

const Vocabulary kVocabulary{{"rgb", "depth", "normals", "instances", "semantics", "box_2d", "box_3d", "occlusion"},
                             {"plain", "coco", "kitti", "overlay"}};

constexpr const char* kExample = R"(worldmill: 1
name: pallet-jack
extends: [base.yaml]
params: {clutter: {default: 12, int: [0, 100], help: props per scene}}
order: {scenes: 2000, takes: 1, seed: 2024}

let:
  hour: {choice: {day: 0.7, night: 0.3}, per: scene}

scene:
  stage: warehouse.glb
  add:
    jack: {asset: pallet_jack.glb, count: {int: [1, 3]}}
    junk: {asset: {choice: [box.glb, drum.glb, "props/**.glb"]}, count: $clutter}
  place:
    jacks:   {of: jack, surface: /World/Floor, yaw: {uniform: [0 deg, 360 deg]}, clear_of: [/World/Shelves, junk]}
    scatter: {of: junk, surface: /World/Floor, spread: poisson_disk}

labels:
  palletjack: {of: jack, id: 1}
  fork: {of: jack/**/Fork*, part_of: palletjack, id: 2}
  glass: {of: "/World/**/Glass*", ignore: true}

vary:
  lamps: {of: class:ceiling_lamp, light: {switch: {bernoulli: 0.7}, intensity: {by: $hour, day: 400, night: {log_uniform: [50, 500]}}}}
  paint: {of: jack/**/Body, material: {base_color: {hsv: {h: {uniform: [0 deg, 360 deg]}, s: 0.8, v: 0.7}}}}
  sky:   {of: /World/Sky, light: {image: {choice: "hdri/*.hdr"}}, per: scene}

sensors:
  amr: {camera: {resolution: [960, 544], fov: 75 deg}, pose: {look_at: jack, distance: {uniform: [1.5 m, 9 m]}, height: {uniform: [0.3 m, 2.5 m]}}}

require: {seen: {any: class:palletjack, pixels: {min: 400}, visible: {min: 0.2}, attempts: 20, redraw: scene}}
split: {parts: {train: 0.8, val: 0.1, test: 0.1}, disjoint: [scene.add.junk.asset, vary.sky.light.image]}
render: {noise: 0.02, max_samples: 256}
annotate: [rgb, depth, normals, instances, semantics, box_2d, box_3d, occlusion]
write: {kitti: {}, coco: {masks: rle}, amr_only: {coco: {sensors: [amr]}}}
)";

class Recipes : public testing::Test {
 protected:
  Recipes() {
    for (const char* name : {"warehouse.glb", "pallet_jack.glb", "box.glb", "drum.glb", "props/a.glb", "props/x/b.glb",
                             "hdri/noon.hdr", "hdri/dusk.hdr", "hdri/night.hdr"}) {
      files.add(name, "");
    }
    files.add("base.yaml", "worldmill: 1\nlicense: CC0-1.0\n");
    files.add("r.yaml", kExample);
  }
  Result<Recipe> load_it() { return load(files, "r.yaml", overrides, kVocabulary); }

  MemoryFiles files;
  Overrides overrides;
};

TEST_F(Recipes, ReadTheExampleOfTheGuide) {
  const Result<Recipe> recipe = load_it();
  ASSERT_TRUE(recipe) << to_string(recipe.error());
  const vary::Job& job = recipe->job;
  EXPECT_EQ(job.name, "pallet-jack");
  EXPECT_EQ(job.seed, 2024u);
  EXPECT_EQ(recipe->scenes, 2000);
  EXPECT_EQ(recipe->license, "CC0-1.0");
  ASSERT_EQ(job.adds.size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(job.adds[1].count.value.data), 12);
  EXPECT_EQ(job.adds[1].asset.value.find("choice")->list()->size(), 4u);
  ASSERT_EQ(job.varies.size(), 3u);
  EXPECT_EQ(job.varies[0].changes[1].target, "light.intensity");
  EXPECT_EQ(job.varies[0].changes[1].field.name, "vary.lamps.light.intensity");
  EXPECT_EQ(job.varies[2].per, vary::Per::scene);
  EXPECT_NEAR(job.sensors[0].camera.fov, 1.3089969, 1e-6);
  EXPECT_EQ(job.sensors[0].camera.width, 960);
  EXPECT_EQ(recipe->writes[2].format, "coco");
  EXPECT_EQ(recipe->writes[2].sensors, std::vector<std::string>{"amr"});
  EXPECT_EQ(recipe->origins.at("scene.add.jack.count"), "r.yaml:13:43");
  EXPECT_EQ(recipe->origins.at("store"), "default");
}

}  // namespace
}  // namespace wm::recipe
