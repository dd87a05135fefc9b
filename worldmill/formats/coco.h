#pragma once
#include "worldmill/formats/writer.h"

/// COCO, detection and instance segmentation: `images/<id>_<sensor>.png`, `annotations/instances.json`.
namespace wm::formats {

Result<std::unique_ptr<Writer>> make_coco(const sample::DatasetInfo& info, const base::Value& options);
std::vector<std::string> validate_coco(base::Files& files, const std::filesystem::path& folder);

}  // namespace wm::formats
