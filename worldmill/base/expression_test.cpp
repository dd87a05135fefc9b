#include "worldmill/base/expression.h"

#include <gtest/gtest.h>

namespace wm::base {
namespace {

Result<Term> lookup(const std::string& name) {
  if (name == "hour") return Term("night");
  if (name == "clutter") return Term(12.0);
  return error("there is no \"" + name + "\"", {"r.yaml", 2, 3});
}

Result<Term> value_of(std::string_view text) {
  WM_TRY(expression, Expression::parse(text, {"r.yaml", 1, 1}));
  return expression.evaluate(lookup);
}

std::string complaint(std::string_view text) {
  const Result<Term> value = value_of(text);
  return value ? "no complaint" : to_string(value.error());
}

double number(std::string_view text) {
  return std::get<double>(value_of(text).value());
}
bool truth(std::string_view text) {
  return std::get<bool>(value_of(text).value());
}

TEST(Expression, BindsAsOnPaper) {
  EXPECT_EQ(number("1 + 2 * 3"), 7);
  EXPECT_EQ(number("(1 + 2) * 3"), 9);
  EXPECT_EQ(number("8 / 4 / 2"), 1);
  EXPECT_EQ(number("1 - 2 - 3"), -4);
  EXPECT_EQ(number("-2 * -$clutter"), 24);
  EXPECT_TRUE(truth("1 + 1 == 2 and not 3 < 2 or false"));
  EXPECT_TRUE(truth("true or true and false"));
}

TEST(Expression, KnowsItsFunctions) {
  EXPECT_EQ(number("min(3, 1, 2)"), 1);
  EXPECT_EQ(number("max(3, 1, 2) + abs(-4)"), 7);
  EXPECT_EQ(number("floor(-1.5)"), -2);
  EXPECT_EQ(number("round(2.5)"), 3);
  EXPECT_EQ(number("sqrt(9)"), 3);
  EXPECT_EQ(number("clamp($clutter, 0, 10)"), 10);
}

TEST(Expression, ComparesWords) {
  EXPECT_TRUE(truth("$hour == night"));
  EXPECT_TRUE(truth("$hour != \"day\""));
  EXPECT_TRUE(truth("not $hour == day"));
}

TEST(Expression, NamesWhatItUsesOnce) {
  const Expression expression = Expression::parse("$b + $a * $b", {}).value();
  EXPECT_EQ(expression.names(), (std::vector<std::string>{"b", "a"}));
}

TEST(Expression, LooksRightOnlyWhenLeftDoesNotDecide) {
  EXPECT_FALSE(truth("false and $missing"));
  EXPECT_TRUE(truth("true or $missing"));
  EXPECT_EQ(complaint("true and $missing"), "r.yaml:2:3: there is no \"missing\"");
}

TEST(Expression, SaysWhatCannotBe) {
  EXPECT_EQ(complaint("1 / ($clutter - 12)"), "r.yaml:1:1: divides by zero");
  EXPECT_EQ(complaint("$hour + 1"), "r.yaml:1:1: \"+\" needs a number, not \"night\"");
  EXPECT_EQ(complaint("$hour == 1"), "r.yaml:1:1: \"night\" and 1 cannot be compared: they are of different kinds");
  EXPECT_EQ(complaint("sqrt(-1)"), "r.yaml:1:1: the result of \"sqrt\" is not a finite number");
  EXPECT_EQ(complaint("1 and true"), "r.yaml:1:1: \"and\" needs true or false, not 1");
}

TEST(Expression, SaysWhereReadingStopped) {
  EXPECT_EQ(complaint("1 + "), "r.yaml:1:1: expression \"1 + \": expected a value at the end");
  EXPECT_EQ(complaint("(1"), "r.yaml:1:1: expression \"(1\": expected \")\" at the end");
  EXPECT_EQ(complaint("1 2"), "r.yaml:1:1: expression \"1 2\": expected an operator before \"2\"");
  EXPECT_EQ(complaint("flor(1)"),
            "r.yaml:1:1: expression \"flor(1)\": there is no function \"flor\"; did you mean \"floor\"?");
  EXPECT_EQ(complaint("clamp(1)"), "r.yaml:1:1: expression \"clamp(1)\": clamp takes 3 arguments, not 1");
  EXPECT_NE(complaint("1 < 2 < 3").find("comparisons are not chained"), std::string::npos);
  EXPECT_NE(complaint(std::string(900, '(')).find("nested deeper than 50"), std::string::npos);
  EXPECT_NE(complaint(std::string(900, '-')).find("nested deeper than 50"), std::string::npos);
}

}  // namespace
}  // namespace wm::base
