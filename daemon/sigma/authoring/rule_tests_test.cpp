// rule_tests_test.cpp: the shipped rules pass their own tests, and a wrong expectation is told.
#include "daemon/sigma/authoring/rule_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::HasSubstr;

std::vector<RuleTestOutcome> outcomes(const std::string& text) {
  auto set = read_rules(text);
  if (!set) throw std::runtime_error(set.error().text);
  return run_rule_tests(std::make_shared<const RuleSet>(std::move(*set)));
}

TEST(RuleTest, every_shipped_rule_passes_a_firing_and_a_quiet_test) {
  auto set = RuleSet::load({TOCSIN_SOURCE_DIR "/rules/detections"});
  ASSERT_TRUE(set) << set.error().text;
  const auto rules = std::make_shared<const RuleSet>(std::move(*set));
  for (const RuleTestOutcome& outcome : run_rule_tests(rules)) {
    EXPECT_TRUE(outcome.passed) << outcome.place << ": " << outcome.name << "\n" << outcome.difference;
  }
  for (const Rule& rule : rules->rules()) {
    if (!rule.alerts()) continue;
    const auto tests = [&](bool fires) {
      return std::count_if(rule.tests.begin(), rule.tests.end(), [&](const RuleTest& test) { return (test.alerts > 0) == fires; });
    };
    EXPECT_GT(tests(true), 0) << rule.title;
    EXPECT_GT(tests(false), 0) << rule.title;
    EXPECT_FALSE(rule.title_zh.empty()) << rule.title;
    EXPECT_FALSE(rule.promise.empty()) << rule.title;
    EXPECT_FALSE(rule.falsepositives.empty()) << rule.title;
  }
}

TEST(RuleTest, a_wrong_expectation_is_told_with_what_was_found) {
  const auto out = outcomes(detection("  sel: {f: a}\n  condition: sel\n") +
                            "tocsin:\n  tests:\n"
                            "    - {it: is wrong, given: [{repeat: 2, every: 1s, subjects: ['p-{n}'], values: {f: a, actor.id: ana}}],\n"
                            "       expect: {alerts: 1, group: {actor.id: eva}, count: 2, people: 3}}\n"
                            "    - {it: is right, given: [{values: {f: b}}], expect: {alerts: 0}}\n");
  ASSERT_EQ(out.size(), 2U);
  EXPECT_FALSE(out[0].passed);
  EXPECT_EQ(out[0].place, "r.yml:9");
  EXPECT_THAT(out[0].difference, HasSubstr("alerts: expected 1, found 2"));
  EXPECT_THAT(out[0].difference, HasSubstr("group: no alert has it; found actor.id = ana"));
  EXPECT_THAT(out[0].difference, HasSubstr("count: expected 2, found 1"));
  EXPECT_THAT(out[0].difference, HasSubstr("people: expected 3, found 2"));
  EXPECT_THAT(out[0].difference, HasSubstr("the event meets `sel`: f = a"));
  EXPECT_TRUE(out[1].passed) << out[1].difference;
}

TEST(RuleTest, times_and_gaps_are_kept) {
  const std::string rules = detection("  sel: {f: a}\n  condition: sel\n") +
                            "---\ntitle: C\nid: c\ncorrelation: {type: event_count, rules: [d1], timespan: 1m, condition: {gte: 3}}\n"
                            "tocsin:\n  tests:\n"
                            "    - {it: near, given: [{repeat: 2, every: 10s, values: {f: a}}, {after: 10s, values: {f: a}}], expect: {alerts: 1, count: 3}}\n"
                            "    - {it: far, given: [{repeat: 2, every: 10s, values: {f: a}}, {after: 50s, values: {f: a}}], expect: {alerts: 0}}\n"
                            "    - {it: two days, given: [{time: '2026-03-01T00:00:00Z', repeat: 3, every: 1s, values: {f: a}},\n"
                            "       {time: '2026-03-02T00:00:00Z', repeat: 3, every: 1s, values: {f: a}}], expect: {alerts: 2}}\n";
  for (const RuleTestOutcome& outcome : outcomes(rules)) EXPECT_TRUE(outcome.passed) << outcome.name << "\n" << outcome.difference;
}

}  // namespace
}  // namespace tocsin::sigma
