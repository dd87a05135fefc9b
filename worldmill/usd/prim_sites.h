#pragma once
#include <type_traits>
#include <vector>

#include "worldmill/usd/prim_index.h"

/// What the parts of the indexer share.
namespace wm::usd {

inline bool is_class(Arc arc) {
  return arc == Arc::inherit || arc == Arc::specialize;
}

/// A list op composed over the layers of a site.
template <class T>
std::vector<T> composed_list(const LayerStack& stack, Path path, Token field) {
  std::vector<T> items;
  for (auto entry = stack.layers.rbegin(); entry != stack.layers.rend(); ++entry) {
    const Value value = entry->layer->field(path, field);
    if (!value || info(value.type()).bytes > 0 || value.is_block()) continue;
    if constexpr (std::is_same_v<T, Token>) {
      if (value.is(Type::string_list_op) || value.is(Type::token_list_op)) edit(items, value.content<TokenListOp>());
    } else {
      if (value.is(Type::path_list_op)) edit(items, value.content<PathListOp>());
    }
  }
  return items;
}

}  // namespace wm::usd
