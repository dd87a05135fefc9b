#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/mill/folder.h"

namespace wm::mill {

/// A sealed dataset, opened for reading.
struct Dataset {
  std::filesystem::path folder;
  base::Value json;  ///< dataset.json
  sample::DatasetInfo info;
  std::vector<recipe::Write> writes;
  std::int64_t scenes = 0;
  std::int64_t takes = 1;
  bool store = true;
  bool simulated = false;
  std::string license;
  std::string tree_hash;  ///< As dataset.json says it.
};

Result<Dataset> open_dataset(base::Files& files, const std::filesystem::path& folder);

/// Everything that is known of the slots of a folder: from its journals and parts, or, of a sealed dataset that came
/// without them, from what it says of itself and its store.
Result<Book> read_book(base::Files& files, const std::filesystem::path& folder);

/// Calls `use` with each sample of the canonical store, in order; stops at its first error.
Status for_each_sample(base::Files& files, const Dataset& dataset,
                       const std::function<Status(const sample::Sample&)>& use);

/// Reads one sample by its id, as files are named.
Result<sample::Sample> read_sample(base::Files& files, const Dataset& dataset, const sample::SampleId& id);

/// Unites datasets made from shards of one recipe into `folder` (new or empty) and seals it. Gives the tree hash.
Result<std::string> merge(base::Files& files, const std::vector<std::filesystem::path>& from,
                          const std::filesystem::path& folder);

/// Writes another format from the store into `dataset.folder`/<name>/ and seals anew. Gives the folder it wrote.
Result<std::filesystem::path> export_format(base::Files& files, const Dataset& dataset, const recipe::Write& write);

/// What is not sound in a dataset, one sentence each: files that are missing or changed, a tree hash that does not
/// agree, label invariants that do not hold, formats that do not read back. Empty: sound.
Result<std::vector<std::string>> examine(base::Files& files, const Dataset& dataset);

/// What is not so in one sample: every pixel with an instance has its class, boxes and masks agree, counts are in
/// range.
std::vector<std::string> broken_invariants(const sample::Sample& sample);

}  // namespace wm::mill
