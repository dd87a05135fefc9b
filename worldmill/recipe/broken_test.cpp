#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "worldmill/recipe/memory_files.h"
#include "worldmill/recipe/recipe.h"

// tests/recipes/broken: each recipe there is wrong in one way that people get wrong. Its first line says the whole
// complaint (`# error: 7:12: ...`, without the file's name; complaints of the command line as they are), its second
// perhaps the options that it is read with (`# with: -p lumen=900`).

namespace wm::recipe {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(WM_SOURCE_DIR) / "tests/recipes/broken";
const Vocabulary kVocabulary{
    {"rgb", "depth", "normals", "instances", "semantics", "box_2d", "box_3d", "occlusion", "events", "actions"},
    {"plain", "coco", "kitti", "overlay"}};

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The value of a leading comment `# key: value`, or nothing.
std::string comment(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("# ");) {
    if (line.starts_with("# " + key + ": ")) return line.substr(key.size() + 4);
  }
  return "";
}

Overrides overrides(const std::string& options) {
  Overrides all;
  std::istringstream words(options);
  for (std::string option, value; words >> option >> value;) {
    (option == "-p" ? all.params : all.sets).push_back(value);
  }
  return all;
}

std::string complaint(const std::string& name, const std::string& text) {
  MemoryFiles files;
  for (const char* asset : {"room.glb", "cup.glb", "plate.glb", "props/box.glb", "props/can.glb", "sky/noon.hdr",
                            "sky/dusk.hdr", "/secret/key.glb"}) {
    files.add(asset, "");
  }
  for (const auto& entry : fs::directory_iterator(kFolder / "lib")) {
    files.add("lib/" + entry.path().filename().string(), read(entry.path()));
  }
  files.add(name, text);
  const Result<Recipe> recipe = load(files, name, overrides(comment(text, "with")), kVocabulary);
  if (recipe) return "no complaint";
  const std::string said = to_string(recipe.error());
  const std::size_t prefix = said.starts_with(name + ": ") ? name.size() + 2 : name.size() + 1;
  return said.starts_with(name + ":") ? said.substr(prefix) : said;
}

TEST(BrokenRecipes, EachSaysWhatIsWrongWhereAndWhatToDo) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    const std::string name = entry.path().filename().string(), text = read(entry.path());
    const std::string expected = comment(text, "error");
    EXPECT_FALSE(expected.empty()) << name << " does not say in its first line what it is to complain of";
    EXPECT_EQ(complaint(name, text), expected) << name;
  }
  EXPECT_GE(count, 60);
}

}  // namespace
}  // namespace wm::recipe
