#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/import/import.h"
#include "worldmill/scene/asset_source.h"

namespace wm::import {

/// The folders that files may come from, symbolic links resolved.
class Roots {
 public:
  Roots(base::Files& files, const std::vector<std::filesystem::path>& roots);
  /// Whether `path`, links resolved, lies in one of the folders.
  bool contain(base::Files& files, const std::filesystem::path& path) const;
  const std::vector<std::filesystem::path>& folders() const { return real_; }

 private:
  std::vector<std::filesystem::path> real_;
};

/// The one door through which a file that is being read sees other files. Not thread-safe.
class Source {
 public:
  /// `main` is the file itself, opened already; `name` is what lists call it (relative).
  Source(base::Files& files, std::filesystem::path main, std::string name, Roots roots, const Budget& budget)
      : files_(files), main_(std::move(main)), name_(std::move(name)), roots_(std::move(roots)), budget_(budget) {}

  std::string file() const { return main_.string(); }  ///< For complaints.
  const Budget& budget() const { return budget_; }
  const Roots& roots() const { return roots_; }
  /// The bytes of what `reference` names, relative to the main file's folder; noted in `files()`.
  Result<std::string> read(const std::string& reference);
  bool exists(const std::string& reference);
  /// For reading a file that refers to others itself, relative to its own folder.
  Source at(const std::string& reference) const {
    return {files_, main_.parent_path() / reference, name(reference), roots_, budget_};
  }
  /// Notes the files that another source has read.
  void adopt(const Source& other);
  /// `reference` in words for a complaint.
  std::string place(const std::string& reference) const { return (main_.parent_path() / reference).string(); }

  /// What lists call `reference` (empty: the main file).
  std::string name(const std::string& reference) const;

  void note(const std::string& reference, std::string_view bytes);
  const std::vector<scene::AssetFile>& files() const { return noted_; }

 private:
  void note(scene::AssetFile file);

  base::Files& files_;
  std::filesystem::path main_;
  std::string name_;
  Roots roots_;
  Budget budget_;
  std::vector<scene::AssetFile> noted_;
};

/// Sentences about what was left out: each once, in the order of their first saying.
class Notes {
 public:
  void add(const std::string& sentence);
  std::vector<std::string> take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

/// What a URI of a glTF names on disk: `%20` and the like decoded, `\` taken as `/`. Refuses other schemes.
Result<std::string> decode_uri(std::string_view uri, const std::string& file);
/// The other way: a relative path as a URI, all but letters, digits and `-._~/` as `%20` and the like.
std::string encode_uri(std::string_view path);
bool is_data_uri(std::string_view uri);
/// The bytes of `data:<type>;base64,<text>`.
Result<std::string> decode_data_uri(std::string_view uri, const std::string& file);

/// Names that are unique among siblings: `/`, control characters and broken UTF-8 become `_`, an empty name becomes
/// `<fallback><index>`, and namesakes after the first get `_1`, `_2` ... in order, jumping over names that are taken.
std::vector<std::string> sibling_names(const std::vector<std::string>& names,
                                       const std::vector<std::string>& fallbacks);

}  // namespace wm::import
