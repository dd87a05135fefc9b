#pragma once
#include <map>

#include "worldmill/base/files.h"

namespace wm::import {

/// A disk of a few files in memory, for tests and fuzzers. Paths are absolute; folders are what files stand in.
class MemoryFiles final : public base::Files {
 public:
  std::map<std::filesystem::path, std::string> contents;
  int reads = 0;

  Result<std::string> read(const std::filesystem::path& path, std::uint64_t budget) override {
    ++reads;
    const auto found = contents.find(path.lexically_normal());
    if (found == contents.end()) return base::error("cannot be read: No such file or directory", {path.string()});
    if (found->second.size() > budget) return base::error("is larger than allowed here", {path.string()});
    return found->second;
  }
  void commit(const std::filesystem::path& path, std::string_view bytes) override { contents[path] = bytes; }
  void append(const std::filesystem::path& path, std::string_view bytes) override { contents[path] += bytes; }
  Kind kind(const std::filesystem::path& path) override {
    if (contents.contains(path.lexically_normal())) return Kind::file;
    return resolve(path).empty() ? Kind::nothing : Kind::folder;
  }
  std::vector<std::string> list(const std::filesystem::path&) override { return {}; }
  std::filesystem::path resolve(const std::filesystem::path& path) override {
    std::filesystem::path plain = path.lexically_normal();
    if (!plain.has_filename()) plain = plain.parent_path();
    for (const auto& [file, bytes] : contents) {
      if (std::mismatch(plain.begin(), plain.end(), file.begin(), file.end()).first == plain.end()) return plain;
    }
    return {};
  }
};

}  // namespace wm::import
