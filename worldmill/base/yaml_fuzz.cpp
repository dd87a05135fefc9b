#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/base/yaml.h"

using namespace wm::base;

namespace {

int depth_of(const Value& value) {
  int deepest = 0;
  if (const Value::List* list = value.list()) {
    for (const Value& item : *list) deepest = std::max(deepest, depth_of(item));
  }
  if (const Value::Map* map = value.map()) {
    for (const Entry& entry : *map) {
      WM_CHECK(value.find(entry.key) == &entry.value);  // a key occurs once
      deepest = std::max(deepest, depth_of(entry.value));
    }
  }
  return deepest + 1;
}

}  // namespace

// Any bytes are settings no deeper than promised, or a sentence with a place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<Value> value = parse_yaml({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (value) {
    WM_CHECK(depth_of(*value) <= 202);
    WM_CHECK(!describe(*value).empty());
  } else {
    WM_CHECK(!value.error().message.empty() && value.error().place.file == "fuzz.yaml");
  }
  return 0;
}
