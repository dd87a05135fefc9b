#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/value.h"
#include "worldmill/sample/dataset_info.h"

namespace wm::formats {

/// The options of an entry of `write`: a map, or nothing. Each complaint stands at the place of what it is about.
class Options {
 public:
  /// Refuses what is no map and keys that are not among `known`.
  static Result<Options> read(const base::Value& options, std::string_view format,
                              std::span<const std::string_view> known);

  Result<std::string> one_of(std::string_view key,
                             std::span<const std::string_view> choices) const;  ///< Default first.
  Result<bool> flag(std::string_view key, bool otherwise) const;
  Result<int> whole(std::string_view key, int low, int high, int otherwise) const;
  /// Names of the dataset's sensors; all of them when the key is not there.
  Result<std::vector<std::string>> sensors(const sample::DatasetInfo& info) const;

  /// Names every channel and column that the dataset lacks, and which annotators to add.
  Status need(const sample::DatasetInfo& info, std::span<const std::string_view> channels,
              std::span<const std::string_view> columns) const;
  /// A class that is neither ignored nor a part must exist.
  Status need_classes(const sample::DatasetInfo& info) const;

 private:
  Options(const base::Value& options, std::string_view format) : options_(options), format_(format) {}
  tl::unexpected<base::Diagnostic> refuse(std::string_view key, std::string_view must) const;

  base::Value options_;
  std::string format_;
};

/// Whether the dataset has a channel or column of that name.
bool has_channel(const sample::DatasetInfo& info, std::string_view name);
bool has_column(const sample::DatasetInfo& info, std::string_view name);

}  // namespace wm::formats
