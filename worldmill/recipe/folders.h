#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/value.h"

namespace wm::recipe {

/// The folders that a recipe's files may come from, and how its names are looked up in them. What is found is named
/// as an AssetSource with the same roots finds it again: relative to the first root that has it.
class Folders {
 public:
  explicit Folders(base::Files& files) : files_(files) {}

  /// Roots in the order that they are searched; the recipe's own folder is the first.
  void add_root(const std::filesystem::path& folder);
  /// One that the command line named: names of every file are also looked for here. Refuses what is no folder.
  void add_assets(const std::filesystem::path& folder);
  const std::vector<std::filesystem::path>& roots() const { return roots_; }

  /// The name of the one file that `written` means: relative to the file that wrote it (`place`), else in each assets
  /// root. `endings` like `.glb` say what can be read. Throws Refused.
  std::string find(const std::string& written, const base::Place& place, const std::vector<std::string>& endings) const;

  /// The files that a glob means, sorted, looked for in the same places; the first place that has any counts.
  /// Throws Refused when there is none.
  std::vector<std::string> expand(const std::string& glob, const base::Place& place,
                                  const std::vector<std::string>& endings) const;

  static bool is_glob(std::string_view written) { return written.find_first_of("*?") != std::string_view::npos; }

 private:
  std::vector<std::filesystem::path> places_to_look(const base::Place& place) const;
  std::string name_of(const std::filesystem::path& file, const std::string& written, const base::Place& place) const;
  std::filesystem::path look_up(const std::string& name) const;
  struct Walk;
  void walk(Walk& walk, const std::filesystem::path& folder, const std::string& inside, int depth) const;

  base::Files& files_;
  std::vector<std::filesystem::path> roots_, resolved_, assets_;
};

/// The folder of the file that a place names; of one on the command line, `.` stands for the recipe's folder.
std::filesystem::path folder_of(const std::filesystem::path& file);

}  // namespace wm::recipe
