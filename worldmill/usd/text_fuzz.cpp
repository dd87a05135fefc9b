#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/usd/text_reader.h"
#include "worldmill/usd/text_writer.h"

using namespace wm::usd;

// What is read, written and read again is the same layer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ReadBudget budget = {.bytes = 1 << 20, .specs = 10'000, .decoded_bytes = 1 << 24};
  const auto layer = read_text({reinterpret_cast<const char*>(data), size}, "fuzz.usda", budget);
  if (!layer) {
    WM_CHECK(!layer.error().message.empty() && layer.error().place.line >= 0);
    return 0;
  }
  const std::string once = write_text(**layer);
  const auto again = read_text(once, "once.usda");
  WM_CHECK(again.has_value());
  WM_CHECK(write_text(**again) == once);
  return 0;
}
