// collection_test.cpp: documents that share what they say, as pySigma joins them.
#include "daemon/sigma/language/collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RuleSet good(const std::string& text) {
  auto set = read_rules(text);
  if (!set) throw std::runtime_error(set.error().text);
  return std::move(*set);
}

std::vector<std::string> told(const RuleSet& rules) {
  std::vector<std::string> out;
  for (const Rule& rule : rules.rules()) out.push_back(fmt::format("{} {} {} {}", rule.id, rule.title, rule.level, rule.log_source.category));
  return out;
}

TEST(Collections, a_global_is_laid_over_every_detection_behind_it_until_reset) {
  const RuleSet rules = good("action: global\ntitle: Both\nlevel: high\nlogsource: {product: p}\n"
                             "---\nid: a\nlogsource: {category: x}\ndetection: {sel: {f: a}, condition: sel}\n"
                             "---\nid: b\ntitle: Mine\nlogsource: {category: y}\ndetection: {sel: {f: b}, condition: sel}\n"
                             "---\naction: reset\n"
                             "---\nid: c\ntitle: Own\nlogsource: {category: z}\ndetection: {sel: {f: c}, condition: sel}\n");
  EXPECT_THAT(told(rules), ElementsAre("a Both high x", "b Both high y", "c Own medium z")) << "where both say something the global wins, as in pySigma";
  EXPECT_EQ(rules.find("a")->log_source.product, "p") << "maps are joined";
  EXPECT_EQ(rules.find("c")->log_source.product, "");
}

TEST(Collections, a_global_may_bring_selections) {
  const RuleSet rules = good("action: global\ntitle: T\nlogsource: {product: p}\ndetection: {not_me: {user: me}}\n"
                             "---\nid: a\ndetection: {sel: {f: a}, condition: sel and not not_me}\n");
  EXPECT_TRUE(matches(rules, {text("f", "a"), text("user", "you")}));
  EXPECT_FALSE(matches(rules, {text("f", "a"), text("user", "me")}));
}

TEST(Collections, a_repeat_is_laid_over_the_document_before_it) {
  const RuleSet rules = good(detection("  sel: {f: a}\n  condition: sel\n", "a") + "---\naction: repeat\nid: b\nlogsource: {category: x}\n" +
                             "---\naction: repeat\nid: c\ndetection: {sel: {f: c}}\n");
  EXPECT_THAT(told(rules), ElementsAre("a T medium ", "b T medium x", "c T medium x")) << "a repeat of a repeat goes on from it";
  EXPECT_TRUE(matches(rules, {text("f", "c")}, {"p", "x", ""}));
  EXPECT_EQ(rules.find("b")->detection()->condition_text, "sel");
}

TEST(Collections, a_repeat_of_a_global_leaves_the_global_as_it_is) {
  const RuleSet rules = good("action: global\ntitle: T\nlogsource: {product: p}\ndetection: {sel: {f: a}, condition: sel}\n"
                             "---\naction: repeat\nid: a\nlevel: low\n---\nid: b\n");
  EXPECT_THAT(told(rules), ElementsAre("a T low ", "b T medium "));
}

TEST(Collections, correlations_take_no_global) {
  const RuleSet rules = good("action: global\nlevel: high\n---\n" + detection("  sel: {f: a}\n  condition: sel\n", "base") +
                             "---\ntitle: C\nid: c\ncorrelation: {type: event_count, rules: [base], timespan: 1m, condition: {gte: 2}}\n");
  EXPECT_EQ(rules.find("base")->level, "high");
  EXPECT_EQ(rules.find("c")->level, "medium");
}

TEST(Collections, faults_point_into_the_document_that_has_them) {
  EXPECT_THAT(faults_of("action: globl\ntitle: T\n"), HasSubstr("r.yml:1:9: `globl` is no action of a collection"));
  EXPECT_THAT(faults_of("action: globl\ntitle: T\n"), HasSubstr("did you mean `global`?"));
  EXPECT_THAT(faults_of("action: repeat\nid: a\n"), HasSubstr("no document before this one"));
  EXPECT_THAT(faults_of("action: global\ntitle: T\nlogsource: {product: p}\ndetection: {sel: {f|contain: a}, condition: sel}\n---\nid: a\n"),
              HasSubstr("r.yml:4:21: unknown modifier `contain`"));
}

TEST(Collections, a_long_global_before_many_short_documents_is_refused) {
  std::string text = "action: global\ntitle: T\nlogsource: {product: p}\ndetection:\n  sel:\n    f:\n";
  for (int i = 0; i < 50'000; ++i) text += "    - a\n";
  text += "  condition: sel\n";
  for (int i = 0; i < 100; ++i) text += fmt::format("---\nid: a{}\n", i);
  EXPECT_THAT(faults_of(text), HasSubstr(fmt::format("the collection makes more than {} nodes", limits::kYamlFileNodesMax)));
}

}  // namespace
}  // namespace tocsin::sigma
