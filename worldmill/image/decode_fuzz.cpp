#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/image/decode.h"

using namespace wm::image;

// Any bytes are a picture of the size that its header promised, within the budget, or a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Budget budget = {.pixels = 1 << 16};
  const auto info = image_info(bytes, "fuzz.img");
  const auto image = decode_image(bytes, budget, "fuzz.img");
  WM_CHECK(info || !info.error().message.empty());
  if (!image) {
    WM_CHECK(!image.error().message.empty());
    return 0;
  }
  WM_CHECK(info.has_value());
  std::visit(
      [&](const auto& pixels) {
        WM_CHECK(pixels.width == info->width && pixels.height == info->height && pixels.channels == info->channels);
        WM_CHECK(std::int64_t{pixels.width} * pixels.height <= budget.pixels);
        WM_CHECK(pixels.values.size() == pixels.index(0, pixels.height));
      },
      *image);
  return 0;
}
