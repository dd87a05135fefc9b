#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "worldmill/base/json.h"
#include "worldmill/recipe/recipe.h"
#include "worldmill/recipe/tree.h"

// The recipes that come with Worldmill, read from the real disk.

namespace wm::recipe {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = WM_SOURCE_DIR;
const Vocabulary kVocabulary{{"rgb", "rgb_linear", "depth", "distance", "normals", "instances", "semantics", "parts",
                              "box_2d", "box_2d_loose", "box_3d", "occlusion"},
                             {"plain", "coco", "kitti", "overlay"}};

// Beside the sources, or where the environment says.
fs::path real_data() {
  const char* named = std::getenv("WM_REAL_DATA");
  return named ? fs::path(named) : kRoot / "../shared/data";
}

Overrides with_real_data() {
  Overrides overrides;
  overrides.assets = {real_data()};
  return overrides;
}

bool has_real_data() {
  return fs::is_directory(real_data());
}

Recipe read(const fs::path& file, const Overrides& overrides) {
  Result<Recipe> recipe = load(base::disk(), file, overrides, kVocabulary);
  EXPECT_TRUE(recipe) << to_string(recipe.error());
  return recipe ? *std::move(recipe) : Recipe();
}

TEST(OwnRecipes, TabletopHasItsThingsAndSkies) {
  const Recipe recipe = read(kRoot / "recipes/tabletop.yaml", {});
  EXPECT_EQ(recipe.scenes, 1000);
  EXPECT_EQ(recipe.job.labels.size(), 24u);
  const base::Value* skies = recipe.resolved.find("vary")->find("sky")->find("light")->find("image");
  EXPECT_EQ(skies->find("choice")->list()->size(), 7u);
}

TEST(OwnRecipes, TabletopOfRealFilesFindsThem) {
  if (!has_real_data()) GTEST_SKIP() << "no ../shared/data beside the sources";
  const Recipe recipe = read(kRoot / "recipes/tabletop_real.yaml", with_real_data());
  EXPECT_EQ(recipe.job.adds.size(), 10u);
  std::string kept;
  base::append_json(kept, recipe.resolved);
  EXPECT_EQ(kept.find(real_data().string()), std::string::npos) << "a kept tree has no path of this machine";
  EXPECT_EQ(kept.find(kRoot.string()), std::string::npos);
}

TEST(OwnRecipes, ReadBackFromWhatShowPrints) {
  const fs::path folder = fs::temp_directory_path() / "wm_own_recipes_test";
  const Recipe first = read(kRoot / "recipes/tabletop.yaml", {});
  ASSERT_TRUE(first.resolved.map());
  base::disk().commit(folder / "shown.yaml", to_yaml(first));
  Overrides overrides;
  overrides.assets = {kRoot / "recipes"};
  EXPECT_TRUE(same(first.resolved, read(folder / "shown.yaml", overrides).resolved));
  fs::remove_all(folder);
}

TEST(OwnRecipes, AreReadInAMoment) {
  const auto start = std::chrono::steady_clock::now();
  constexpr int kRounds = 20;
  for (int i = 0; i < kRounds; ++i) read(kRoot / "recipes/tabletop.yaml", {});
  const std::chrono::duration<double> each = (std::chrono::steady_clock::now() - start) / kRounds;
  RecordProperty("milliseconds", std::to_string(1000 * each.count()));
  EXPECT_LT(each.count(), 0.15);  // promised is a tenth of it: sanitizers and busy machines take their share
}

/// The Python of tools/venv.sh, which has jsonschema.
std::string python() {
  const fs::path own = kRoot / ".venv/bin/python";
  return fs::exists(own) ? own.string() : "python3";
}

// Prints each document that the schema judges otherwise than its name does (broken-...).
constexpr const char* kValidator = R"(
import json, os, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
wrong = 0
for name in sys.argv[2:]:
    error = next(validator.iter_errors(json.load(open(name))), None)
    if (error is not None) != os.path.basename(name).startswith("broken-"):
        wrong += 1
        print(name, error and (error.json_path, error.message[:200]))
sys.exit(wrong)
)";

TEST(OwnRecipes, FitTheJsonSchemaAndBrokenOnesDoNot) {
  if (std::system((python() + " -c 'import jsonschema' > /dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << python() << " has no jsonschema; tools/venv.sh installs it";
  }
  const fs::path folder = fs::temp_directory_path() / "wm_json_schema_test";
  base::Files& disk = base::disk();
  disk.commit(folder / "validate.py", kValidator);
  disk.commit(folder / "schema.json", json_schema(kVocabulary));
  std::string command = fmt::format("'{1}' '{0}/validate.py' '{0}/schema.json'", folder.string(), python());
  const auto add = [&](const std::string& name, const base::Value& tree) {
    std::string json;
    base::append_json(json, tree);
    disk.commit(folder / name, json);
    command += fmt::format(" '{}/{}'", folder.string(), name);
  };
  const Recipe tabletop = read(kRoot / "recipes/tabletop.yaml", {});
  add("tabletop.json", tabletop.resolved);
  if (has_real_data()) add("real.json", read(kRoot / "recipes/tabletop_real.yaml", with_real_data()).resolved);
  for (const auto& [key, value] : {std::pair{"annotate", "rgb"}, {"order", "many"}, {"vari", "more"}}) {
    base::Value broken = tabletop.resolved;
    put(broken, key, {std::string(value), {}});
    add(fmt::format("broken-{}.json", key), broken);
  }
  EXPECT_EQ(std::system(command.c_str()), 0);
  fs::remove_all(folder);
}

TEST(OwnRecipes, NeverFollowALinkOutOfTheirFolders) {
  const fs::path folder = fs::temp_directory_path() / "wm_recipe_links_test";
  base::Files& disk = base::disk();
  disk.commit(folder / "outside/cup.glb", "");
  disk.commit(folder / "inside/own.glb", "");
  const auto recipe_with = [&](const std::string& asset) {
    disk.commit(folder / "inside/r.yaml", fmt::format("worldmill: 1\nscene: {{add: {{cup: {{asset: {}}}}}}}\nsensors: "
                                                      "{{cam: {{pose: {{position: [0, 0, 1 m]}}}}}}\n",
                                                      asset));
    return folder / "inside/r.yaml";
  };
  fs::create_directory_symlink(folder / "outside", folder / "inside/link");
  fs::create_symlink(folder / "inside/own.glb", folder / "inside/again.glb");
  for (const char* asset : {"link/cup.glb", "../outside/cup.glb", "{choice: \"link/*.glb\"}"}) {
    const Result<Recipe> refused = load(disk, recipe_with(asset), {}, kVocabulary);
    ASSERT_FALSE(refused) << asset;
    EXPECT_NE(refused.error().message.find("leaves the folders that files may come from"), std::string::npos)
        << refused.error().message;
    Overrides named;
    named.assets = {folder / "outside"};
    EXPECT_TRUE(load(disk, folder / "inside/r.yaml", named, kVocabulary)) << asset;
  }
  EXPECT_TRUE(load(disk, recipe_with("again.glb"), {}, kVocabulary));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace wm::recipe
