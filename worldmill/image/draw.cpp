#include "worldmill/image/draw.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "worldmill/base/check.h"
#include "worldmill/image/font.h"

namespace wm::image {
namespace {

using math::Vec2;

// Chosen one by one, each the colour of a 16 x 16 x 16 grid of codes that is farthest in OKLab (Ottosson, 2020) from
// those before it and from five greys, lightness 0.52 to 0.92, chroma at least 0.07.
constexpr std::array<Rgb, 64> kPalette = {
    {{238, 51, 68},   {187, 0, 255},   {0, 255, 0},     {0, 85, 255},    {0, 170, 0},     {255, 221, 0},
     {255, 119, 221}, {0, 170, 255},   {0, 255, 221},   {221, 136, 0},   {153, 68, 153},  {0, 187, 170},
     {153, 119, 238}, {170, 85, 0},    {85, 119, 17},   {170, 187, 17},  {238, 0, 170},   {34, 119, 187},
     {255, 187, 255}, {119, 0, 255},   {255, 136, 136}, {0, 221, 119},   {255, 0, 255},   {204, 102, 153},
     {170, 255, 136}, {255, 187, 119}, {170, 170, 255}, {102, 221, 255}, {102, 85, 204},  {153, 153, 85},
     {0, 136, 119},   {187, 34, 85},   {204, 85, 221},  {153, 221, 170}, {187, 0, 187},   {85, 153, 187},
     {153, 85, 102},  {221, 153, 204}, {187, 119, 102}, {85, 119, 255},  {119, 102, 153}, {255, 102, 34},
     {153, 136, 187}, {204, 136, 255}, {255, 85, 153},  {153, 68, 221},  {187, 221, 0},   {204, 170, 119},
     {153, 119, 0},   {68, 170, 102},  {187, 204, 255}, {102, 187, 221}, {255, 187, 187}, {136, 187, 136},
     {221, 221, 136}, {0, 221, 204},   {204, 17, 0},    {0, 255, 153},   {187, 17, 136},  {170, 102, 187},
     {238, 187, 0},   {238, 17, 119},  {0, 204, 0},     {119, 85, 255}}};

int weight_of(double alpha) {
  return alpha > 0 ? static_cast<int>(std::min(alpha, 1.0) * 255 + 0.5) : 0;
}

void mix(std::uint8_t* pixel, Rgb color, int weight) {
  const auto part = [weight](int from, int to) {
    return static_cast<std::uint8_t>((from * (255 - weight) + to * weight + 127) / 255);
  };
  pixel[0] = part(pixel[0], color.red);
  pixel[1] = part(pixel[1], color.green);
  pixel[2] = part(pixel[2], color.blue);
}

// A rectangle that may lie anywhere, cut to the canvas.
void fill(Canvas& canvas, std::int64_t x0, std::int64_t y0, std::int64_t x1, std::int64_t y1, Rgb color, int weight) {
  WM_CHECK(canvas.channels == 3);
  const auto cut = [](std::int64_t at, int size) { return static_cast<int>(std::clamp<std::int64_t>(at, 0, size)); };
  const int begin = cut(x0, canvas.width), end = cut(x1, canvas.width);
  for (int y = cut(y0, canvas.height); y < cut(y1, canvas.height); ++y) {
    for (int x = begin; x < end; ++x) mix(&canvas.at(x, y), color, weight);
  }
}

struct Segment {
  Vec2 from, to;
};

// Narrows [begin, end] of the way from `at` to `at + step` to where it lies within [low, high].
void narrow(double at, double step, double low, double high, double* begin, double* end) {
  if (step == 0) {
    if (at < low || at > high) *end = -1;
    return;
  }
  const double a = (low - at) / step, b = (high - at) / step;
  *begin = std::max(*begin, std::min(a, b));
  *end = std::min(*end, std::max(a, b));
}

// The part within `margin` of the canvas (Liang and Barsky, 1984); false when there is none.
bool clip(const Canvas& canvas, double margin, Segment* segment) {
  const Vec2 at = segment->from, step = segment->to - segment->from;
  double begin = 0, end = 1;
  narrow(at.x, step.x, -margin, canvas.width + margin, &begin, &end);
  narrow(at.y, step.y, -margin, canvas.height + margin, &begin, &end);
  if (!(begin <= end)) return false;
  *segment = {at + begin * step, at + end * step};
  return std::isfinite(step.x) && std::isfinite(step.y);
}

int within(double value, int size) {
  return static_cast<int>(std::clamp<double>(value, 0, size));
}

double distance(Vec2 point, const Segment& segment) {
  const Vec2 along = segment.to - segment.from, off = point - segment.from;
  const double square = along.x * along.x + along.y * along.y;
  const double t = square > 0 ? std::clamp((off.x * along.x + off.y * along.y) / square, 0.0, 1.0) : 0;
  const Vec2 rest = off - t * along;
  return std::sqrt(rest.x * rest.x + rest.y * rest.y);
}

// Pixels of row `y` that the stroke of half-width `half` may touch.
void stroke_row(Canvas& canvas, int y, const Segment& segment, double half, Rgb color, Edge edge) {
  const double reach = half + 0.5, centre = y + 0.5;
  const Vec2 step = segment.to - segment.from;
  double begin = 0, end = 1;
  narrow(segment.from.y, step.y, centre - reach, centre + reach, &begin, &end);
  if (begin > end) return;
  const double a = segment.from.x + begin * step.x, b = segment.from.x + end * step.x;
  const int x0 = within(std::floor(std::min(a, b) - reach), canvas.width);
  const int x1 = within(std::ceil(std::max(a, b) + reach), canvas.width);
  for (int x = x0; x < x1; ++x) {
    const double cover = std::clamp(reach - distance({x + 0.5, centre}, segment), 0.0, std::min(1.0, 2 * half));
    const double alpha = edge == Edge::smooth ? cover : cover >= 0.5 ? 1 : 0;
    mix(&canvas.at(x, y), color, weight_of(alpha));
  }
}

// The characters of UTF-8 text, each one byte: itself where printable ASCII, else 0.
std::string letters_of(std::string_view text) {
  std::string letters;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code >> 6 == 2) continue;  // the tail of a longer character
    letters.push_back(code >= 32 && code < 127 ? byte : '\0');
  }
  return letters;
}

}  // namespace

Rgb palette_color(std::size_t index) {
  return kPalette[index % kPalette.size()];
}

void blend(Canvas& canvas, int x, int y, Rgb color, double alpha) {
  fill(canvas, x, y, std::int64_t{x} + 1, std::int64_t{y} + 1, color, weight_of(alpha));
}

void draw_line(Canvas& canvas, Vec2 from, Vec2 to, Rgb color, double thickness, Edge edge) {
  WM_CHECK(canvas.channels == 3 && thickness > 0);
  const double half = thickness / 2;
  Segment segment{from, to};
  if (!clip(canvas, half + 2, &segment)) return;
  const double low = std::min(segment.from.y, segment.to.y), high = std::max(segment.from.y, segment.to.y);
  const int y0 = within(std::floor(low - half - 0.5), canvas.height);
  const int y1 = within(std::ceil(high + half + 0.5), canvas.height);
  for (int y = y0; y < y1; ++y) stroke_row(canvas, y, segment, half, color, edge);
}

void draw_polyline(Canvas& canvas, std::span<const Vec2> points, Rgb color, double thickness, bool closed, Edge edge) {
  for (std::size_t i = 1; i < points.size(); ++i) {
    draw_line(canvas, points[i - 1], points[i], color, thickness, edge);
  }
  if (closed && points.size() > 2) draw_line(canvas, points.back(), points.front(), color, thickness, edge);
}

void fill_rect(Canvas& canvas, const Rect& rect, Rgb color, double alpha) {
  fill(canvas, rect.x0, rect.y0, rect.x1, rect.y1, color, weight_of(alpha));
}

void draw_rect(Canvas& canvas, const Rect& rect, Rgb color, int thickness) {
  WM_CHECK(thickness >= 1);
  const std::int64_t x0 = rect.x0, y0 = rect.y0, x1 = rect.x1, y1 = rect.y1;
  if (x0 >= x1 || y0 >= y1) return;
  const std::int64_t thick = std::min({std::int64_t{thickness}, x1 - x0, y1 - y0});
  fill(canvas, x0, y0, x1, y0 + thick, color, 255);
  fill(canvas, x0, y1 - thick, x1, y1, color, 255);
  fill(canvas, x0, y0 + thick, x0 + thick, y1 - thick, color, 255);
  fill(canvas, x1 - thick, y0 + thick, x1, y1 - thick, color, 255);
}

void draw_text(Canvas& canvas, int x, int y, std::string_view text, Rgb color, int scale) {
  WM_CHECK(scale >= 1);
  std::int64_t left = x;
  for (const char code : letters_of(text)) {
    const Letter& rows = letter(static_cast<unsigned char>(code));
    for (int row = 0; row < kLetterRows; ++row) {
      for (int column = 0; column < kLetterWidth; ++column) {
        if ((rows[row] >> (kLetterWidth - 1 - column) & 1) == 0) continue;
        const std::int64_t x0 = left + std::int64_t{scale} * column, y0 = y + std::int64_t{scale} * (row + 1);
        fill(canvas, x0, y0, x0 + scale, y0 + scale, color, 255);
      }
    }
    left += std::int64_t{scale} * kCellWidth;
  }
}

int text_width(std::string_view text, int scale) {
  return static_cast<int>(letters_of(text).size()) * kCellWidth * scale;
}

int text_height(int scale) {
  return kCellHeight * scale;
}

void draw_label(Canvas& canvas, int x, int y, std::string_view text, Rgb plate, int scale) {
  const int width = text_width(text, scale) + 3 * scale, height = text_height(scale) + scale;
  const int left = std::max(0, std::min(x, canvas.width - width));
  const int top = std::max(0, std::min(y, canvas.height - height));
  const bool is_light = 299 * plate.red + 587 * plate.green + 114 * plate.blue > 128000;
  fill_rect(canvas, {left, top, left + width, top + height}, plate);
  draw_text(canvas, left + 2 * scale, top, text, is_light ? Rgb{0, 0, 0} : Rgb{255, 255, 255}, scale);
}

void paste(Canvas& canvas, int x, int y, const Canvas& picture, double alpha) {
  WM_CHECK(canvas.channels == 3 && picture.channels == 3);
  const int weight = weight_of(alpha);
  const std::int64_t y_end = std::min<std::int64_t>(canvas.height, std::int64_t{y} + picture.height);
  const std::int64_t x_end = std::min<std::int64_t>(canvas.width, std::int64_t{x} + picture.width);
  for (int to_y = std::max(y, 0); to_y < y_end; ++to_y) {
    for (int to_x = std::max(x, 0); to_x < x_end; ++to_x) {
      const std::uint8_t* from =
          &picture.at(static_cast<int>(std::int64_t{to_x} - x), static_cast<int>(std::int64_t{to_y} - y));
      mix(&canvas.at(to_x, to_y), {from[0], from[1], from[2]}, weight);
    }
  }
}

}  // namespace wm::image
