#include "worldmill/base/yaml.h"

#include <gtest/gtest.h>

namespace wm::base {
namespace {

std::string complaint(std::string_view text) {
  const Result<Value> value = parse_yaml(text, "r.yaml");
  return value ? "no complaint" : to_string(value.error());
}

TEST(Yaml, TellsTheKindsOfScalarsApart) {
  const Value value = parse_yaml("[~, true, 12, -0.5, 1e3, 1.5 m, '12', \"true\", 0, yes]", "r.yaml").value();
  const Value::List& list = *value.list();
  ASSERT_EQ(list.size(), 10u);
  EXPECT_TRUE(list[0].is_null());
  EXPECT_EQ(std::get<bool>(list[1].data), true);
  EXPECT_EQ(std::get<std::int64_t>(list[2].data), 12);
  EXPECT_EQ(std::get<double>(list[3].data), -0.5);
  EXPECT_EQ(std::get<double>(list[4].data), 1000);
  EXPECT_EQ(*list[5].text(), "1.5 m");
  EXPECT_EQ(*list[6].text(), "12");
  EXPECT_EQ(*list[7].text(), "true");
  EXPECT_EQ(std::get<std::int64_t>(list[8].data), 0);
  EXPECT_EQ(*list[9].text(), "yes");
}

TEST(Yaml, RemembersWhereEachPartWasWritten) {
  const Value value = parse_yaml("order:\n  scenes: 12\n", "r.yaml").value();
  const Value* scenes = value.find("order")->find("scenes");
  EXPECT_EQ(scenes->place.line, 2);
  EXPECT_EQ(scenes->place.column, 11);
  EXPECT_EQ(value.find("order")->map()->front().place.column, 3);
  EXPECT_EQ(value.find("nothing"), nullptr);
}

TEST(Yaml, AnEmptyFileIsNothing) {
  EXPECT_TRUE(parse_yaml("", "r.yaml").value().is_null());
  EXPECT_TRUE(parse_yaml("# a comment\n", "r.yaml").value().is_null());
}

TEST(Yaml, RefusesWhatReadsInTwoWays) {
  EXPECT_EQ(complaint("a: 1\nb: 2\na: 3\n"), "r.yaml:3:1: key \"a\" stands here twice; the first is in line 1");
  EXPECT_EQ(complaint("a: 012\n"), "r.yaml:1:4: 012 looks like an octal number; drop the leading zero, or quote it");
  EXPECT_EQ(complaint("a: {<<: {b: 1}}\n"), "r.yaml:1:5: merge keys (<<) are not allowed; use extends:");
  EXPECT_EQ(complaint("a: 1\n---\nb: 2\n"), "r.yaml: holds a second document (---); one is allowed");
}

TEST(Yaml, RefusesAnchorsAliasesAndTags) {
  EXPECT_NE(complaint("a: &x 1\n").find("anchors (&name) are not allowed"), std::string::npos);
  EXPECT_NE(complaint("a: &x [*x]\n").find("anchors (&name) are not allowed"), std::string::npos);
  EXPECT_NE(complaint("a: !!str 1\n").find("are not allowed"), std::string::npos);
}

TEST(Yaml, SaysWhatToDoWhenItCannotBeRead) {
  EXPECT_EQ(complaint("a: 1\nb: \xff\n"), "r.yaml:2:4: is not UTF-8 text; save it as UTF-8");
  EXPECT_EQ(complaint("a: \xc3\xa9\n"), "no complaint");
  EXPECT_EQ(complaint("a:\n\tb: 1\n"), "r.yaml:2:3: a tab stands in the indentation; use spaces");
  EXPECT_EQ(complaint("a: [*.glb]\n"), "r.yaml:1:5: a * begins an alias in YAML; quote what begins with one: \"*...\"");
  EXPECT_NE(complaint("a: {b: 1\nc: 2\n").find("a } or a comma is missing"), std::string::npos);
  EXPECT_NE(complaint("a: [1\nc: 2\n").find("a ] or a comma is missing"), std::string::npos);
}

TEST(Yaml, SeesAColourInAComment) {
  EXPECT_NE(complaint("x: 1\npaint:\n  color: #ff0000\n").find("quote the colour: \"#ff0000\""), std::string::npos);
  EXPECT_EQ(complaint("color: # the one we like\n  1\n"), "no complaint");
  EXPECT_EQ(complaint("color: \"#ff0000\"\n"), "no complaint");
}

TEST(Yaml, RefusesAbsurdNestingAndBrokenSyntax) {
  EXPECT_NE(complaint(std::string(100'000, '[')).find("r.yaml:1:"), std::string::npos);
  EXPECT_NE(complaint("a: [1, 2\n").find("r.yaml:"), std::string::npos);
  EXPECT_NE(complaint("{[1, 2]: 3}").find("a key must be a word, not a list"), std::string::npos);
  EXPECT_NE(complaint("a: 1e999\n").find("too large a number"), std::string::npos);
}

}  // namespace
}  // namespace wm::base
