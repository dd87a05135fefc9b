#pragma once
#include "worldmill/import/gltf_document.h"

namespace wm::import {

/// `root` (the document's) with the places and weights of its nodes as its first animation has them at `time` [s],
/// held before the first key and after the last. Without an animation, as it is.
Result<base::Value> posed(GltfDocument& document, base::Value root, double time);

}  // namespace wm::import
