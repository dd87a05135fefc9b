#include "worldmill/sample/sample.h"

#include <gtest/gtest.h>

namespace wm::sample {
namespace {

TEST(SampleId, ReadsWhatItWrites) {
  for (const SampleId id : {SampleId{0, 0, 0}, SampleId{12, 3, 7}, SampleId{12345678, 100, 99999}}) {
    EXPECT_EQ(parse_sample_id(to_string(id, false)).value(), id);
  }
  EXPECT_EQ(to_string({12, 3, 7}, false), "000012-03-0007");
  EXPECT_EQ(to_string({12, 0, 0}, true), "000012");
  EXPECT_EQ(parse_sample_id("000012").value(), (SampleId{12, 0, 0}));
}

TEST(SampleId, RefusesWhatIsNone) {
  for (const char* text :
       {"", "x", "12-", "-12", "1-2", "1-2-", "1-2-3-4", "1--2-3", "+1", "1 ", "99999999999999999999"}) {
    EXPECT_FALSE(parse_sample_id(text)) << text;
  }
  EXPECT_EQ(parse_sample_id("x").error().message, "\"x\" is no sample id; ids look like 000012 or 000012-03-0007");
}

TEST(Table, FindsColumnsByName) {
  Table table;
  table.rows = 2;
  table.add("box", Array({2, 2}, std::vector<double>{1, 2, 3, 4}));
  ASSERT_TRUE(table.find("box"));
  EXPECT_EQ(table.find("box")->as<double>()[3], 4);
  EXPECT_EQ(table.find("bx"), nullptr);
}

TEST(Array, KnowsItsTypeAndShape) {
  const Array array({2, 3}, std::vector<std::uint16_t>(6, 7));
  EXPECT_EQ(array.dtype(), Dtype::u16);
  EXPECT_EQ(name(array.dtype()), "uint16");
  EXPECT_EQ(array.rows(), 2);
  EXPECT_NE(array, Array({3, 2}, std::vector<std::uint16_t>(6, 7)));
}

}  // namespace
}  // namespace wm::sample
