// rule_changes_test.cpp: what an operator is told of a reload.
#include "daemon/sigma/rule_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using ::testing::ElementsAre;

RuleSet set_of(const std::string& text) {
  auto rules = read_rules(text);
  if (!rules) throw std::runtime_error(rules.error().text);
  return std::move(*rules);
}

std::string count_of(const std::string& base, int threshold) {
  return fmt::format("---\ntitle: C\nid: c\ncorrelation: {{type: event_count, rules: [{}], group-by: [u], timespan: 5m, condition: {{gte: {}}}}}\n", base, threshold);
}

TEST(RuleChanges, names_what_came_went_and_changed) {
  const std::string a = detection("  s: {f: 1}\n  condition: s\n", "a"), b = detection("  s: {f: 2}\n  condition: s\n", "b");
  const RuleChanges changes = changes_between(set_of(a + "---\n" + b), set_of(detection("  s: {f: 3}\n  condition: s\n", "b") + "---\n" + detection("  s: {f: 1}\n  condition: s\n", "n")));
  EXPECT_THAT(changes.added, ElementsAre("n"));
  EXPECT_THAT(changes.changed, ElementsAre("b"));
  EXPECT_THAT(changes.removed, ElementsAre("a"));
}

TEST(RuleChanges, a_correlation_changes_with_what_it_counts) {
  const std::string before = detection("  s: {f: 1}\n  condition: s\n", "a") + count_of("a", 5);
  EXPECT_TRUE(changes_between(set_of(before), set_of("# A comment.\n" + before)).empty());
  EXPECT_THAT(changes_between(set_of(before), set_of(detection("  s: {f: 2}\n  condition: s\n", "a") + count_of("a", 5))).changed, ElementsAre("a", "c"));
  EXPECT_THAT(changes_between(set_of(before), set_of(detection("  s: {f: 1}\n  condition: s\n", "a") + count_of("a", 6))).changed, ElementsAre("c"));
}

}  // namespace
}  // namespace tocsin::sigma
