#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/value.h"
#include "worldmill/render/render.h"
#include "worldmill/vary/job.h"

/// A recipe read, checked against its schema, completed. Nothing is carried out here.
namespace wm::recipe {

/// One entry of `write`: a format, its options, the name of its folder.
struct Write {
  std::string name;
  std::string format;
  base::Value options;               ///< A map or nothing; `sensors` is taken out of it.
  std::vector<std::string> sensors;  ///< Names; empty: all.
  base::Place place;
};

/// Which annotators run for which sensors.
struct Annotate {
  std::vector<std::string> names;  ///< For all sensors not named in per_sensor.
  std::map<std::string, std::vector<std::string>> per_sensor;
};

struct Recipe {
  std::string file;  ///< As the user named it.
  vary::Job job;
  std::int64_t scenes = 1;
  std::int64_t takes = 1;
  /// One take and one moment per scene: samples are called by their scene alone.
  bool stills() const { return takes == 1 && job.captures.empty(); }
  render::Quality quality;
  Annotate annotate;
  std::vector<Write> writes;  ///< Left out in the recipe: one, `plain`.
  bool store = true;          ///< `store: none` leaves the canonical store out.
  std::string license;        ///< As the recipe states it.
  /// The whole tree with extends, parameters and defaults filled in; what dataset.json keeps. No absolute paths.
  base::Value resolved;
  /// Dotted path of a setting -> where it was written (`default`, `command line`, `file:line:column`).
  std::map<std::string, std::string> origins;
  std::vector<std::filesystem::path>
      roots;  ///< Folders that assets may come from: recipe's folder, those of extends, --assets.
};

/// What the command line says on top of the file.
struct Overrides {
  std::vector<std::string> params;  ///< `clutter=40`
  std::vector<std::string> sets;    ///< `vary.lamps.light.intensity=300`, values are YAML
  std::optional<std::uint64_t> seed;
  std::vector<std::filesystem::path> assets;
};

/// Names that catalogues above know: what `annotate` and `write` may say. recipe does not know the catalogues.
struct Vocabulary {
  std::vector<std::string> annotators;
  std::vector<std::string> writers;
  std::vector<std::string> asset_endings = {
      ".glb",  ".gltf", ".obj",  ".urdf", ".usd",
      ".usda", ".usdc", ".usdz", ".xml"};  ///< Scene files that can be read, lower case.
  std::vector<std::string> picture_endings = {".hdr", ".exr", ".png", ".jpg", ".jpeg"};  ///< Of light.image.
};

/// Reads, merges and checks; the first mistake is the error, with file:line:column and what to do.
Result<Recipe> load(base::Files& files, const std::filesystem::path& file, const Overrides& overrides,
                    const Vocabulary& vocabulary);

/// The entries of `write` in a resolved tree, such as dataset.json keeps: what merging, checking and exporting need.
Result<std::vector<Write>> writes_of(const base::Value& resolved);

/// The recipe's JSON Schema (draft 2020-12), as text.
std::string json_schema(const Vocabulary& vocabulary);

/// `worldmill show`: the resolved tree as YAML, each line with its origin as a comment.
std::string to_yaml(const Recipe& recipe);

}  // namespace wm::recipe
