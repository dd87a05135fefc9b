#include "worldmill/image/draw.h"

#include <gtest/gtest.h>

#include <climits>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <set>

#include "worldmill/base/hash.h"
#include "worldmill/image/font.h"
#include "worldmill/image/png.h"

namespace wm::image {
namespace {

using math::Vec2;

constexpr Rgb kWhite = {255, 255, 255};

Canvas black(int width, int height) {
  return Canvas(width, height, 3);
}

// The area that white covers on black [px].
double area(const Canvas& canvas) {
  double sum = 0;
  for (const std::uint8_t value : canvas.values) sum += value;
  return sum / 255 / 3;
}

// The law of a stroke: its area is length times thickness and, with two round ends, a disc. Pixels see distance to the
// middle line alone, which is exact for long edges and a few hundredths off around the ends.
TEST(DrawLine, CoversItsArea) {
  for (const double thickness : {1.0, 2.0, 5.0}) {
    for (const Vec2 to : {Vec2{80.3, 20.1}, Vec2{20.7, 90.2}, Vec2{77, 74}, Vec2{90.25, 52.5}}) {
      Canvas canvas = black(100, 100);
      const Vec2 from{20.5, 15.25};
      draw_line(canvas, from, to, kWhite, thickness);
      const double length = std::hypot(to.x - from.x, to.y - from.y);
      EXPECT_NEAR(area(canvas), length * thickness + 3.14159 / 4 * thickness * thickness, 0.02 * length + 0.2);
    }
  }
}

TEST(DrawLine, ThroughPixelCentresIsSolid) {
  Canvas canvas = black(8, 3);
  draw_line(canvas, {1.5, 1.5}, {6.5, 1.5}, kWhite);
  for (int x = 0; x < 8; ++x) {
    EXPECT_EQ(canvas.at(x, 1), x >= 1 && x <= 6 ? 255 : 0) << x;
    EXPECT_EQ(canvas.at(x, 0), 0);
  }
}

TEST(DrawLine, HardEdgesLeaveNoGapAndNoGrey) {
  for (int y = 0; y <= 60; ++y) {
    Canvas canvas = black(62, 62);
    draw_line(canvas, {0.5, 0.5}, {60.5, y + 0.5}, kWhite, 1, Edge::hard);
    for (int x = 0; x <= 60; ++x) {
      int hits = 0;
      for (int row = 0; row < 62; ++row) {
        ASSERT_TRUE(canvas.at(x, row) == 0 || canvas.at(x, row) == 255);
        hits += canvas.at(x, row) == 255;
      }
      ASSERT_GE(hits, 1) << x << " of slope " << y;
    }
  }
}

TEST(DrawLine, IsCutAtTheEdgeWithoutMoving) {
  Canvas large = black(60, 60), small = black(20, 20);
  draw_line(large, {-500, -400}, {700, 560}, kWhite, 3);
  draw_line(small, {-500, -400}, {700, 560}, kWhite, 3);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) EXPECT_NEAR(small.at(x, y), large.at(x, y), 1);
  }
  EXPECT_GT(area(small), 20);
}

TEST(Draw, AnyCoordinateIsSafe) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Canvas canvas = black(10, 10);
  for (const double wild : {std::nan(""), kInfinity, -kInfinity, 1e308, -1e308, 1e18, -1e18}) {
    draw_line(canvas, {wild, 1}, {5, 5}, kWhite, 2);
    draw_line(canvas, {5, 5}, {2, wild}, kWhite, 2);
    draw_line(canvas, {-wild, wild}, {wild, -wild}, kWhite, 2);
  }
  for (const int wild : {INT_MIN, INT_MIN + 1, INT_MAX - 1, INT_MAX}) {
    draw_rect(canvas, {wild, wild, INT_MAX, INT_MAX}, kWhite, 5);
    draw_rect(canvas, {INT_MIN, INT_MIN, wild, wild}, kWhite, INT_MAX);
    draw_text(canvas, wild, wild, "abc", kWhite, 3);
    blend(canvas, wild, wild, kWhite);
    paste(canvas, wild, wild, black(3, 3));
    draw_label(canvas, wild, wild, "abc", kWhite);
  }
  EXPECT_EQ(canvas.values.size(), 300u);
}

TEST(DrawRect, OutlineLiesInside) {
  Canvas canvas = black(20, 20);
  draw_rect(canvas, {3, 4, 13, 10}, kWhite, 2);
  EXPECT_EQ(area(canvas), 10 * 6 - 6 * 2);
  EXPECT_EQ(canvas.at(3, 4), 255);
  EXPECT_EQ(canvas.at(12, 9), 255);
  EXPECT_EQ(canvas.at(13, 9), 0);
  EXPECT_EQ(canvas.at(5, 6), 0);
}

TEST(DrawRect, ThatReachesOutShowsNoFalseEdge) {
  Canvas canvas = black(10, 10);
  draw_rect(canvas, {-5, 2, 30, 8}, kWhite, 1);
  EXPECT_EQ(area(canvas), 20);
}

TEST(FillRect, MixesByAlpha) {
  Canvas canvas = black(2, 1);
  fill_rect(canvas, {0, 0, 1, 1}, {200, 100, 50}, 0.5);
  EXPECT_EQ(canvas.values, (std::vector<std::uint8_t>{100, 50, 25, 0, 0, 0}));
}

TEST(DrawText, EveryPrintableLetterIsItsOwnAndStaysInItsCell) {
  std::set<Letter> seen;
  for (int code = 33; code < 127; ++code) {
    const Letter& rows = letter(static_cast<unsigned char>(code));
    EXPECT_TRUE(seen.insert(rows).second) << static_cast<char>(code);
    for (const std::uint8_t row : rows) EXPECT_LT(row, 32);
  }
  EXPECT_EQ(letter(' '), Letter{});
}

TEST(DrawText, IsAsWideAsItSays) {
  EXPECT_EQ(text_width("pallet 1.5 m", 2), 12 * 6 * 2);
  EXPECT_EQ(text_width("gr\xc3\xb6\xc3\x9f"
                       "e"),
            5 * 6);
  Canvas canvas = black(40, 12);
  draw_text(canvas, 0, 0, "HHH", kWhite);
  for (int y = 0; y < 12; ++y) EXPECT_EQ(canvas.at(17, y), 0);  // the gap after the last letter
  EXPECT_EQ(canvas.at(16, 4), 255);
}

TEST(DrawText, ScaleMakesEachDotASquare) {
  Canvas one = black(40, 12), three = black(120, 36);
  draw_text(one, 0, 0, "Ag%", kWhite);
  draw_text(three, 0, 0, "Ag%", kWhite, 3);
  for (int y = 0; y < 36; ++y) {
    for (int x = 0; x < 120; ++x) ASSERT_EQ(three.at(x, y), one.at(x / 3, y / 3));
  }
}

TEST(DrawLabel, StaysOnTheCanvas) {
  Canvas inside = black(60, 30), outside = black(60, 30);
  draw_label(inside, 60 - text_width("box") - 3, 30 - text_height() - 1, "box", {255, 0, 0});
  draw_label(outside, 100, 100, "box", {255, 0, 0});
  EXPECT_EQ(inside, outside);
}

TEST(Paste, LaysWhatFits) {
  Canvas canvas = black(4, 4);
  Canvas stamp(3, 3, 3);
  std::fill(stamp.values.begin(), stamp.values.end(), std::uint8_t{255});
  paste(canvas, -1, 2, stamp);
  EXPECT_EQ(area(canvas), 4);
  EXPECT_EQ(canvas.at(1, 3), 255);
  EXPECT_EQ(canvas.at(2, 3), 0);
}

TEST(Palette, ColoursAreFarApart) {
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const Rgb a = palette_color(i), b = palette_color(k);
      const int far = std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue);
      EXPECT_GT(far, i < 16 ? 80 : 30) << i << " " << k;
    }
  }
  EXPECT_EQ(palette_color(64), palette_color(0));
}

void draw_box(Canvas& canvas, Vec2 at) {
  const auto corner = [at](int i) { return at + Vec2{(i & 1) * 60.0 + (i & 4) * 6.0, (i & 2) * 25.0 - (i & 4) * 4.0}; };
  constexpr int kEdges[12][2] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {4, 5}, {6, 7},
                                 {4, 6}, {5, 7}, {0, 4}, {1, 5}, {2, 6}, {3, 7}};
  for (const auto& [a, b] : kEdges) draw_line(canvas, corner(a), corner(b), palette_color(5), 1.5);
}

Canvas test_card() {
  constexpr double kCosine[12] = {1, 0.866, 0.5, 0, -0.5, -0.866, -1, -0.866, -0.5, 0, 0.5, 0.866};  // every 30 degrees
  Canvas card(480, 360, 3);
  for (int y = 0; y < card.height; ++y) {
    for (int x = 0; x < card.width; ++x) {
      const auto grey = static_cast<std::uint8_t>(40 + 40 * x / card.width);
      blend(card, x, y, {grey, grey, grey});
    }
  }
  for (int line = 0; line < 6; ++line) {
    std::string text;
    for (int i = 0; i < 16; ++i) text.push_back(static_cast<char>(std::min(126, 32 + 16 * line + i)));
    draw_text(card, 8, 8 + 22 * line, text, kWhite, 2);
  }
  draw_text(card, 8, 142, "The quick brown fox jumps over the lazy dog, 0.25 m/s {x: -1.5}", kWhite);
  draw_text(card, 8, 154, "pallet_jack #12 (98 %) \xc3\xbc \"quoted\" a@b [3] <tag> it's 5*7=35; ok?", {255, 221, 0});
  for (int i = 0; i < 64; ++i) {
    fill_rect(card, {8 + 29 * (i % 16), 172 + 14 * (i / 16), 35 + 29 * (i % 16), 184 + 14 * (i / 16)},
              palette_color(static_cast<std::size_t>(i)));
  }
  for (int i = 0; i < 12; ++i) {
    const double c = kCosine[i], s = kCosine[(i + 9) % 12];
    draw_line(card, {270 + 10 * c, 60 + 10 * s}, {270 + 45 * c, 60 + 45 * s},
              palette_color(static_cast<std::size_t>(i)));
    draw_line(card, {380 + 10 * c, 60 + 10 * s}, {380 + 45 * c, 60 + 45 * s}, kWhite, 1, Edge::hard);
  }
  const Vec2 star[] = {{440, 20}, {450, 50}, {475, 50}, {455, 65}, {465, 95}, {440, 76}};
  draw_polyline(card, star, palette_color(7), 3, true);
  fill_rect(card, {20, 240, 140, 340}, palette_color(2), 0.3);
  draw_rect(card, {20, 240, 140, 340}, palette_color(2), 2);
  draw_label(card, 20, 229, "forklift 0.97", palette_color(2));
  draw_rect(card, {180, 250, 300, 350}, palette_color(0), 1);
  draw_label(card, 180, 250, "box", palette_color(0), 2);
  draw_box(card, {330, 280});
  return card;
}

// To look at it: WM_PICTURES=folder names where the card is written as draw.png.
TEST(Draw, TestCardHasItsKnownBytes) {
  const Canvas card = test_card();
  if (const char* folder = std::getenv("WM_PICTURES")) {
    std::ofstream(std::string(folder) + "/draw.png", std::ios::binary) << encode_png(card);
  }
  const std::string_view bytes(reinterpret_cast<const char*>(card.values.data()), card.values.size());
  EXPECT_EQ(to_string(base::hash_bytes(bytes)), "7a1b2465cee5c4bdaa8ec7eb8d9c5fc9");
}

}  // namespace
}  // namespace wm::image
