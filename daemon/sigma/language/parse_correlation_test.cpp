// parse_correlation_test.cpp: what authors of correlations are told, and what is read of each type.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/base/limits.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string bases(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += detection("  sel: {f: a}\n  condition: sel\n", id) + "---\n";
  return out;
}

std::string correlation(const std::string& body, const std::string& id = "c") {
  return "title: C\nid: " + id + "\ncorrelation: {timespan: 1m, " + body + "}\n";
}

std::string fault(const std::string& body) { return faults_of(bases({"a", "b", "x"}) + correlation(body)); }

TEST(CorrelationFaults, of_ranges_that_nothing_can_meet) {
  EXPECT_THAT(fault("type: event_count, rules: [a], condition: {gt: 10, lt: 5}"), HasSubstr("this condition can never hold"));
  EXPECT_THAT(fault("type: event_count, rules: [a], condition: {gt: 4, lt: 5}"), HasSubstr("this condition can never hold"));
  EXPECT_THAT(fault("type: event_count, rules: [a], condition: {eq: 4, neq: 4}"), HasSubstr("this condition can never hold"));
  EXPECT_THAT(fault("type: event_count, rules: [a], condition: {lt: 1}"), HasSubstr("what did not happen is found by `tocsin: absence`"));
  EXPECT_THAT(fault("type: event_count, rules: [a], condition: {gt: 1, lt: 9, neq: 5}"), HasSubstr("r.yml:24:86: a condition has one operator, or two"));
  EXPECT_EQ(fault("type: event_count, rules: [a], condition: {gt: 4, lte: 5}"), "no fault");
  EXPECT_EQ(fault("type: event_count, rules: [a], condition: {neq: 3}"), "no fault");
  EXPECT_EQ(fault("type: value_count, rules: [a], condition: {field: [v, w], gte: 3, neq: 5}"), "no fault");
}

TEST(CorrelationFaults, of_numbers) {
  EXPECT_THAT(fault("type: value_avg, rules: [a], condition: {field: v, gt: soon}"), HasSubstr("`gt` needs a number"));
  EXPECT_THAT(fault("type: value_avg, rules: [a], condition: {field: v, gt: 1e999}"), HasSubstr("`gt` needs a number"));
  EXPECT_THAT(fault("type: value_sum, rules: [a], condition: {gt: 1}"), HasSubstr("value_sum needs the `field` whose values it takes"));
  EXPECT_THAT(fault("type: value_sum, rules: [a], condition: {field: [v, w], gt: 1}"), HasSubstr("works on the numbers of one field"));
  EXPECT_THAT(fault("type: value_median, rules: [a], condition: {field: v, gt: 1.5, lt: 1.5}"), HasSubstr("no number meets both"));
  EXPECT_THAT(fault("type: value_percentile, rules: [a], condition: {field: v, percentile: 101, gt: 1}"), HasSubstr("a number from 0 to 100"));
  EXPECT_THAT(fault("type: value_avg, rules: [a], condition: {field: v, percentile: 50, gt: 1}"), HasSubstr("value_avg has no `percentile`"));
  EXPECT_THAT(fault("type: event_count, rules: [a], condition: {gte: 1.5}"), HasSubstr("needs a whole number"));
}

TEST(CorrelationFaults, of_temporal_conditions) {
  EXPECT_THAT(fault("type: temporal, rules: [a, b], condition: {gte: 3}"), HasSubstr("from 1 to 2 rules are there"));
  EXPECT_THAT(fault("type: temporal, rules: [a, b], condition: {field: v, gte: 2}"), HasSubstr("temporal counts rules, not values"));
  EXPECT_THAT(fault("type: temporal, rules: [a, b], condition: a and bb"), HasSubstr("`bb` is not among the `rules`"));
  EXPECT_THAT(fault("type: temporal, rules: [a, b], condition: a or a"), HasSubstr("the condition never names `b`"));
  EXPECT_THAT(fault("type: temporal, rules: [a, b], condition: a and"), HasSubstr("the condition ends where"));
  EXPECT_THAT(fault("type: temporal, rules: [a, b], condition: a and not a or not (a or b)"), HasSubstr("this condition can never hold"));
  EXPECT_THAT(fault("type: temporal, condition: 1 of them"), HasSubstr("`of` is no part of a correlation's condition"));
  EXPECT_THAT(fault("type: temporal, condition: a and missing"), HasSubstr("no rule has the id or name `missing`"));
  EXPECT_THAT(fault("type: event_count, rules: [a], condition: a"), HasSubstr("needs a map"));
  EXPECT_THAT(fault("type: temporal, condition: {gte: 1}"), HasSubstr("a correlation needs `rules`"));
}

TEST(CorrelationFaults, point_at_a_rule_within_a_condition) {
  EXPECT_EQ(fault("type: temporal, condition: a and aa"),
            "r.yml:24:62: no rule has the id or name `aa`\n"
            "  24 | correlation: {timespan: 1m, type: temporal, condition: a and aa}\n"
            "     |                                                              ^^ did you mean `a`?");
}

TEST(CorrelationFaults, of_timespans) {
  for (const char* good : {"1s", "2m", "3h", "4d", "5w", "6M", "9y"}) {
    EXPECT_EQ(faults_of(bases({"a"}) + "title: C\nid: c\ncorrelation: {type: event_count, rules: [a], timespan: " + good + ", condition: {gte: 2}}\n"), "no fault") << good;
  }
  ASSERT_EQ(limits::kTimespanMax.count(), 24 * 3653);
  for (const char* bad : {"11y", "9223372036854775807y", "88000h"}) {
    EXPECT_THAT(faults_of(bases({"a"}) + "title: C\nid: c\ncorrelation: {type: event_count, rules: [a], timespan: " + bad + ", condition: {gte: 2}}\n"),
                HasSubstr("at most ten years"))
        << bad;
  }
}

TEST(CorrelationFaults, of_too_many_rules) {
  std::string text, names;
  for (std::size_t i = 0; i <= limits::kCorrelationRulesMax; ++i) {
    text += detection("  sel: {f: a}\n  condition: sel\n", fmt::format("r{}", i)) + "---\n";
    names += fmt::format("{}r{}", i == 0 ? "" : ", ", i);
  }
  EXPECT_THAT(faults_of(text + correlation("type: event_count, rules: [" + names + "], condition: {gte: 2}")), HasSubstr("at most 64 rules"));
}

TEST(Chaining, reads_what_a_correlation_takes_from_another) {
  const std::string lower = "title: L\nid: low\ncorrelation: {type: event_count, rules: [a], group-by: [u, h], timespan: 1m, condition: {gte: 2}}\n---\n";
  const auto upper = [&](const std::string& body) { return bases({"a", "b"}) + lower + correlation(body); };
  EXPECT_THAT(faults_of(upper("type: event_count, rules: [low], group-by: [user], condition: {gte: 2}")),
              HasSubstr("the alerts of `low` have no field `user`"));
  EXPECT_THAT(faults_of(upper("type: value_count, rules: [low], group-by: [u], condition: {field: subjects.ref, gte: 2}")),
              HasSubstr("they have the `group-by` of their own rule: u, h"));
  EXPECT_THAT(faults_of(upper("type: event_count, rules: [low, b], group-by: [who], aliases: {who: {low: uu, b: x}}, condition: {gte: 2}")), HasSubstr("have no field `uu`"));
}

TEST(Chaining, that_rests_on_itself_is_refused) {
  const std::string text = bases({"a"}) +
                           "title: A\nid: one\ncorrelation: {type: event_count, rules: [two], timespan: 1m, condition: {gte: 2}}\n---\n"
                           "title: B\nid: two\ncorrelation: {type: event_count, rules: [a, three], timespan: 1m, condition: {gte: 2}}\n---\n"
                           "title: C\nid: three\ncorrelation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 2}}\n---\n"
                           "title: D\nid: above\ncorrelation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 2}}\n";
  const std::string faults = faults_of(text);
  EXPECT_THAT(faults, testing::StartsWith("r.yml:10:42: this correlation rests on itself: `one` → `two` → `three` → `one`\n"
                                          "  10 | correlation: {type: event_count, rules: [two], timespan: 1m, condition: {gte: 2}}\n"
                                          "     |                                          ^^^\n"));
  EXPECT_EQ(faults.find("rests on itself"), faults.rfind("rests on itself")) << "once, and the others say that it is rejected";
  EXPECT_THAT(faults_of("title: A\nid: one\ncorrelation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 2}}\n"), HasSubstr("rests on itself: `one` → `one`"));
}

TEST(Chaining, has_a_depth) {
  const auto tower = [](int height) {
    std::string text = bases({"c0"});
    for (int i = 1; i <= height; ++i) text += fmt::format("title: C\nid: c{}\ncorrelation: {{type: event_count, rules: [c{}], timespan: 1m, condition: {{gte: 2}}}}\n---\n", i, i - 1);
    return faults_of(text + detection("  sel: {f: a}\n  condition: sel\n", "last"));
  };
  EXPECT_EQ(tower(limits::kChainDepthMax), "no fault");
  EXPECT_THAT(tower(limits::kChainDepthMax + 3), testing::AllOf(HasSubstr("more than 10 correlations stand on top"), Not(HasSubstr("rests on itself"))));
  EXPECT_THAT(tower(9'000), HasSubstr("more than 10 correlations"));
}

TEST(ExtensionFaults, of_each_kind) {
  const auto fault = [](const std::string& tocsin) { return faults_of(bases({"b"}) + detection("  sel: {f: a}\n  condition: sel\n") + "tocsin: {" + tocsin + "}\n"); };
  EXPECT_THAT(fault("first_seen: {field: [x], history: 30d, learn: 7d}"), HasSubstr("did you mean `fields`?"));
  EXPECT_THAT(fault("first_seen: {fields: x, learn: 7d}"), HasSubstr("`history` is missing"));
  EXPECT_THAT(fault("first_seen: {fields: x, history: 7d, learn: 30d}"), HasSubstr("`learn` is longer than `history`"));
  EXPECT_THAT(fault("first_seen: {fields: subjects.id, history: 7d, learn: 1d}"), HasSubstr("write `subjects.ref`"));
  EXPECT_THAT(fault("absence: {of: bb, within: 10m}"), HasSubstr("did you mean `b`?"));
  EXPECT_THAT(fault("absence: {within: 10m}"), HasSubstr("`of` is missing"));
  EXPECT_THAT(fault("absence: {of: d1, within: 10m}"), HasSubstr("rests on itself"));
  EXPECT_THAT(fault("baseline: {measure: most, per: u, every: 1h, above: 6, least: 5, learn: 7d}"), HasSubstr("`measure` is `count`, `distinct <field>` or `sum <field>`"));
  EXPECT_THAT(fault("baseline: {measure: count, every: 1h, above: 6, least: 5, learn: 7d}"), HasSubstr("`per` is missing"));
  EXPECT_THAT(fault("baseline: {measure: count, per: u, every: 1h, above: -6, least: 5, learn: 7d}"), HasSubstr("`above` needs a number above 0"));
  EXPECT_THAT(fault("baseline: {measure: count, per: u, every: 1h, above: 6, least: 5, learn: 7d, season: weekly}"), HasSubstr("`season` is `hour_of_week`"));
  EXPECT_THAT(fault("baseline: {measure: count, per: u, every: 2h, above: 6, least: 5, learn: 7d, season: hour_of_week}"), HasSubstr("at most one hour"));
  EXPECT_THAT(fault("absence: {of: b, within: 10m}, first_seen: {fields: x, history: 30d, learn: 7d}"), HasSubstr("is one of first_seen, absence and baseline"));
  EXPECT_THAT(fault("baseline: {measure: count, per: u, every: 900000h, above: 6, least: 5, learn: 7d}"), HasSubstr("at most ten years"));
}

}  // namespace
}  // namespace tocsin::sigma
