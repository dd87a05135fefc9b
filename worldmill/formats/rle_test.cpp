#include "worldmill/formats/rle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "worldmill/base/distributions.h"

namespace wm::formats {
namespace {

using base::RandomKey;

std::vector<std::uint8_t> random_rows(RandomKey key, int width, int height, double share) {
  std::vector<std::uint8_t> rows(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = base::bernoulli(key, i, share);
  return rows;
}

/// Blocks of `size` pixels, so that runs are long and their differences of both signs.
std::vector<std::uint8_t> blocks(RandomKey key, int width, int height, int size) {
  std::vector<std::uint8_t> rows;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      rows.push_back(base::bernoulli(key, static_cast<std::uint64_t>(y / size * 1000 + x / size), 0.5));
    }
  }
  return rows;
}

void comes_back(const std::vector<std::uint8_t>& rows, int width, int height) {
  const Mask mask = encode_mask(rows, width, height);
  EXPECT_EQ(decode_mask(mask), rows);
  const auto read = mask_from_text(mask_text(mask), width, height);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, mask);
}

TEST(Rle, AnyMaskComesBack) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    const RandomKey key = RandomKey::from_seed(i);
    const int width = static_cast<int>(base::integer(key, 0, 1, 60)),
              height = static_cast<int>(base::integer(key, 1, 1, 60));
    comes_back(random_rows(key.child("a"), width, height, base::unit(key, 2)), width, height);
    comes_back(blocks(key.child("b"), width, height, static_cast<int>(base::integer(key, 3, 1, 30))), width, height);
  }
  comes_back(std::vector<std::uint8_t>(12, 0), 4, 3);
  comes_back(std::vector<std::uint8_t>(12, 1), 4, 3);
  comes_back(blocks(RandomKey::from_seed(1), 1000, 900, 300), 1000, 900);
}

TEST(Rle, ReadsColumnsFirstAndCountsZerosFirst) {
  const std::vector<std::uint8_t> rows{1, 0, 0,  //
                                       1, 0, 1};
  EXPECT_EQ(encode_mask(rows, 3, 2).counts, (std::vector<std::uint32_t>{0, 2, 3, 1}));
}

TEST(Rle, TextIsThatOfPycocotools) {  // pycocotools.mask.encode of the same pixels
  const std::vector<std::uint8_t> rows{1, 0, 0, 1, 0, 1};
  EXPECT_EQ(mask_text(encode_mask(rows, 3, 2)), "023O");
  EXPECT_EQ(mask_text({1000, 1000, {1000000}}), "Pb`n0");
}

TEST(Rle, BoxAndAreaAreThoseOfThePixels) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    const RandomKey key = RandomKey::from_seed(i).child("box");
    const int width = 13, height = 7;
    const auto rows = random_rows(key, width, height, base::unit(key, 1000) * 0.1);
    MaskBox expected{0, width, height, 0, 0};
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        if (rows[static_cast<std::size_t>(y * width + x)] == 0) continue;
        ++expected.area;
        expected.x_min = std::min(expected.x_min, x), expected.x_max = std::max(expected.x_max, x + 1);
        expected.y_min = std::min(expected.y_min, y), expected.y_max = std::max(expected.y_max, y + 1);
      }
    }
    if (expected.area == 0) expected = {};
    const MaskBox box = box_of(encode_mask(rows, width, height));
    EXPECT_TRUE(box.area == expected.area && box.x_min == expected.x_min && box.x_max == expected.x_max &&
                box.y_min == expected.y_min && box.y_max == expected.y_max);
  }
}

TEST(Rle, OnePassOverInstancesFindsEachMask) {
  const RandomKey key = RandomKey::from_seed(5);
  std::vector<std::uint32_t> instances(40 * 30);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    instances[i] = static_cast<std::uint32_t>(base::integer(key, i / 7, 0, 3)) * 1'000'000'000u;
  }
  const auto masks = instance_masks(instances, 40, 30);
  ASSERT_EQ(masks.size(), 3u);
  for (const InstanceMask& found : masks) {
    std::vector<std::uint8_t> rows;
    for (const std::uint32_t id : instances) rows.push_back(id == found.instance);
    EXPECT_EQ(found.mask, encode_mask(rows, 40, 30));
    EXPECT_EQ(found.box.area, std::ranges::count(rows, 1));
  }
}

TEST(Rle, RefusesTextThatDoesNotFillThePicture) {
  const auto complaint = [](std::string_view text) {
    const auto mask = mask_from_text(text, 3, 2);
    return mask ? "no complaint" : mask.error().message;
  };
  EXPECT_EQ(complaint("023O"), "no complaint");
  EXPECT_EQ(complaint("023"), "the run lengths do not fill the picture");
  EXPECT_EQ(complaint(""), "the run lengths do not fill the picture");
  EXPECT_EQ(complaint("023O1"), "the run lengths do not fit the picture");
  EXPECT_EQ(complaint("023P"), "the run lengths stop inside a number");
  EXPECT_EQ(complaint("oooooooooooooooo"), "the run lengths stop inside a number");
  EXPECT_EQ(complaint("02 "), "the run lengths hold a character that is none of theirs");
  EXPECT_EQ(complaint("0O"), "the run lengths do not fit the picture");
}

}  // namespace
}  // namespace wm::formats
