#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/value.h"
#include "worldmill/sample/dataset_info.h"

namespace wm::formats {

/// A file of a dataset, path relative to the writer's folder with forward slashes.
struct OutFile {
  std::string path;
  std::string bytes;
};

/// What one sample gives: files that are its own, and a fragment that sealing needs (empty: nothing).
struct Emitted {
  std::vector<OutFile> files;
  std::string fragment;  ///< Text of the writer's own making; kept by the mill until sealing.
};

/// One dataset format: `open(info)` is its construction, then emit per sample in any order on any thread, then seal
/// with the fragments of all samples of one part of the split, in the order of ids. Stateless; emit is thread-safe.
class Writer {
 public:
  virtual ~Writer() = default;
  /// An error says which channel or column of the sample is missing or not of the right type and shape.
  virtual Result<Emitted> emit(const sample::Sample& sample) const = 0;
  /// Whether the format demands dense integers: fragments then name the sample's images, a stem a line, and who seals
  /// renames files as Numbering says (mapping.jsonl beside them leads back).
  virtual bool numbered() const { return false; }
  /// Files of one part that hold the whole: lists, class tables, annotations. An error names a fragment that is none.
  virtual Result<std::vector<OutFile>> seal(std::span<const std::string> fragments) const = 0;
};

/// A row of the catalogue.
struct WriterRow {
  std::string_view name;
  std::string_view summary;
  std::string_view options;  ///< For `list` and the schema: `masks: rle | polygons | none (rle)`; one option a line.
  /// Refuses options it does not know (did you mean), or a dataset that lacks the labels it needs (which annotators to
  /// add), at the place of `options`.
  Result<std::unique_ptr<Writer>> (*make)(const sample::DatasetInfo& info, const base::Value& options);
  /// Reads a written part folder back and says what is not sound in it, one sentence each; empty: sound.
  std::vector<std::string> (*validate)(base::Files& files, const std::filesystem::path& folder);
};

/// plain, coco, kitti, overlay.
std::span<const WriterRow> builtin_writers();

}  // namespace wm::formats
