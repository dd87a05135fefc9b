#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/hash.h"
#include "worldmill/formats/numbering.h"
#include "worldmill/mill/book.h"

/// A dataset's folder on disk.
namespace wm::mill {

inline constexpr const char* kVersion = "0.1.0";

/// What decides the bytes beside the processor's word size: instruction set, compiler's libraries, backends.
base::Value platform();

/// What must be equal for two runs to belong to one dataset: engine, platform and the resolved recipe without the
/// number of scenes.
base::Value identity(const recipe::Recipe& recipe);

/// The first setting in which two trees differ, as a sentence (`order.seed is 3 there and 4 here`); empty: none.
std::string difference(const base::Value& there, const base::Value& here);

/// Everything that stands for the dataset is in order: paths with forward slashes, sorted by bytes; not run.jsonl, the
/// report, .work/.
std::vector<std::string> files_of(const std::filesystem::path& folder);

/// The hash over all of them, with `dataset` (its `tree_hash` aside) for dataset.json, there or not yet.
Result<base::Hash> tree_hash(base::Files& files, const std::filesystem::path& folder, const base::Value& dataset);

/// The settled part of a dataset: dataset.json, read.
Result<base::Value> read_dataset(base::Files& files, const std::filesystem::path& folder);

/// Renames what a numbered writer wrote below `part` to numbers; mapping.jsonl is there before the first has moved. The
/// other way: to stems, as emitted; mapping.jsonl goes last. Either may be cut short at any time and called again.
void number_images(base::Files& files, const std::filesystem::path& part, const formats::Numbering& numbering);
Status name_images(base::Files& files, const std::filesystem::path& part);

/// A line of plan.jsonl, with its end: the attempt that was accepted and how many moments, or why none was.
std::string plan_line(const Record& record);

/// What sealing knows beside the records.
struct SealInput {
  base::Value identity;
  sample::DatasetInfo info;
  std::int64_t scenes = 0;  ///< ordered
  std::int64_t takes = 1;
  bool store = true;
  bool simulated = false;
  std::string license;
  std::vector<const Output*> outputs;
};

/// Writes everything that stands for the whole: the stores of scenes with several takes, plan, ledger, assets, splits,
/// what each format seals, parts (while slots are missing), dataset.json last. Gives the tree hash.
Result<base::Hash> seal(base::Files& files, const std::filesystem::path& folder, const SealInput& input,
                        const Book& book);

}  // namespace wm::mill
