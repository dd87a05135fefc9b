#include "worldmill/base/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "worldmill/base/random_key.h"

namespace wm::base {
namespace {

std::string complaint(std::string_view text, const JsonBudget& budget = {}) {
  const Result<Value> value = parse_json(text, "a.json", budget);
  return value ? "no complaint" : to_string(value.error());
}

std::string rewritten(std::string_view text) {
  std::string out;
  append_json(out, parse_json(text, "a.json").value());
  return out;
}

TEST(Json, WritesWhatItReads) {
  const std::string_view text =
      R"({"z":[1,-2,9007199254740993,1.5,-0.0,1e+300,true,false,null,"inf"],"a":{"quote\" \\ \n":"grün 🙂"},"e":[],"o":{}})";
  EXPECT_EQ(rewritten(text), text);
}

TEST(Json, AnyDoubleComesBackBitForBit) {
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const Counter bits = RandomKey::from_seed(7).bits(i);
    const double number = std::bit_cast<double>(std::uint64_t{bits[0]} << 32 | bits[1]);
    std::string text;
    append_json(text, number);
    double back = 0;
    ASSERT_TRUE(json_double(parse_json(text, "a.json").value(), back)) << text;
    if (std::isnan(number)) {
      ASSERT_TRUE(std::isnan(back));
    } else {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(number)) << text;
    }
  }
}

TEST(Json, DoublesStayDoublesAndWholeNumbersStayWhole) {
  std::string text;
  append_json(text, 3.0);
  EXPECT_EQ(text, "3.0");
  EXPECT_TRUE(std::holds_alternative<double>(parse_json("3.0", "a.json")->data));
  EXPECT_TRUE(std::holds_alternative<std::int64_t>(parse_json("3", "a.json")->data));
}

TEST(Json, BytesThatAreNotUtf8AreReplaced) {
  std::string text;
  append_json(text, std::string_view("a\xFF\xED\xA0\x80z"));
  EXPECT_EQ(text, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\"");
  EXPECT_TRUE(parse_json(text, "a.json").has_value());
}

TEST(Json, ComplaintsSayWhere) {
  EXPECT_EQ(complaint("{\n  \"a\": }"), "a.json:2:8: is no JSON from here on");
  EXPECT_EQ(complaint("{\"a\":1,\"a\":2}"), "a.json: key \"a\" stands twice in one object");
  EXPECT_EQ(complaint("18446744073709551615"), "a.json: 18446744073709551615 is larger than 64 signed bits hold");
  EXPECT_NE(complaint("1e999"), "no complaint");
  EXPECT_NE(complaint(""), "no complaint");
  EXPECT_NE(complaint("1 2"), "no complaint");
}

TEST(Json, BudgetsEndHostileTexts) {
  EXPECT_EQ(complaint(std::string(100000, '[')), "a.json: is nested deeper than 100 levels");
  EXPECT_EQ(complaint("[1,2,3,4]", {.values = 4}), "a.json: holds more than 4 values");
  EXPECT_EQ(complaint("[1,2,3,4]", {.bytes = 4}), "a.json: is 9 bytes long; 4 are allowed");
}

TEST(Json, ThePrettyFormReadsBackAsTheSame) {
  const std::string text = R"({"a":[1,2],"b":{"c":[{"d":null},[true]],"e":{}},"f":[]})";
  const Value value = parse_json(text, "t").value();
  std::string compact;
  append_json(compact, parse_json(pretty_json(value), "t").value());
  EXPECT_EQ(compact, text);
  EXPECT_EQ(pretty_json(parse_json(R"({"a":[1,2],"b":{"c":1}})", "t").value()),
            "{\n  \"a\": [1,2],\n  \"b\": {\n    \"c\": 1\n  }\n}\n");
}

}  // namespace
}  // namespace wm::base
