#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/usd/dump.h"
#include "worldmill/usd/text_reader.h"

using namespace wm::usd;

// Arcs of a layer to itself, however they lead in circles, make a stage or a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ReadBudget budget = {.bytes = 1 << 16, .specs = 2000, .decoded_bytes = 1 << 22};
  auto layer = read_text({reinterpret_cast<const char*>(data), size}, "fuzz.usda", budget);
  if (!layer) return 0;
  Stage::Options options;
  options.library.roots = {"/nowhere"};
  options.prims = 2000;
  const auto stage = Stage::open(*layer, std::move(options));
  if (!stage) {
    WM_CHECK(!stage.error().message.empty());
    return 0;
  }
  if ((*stage)->prim_count() < 200) WM_CHECK(!dump_json(**stage, "/fuzz.usda", "/").empty());
  return 0;
}
