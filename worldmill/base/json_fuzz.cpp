#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/base/json.h"

using namespace wm::base;

// What was read, written and read again is written as the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const JsonBudget budget = {.values = 10'000, .depth = 50};
  const Result<Value> value = parse_json({reinterpret_cast<const char*>(data), size}, "fuzz.json", budget);
  if (!value) {
    WM_CHECK(!value.error().message.empty());
    return 0;
  }
  std::string once, twice;
  append_json(once, *value);
  const Result<Value> again = parse_json(once, "fuzz.json", budget);
  WM_CHECK(again.has_value());
  append_json(twice, *again);
  WM_CHECK(once == twice);
  return 0;
}
