#pragma once
#include <string>
#include <string_view>

#include "worldmill/base/value.h"

/// Hands for trees of settings, and how a complaint leaves this module.
namespace wm::recipe {

/// A user's mistake on its way out: thrown by what reads a recipe, caught by load(), which gives it as a Result.
struct Refused {
  base::Diagnostic diagnostic;
};

[[noreturn]] void refuse(const base::Place& place, std::string message);

/// The value, or its complaint thrown.
template <class T>
T need(Result<T> result) {
  if (!result) throw Refused{std::move(result.error())};
  return *std::move(result);
}

base::Value::Map* map_of(base::Value& value);
base::Value::List* list_of(base::Value& value);
base::Value* find(base::Value& map, std::string_view key);
const base::Entry* find_entry(const base::Value& map, std::string_view key);

/// Puts `value` under `key`: where the key is already, else at the end. `map` is a map.
base::Value& put(base::Value& map, std::string_view key, base::Value value);
void erase(base::Value& map, std::string_view key);

/// Calls `each` for every value of the tree, parents first.
template <class Each>
void for_each_value(base::Value& value, const Each& each) {
  each(value);
  if (auto* list = list_of(value)) {
    for (base::Value& item : *list) for_each_value(item, each);
  }
  if (auto* map = map_of(value)) {
    for (base::Entry& entry : *map) for_each_value(entry.value, each);
  }
}

/// `a.b`, or `b` when `a` is empty.
std::string join(std::string_view path, std::string_view key);

/// A constant as its text stands in a key or an expression: `night`, `0.25`, `true`; empty for lists, maps and nothing.
std::string spell(const base::Value& value);

/// As a person wrote it, for a sentence: `30 deg`, `12`, `a list`.
std::string quote(const base::Value& value);

/// Same kinds and contents, places aside; maps in the same order.
bool same(const base::Value& a, const base::Value& b);

}  // namespace wm::recipe
