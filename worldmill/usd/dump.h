#pragma once
#include <string>

#include "worldmill/usd/stage.h"

namespace wm::usd {

/// The composed stage as JSON, one line for each prim, for comparing with other programs: prims in depth-first order
/// with those within instances, their types, metadata, properties, values at default and at sample times. `root` is the
/// folder that the stage's own name is relative to. Numbers have the digits that read back; arrays of more than 64
/// elements are told by hash.
std::string dump_json(const Stage& stage, const std::string& file, const std::string& root);

/// The tree of prims, two spaces a level: name, type, what is special about it.
std::string dump_tree(const Stage& stage);

}  // namespace wm::usd
