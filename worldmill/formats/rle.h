#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/result.h"

/// Masks as COCO writes them: run lengths of a picture read column by column, the first run counting zeros.
namespace wm::formats {

struct Mask {
  int width = 0;                      ///< [px]
  int height = 0;                     ///< [px]
  std::vector<std::uint32_t> counts;  ///< Zeros, ones, zeros, ...; their sum is width * height.
  friend bool operator==(const Mask&, const Mask&) = default;
};

/// From and to one byte per pixel, row by row, 0 or not.
Mask encode_mask(std::span<const std::uint8_t> rows, int width, int height);
std::vector<std::uint8_t> decode_mask(const Mask& mask);

/// Byte for byte what pycocotools writes: five bits a character, each count after the third less the one before last.
std::string mask_text(const Mask& mask);
/// The inverse; refuses what does not fill width x height exactly.
Result<Mask> mask_from_text(std::string_view text, int width, int height);

struct MaskBox {
  std::int64_t area = 0;                           ///< [px]
  int x_min = 0, y_min = 0, x_max = 0, y_max = 0;  ///< Edges [px]; all 0 when the mask is empty.
};
MaskBox box_of(const Mask& mask);

/// The mask of every id but 0 that occurs in `instances` (row by row), sorted by id; one pass over the picture.
struct InstanceMask {
  std::uint32_t instance = 0;
  Mask mask;
  MaskBox box;
};
std::vector<InstanceMask> instance_masks(std::span<const std::uint32_t> instances, int width, int height);

}  // namespace wm::formats
