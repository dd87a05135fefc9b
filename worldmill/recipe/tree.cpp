#include "worldmill/recipe/tree.h"

#include <fmt/format.h>

#include <algorithm>

namespace wm::recipe {

using base::Entry;
using base::Value;

void refuse(const base::Place& place, std::string message) {
  throw Refused{{place, std::move(message)}};
}

Value::Map* map_of(Value& value) {
  return std::get_if<Value::Map>(&value.data);
}
Value::List* list_of(Value& value) {
  return std::get_if<Value::List>(&value.data);
}

const Entry* find_entry(const Value& map, std::string_view key) {
  if (map.map() == nullptr) return nullptr;
  const auto found = std::find_if(map.map()->begin(), map.map()->end(), [&](const Entry& e) { return e.key == key; });
  return found == map.map()->end() ? nullptr : &*found;
}

Value* find(Value& map, std::string_view key) {
  return const_cast<Value*>(map.find(key));
}

Value& put(Value& map, std::string_view key, Value value) {
  if (Value* old = find(map, key)) return *old = std::move(value);
  auto& entries = std::get<Value::Map>(map.data);
  entries.push_back({std::string(key), value.place, std::move(value)});
  return entries.back().value;
}

void erase(Value& map, std::string_view key) {
  std::erase_if(std::get<Value::Map>(map.data), [&](const Entry& e) { return e.key == key; });
}

std::string join(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string spell(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return fmt::format("{}", *whole);
  if (const auto* number = std::get_if<double>(&value.data)) return fmt::format("{}", *number);
  return value.text() ? *value.text() : "";
}

std::string quote(const Value& value) {
  constexpr std::size_t kLongest = 60;
  if (value.list() || value.map() || value.is_null()) return describe(value);
  const std::string text = spell(value);
  const std::string shown = text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
  return value.text() ? '"' + shown + '"' : shown;
}

bool same(const Value& a, const Value& b) {
  if (a.data.index() != b.data.index()) return false;
  if (a.list()) {
    return std::equal(a.list()->begin(), a.list()->end(), b.list()->begin(), b.list()->end(), same);
  }
  if (a.map()) {
    const auto same_entry = [](const Entry& x, const Entry& y) { return x.key == y.key && same(x.value, y.value); };
    return std::equal(a.map()->begin(), a.map()->end(), b.map()->begin(), b.map()->end(), same_entry);
  }
  if (const auto* number = std::get_if<double>(&a.data)) return *number == std::get<double>(b.data);
  return spell(a) == spell(b);
}

}  // namespace wm::recipe
