#pragma once
#include <array>
#include <cstdint>

/// The small font of draw.h, drawn for this project.
namespace wm::image {

constexpr int kLetterWidth = 5;  ///< [px]; bit 4 of a row is the leftmost
constexpr int kLetterRows = 9;   ///< [px]: 7 above the baseline, 2 below
constexpr int kCellWidth = 6;
constexpr int kCellHeight = 10;  ///< One empty row above the letter.

using Letter = std::array<std::uint8_t, kLetterRows>;

/// Of printable ASCII; for any other code a box.
const Letter& letter(unsigned char code);

}  // namespace wm::image
