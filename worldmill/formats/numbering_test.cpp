#include "worldmill/formats/numbering.h"

#include <gtest/gtest.h>

namespace wm::formats {
namespace {

TEST(Numbering, GivesDenseNumbersInOrderAndLeadsBack) {
  const std::vector<std::string> fragments{"000003_left\n000003_right\n", "", "000009-01-0002_left\n"};
  const Numbering numbering = Numbering::of(fragments).value();
  EXPECT_EQ(numbering.count(), 3u);
  EXPECT_EQ(numbering.numbered("all/training/image_2/000003_right.png"), "all/training/image_2/000001.png");
  EXPECT_EQ(numbering.numbered("000009-01-0002_left.txt"), "000002.txt");
  EXPECT_EQ(numbering.numbered("all/ImageSets/train.txt"), "all/ImageSets/train.txt");
  const Numbering again = Numbering::parse(numbering.to_text(), "mapping.jsonl").value();
  EXPECT_EQ(again.named("all/training/image_2/000001.png"), "all/training/image_2/000003_right.png");
  EXPECT_EQ(again.to_text(), numbering.to_text());
}

TEST(Numbering, RefusesWhatIsNone) {
  EXPECT_FALSE(Numbering::of(std::vector<std::string>{"../x_y\n"}));
  EXPECT_FALSE(Numbering::of(std::vector<std::string>{"a_b\na_b\n"}));
  EXPECT_EQ(to_string(Numbering::parse("{\"number\":\"000001\",\"image\":\"a_b\"}", "m").error()),
            "m:1: this line does not give the next image its number");
}

}  // namespace
}  // namespace wm::formats
