#include "worldmill/base/value.h"

#include <fmt/format.h>

namespace wm::base {
namespace {

struct Describe {
  std::string operator()(std::monostate) const { return "nothing"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("the number {}", value); }
  std::string operator()(double value) const { return fmt::format("the number {}", value); }
  std::string operator()(const std::string& value) const { return fmt::format("text \"{}\"", value); }
  std::string operator()(const Value::List&) const { return "a list"; }
  std::string operator()(const Value::Map&) const { return "a map"; }
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  if (map() == nullptr) return nullptr;
  for (const Entry& entry : *map()) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Value list_of(std::vector<Value> items) {
  return {std::move(items), {}};
}

Value map_of(std::vector<std::pair<std::string, Value>> entries) {
  Value::Map map;
  map.reserve(entries.size());
  for (auto& entry : entries) map.push_back({std::move(entry.first), {}, std::move(entry.second)});
  return {std::move(map), {}};
}

std::string describe(const Value& value) {
  return std::visit(Describe(), value.data);
}

}  // namespace wm::base
