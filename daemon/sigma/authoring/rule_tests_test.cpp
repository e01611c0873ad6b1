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
  EXPECT_TRUE(missing_tests(*rules).empty()) << missing_tests(*rules).front().title << " " << missing_tests(*rules).front().name;
  for (const Rule& rule : rules->rules()) {
    if (!rule.alerts()) continue;
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

TEST(RuleTest, values_are_texts_numbers_lists_and_nulls) {
  const std::string rules = detection("  sel: {n|gte: 5, list: b, none: null}\n  condition: sel\n") +
                            "tocsin:\n  tests:\n"
                            "    - {it: fires, given: [{values: {n: 7, list: [a, b], none: null}}], expect: {alerts: 1}}\n"
                            "    - {it: a text of digits is a number, given: [{values: {n: '7', list: [b]}}], expect: {alerts: 1}}\n"
                            "    - {it: is quiet, given: [{values: {n: 7, list: [a], none: null}}, {values: {n: 4, list: b}}, {values: {n: 7, list: b, none: x}}], expect: {alerts: 0}}\n";
  for (const RuleTestOutcome& outcome : outcomes(rules)) EXPECT_TRUE(outcome.passed) << outcome.name << "\n" << outcome.difference;
}

TEST(RuleTest, events_come_early_late_and_from_other_sources) {
  const std::string rules = detection("  sel: {f: a}\n  condition: sel\n") +
                            "---\ntitle: C\nid: c\ncorrelation: {type: event_count, rules: [d1], timespan: 1m, condition: {gte: 3}}\n"
                            "tocsin:\n  tests:\n"
                            "    - {it: out of order, given: [{after: 50s, repeat: 2, every: 1s, values: {f: a}}, {before: 40s, values: {f: a}}], expect: {alerts: 1, count: 3}}\n"
                            "    - {it: too late, given: [{after: 50s, repeat: 2, every: 1s, values: {f: a}}, {before: 40s, late: true, values: {f: a}}], expect: {alerts: 0}}\n"
                            "    - {it: another source, given: [{repeat: 3, every: 1s, logsource: {product: q}, values: {f: a}}], expect: {alerts: 0}}\n";
  for (const RuleTestOutcome& outcome : outcomes(rules)) EXPECT_TRUE(outcome.passed) << outcome.name << "\n" << outcome.difference;
}

TEST(RuleTest, a_test_may_say_what_other_rules_do) {
  const std::string rules = detection("  sel: {f: a}\n  condition: sel\n", "other") + "---\n" + detection("  sel: {f|contains: a}\n  condition: sel\n") +
                            "tocsin:\n  tests:\n"
                            "    - {it: both, given: [{values: {f: a}}], expect: {alerts: 1, rules: {other: 1}}}\n"
                            "    - {it: wrong, given: [{values: {f: ab}}], expect: {alerts: 1, rules: {other: 1, nobody: 0}}}\n";
  const auto out = outcomes(rules);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_TRUE(out[0].passed) << out[0].difference;
  EXPECT_THAT(out[1].difference, HasSubstr("alerts of `other`: expected 1, found 0"));
  EXPECT_THAT(out[1].difference, HasSubstr("rules: no rule has the id or name `nobody`"));
}

TEST(RuleTest, documents_go_through_the_mapping_that_is_given) {
  const std::string text = detection("  sel: {f: a2}\n  condition: sel\n") +
                           "tocsin:\n  tests:\n    - {it: reads, given: [{repeat: 2, mapping: m, document: {x: 'a{n}', y: [1, null]}}], expect: {alerts: 1}}\n";
  const auto rules = std::make_shared<const RuleSet>(std::move(*read_rules(text)));
  std::vector<std::string> seen;
  const MapDocument map = [&](const std::string& document, const std::string& mapping, const std::function<void(Event&)>& show) -> Result<void> {
    seen.push_back(mapping + " " + document);
    Event event = event_of(*rules, {tocsin::sigma::text("f", "a" + std::to_string(seen.size()))});
    event.id = identity({document});
    show(event);
    return {};
  };
  const auto out = run_rule_tests(rules, map);
  EXPECT_TRUE(out.at(0).passed) << out.at(0).difference;
  EXPECT_THAT(seen, testing::ElementsAre(R"(m {"x":"a1","y":[1,null]})", R"(m {"x":"a2","y":[1,null]})"));
  EXPECT_THAT(run_rule_tests(rules).at(0).difference, HasSubstr("document: a document needs mappings"));
}

TEST(RuleTest, rules_without_a_test_each_way_are_named) {
  auto rules = read_rules(detection("  sel: {f: a}\n  condition: sel\n") + "tocsin: {tests: [{it: fires, given: [{values: {f: a}}], expect: {alerts: 1}}]}\n");
  const auto missing = missing_tests(*rules);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].name, "has a test that stays quiet");
  EXPECT_FALSE(missing[0].passed);
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
