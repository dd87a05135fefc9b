#pragma once
#include <memory>
#include <string>

#include "worldmill/base/result.h"
#include "worldmill/usd/bytes.h"
#include "worldmill/usd/layer.h"

namespace wm::usd {

/// Whether the bytes begin like a crate file.
bool is_crate(std::string_view bytes);

/// Reads the tables of a crate file (USDC), versions 0.0.1 to 0.14; values stay in `bytes` until they are asked for,
/// and uncompressed arrays stay there for good. Hostile files are refused with a sentence. SPEC 16.3.
Result<std::shared_ptr<Layer>> read_crate(const Bytes& bytes, const std::string& file, const ReadBudget& budget = {});

/// The layer as a crate file of version 0.8.0, or the first one that has what the layer holds. Equal layers give equal
/// bytes. Whole in memory.
std::string write_crate(const Layer& layer);

}  // namespace wm::usd
