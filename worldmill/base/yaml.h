#pragma once
#include <string>
#include <string_view>

#include "worldmill/base/value.h"

namespace wm::base {

/// Reads the safe subset of YAML that recipes are written in: one document; no duplicate keys, no `<<`, no anchors,
/// aliases or tags, no numbers with a leading zero (012 is octal to some), no bare `#` where a colour was meant.
/// Plain scalars: null ~ true false, whole and decimal numbers; everything else is text, and so is all that is quoted.
/// Refuses what is not UTF-8, more than a million nodes and nesting deeper than 200. `file` is what places name.
Result<Value> parse_yaml(std::string_view text, const std::string& file);

}  // namespace wm::base
