// filter_test.cpp: filters narrow the rules that they name, with the polarity of pySigma.
#include "daemon/sigma/language/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::HasSubstr;

std::string rule(const std::string& id, const std::string& source = "{product: p, category: c}") {
  return "title: T\nid: " + id + "\nname: n_" + id + "\nlogsource: " + source + "\ndetection: {sel: {f: a}, condition: [sel, keyword]," +
         " keyword: {g: b}}\n---\n";
}

std::string filter(const std::string& body, const std::string& source = "{product: p}") {
  return "title: F\nid: f1\nlogsource: " + source + "\nfilter:\n" + body;
}

constexpr const char* kNotMe = "  me: {user: me}\n  condition: not me\n";

bool alerts(const std::string& rules, const std::vector<Field>& fields) {
  auto set = read_rules(rules);
  if (!set) throw std::runtime_error(set.error().text);
  return matches(*set, fields, {"p", "c", ""});
}

TEST(Filters, are_anded_as_they_are_written) {
  const std::string named = rule("a") + filter(std::string("  rules: [a]\n") + kNotMe);
  EXPECT_FALSE(alerts(named, {text("f", "a"), text("user", "me")}));
  EXPECT_TRUE(alerts(named, {text("f", "a"), text("user", "you")}));
  EXPECT_FALSE(alerts(named, {text("g", "b"), text("user", "me")})) << "whichever of the rule's conditions holds";
  const std::string only = rule("a") + filter("  rules: [a]\n  me: {user: me}\n  condition: me\n");
  EXPECT_TRUE(alerts(only, {text("f", "a"), text("user", "me")})) << "without `not` it keeps what it names";
  EXPECT_FALSE(alerts(only, {text("f", "a"), text("user", "you")}));
}

TEST(Filters, find_rules_by_id_by_name_or_all_of_their_log_source) {
  const std::vector<Field> me = {text("f", "a"), text("user", "me")};
  for (const char* rules : {"a", "[n_a]", "[a, n_a]", "any", "ANY", "[]"}) EXPECT_FALSE(alerts(rule("a") + filter(fmt::format("  rules: {}\n", rules) + kNotMe), me)) << rules;
  EXPECT_TRUE(alerts(rule("a") + rule("b") + filter(std::string("  rules: [b]\n") + kNotMe), me));
}

TEST(Filters, hold_only_rules_whose_log_source_is_within_theirs) {
  const std::vector<Field> me = {text("f", "a"), text("user", "me")};
  const std::string any = std::string("  rules: any\n") + kNotMe;
  EXPECT_FALSE(alerts(rule("a") + filter(any, "{product: P, category: c}"), me));
  EXPECT_TRUE(alerts(rule("a", "{product: p}") + filter(any, "{product: p, category: c}"), me)) << "the rule also looks at other events";
  EXPECT_TRUE(alerts(rule("a") + filter(any, "{product: q}"), me));
}

TEST(Filters, keep_their_own_names_apart_from_those_of_the_rule) {
  const std::string same = rule("a") + filter("  rules: any\n  sel: {user: me}\n  sel_2: {user: root}\n  condition: not 1 of sel*\n");
  EXPECT_FALSE(alerts(same, {text("f", "a"), text("user", "root")}));
  EXPECT_TRUE(alerts(same, {text("f", "a"), text("user", "you")}));
  EXPECT_TRUE(alerts(rule("a") + filter("  rules: any\n  me: {user: me}\n  condition: not 1 of them\n"), {text("g", "b"), text("user", "you")}));
}

TEST(Filters, several_of_them_all_narrow) {
  const std::string two = rule("a") + filter(std::string("  rules: any\n") + kNotMe) + "---\ntitle: G\nid: f2\nlogsource: {category: c}\nfilter: {rules: any, host: {h: lab}, condition: not host}\n";
  EXPECT_FALSE(alerts(two, {text("f", "a"), text("user", "me")}));
  EXPECT_FALSE(alerts(two, {text("f", "a"), text("h", "lab")}));
  EXPECT_TRUE(alerts(two, {text("f", "a"), text("h", "office")}));
}

TEST(Filters, change_the_fingerprint_and_what_is_shown) {
  auto plain = read_rules(rule("a"));
  auto narrowed = read_rules(rule("a") + filter(std::string("  rules: any\n") + kNotMe));
  ASSERT_TRUE(plain && narrowed);
  EXPECT_NE(plain->fingerprint(), narrowed->fingerprint());
  EXPECT_EQ(narrowed->find("a")->detection()->condition_text, "(sel | keyword) and (not me)");
}

TEST(Filters, faults_of_them) {
  EXPECT_THAT(faults_of(rule("abcd") + filter(std::string("  rules: [abce]\n") + kNotMe)), HasSubstr("did you mean `abcd`?"));
  EXPECT_THAT(faults_of(rule("a") + filter(std::string("  rules: [a]\n") + kNotMe, "{product: q}")), HasSubstr("not of this filter's `logsource`"));
  EXPECT_THAT(faults_of(rule("a") + filter(kNotMe)), HasSubstr("a filter needs `rules`"));
  EXPECT_THAT(faults_of(rule("a") + filter("  rules: any\n  condition: [a]\n  a: {f: x}\n")), HasSubstr("the `condition` of a filter is one text"));
  EXPECT_THAT(faults_of(rule("a") + filter("  rules: any\n  a: {f: x}\n")), HasSubstr("`filter` has no `condition`"));
  EXPECT_THAT(faults_of(rule("a") + filter("  rules: any\n  condition: a\n")), HasSubstr("no selection is called `a`"));
  EXPECT_THAT(faults_of(rule("a") + "title: F\nfilter: {rules: any, a: {f: x}, condition: a}\n"), HasSubstr("a filter needs a `logsource`"));
  EXPECT_THAT(faults_of(rule("a") + "title: F\nlogsource: {product: p}\nfilter: all\n"), HasSubstr("`filter` needs a map"));
  EXPECT_THAT(faults_of(rule("a") + "title: C\nid: c\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}\n---\n" + filter(std::string("  rules: [c]\n") + kNotMe)),
              HasSubstr("a filter narrows detections"));
}

TEST(Filters, a_rejected_filter_leaves_the_rules_as_they_are) {
  const auto file = yaml::parse("r.yml", rule("a") + filter("  rules: any\n  me: {user|contain: me}\n  condition: not me\n"));
  auto loaded = link_rules({*file});
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(matches(loaded->rules, {text("f", "a"), text("user", "me")}, {"p", "c", ""}));
  ASSERT_EQ(loaded->rejected.size(), 1U);
  EXPECT_EQ(loaded->rejected[0].id, "f1");
}

TEST(Filters, one_that_names_a_rejected_rule_still_narrows_the_others) {
  const auto file = yaml::parse("r.yml", rule("a") + "title: T\nid: bad\nlogsource: {product: p}\ndetection: {sel: {f|contain: a}, condition: sel}\n---\n" +
                                             filter(std::string("  rules: [bad, a]\n") + kNotMe));
  auto loaded = link_rules({*file});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->rejected.size(), 1U);
  EXPECT_FALSE(matches(loaded->rules, {text("f", "a"), text("user", "me")}, {"p", "c", ""}));
}

}  // namespace
}  // namespace tocsin::sigma
