#pragma once
#include <map>
#include <set>
#include <string>

#include "worldmill/base/files.h"

namespace wm::recipe {

/// A disk in memory, for tests and fuzzing: absolute paths below `/`, folders where files are, no links. A relative
/// path is taken from `/work`.
class MemoryFiles final : public base::Files {
 public:
  void add(const std::string& path, std::string bytes) { files_[absolute(path).string()] = std::move(bytes); }

  Result<std::string> read(const std::filesystem::path& path, std::uint64_t budget) override {
    const auto found = files_.find(absolute(path).string());
    if (found == files_.end()) return base::error("cannot be read: No such file or directory", {path.string()});
    if (found->second.size() > budget) return base::error("is larger than allowed here", {path.string()});
    return found->second;
  }
  void commit(const std::filesystem::path& path, std::string_view bytes) override {
    add(path.string(), std::string(bytes));
  }
  void append(const std::filesystem::path& path, std::string_view bytes) override {
    files_[absolute(path).string()] += bytes;
  }
  Kind kind(const std::filesystem::path& path) override {
    const std::string name = absolute(path).string();
    if (files_.count(name)) return Kind::file;
    const std::string inside = name == "/" ? name : name + "/";
    const auto after = files_.lower_bound(inside);
    return after != files_.end() && after->first.starts_with(inside) ? Kind::folder : Kind::nothing;
  }
  std::vector<std::string> list(const std::filesystem::path& folder) override {
    const std::string name = absolute(folder).string();
    const std::string inside = name == "/" ? name : name + "/";
    std::set<std::string> names;
    for (auto at = files_.lower_bound(inside); at != files_.end() && at->first.starts_with(inside); ++at) {
      names.insert(at->first.substr(inside.size(), at->first.find('/', inside.size()) - inside.size()));
    }
    return {names.begin(), names.end()};
  }
  std::filesystem::path resolve(const std::filesystem::path& path) override {
    return kind(path) == Kind::nothing ? std::filesystem::path() : absolute(path);
  }

 private:
  static std::filesystem::path absolute(const std::filesystem::path& path) {
    std::filesystem::path full = (std::filesystem::path("/work") / path).lexically_normal();
    return full.has_filename() || full == "/" ? full : full.parent_path();
  }
  std::map<std::string, std::string> files_;
};

}  // namespace wm::recipe
