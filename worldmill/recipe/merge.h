#pragma once
#include <string>
#include <vector>

#include "worldmill/recipe/folders.h"
#include "worldmill/recipe/schema.h"

/// From files and command line to one tree, not yet checked.
namespace wm::recipe {

/// Lays `over` on `base`: maps merge by name, null deletes, everything else (lists, draws too) replaces. A replaced
/// entry keeps its place; new ones come after. What `node` says is a value of its own is never merged into.
void merge(const Node& node, base::Value& base, base::Value over);

/// Reads a recipe with all that it extends, base files first, and adds their folders to `folders`. Throws Refused: a
/// file that cannot be read, a cycle, more than 16 files deep, another version.
base::Value read_merged(base::Files& files, const std::filesystem::path& file, const Schema& schema, Folders& folders);

/// Carries out `--set path=value` on a merged tree. Every place in `value` is the option itself. Throws Refused.
void set(const Schema& schema, base::Value& recipe, const std::string& option);

}  // namespace wm::recipe
