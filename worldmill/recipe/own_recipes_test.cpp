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

bool is_json_schema_there() {
  return std::system("python3 -c 'import jsonschema' > /dev/null 2>&1") == 0;
}

// Validates every document against the schema; prints the first mistake of each.
constexpr const char* kValidator = R"(
import json, sys, jsonschema
validator = jsonschema.Draft202012Validator
schema = json.load(open(sys.argv[1]))
validator.check_schema(schema)
wrong = [(name, error.json_path, error.message[:200]) for name in sys.argv[2:]
         for error in list(validator(schema).iter_errors(json.load(open(name))))[:1]]
for each in wrong: print(*each)
sys.exit(len(wrong))
)";

std::string quoted(const fs::path& path) {
  return "'" + path.string() + "'";
}

TEST(OwnRecipes, FitTheJsonSchemaAndABrokenOneDoesNot) {
  if (!is_json_schema_there()) GTEST_SKIP() << "python3 has no jsonschema";
  const fs::path folder = fs::temp_directory_path() / "wm_json_schema_test";
  base::Files& disk = base::disk();
  disk.commit(folder / "validate.py", kValidator);
  disk.commit(folder / "schema.json", json_schema(kVocabulary));
  std::vector<Recipe> recipes = {read(kRoot / "recipes/tabletop.yaml", {})};
  if (has_real_data()) recipes.push_back(read(kRoot / "recipes/tabletop_real.yaml", with_real_data()));
  const std::string command = "python3 " + quoted(folder / "validate.py") + " " + quoted(folder / "schema.json");
  std::string good = command;
  for (const Recipe& recipe : recipes) {
    std::string json;
    base::append_json(json, recipe.resolved);
    disk.commit(folder / (recipe.job.name + ".json"), json);
    good += " " + quoted(folder / (recipe.job.name + ".json"));
  }
  EXPECT_EQ(std::system(good.c_str()), 0);
  for (const auto& [key, value] : {std::pair{"annotate", base::Value{"rgb", {}}}, {"order", base::Value{3.0, {}}}}) {
    base::Value broken = recipes[0].resolved;
    put(broken, key, value);
    std::string json;
    base::append_json(json, broken);
    disk.commit(folder / "broken.json", json);
    EXPECT_NE(std::system((command + " " + quoted(folder / "broken.json") + " > /dev/null").c_str()), 0) << key;
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace wm::recipe
