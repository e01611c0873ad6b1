// condition_test.cpp: precedence, quantifiers and faults of conditions.
#include "daemon/sigma/language/condition.h"

#include <gtest/gtest.h>

#include "daemon/base/limits.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

/// Selections a, b, c, sel_1, sel_2, _hidden are true where their letter stands in `truths`.
bool when(const std::string& condition, const std::string& truths) {
  auto rules = read_rules(detection("  a: {f: a}\n  b: {f: b}\n  c: {f: c}\n  sel_1: {f: '1'}\n  sel_2: {f: '2'}\n"
                                    "  _hidden: {f: h}\n  condition: " + condition + "\n"));
  if (!rules) throw std::runtime_error(rules.error().text);
  std::vector<std::string> values;
  for (const char c : truths) values.emplace_back(1, c);
  return matches(*rules, {list("f", values)});
}

std::string fault(const std::string& condition) {
  return faults_of(detection("  a: {f: a}\n  sel_1: {f: b}\n  condition: " + condition + "\n"));
}

TEST(Condition, not_binds_before_and_before_or) {
  EXPECT_TRUE(when("a or b and c", "a"));
  EXPECT_FALSE(when("(a or b) and c", "a"));
  EXPECT_TRUE(when("not a and b", "b"));
  EXPECT_FALSE(when("not (a or b)", "b"));
  EXPECT_TRUE(when("not not a", "a"));
}

TEST(Condition, quantifiers_take_patterns_and_them) {
  EXPECT_TRUE(when("1 of sel_*", "2"));
  EXPECT_FALSE(when("all of sel_*", "2"));
  EXPECT_TRUE(when("all of sel_*", "12"));
  EXPECT_TRUE(when("any of sel_*", "1"));
  EXPECT_TRUE(when("1 of *_1", "1"));
  EXPECT_FALSE(when("1 of them", "h")) << "names with an underscore in front are left out";
  EXPECT_TRUE(when("1 of _*", "h"));
  EXPECT_TRUE(when("all of them", "abc12"));
  EXPECT_TRUE(when("a and not 1 of sel_*", "a"));
  EXPECT_FALSE(when("a and not 1 of sel_*", "a1"));
}

TEST(Condition, words_are_read_in_any_case_and_a_list_is_an_or) {
  EXPECT_TRUE(when("a AND NOT b", "a"));
  EXPECT_TRUE(when("[a, b and c]", "a"));
  EXPECT_FALSE(when("[a, b and c]", "b"));
}

TEST(Condition, an_unknown_name_gets_a_caret_and_a_guess) {
  EXPECT_EQ(fault("a and sel_l"), "r.yml:7:20: no selection is called `sel_l`\n"
                                  "  7 |   condition: a and sel_l\n"
                                  "    |                    ^^^^^ did you mean `sel_1`?");
}

TEST(Condition, faults_say_what_was_expected) {
  EXPECT_NE(fault("a and").find("ends where a selection is expected"), std::string::npos) << fault("a and");
  EXPECT_NE(fault("(a or sel_1").find("never closed"), std::string::npos);
  EXPECT_NE(fault("a sel_1").find("expected `and`, `or` or the end, found `sel_1`"), std::string::npos);
  EXPECT_NE(fault("2 of sel_*").find("write `1 of`"), std::string::npos);
  EXPECT_NE(fault("1 of x_*").find("no selection matches `x_*`"), std::string::npos);
  EXPECT_NE(fault("a | count() > 5").find("write a correlation"), std::string::npos);
  EXPECT_NE(fault("''").find("condition is empty"), std::string::npos);
  EXPECT_NE(fault("a)").find("found `)`"), std::string::npos);
}

TEST(Condition, nests_to_its_limit_and_no_deeper) {
  const auto nested = [](std::size_t n) { return std::string(n, '(') + "a" + std::string(n, ')'); };
  EXPECT_EQ(fault(nested(limits::kConditionDepthMax)), "no fault");
  EXPECT_NE(fault(nested(limits::kConditionDepthMax + 1)).find("nests deeper than 64"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 50'000; ++i) nots += "not ";
  EXPECT_NE(fault(nots + "a").find("nests deeper"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::sigma
