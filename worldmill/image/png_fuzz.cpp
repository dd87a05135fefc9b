#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/image/png.h"

using namespace wm::image;

// Any bytes are a picture within the budget that survives being written and read again, or a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Budget budget = {.pixels = 1 << 16};
  const auto samples = decode_png({reinterpret_cast<const char*>(data), size}, budget, "fuzz.png");
  if (!samples) {
    WM_CHECK(!samples.error().message.empty());
    return 0;
  }
  const std::string bytes = std::visit([](const auto& pixels) { return encode_png(pixels); }, *samples);
  WM_CHECK(decode_png(bytes, budget, "fuzz.png").value() == *samples);
  return 0;
}
