#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/formats/npy.h"
#include "worldmill/formats/rle.h"

using namespace wm::formats;

// Any text is a mask whose pixels encode to the same mask again, or a sentence; any bytes are an array, or a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto array = decode_npy(bytes, "fuzz.npy")) {
    WM_CHECK(decode_npy(encode_npy(*array), "again.npy").has_value());
  }
  if (size < 2) return 0;
  const int width = 1 + data[0] % 64, height = 1 + data[1] % 64;
  const auto mask = mask_from_text(bytes.substr(2), width, height);
  if (!mask) return 0;
  const auto rows = decode_mask(*mask);
  const Mask again = encode_mask(rows, width, height);
  WM_CHECK(decode_mask(again) == rows);
  const MaskBox a = box_of(*mask), b = box_of(again);
  WM_CHECK(a.area == b.area && a.x_min == b.x_min && a.x_max == b.x_max && a.y_min == b.y_min && a.y_max == b.y_max);
  return 0;
}
