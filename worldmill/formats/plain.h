#pragma once
#include "worldmill/formats/writer.h"

/// A layout that a person and a script can use at once: a folder per channel, a JSON of labels per picture, lists.
///   rgb/ depth/ ... <id>_<sensor>.png|exr|npy   labels/<id>_<sensor>.json   index.jsonl   classes.json   fields.json
namespace wm::formats {

Result<std::unique_ptr<Writer>> make_plain(const sample::DatasetInfo& info, const base::Value& options);
std::vector<std::string> validate_plain(base::Files& files, const std::filesystem::path& folder);

}  // namespace wm::formats
