#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "worldmill/base/result.h"

namespace wm::base {

struct Entry;

/// A tree of settings that remembers where each part was written, so that a complaint can point at it.
/// Maps keep the order of writing; a key occurs once.
struct Value {
  using List = std::vector<Value>;
  using Map = std::vector<Entry>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> data;
  Place place;

  bool is_null() const { return std::holds_alternative<std::monostate>(data); }
  const std::string* text() const { return std::get_if<std::string>(&data); }
  const List* list() const { return std::get_if<List>(&data); }
  const Map* map() const { return std::get_if<Map>(&data); }
  /// The value under `key`, or null when this is no map or has no such key.
  const Value* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place place;  ///< Of the key.
  Value value;
};

/// Values of our own making, without a place.
inline Value value_of(bool truth) {
  return {truth, {}};
}
inline Value value_of(std::int64_t number) {
  return {number, {}};
}
inline Value value_of(double number) {
  return {number, {}};
}
inline Value value_of(std::string text) {
  return {std::move(text), {}};
}
inline Value value_of(const char* text) {
  return {std::string(text), {}};
}
Value list_of(std::vector<Value> items);
Value map_of(std::vector<std::pair<std::string, Value>> entries);

/// What stands there, for a sentence: `a map`, `a list`, `text "abc"`, `the number 3`, `true`, `nothing`.
std::string describe(const Value& value);

}  // namespace wm::base
