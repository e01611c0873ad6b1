// parse_test.cpp: every way to write a rule wrong says where and what instead.
#include "daemon/sigma/language/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/base/limits.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::HasSubstr;

std::string selection_fault(const std::string& selection) {
  return faults_of(detection("  sel: " + selection + "\n  condition: sel\n"));
}

std::string correlation_fault(const std::string& body, const std::string& extra = "") {
  return faults_of(detection("  sel: {f: a}\n  condition: sel\n", "base") + "---\ntitle: C\nid: c\ncorrelation:\n" + body + extra);
}

constexpr const char* kGood = "  type: value_count\n  rules: [base]\n  group-by: [u]\n  timespan: 10m\n  condition: {field: v, gte: 5}\n";

TEST(RuleFaults, an_unknown_modifier_is_underlined) {
  EXPECT_EQ(faults_of(detection("  sel:\n    user|contain: admin\n  condition: sel\n")),
            "r.yml:6:10: unknown modifier `contain`\n"
            "  6 |     user|contain: admin\n"
            "    |          ^^^^^^^ did you mean `contains`?");
}

TEST(RuleFaults, all_of_them_come_at_once) {
  const std::string text = faults_of(detection("  sel: {a|contain: x, b|re: '(', c|cidr: 10.0.0.1/8}\n  condition: sel and x\n") + "level: hgih\n");
  EXPECT_THAT(text, HasSubstr("unknown modifier `contain`"));
  EXPECT_THAT(text, HasSubstr("not a regular expression of RE2"));
  EXPECT_THAT(text, HasSubstr("bits set behind its prefix"));
  EXPECT_THAT(text, HasSubstr("no selection is called `x`"));
  EXPECT_THAT(text, HasSubstr("did you mean `high`?"));
}

TEST(RuleFaults, of_two_files_come_together) {
  auto a = yaml::parse("a.yml", detection("  sel: {f|x1: a}\n  condition: sel\n", "a"));
  auto b = yaml::parse("b.yml", detection("  sel: {f|x2: a}\n  condition: sel\n", "b"));
  const auto set = RuleSet::read({*a, *b});
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().text, HasSubstr("a.yml:5:11"));
  EXPECT_THAT(set.error().text, HasSubstr("b.yml:5:11"));
}

TEST(RuleFaults, of_modifiers) {
  EXPECT_THAT(selection_fault("{f|hour: 24}"), HasSubstr("needs a whole number from 0 to 23"));
  EXPECT_THAT(selection_fault("{f|day: monday}"), HasSubstr("needs a whole number from 1 to 31"));
  EXPECT_THAT(selection_fault("{'f|hour|contains': 3}"), HasSubstr("`contains` needs a text"));
  EXPECT_THAT(selection_fault("{'f|gte|hour': 3}"), HasSubstr("`hour` needs a whole number"));
  EXPECT_THAT(selection_fault("{f|weekday: mon}"), HasSubstr("`weekday` is no modifier of Sigma"));
  EXPECT_THAT(selection_fault("{f|gt: many}"), HasSubstr("`gt` needs a number"));
  EXPECT_THAT(selection_fault("{f|exists: maybe}"), HasSubstr("needs true or false"));
  EXPECT_THAT(selection_fault("{'f|contains|cidr': 10.0.0.0/8}"), HasSubstr("`cidr` needs a network"));
  EXPECT_THAT(selection_fault("{'f|fieldref': ''}"), HasSubstr("needs the name of a field"));
  EXPECT_THAT(selection_fault("{'|exists': true}"), HasSubstr("a keyword must be a text"));
  EXPECT_THAT(selection_fault("{'f|contains|re': a}"), HasSubstr("`re` must be the first modifier"));
  EXPECT_THAT(selection_fault("{'f|i': a}"), HasSubstr("belongs behind `re`"));
  EXPECT_THAT(selection_fault("{'f|contains|base64': a}"), HasSubstr("without wildcards"));
  EXPECT_THAT(selection_fault("{f|re: '(?=x)'}"), HasSubstr("look-around is left out"));
  EXPECT_THAT(selection_fault("{f|cidr: 10.0.0.0/33}"), HasSubstr("no prefix length from 0 to 32"));
  EXPECT_THAT(selection_fault("{f|cidr: home}"), HasSubstr("no IPv4 or IPv6 network"));
  EXPECT_THAT(selection_fault("{f|contains: null}"), HasSubstr("`contains` needs a text"));
  EXPECT_THAT(selection_fault("{'f|': a}"), HasSubstr("unknown modifier ``"));
  EXPECT_THAT(selection_fault("{'f|windash': '-a -b -c -d -e -f'}"), HasSubstr("more than five dashes"));
}

TEST(RuleFaults, of_selections) {
  EXPECT_THAT(selection_fault("{}"), HasSubstr("an empty map selects nothing"));
  EXPECT_THAT(selection_fault("[]"), HasSubstr("an empty list selects nothing"));
  EXPECT_THAT(selection_fault("{f: []}"), HasSubstr("an empty list matches nothing"));
  EXPECT_THAT(selection_fault("{f: {g: a}}"), HasSubstr("write nested fields with dots"));
  EXPECT_THAT(selection_fault("{f: [[a]]}"), HasSubstr("a value must be a text"));
  EXPECT_THAT(selection_fault("{f: [a, null]}"), HasSubstr("r.yml:5:16: null may not stand in a list"));
  EXPECT_THAT(selection_fault("{subjects.id: a}"), HasSubstr("`subjects.ref` is their keyed hash"));
  EXPECT_THAT(selection_fault("['']"), HasSubstr("empty keyword"));
  EXPECT_THAT(selection_fault("{f: " + std::string(limits::kPatternBytesMax + 1, 'a') + "}"), HasSubstr("at most 16384 are compared"));
}

TEST(RuleFaults, of_the_frame) {
  EXPECT_THAT(faults_of("- a\n"), HasSubstr("a rule is a map"));
  EXPECT_THAT(faults_of("title: x\n"), HasSubstr("neither `detection` nor `correlation`"));
  EXPECT_THAT(faults_of("title: x\ndetecton: {a: {f: b}}\n"), HasSubstr("did you mean `detection`?"));
  EXPECT_THAT(faults_of("detection: {a: {f: b}, condition: a}\n"), HasSubstr("needs a `title`"));
  EXPECT_THAT(faults_of("detection: {a: {f: b}, condition: a}\n"), HasSubstr("needs a `logsource`"));
  EXPECT_THAT(faults_of("detection: {a: {f: b}, condition: a}\n"), HasSubstr("needs an `id`"));
  EXPECT_THAT(faults_of("title: T\nid: i\nlogsource: {}\ndetection: {a: {f: b}}\n"), HasSubstr("has no `condition`"));
  EXPECT_THAT(faults_of("title: T\nid: i\nlogsource: {definition: x}\ndetection: {a: {f: b}, condition: a}\n"), HasSubstr("would look at every event"));
  EXPECT_THAT(faults_of(detection("  sel: {f: a}\n  timeframe: 5m\n  condition: sel\n")), HasSubstr("`timeframe` is no longer Sigma"));
  EXPECT_EQ(faults_of(detection("  sel: {f: a}\n  condition: sel\n") + "my_own_key: {a: b}\n"), "no fault");
}

TEST(RuleFaults, of_related_rules) {
  const std::string good = detection("  sel: {f: a}\n  condition: sel\n");
  EXPECT_EQ(faults_of(good + "related:\n  - {id: 6a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11, type: derived}\n  - {id: x, type: correlation}\n"), "no fault");
  EXPECT_THAT(faults_of(good + "related: [{id: x, type: simlar}]\n"), HasSubstr("did you mean `similar`?"));
  EXPECT_THAT(faults_of(good + "related: [{id: x}]\n"), HasSubstr("r.yml:7:11: a related rule needs `id` and `type`"));
  EXPECT_THAT(faults_of(good + "related: {id: x, type: similar}\n"), HasSubstr("needs a list of maps"));
}

TEST(RuleFaults, of_regular_expressions_say_what_is_left_out) {
  EXPECT_THAT(selection_fault("{f|re: '(a)\\1'}"), HasSubstr("r.yml:5:15: not a regular expression of RE2: invalid escape sequence: \\1"));
  EXPECT_THAT(selection_fault("{f|re: '(a)\\1'}"), HasSubstr("back-references are left out"));
  EXPECT_THAT(selection_fault("{f|re: '(?P<x>a)(?P=x)'}"), HasSubstr("back-references are left out"));
  EXPECT_THAT(selection_fault("{f|re: '(?<!a)b'}"), HasSubstr("look-around is left out"));
  EXPECT_THAT(selection_fault("{f|re: '(?>a)b'}"), HasSubstr("the time to match is bounded without"));
  EXPECT_THAT(selection_fault("{f|re: 'a++'}"), HasSubstr("the time to match is bounded without"));
}

TEST(RuleFaults, of_identity) {
  const std::string one = detection("  sel: {f: a}\n  condition: sel\n", "same");
  EXPECT_EQ(faults_of(one + "---\n" + one), "r.yml:9:5: `same` is already the id of the rule `T` in r.yml:1\n"
                                            "  9 | id: same\n"
                                            "    |     ^^^^");
}

TEST(RuleFaults, of_correlations) {
  EXPECT_EQ(correlation_fault(kGood), "no fault");
  EXPECT_THAT(correlation_fault("  type: event_cout\n  rules: [base]\n  timespan: 1m\n  condition: {gte: 1}\n"), HasSubstr("did you mean `event_count`?"));
  EXPECT_THAT(correlation_fault("  type: event_count\n  rules: [bse]\n  timespan: 1m\n  condition: {gte: 1}\n"), HasSubstr("did you mean `base`?"));
  EXPECT_THAT(correlation_fault("  type: event_count\n  rules: [base]\n  timespan: 1x\n  condition: {gte: 1}\n"), HasSubstr("a timespan is a number and one of"));
  EXPECT_THAT(correlation_fault("  type: event_count\n  rules: [base]\n  timespan: 1m\n  condition: {gte: 1.5}\n"), HasSubstr("needs a whole number"));
  EXPECT_THAT(correlation_fault("  type: event_count\n  rules: [base]\n  timespan: 1m\n  condition: {}\n"), HasSubstr("compares with nothing"));
  EXPECT_THAT(correlation_fault("  type: event_count\n  rules: [base]\n  timespan: 1m\n  condition: {field: x, gte: 1}\n"), HasSubstr("value_count counts values"));
  EXPECT_THAT(correlation_fault("  type: value_count\n  rules: [base]\n  timespan: 1m\n  condition: {gte: 1}\n"), HasSubstr("needs the `field`"));
  EXPECT_THAT(correlation_fault("  type: value_count\n  rules: [base]\n  timespan: 1m\n  condition: {field: subjects.id, gte: 1}\n"), HasSubstr("write `subjects.ref`"));
  EXPECT_THAT(correlation_fault(kGood, "  groupby: [a]\n"), HasSubstr("did you mean `group-by`?"));
  EXPECT_THAT(correlation_fault(kGood, "  aliases: {who: {bse: f}}\n"), HasSubstr("is not among the `rules`"));
  EXPECT_THAT(correlation_fault(kGood, "generate: perhaps\n"), HasSubstr("needs true or false"));
}

TEST(RuleFaults, of_the_extension) {
  const std::string good = detection("  sel: {f: a}\n  condition: sel\n");
  EXPECT_THAT(faults_of(good + "tocsin: {titel_zh: x}\n"), HasSubstr("did you mean `title_zh`?"));
  EXPECT_THAT(faults_of(good + "tocsin: {time_zone: Asia/Peking}\n"), HasSubstr("`Asia/Peking` is no time zone"));
  EXPECT_THAT(faults_of(good + "tocsin: {detection: {sel: {f: b}}}\n"), HasSubstr("r.yml:7:22: `sel` is already a selection"));
  EXPECT_THAT(correlation_fault(kGood, "tocsin: {time_zone: UTC}\n"), HasSubstr("`time_zone` belongs to a detection"));
  EXPECT_THAT(faults_of(good + "tocsin: {suppress: 1h}\n"), HasSubstr("belongs to a correlation"));
  EXPECT_THAT(correlation_fault(kGood, "tocsin: {suppress: soon}\n"), HasSubstr("needs a duration above 0"));
  EXPECT_THAT(faults_of(good + "tocsin:\n  tests:\n    - {it: x, given: [{repaet: 2}], expect: {alerts: 1}}\n"), HasSubstr("did you mean `repeat`?"));
  EXPECT_THAT(faults_of(good + "tocsin:\n  tests:\n    - {given: [{}], expect: {alerts: 1}}\n"), HasSubstr("a test needs `it`"));
  EXPECT_THAT(faults_of(good + "tocsin:\n  tests:\n    - {it: x, given: [{time: 2026-01-01}], expect: {alerts: 1}}\n"), HasSubstr("r.yml:9:30: `2026-01-01` is not an RFC 3339 time"));
  EXPECT_THAT(faults_of(good + "tocsin:\n  tests:\n    - {it: x, given: [], expect: {count: 1}}\n"), HasSubstr("must say how many `alerts`"));
  EXPECT_THAT(correlation_fault(kGood, "---\n" + detection("  sel: {f: a}\n  condition: sel\n", "base2") + "tocsin: {tests: [{it: x, given: [], expect: {alerts: 0}}]}\n" +
                                       "---\ntitle: D\nid: d\ncorrelation: {type: event_count, rules: [base2], timespan: 1m, condition: {gte: 2}}\n"),
              HasSubstr("never alerts, so its tests can see nothing"));
}

}  // namespace
}  // namespace tocsin::sigma
