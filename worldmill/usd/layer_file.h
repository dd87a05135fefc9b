#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "worldmill/base/result.h"
#include "worldmill/usd/bytes.h"
#include "worldmill/usd/layer.h"

namespace wm::usd {

/// Reads a layer of any format, known by its first bytes: text, crate, or a package, whose first member it is. `file`
/// is what the layer and its complaints are called.
Result<std::shared_ptr<Layer>> read_layer(const Bytes& bytes, const std::string& file, const ReadBudget& budget = {});

/// The same from the disk; large crate files are mapped.
Result<std::shared_ptr<Layer>> open_layer(const std::filesystem::path& path, const ReadBudget& budget = {});

/// The layer's bytes in the format that the name's ending says: .usda text, .usd and .usdc crate, .usdz a package with
/// the layer alone in it.
Result<std::string> write_layer(const Layer& layer, const std::filesystem::path& name);

}  // namespace wm::usd
