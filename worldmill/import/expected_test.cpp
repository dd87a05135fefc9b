// Walks the data folder and holds what comes of every file there against expected.tsv:
//
//   path  renders  nodes  triangles  materials  sentences of `ignored`, with " | " between them
//   path  refused  0      0          0          the sentence
//
// The folder is $WM_DATA, or shared/data beside the source tree; without it the test is skipped. When an importer
// learns something, WM_WRITE_EXPECTED=1 writes the table anew: read the difference line by line.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include "worldmill/geometry/mesh.h"
#include "worldmill/import/import.h"

namespace wm::import {
namespace {

namespace fs = std::filesystem;

const fs::path kTable = fs::path(WM_SOURCE_DIR) / "worldmill/import/expected.tsv";

fs::path data_folder() {
  const char* said = std::getenv("WM_DATA");
  return said ? fs::path(said) : fs::path(WM_SOURCE_DIR) / "../shared/data";
}

std::vector<fs::path> files_to_read(const fs::path& data) {
  std::vector<fs::path> paths;
  for (const char* folder : {"gltf", "warehouse", "robots", "usd/newton", "usd/usd-wg"}) {
    for (const auto& entry : fs::recursive_directory_iterator(data / folder)) {
      const auto known = endings();
      if (std::find(known.begin(), known.end(), entry.path().extension()) != known.end()) paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string outcome(const fs::path& data, const fs::path& path) {
  const std::string name = path.lexically_relative(data).generic_string();
  // A URDF's package is a folder above it; stages refer to what lies in other folders of their set.
  const bool package = path.extension() == ".urdf" || path.extension() == ".xacro";
  const fs::path root = package ? data / "robots" : name.starts_with("usd/") ? data / "usd" : path.parent_path();
  const auto asset = import_file(base::disk(), path, {root});
  if (!asset) {
    return fmt::format("{}\trefused\t0\t0\t0\t{}", name, replaced(to_string(asset.error()), data.string() + "/", ""));
  }
  std::size_t triangles = 0;
  for (const scene::Node& node : asset->scene.nodes) {
    for (const scene::Part& part : node.parts) {
      const geometry::Mesh& mesh = *asset->scene.meshes[part.mesh.index()];
      EXPECT_TRUE(geometry::validate(mesh, name));
      EXPECT_LT(part.material.index(), asset->scene.materials.size());
      triangles += mesh.triangles.size();
    }
  }
  return fmt::format("{}\trenders\t{}\t{}\t{}\t{}", name, asset->scene.nodes.size(), triangles,
                     asset->scene.materials.size(),
                     replaced(fmt::format("{}", fmt::join(asset->ignored, " | ")), data.string() + "/", ""));
}

std::map<std::string, std::string> read_table() {
  std::map<std::string, std::string> lines;
  std::ifstream file(kTable);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') lines[line.substr(0, line.find('\t'))] = line;
  }
  return lines;
}

void write_table(const std::vector<std::string>& lines) {
  std::ofstream file(kTable);
  file << "# path\tresult\tnodes\ttriangles\tmaterials\tsentences\n";
  for (const std::string& line : lines) file << line << '\n';
}

TEST(Expected, EveryFileOfTheDataFolderIsReadOrRefusedAsTheTableSays) {
  const fs::path data = data_folder();
  if (!fs::is_directory(data)) GTEST_SKIP() << "no data at " << data << "; set WM_DATA to the folder";
  std::map<std::string, std::string> table = read_table();
  std::vector<std::string> lines;
  for (const fs::path& path : files_to_read(data)) {
    lines.push_back(outcome(data, path));
    const std::string name = path.lexically_relative(data).generic_string();
    EXPECT_EQ(lines.back(), table[name]);
    table.erase(name);
  }
  for (const auto& [name, line] : table) ADD_FAILURE() << "the table names a file that is not there: " << name;
  if (std::getenv("WM_WRITE_EXPECTED")) write_table(lines);
}

}  // namespace
}  // namespace wm::import
