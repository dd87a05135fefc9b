#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/hash.h"
#include "worldmill/mill/studio.h"
#include "worldmill/sample/sample.h"

namespace wm::mill {

/// A file of the dataset, relative to its folder.
struct FileRecord {
  std::string path;
  base::Hash hash;
  std::int64_t bytes = 0;
};

/// What became of a slot: all that sealing needs to know of it beside its samples.
struct Record {
  enum class Status { ok, failed, unfilled };
  Slot slot;
  Status status = Status::ok;
  std::string reason;  ///< Of failed and unfilled.
  int attempt = 0;
  std::string part;
  std::int64_t moments = 0;           ///< So many samples.
  std::vector<std::string> exploded;  ///< Address and trouble of each attempt whose world came apart.
  std::string events, sequences;      ///< Lines of events.jsonl and sequences.jsonl.
  std::vector<std::string> assets;    ///< Names that AssetSource was asked for, sorted.
};

/// What became of one of a slot's moments.
struct SampleRecord {
  sample::SampleId id;
  base::Hash draws;  ///< Of all draws behind the sample.
  base::Hash store;  ///< Of its tar in the store; all 0 without one.
  std::vector<FileRecord> files;
  std::map<std::string, std::string> fragments;  ///< By entry of `write`.
  std::vector<std::string> assets;               ///< Of this moment alone, beside the slot's.
};

/// What is known of a dataset under work; and the files behind each asset. Samples may be there before their slot is.
struct Book {
  std::map<Slot, Record> records;
  std::map<sample::SampleId, SampleRecord> samples;
  std::map<std::string, std::vector<scene::AssetFile>> assets;

  /// Of a slot that is ok, in order; an error when one is missing.
  Result<std::vector<const SampleRecord*>> samples_of(const Record& record) const;
};

/// One line of a journal, without its end.
std::string to_line(const Record& record);
std::string to_line(const SampleRecord& record);
std::string to_line(const std::string& asset, const std::vector<scene::AssetFile>& files);

/// Adds the lines of a journal; later lines win. A last line that was cut off by a crash is passed over; any other that
/// cannot be read is an error.
Status read_lines(std::string_view text, const std::string& file, Book& book);

/// `0..3, 7`: the scenes of `records`, inclusive, from 0.
std::string ranges(const std::vector<std::int64_t>& sorted);

/// A journal of one process: each line is on the disk when add returns. Thread-safe.
class Journal {
 public:
  Journal(base::Files& files, std::filesystem::path path) : files_(files), path_(std::move(path)) {}
  /// Lines as to_line gives them; `files_of` tells the files behind each asset that this journal has not named yet.
  void add(const std::vector<std::string>& lines, const std::map<std::string, std::vector<scene::AssetFile>>& files_of);

 private:
  std::mutex mutex_;
  base::Files& files_;
  std::filesystem::path path_;
  std::map<std::string, bool> named_;
};

}  // namespace wm::mill
