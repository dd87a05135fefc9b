#include "worldmill/recipe/recipe.h"

#include <gtest/gtest.h>

#include <functional>

#include "worldmill/base/json.h"
#include "worldmill/base/yaml.h"
#include "worldmill/recipe/memory_files.h"
#include "worldmill/recipe/tree.h"

namespace wm::recipe {
namespace {

using base::Value;

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

constexpr const char* kSmall = R"(worldmill: 1
scene:
  stage: room.glb
  add:
    cup: {asset: cup.glb}
sensors:
  cam: {pose: {look_at: cup, distance: 1 m, elevation: 20 deg}}
)";

class Recipes : public testing::Test {
 protected:
  Recipes() {
    for (const char* name : {"warehouse.glb", "pallet_jack.glb", "box.glb", "drum.glb", "props/a.glb", "props/x/b.glb",
                             "hdri/noon.hdr", "hdri/dusk.hdr", "hdri/night.hdr", "room.glb", "cup.glb"}) {
      files.add(name, "");
    }
    files.add("base.yaml", "worldmill: 1\nlicense: CC0-1.0\n");
  }

  Result<Recipe> try_read(const std::string& text) {
    files.add("r.yaml", text);
    return load(files, "r.yaml", overrides, kVocabulary);
  }
  Recipe read(const std::string& text) {
    Result<Recipe> recipe = try_read(text);
    EXPECT_TRUE(recipe) << to_string(recipe.error());
    return recipe ? *std::move(recipe) : Recipe();
  }
  std::string complaint(const std::string& text) {
    const Result<Recipe> recipe = try_read(text);
    return recipe ? "no complaint" : to_string(recipe.error());
  }

  MemoryFiles files;
  Overrides overrides;
};

double real(const Value& value) {
  return std::get<double>(value.data);
}

const vary::Field& field(const Recipe& recipe, const std::string& name) {
  static const vary::Field kNone;
  for (const vary::Vary& vary : recipe.job.varies) {
    for (const vary::Change& change : vary.changes) {
      if (change.field.name == name) return change.field;
    }
  }
  ADD_FAILURE() << "no field " << name;
  return kNone;
}

TEST_F(Recipes, ReadTheExampleOfTheGuide) {
  const Recipe recipe = read(kExample);
  const vary::Job& job = recipe.job;
  EXPECT_EQ(job.name, "pallet-jack");
  EXPECT_EQ(job.seed, 2024u);
  EXPECT_EQ(recipe.scenes, 2000);
  EXPECT_EQ(recipe.license, "CC0-1.0");
  ASSERT_EQ(job.adds.size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(job.adds[1].count.value.data), 12);
  ASSERT_EQ(job.varies.size(), 3u);
  EXPECT_EQ(job.varies[0].changes[1].target, "light.intensity");
  EXPECT_EQ(job.varies[0].changes[1].field.name, "vary.lamps.light.intensity");
  EXPECT_EQ(job.varies[2].per, vary::Per::scene);
  EXPECT_EQ(job.sensors[0].camera.width, 960);
  EXPECT_EQ(job.places[1].spread, vary::Place::Spread::poisson_disk);
  EXPECT_EQ(job.split.parts, (std::vector<std::string>{"train", "val", "test"}));
  EXPECT_EQ(recipe.writes[2].format, "coco");
  EXPECT_EQ(recipe.writes[2].sensors, std::vector<std::string>{"amr"});
}

TEST_F(Recipes, FillInWhatIsLeftOut) {
  const Recipe recipe = read(kSmall);
  EXPECT_EQ(recipe.job.name, "r");
  EXPECT_EQ(recipe.scenes, 1);
  EXPECT_EQ(recipe.quality.max_samples, 64);
  EXPECT_FALSE(recipe.quality.noise);
  EXPECT_EQ(recipe.annotate.names.size(), 8u);
  ASSERT_EQ(recipe.writes.size(), 1u);
  EXPECT_EQ(recipe.writes[0].format, "plain");
  EXPECT_TRUE(recipe.store);
  EXPECT_EQ(recipe.job.sensors[0].camera.height, 480);
  EXPECT_EQ(recipe.job.redraw, vary::Per::scene);
  EXPECT_EQ(recipe.origins.at("render.max_samples"), "default");
  EXPECT_EQ(recipe.origins.at("sensors.cam.pose.distance"), "r.yaml:7:40");
}

TEST_F(Recipes, SpeakSiAndLinearLight) {
  const Recipe recipe = read(std::string(kSmall) + R"(vary:
  look:
    of: cup
    pose: {yaw: {uniform: [-90 deg, 1 rad]}, position: [10 cm, 0, {normal: {mean: 5 mm, sd: 1 mm}}]}
    material: {base_color: "#ff0080", emission: {scale: 2}}
)");
  const Value& yaw = *field(recipe, "vary.look.pose.yaw").value.find("uniform");
  EXPECT_DOUBLE_EQ(real((*yaw.list())[0]), -1.5707963267948966);
  EXPECT_EQ(real((*yaw.list())[1]), 1);
  const Value::List& position = *field(recipe, "vary.look.pose.position").value.list();
  EXPECT_DOUBLE_EQ(real(position[0]), 0.1);
  EXPECT_DOUBLE_EQ(real(*position[2].find("normal")->find("mean")), 0.005);
  const Value::List& color = *field(recipe, "vary.look.material.base_color").value.list();
  EXPECT_EQ(real(color[0]), 1);
  EXPECT_EQ(real(color[1]), 0);
  EXPECT_NEAR(real(color[2]), 0.2158605, 1e-6);  // IEC 61966-2-1 of code 128
  EXPECT_EQ(recipe.job.varies[0].changes[3].act, vary::Act::scale);
}

TEST_F(Recipes, TakePerAndSharedOutOfADraw) {
  const Recipe recipe =
      read(std::string(kSmall) + "vary:\n  look: {of: cup, visible: {bernoulli: 0.5, per: scene, shared: true}}\n");
  const vary::Field& visible = field(recipe, "vary.look.visible");
  EXPECT_EQ(visible.per, vary::Per::scene);
  EXPECT_TRUE(visible.shared);
  EXPECT_EQ(visible.value.map()->size(), 1u);
}

TEST_F(Recipes, MayChooseBetweenDraws) {
  const Recipe recipe = read(std::string(kSmall) + R"(vary:
  look: {of: cup, material: {base_color: {choice: ["#000000", {hsv: {h: 1 rad, s: {uniform: [0, 1]}, v: 1}}]}}}
)");
  const Value& color = field(recipe, "vary.look.material.base_color").value;
  EXPECT_TRUE((*color.find("choice")->list())[1].find("hsv"));
}

TEST_F(Recipes, LetABellBeCutAtOneEndWhereTheOtherIsFree) {
  const std::string start =
      std::string(kSmall) + "vary: {look: {of: cup, light: {intensity: {truncated_normal: {mean: 3, sd: 2, ";
  EXPECT_EQ(complaint(start + "min: 0}}}}}\n"), "no complaint");
  EXPECT_NE(complaint(start + "max: 9}}}}}\n").find("give it a min too"), std::string::npos);
}

TEST_F(Recipes, LookDownAThirdOfARightAngleUnlessTold) {
  std::string text = kSmall;
  text.replace(text.find(", elevation: 20 deg"), 19, "");
  const Recipe recipe = read(text);
  EXPECT_DOUBLE_EQ(real(recipe.job.sensors[0].elevation.value), 0.5235987755982988);
  EXPECT_EQ(recipe.origins.at("sensors.cam.pose.elevation"), "default");
}

TEST_F(Recipes, MergeMapsByNameAndKeepPlaces) {
  files.add("b/base.yaml",
            std::string(kSmall) + R"(labels: {mug: {of: cup}, tea: {of: cup/**/Tea}, rim: {of: cup/**/Rim}}
vary:
  look: {of: cup, material: {roughness: {uniform: [0, 1]}, metallic: 1}}
)");
  files.add("b/room.glb", "");
  files.add("b/cup.glb", "");
  const Recipe recipe = read(R"(worldmill: 1
extends: b/base.yaml
labels: {new: {of: cup/**/New}, tea: ~, mug: {optional: true}}
vary: {look: {material: {roughness: {normal: {mean: 0.5, sd: 0.01}}}}}
)");
  std::vector<std::string> names;
  for (const vary::Label& label : recipe.job.labels) names.push_back(label.name);
  EXPECT_EQ(names, (std::vector<std::string>{"mug", "rim", "new"}));
  EXPECT_TRUE(recipe.job.labels[0].optional);
  EXPECT_EQ(field(recipe, "vary.look.material.roughness").value.map()->size(), 1u) << "a draw is replaced whole";
  EXPECT_TRUE(field(recipe, "vary.look.material.metallic").exists());
  EXPECT_EQ(recipe.origins.at("vary.look.material.metallic"), "b/base.yaml:10:70");
}

TEST_F(Recipes, NameFilesAsTheRootsFindThem) {
  files.add("b/base.yaml", kSmall);
  files.add("b/room.glb", "");
  const Recipe hidden_free = [&] {
    MemoryFiles own;
    own.add("b/base.yaml", kSmall);
    own.add("b/room.glb", "");
    own.add("b/cup.glb", "");
    own.add("r.yaml", "worldmill: 1\nextends: b/base.yaml\n");
    return load(own, "r.yaml", {}, kVocabulary).value();
  }();
  EXPECT_EQ(hidden_free.job.stage, "room.glb");  // found below the root b, which extends added
  EXPECT_EQ(hidden_free.roots.size(), 2u);
  const Recipe recipe = read("worldmill: 1\nextends: b/base.yaml\nscene: {add: {cup: {asset: cup.glb}}}\n");
  EXPECT_EQ(recipe.job.stage, "b/room.glb");  // room.glb would be the recipe's own
}

TEST_F(Recipes, LookForFilesInTheAssetFoldersToo) {
  files.add("/far/props/z.glb", "");
  files.add("/far/cups/tall.glb", "");
  overrides.assets = {"/far"};
  const Recipe recipe = read(R"(worldmill: 1
scene:
  add:
    cup: {asset: cups/tall.glb}
    any: {asset: {choice: {"props/*/*.glb": 0.5, "props/z.glb": 2}}}
sensors:
  cam: {pose: {look_at: cup, distance: 1 m, elevation: 20 deg}}
)");
  EXPECT_EQ(*recipe.job.adds[0].asset.value.text(), "cups/tall.glb");
  const Value& weights = *recipe.job.adds[1].asset.value.find("choice");
  EXPECT_EQ(weights.map()->front().key, "props/x/b.glb");
  EXPECT_EQ(real(*weights.find("props/z.glb")), 2);
  overrides.assets = {"/nowhere"};
  EXPECT_EQ(complaint(kSmall), "--assets /nowhere: there is no such folder");
}

TEST_F(Recipes, ExpandGlobsSortedAndOnce) {
  const Recipe recipe = read(kExample);
  std::vector<std::string> names;
  for (const Value& item : *recipe.job.adds[1].asset.value.find("choice")->list()) names.push_back(*item.text());
  EXPECT_EQ(names, (std::vector<std::string>{"box.glb", "drum.glb", "props/a.glb", "props/x/b.glb"}));
}

TEST_F(Recipes, GiveFreeIdsByName) {
  const Recipe recipe = read(std::string(kSmall) + R"(labels:
  zebra: {of: cup/a}
  apple: {of: cup/b}
  fixed: {of: cup, id: 2}
  glass: {of: cup/c, ignore: true}
)");
  std::map<std::string, int> ids;
  for (const vary::Label& label : recipe.job.labels) ids[label.name] = label.id;
  EXPECT_EQ(ids, (std::map<std::string, int>{{"apple", 1}, {"fixed", 2}, {"glass", 0}, {"zebra", 3}}));
  EXPECT_EQ(std::get<std::int64_t>(recipe.resolved.find("labels")->find("zebra")->find("id")->data), 3);
}

TEST_F(Recipes, PutParametersWhereTheirNamesStand) {
  const std::string text = std::string(kSmall) + R"(params:
  far: {default: 2 m, number: [1 m, 9 m]}
  samples: 32
  night: false
  turn: 30 deg
render: {max_samples: $samples * 2}
vary: {look: {of: cup, pose: {yaw: $turn, position: [$far, 0, $far / 2]}, when: $night}}
)";
  Recipe recipe = read(text);
  EXPECT_EQ(recipe.quality.max_samples, 64);
  EXPECT_DOUBLE_EQ(real(field(recipe, "vary.look.pose.yaw").value), 0.5235987755982988);
  EXPECT_EQ(real((*field(recipe, "vary.look.pose.position").value.list())[2]), 1);
  overrides.params = {"far=400 cm", "samples=5"};
  recipe = read(text);
  EXPECT_EQ(recipe.quality.max_samples, 10);
  EXPECT_EQ(real((*field(recipe, "vary.look.pose.position").value.list())[0]), 4);
  EXPECT_EQ(recipe.origins.at("params.far.default"), "command line");
}

TEST_F(Recipes, SetAnyPathAndMakeMissingMaps) {
  overrides.sets = {"render.noise=0.5", "vary.look.of=cup", "vary.look.light.intensity={uniform: [1, 2]}",
                    "sensors.cam.camera.resolution=[32, 24]", "scene.stage=null"};
  overrides.seed = 77;
  const Recipe recipe = read(kSmall);
  EXPECT_EQ(recipe.quality.noise, 0.5);
  EXPECT_EQ(recipe.job.sensors[0].camera.width, 32);
  EXPECT_EQ(recipe.job.seed, 77u);
  EXPECT_EQ(recipe.job.stage, "");
  EXPECT_TRUE(field(recipe, "vary.look.light.intensity").value.find("uniform"));
  EXPECT_EQ(recipe.origins.at("vary.look.light.intensity"), "command line");
}

TEST_F(Recipes, OrderLetsSoThatEachUsesThoseBefore) {
  const Recipe recipe = read(std::string(kSmall) + R"(let:
  c: $a + $b
  b: {by: $word, up: 1, down: $a}
  a: {uniform: [0, 1], per: scene}
  word: {choice: [up, down]}
vary: {look: {of: cup, light: {intensity: $c}}}
)");
  std::vector<std::string> names;
  for (const vary::Let& let : recipe.job.lets) names.push_back(let.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "word", "b", "c"}));
  EXPECT_EQ(recipe.job.lets[0].per, vary::Per::scene);
}

TEST_F(Recipes, ReadALetAsWhatItIsUsedFor) {
  const Recipe recipe = read(std::string(kSmall) + R"(let:
  sky: {choice: "hdri/*.hdr"}
  paint: {choice: ["#ff0000", [0, 1, 0]]}
vary: {look: {of: cup, light: {image: $sky}, material: {base_color: $paint}}}
)");
  EXPECT_EQ(recipe.job.lets[0].field.value.find("choice")->list()->size(), 3u);
  EXPECT_EQ(real((*(*recipe.job.lets[1].field.value.find("choice")->list())[0].list())[0]), 1);
}

// What show prints is a recipe that resolves to the same tree, and to the same again.
TEST_F(Recipes, ShowReadsBackAsItself) {
  for (const std::string& text :
       {std::string(kExample), std::string(kSmall) + R"(params: {n: 3, word: "yes: no", half: 0.5}
license: "CC-BY 4.0 # not a comment"
let: {odd: {choice: {"a b": 1, "true": 2}}}
vary:
  look: {of: {any: [cup, "/Room/*"], except: cup/0}, light: {radius: $n * 0.1, yaw: $half, color: {choice: ["#ffffff", [1, 0.5, 1e-7]]}}, when: $odd == "a b"}
)"}) {
    overrides.sets = {"vary.look.light.yaw=null"};
    if (text == kExample) overrides.sets.clear();
    const Recipe first = read(text);
    overrides = {};
    const std::string shown = to_yaml(first);
    const Recipe second = read(shown);
    EXPECT_TRUE(same(first.resolved, second.resolved)) << shown << "\n-----\n" << to_yaml(second);
    EXPECT_EQ(to_yaml(second).size() > 0, true);
  }
}

TEST_F(Recipes, KeepNoAbsolutePath) {
  files.add("/far/cup.glb", "");
  overrides.assets = {"/far"};
  const Recipe recipe =
      read(std::string(kSmall) + "vary: {look: {of: cup, light: {image: {choice: [/work/hdri/noon.hdr]}}}}\n");
  EXPECT_EQ(to_yaml(recipe).find("/work"), std::string::npos);
  EXPECT_EQ(to_yaml(recipe).find("/far"), std::string::npos);
}

TEST_F(Recipes, ReadWritesAgainFromAKeptTree) {
  const Recipe recipe = read(kExample);
  const std::vector<Write> again = writes_of(recipe.resolved).value();
  ASSERT_EQ(again.size(), recipe.writes.size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].name, recipe.writes[i].name);
    EXPECT_EQ(again[i].format, recipe.writes[i].format);
    EXPECT_EQ(again[i].sensors, recipe.writes[i].sensors);
    EXPECT_TRUE(same(again[i].options, recipe.writes[i].options));
  }
  EXPECT_FALSE(writes_of(Value{Value::Map(), {}}));
}

TEST_F(Recipes, SayWhichFileOfAChainIsWrong) {
  files.add("b/base.yaml", "worldmill: 1\nrender: {max_sample: 3}\n");
  EXPECT_EQ(complaint(std::string(kSmall) + "extends: b/base.yaml\n"),
            "b/base.yaml:2:10: unknown key \"max_sample\"; did you mean \"max_samples\"?");
}

// ---- the JSON Schema

void walk(const Value& value, const std::function<void(const Value&)>& each) {
  each(value);
  if (value.map()) {
    for (const base::Entry& entry : *value.map()) walk(entry.value, each);
  }
  if (value.list()) {
    for (const Value& item : *value.list()) walk(item, each);
  }
}

TEST(JsonSchema, NamesEveryKeyAndResolvesItsReferences) {
  const Value schema = base::parse_json(json_schema(kVocabulary), "schema").value();
  EXPECT_EQ(*schema.find("$schema")->text(), "https://json-schema.org/draft/2020-12/schema");
  for (const char* key : {"worldmill", "extends", "params", "order", "let", "scene", "labels", "vary", "sensors",
                          "require", "split", "render", "annotate", "write", "store", "license", "name"}) {
    const Value* property = schema.find("properties")->find(key);
    ASSERT_NE(property, nullptr) << key;
    EXPECT_NE(property->find("description"), nullptr) << key;
  }
  int references = 0;
  walk(schema, [&](const Value& value) {
    const Value* ref = value.find("$ref");
    if (ref == nullptr || !ref->text()) return;
    ++references;
    EXPECT_TRUE(ref->text()->starts_with("#/$defs/") && schema.find("$defs")->find(ref->text()->substr(8)))
        << *ref->text();
  });
  EXPECT_GT(references, 100);
}

}  // namespace
}  // namespace wm::recipe
