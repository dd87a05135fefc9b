#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "worldmill/base/result.h"
#include "worldmill/usd/layer.h"

namespace wm::usd {

/// Reads USDA text. A complaint says file, line, column and what is wrong. `#usda 1.x` is read, and `#sdf 1.4.x`, its
/// older name, with that time's stricter rules; what only older tools understood (mappers, old relationship forms) is
/// refused by name. SPEC 16.2.
Result<std::shared_ptr<Layer>> read_text(std::string_view text, const std::string& file, const ReadBudget& budget = {});

/// Whether the bytes begin like USDA text.
bool is_text(std::string_view bytes);

/// What metadata of this name holds on a spec of a known kind: its type and whether it is an array; none when USD does
/// not know the name. List ops are told by their own types.
struct MetadataType {
  Type type = Type::none;
  bool array = false;
};
MetadataType metadata_type(std::string_view name);

}  // namespace wm::usd
