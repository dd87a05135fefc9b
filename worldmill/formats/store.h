#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/formats/writer.h"
#include "worldmill/sample/sample.h"

/// The canonical store: what any format can be made from again. One tar (POSIX ustar, zeroed times and owners, sorted
/// names) per scene, of `<stem>.<sensor>.<channel>.png|exr|npy` and `<stem>.json` (everything else: ids, objects,
/// cameras, label tables, draws). Reading gives back exactly the sample that was written.
namespace wm::formats {

/// The files of one sample, sorted by path.
std::vector<OutFile> store_files(const sample::Sample& sample);

/// The inverse. `files` are those of one sample; a complaint names `place`.
Result<sample::Sample> sample_from_store(std::span<const OutFile> files, const std::string& place);

/// A tar of regular files, and back. Refuses what is not one, with budgets (bytes, count, path length).
std::string tar(std::span<const OutFile> files);
Result<std::vector<OutFile>> untar(std::string_view bytes, const std::string& place);

/// All samples of a scene's tar, in order.
Result<std::vector<sample::Sample>> read_store(std::string_view tar_bytes, const std::string& place);

}  // namespace wm::formats
