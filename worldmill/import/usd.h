#pragma once
#include <optional>
#include <string>

#include "worldmill/import/source.h"

namespace wm::import {

/// Reads a stage of OpenUSD (.usd, .usda, .usdc, .usdz) whose root layer is `bytes`, with all that it refers to below
/// the source's roots, at a time code (none: the stage's start, or 0). Every prim that has a place becomes a node with
/// the prim's path, those of instances too, which share meshes; instances of a PointInstancer are
/// `<instancer>/instance_<index>`. Units become metres and kilograms, y up is turned to z up. Shown are the purposes
/// `default` and `render`. UsdPhysics becomes Mechanics; what a joint carries has what carries it as its parent.
Result<scene::Asset> import_usd(Source& source, const std::string& bytes, std::optional<double> time = std::nullopt);

}  // namespace wm::import
