#pragma once
#include <span>
#include <string_view>

#include "worldmill/image/pixels.h"
#include "worldmill/math/vec.h"

/// Drawing on RGB pictures of 8 bits, for previews and overlays: what lies outside the picture is left out, coordinates
/// may be anything. Positions are [px] from the top left corner; pixel centres stand at half-integers. Colours mix as
/// codes. The same calls give the same bytes on every machine.
namespace wm::image {

using Canvas = Pixels<std::uint8_t>;  ///< 3 channels.

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;
  friend bool operator==(const Rgb&, const Rgb&) = default;
};

/// Pixels x0 <= x < x1, y0 <= y < y1; empty when it ends before it begins.
struct Rect {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

/// Colour `index` of 64 that are far apart from each other, from black, white and grey; the first are farthest. Beyond
/// 64 they repeat.
Rgb palette_color(std::size_t index);

/// Mixes `color` into one pixel: `alpha` 0 leaves it, 1 replaces it.
void blend(Canvas& canvas, int x, int y, Rgb color, double alpha = 1);

enum class Edge { smooth, hard };  ///< Anti-aliased, or every pixel all or nothing.

/// A stroke with round ends, `thickness` > 0 [px] wide. Draws nothing when an end is not finite.
void draw_line(Canvas& canvas, math::Vec2 from, math::Vec2 to, Rgb color, double thickness = 1,
               Edge edge = Edge::smooth);

/// Strokes from point to point, and back to the first when `closed`.
void draw_polyline(Canvas& canvas, std::span<const math::Vec2> points, Rgb color, double thickness = 1,
                   bool closed = false, Edge edge = Edge::smooth);

void fill_rect(Canvas& canvas, const Rect& rect, Rgb color, double alpha = 1);

/// The outline, `thickness` >= 1 [px] wide, all of it inside the rectangle.
void draw_rect(Canvas& canvas, const Rect& rect, Rgb color, int thickness = 1);

/// One line of text, its cell's top left corner at (x, y): 6 x 10 px a letter, times `scale` >= 1. Printable ASCII; any
/// other character of UTF-8 is a box.
void draw_text(Canvas& canvas, int x, int y, std::string_view text, Rgb color, int scale = 1);
int text_width(std::string_view text, int scale = 1);  ///< [px]
int text_height(int scale = 1);                        ///< [px]

/// Text, black or white, on a plate of `plate` colour, with its top left corner at (x, y), but moved into the canvas
/// where it would stick out.
void draw_label(Canvas& canvas, int x, int y, std::string_view text, Rgb plate, int scale = 1);

/// Lays `picture` (3 channels) on the canvas with its top left corner at (x, y).
void paste(Canvas& canvas, int x, int y, const Canvas& picture, double alpha = 1);

}  // namespace wm::image
