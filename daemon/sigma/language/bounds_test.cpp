// bounds_test.cpp: rules that want to hurt: each is refused or answered, in bounded time and memory, and says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "daemon/base/limits.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::HasSubstr;

/// The faults of a rule that must not take long to refuse. Generous: sanitizers and busy machines are slow.
std::string quick_faults_of(const std::string& text) {
  const auto begin = std::chrono::steady_clock::now();
  std::string out = faults_of(text);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_LT(out.size(), 100'000U) << "and the answer is for people";
  return out;
}

std::string quick_fault(const std::string& selection) { return quick_faults_of(detection("  sel: " + selection + "\n  condition: sel\n")); }

std::string repeated(const std::string& text, std::size_t n) {
  std::string out;
  out.reserve(text.size() * n);
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

TEST(RuleBounds, regular_expressions_that_would_backtrack_for_ever_answer_in_linear_time) {
  auto rules = read_rules(detection("  sel: {f|re: '(a+)+$'}\n  condition: sel\n"));
  ASSERT_TRUE(rules) << rules.error().text;
  EXPECT_FALSE(matches(*rules, {text("f", std::string(100'000, 'a') + "!")}));
  EXPECT_TRUE(matches(*rules, {text("f", std::string(100'000, 'a'))}));
}

TEST(RuleBounds, repeats_that_multiply_are_refused) {
  EXPECT_THAT(quick_fault("{f|re: '(a{1000}){1000}'}"), HasSubstr("not a regular expression of RE2"));
  EXPECT_THAT(quick_fault("{f|re: 'a{1000}{1000}'}"), HasSubstr("not a regular expression of RE2"));
  EXPECT_THAT(quick_fault("{f|re: '((a{100}){100}){100}'}"), HasSubstr("not a regular expression of RE2"));
  EXPECT_THAT(quick_fault("{f|re: '\\pL{900}'}"), HasSubstr("pattern too large")) << "kRegexMemoryBytes";
  EXPECT_THAT(quick_fault("{f|re: '\\pL{900}'}"), HasSubstr("repeats multiply"));
  EXPECT_THAT(quick_fault("{f|re: 'a{1001}'}"), HasSubstr("invalid repetition size"));
}

TEST(RuleBounds, a_huge_alternation_is_cut_by_the_length_of_a_pattern) {
  EXPECT_EQ(quick_fault("{f|re: '" + repeated("ab|", limits::kPatternBytesMax / 3 - 1) + "x'}"), "no fault");
  EXPECT_THAT(quick_fault("{f|re: '" + repeated("ab|", limits::kPatternBytesMax / 3 + 1) + "x'}"), HasSubstr("at most 16384 are compared"));
}

TEST(RuleBounds, many_large_expressions_are_bounded_together) {
  std::string values;
  for (int i = 0; i < 2'000; ++i) values += fmt::format("'{}[a-z]{{900}}', ", i);
  EXPECT_THAT(quick_fault("{f|re: [" + values + "]}"), HasSubstr(fmt::format("take more than {} steps together", limits::kRuleRegexStepsMax)));
}

TEST(RuleBounds, dashes_of_dashes_do_not_multiply_without_end) {
  EXPECT_THAT(quick_fault("{'f|windash|windash|windash': '-a -b -c -d -e'}"), HasSubstr(fmt::format("more than {} texts", limits::kRulePatternsMax)));
  EXPECT_THAT(quick_fault("{'f|windash': [" + repeated("'-a -b -c -d', ", 1'000) + "]}"), HasSubstr(fmt::format("more than {} texts", limits::kRulePatternsMax)));
  EXPECT_THAT(quick_fault("{'f|windash': '-a -b -c -d -e " + std::string(15'000, 'x') + "'}"), HasSubstr(fmt::format("longer than {} bytes together", limits::kRulePatternBytesMax)));
  EXPECT_THAT(quick_fault("{'f|base64offset|base64offset|base64offset|base64offset|base64offset|base64offset|base64offset|base64offset|base64offset|base64offset|base64offset': a}"), HasSubstr("more than"));
}

TEST(RuleBounds, many_values_are_counted_over_the_whole_rule) {
  const std::string half = "[" + repeated("a, ", limits::kRulePatternsMax / 2) + "]";
  EXPECT_EQ(quick_faults_of(detection("  a: {f: " + half + "}\n  condition: a\n")), "no fault");
  EXPECT_THAT(quick_faults_of(detection("  a: {f: " + half + "}\n  b: {f: " + half + "}\n  c: {g: [x]}\n  condition: a or b or c\n")),
              HasSubstr(fmt::format("met in more than {} ways", limits::kRulePatternsMax)));
}

TEST(RuleBounds, a_million_values_are_refused_while_the_file_is_read) {
  EXPECT_THAT(quick_fault("{f: [" + repeated("a,", 1'000'000) + "]}"), HasSubstr(fmt::format("more than {} nodes", limits::kYamlNodesMax)));
}

TEST(RuleBounds, a_hundred_thousand_fields_are_refused_and_fewer_do_not_take_their_square) {
  std::string fields;
  for (int i = 0; i < 100'000; ++i) fields += fmt::format("    f{}: a\n", i);
  EXPECT_THAT(quick_faults_of(detection("  sel:\n" + fields + "  condition: sel\n")), HasSubstr(fmt::format("more than {} nodes", limits::kYamlNodesMax)));
  fields.clear();
  for (int i = 0; i < 50'000; ++i) fields += fmt::format("    f{}: a\n", i);
  EXPECT_EQ(quick_faults_of(detection("  sel:\n" + fields + "  condition: sel\n")), "no fault");
}

TEST(RuleBounds, fifty_thousand_faults_are_counted_and_the_first_are_shown) {
  std::string fields;
  for (int i = 0; i < 50'000; ++i) fields += fmt::format("    f{}|contain: a\n", i);
  EXPECT_THAT(quick_faults_of(detection("  sel:\n" + fields + "  condition: sel\n")), HasSubstr("… and 49950 more faults there"));
}

TEST(RuleBounds, many_selections_are_refused) {
  std::string selections;
  for (std::size_t i = 0; i <= limits::kRuleSelectionsMax; ++i) selections += fmt::format("  s{}: {{f: a}}\n", i);
  EXPECT_THAT(quick_faults_of(detection(selections + "  condition: 1 of s*\n")), HasSubstr(fmt::format("more than {} selections", limits::kRuleSelectionsMax)));
}

TEST(RuleBounds, conditions_that_name_everything_again_and_again_are_refused) {
  std::string selections;
  for (int i = 0; i < 900; ++i) selections += fmt::format("  s{}: {{f: a}}\n", i);
  EXPECT_THAT(quick_faults_of(detection(selections + "  condition: " + repeated("1 of s* and ", 1'000) + "s1\n")),
              HasSubstr(fmt::format("mention more than {} selections", limits::kConditionPartsMax)));
  EXPECT_THAT(quick_faults_of(detection(selections + "  condition: [" + repeated("1 of s*, ", 1'000) + "s1]\n")), HasSubstr("mention more than")) << "also as a list";
  EXPECT_THAT(quick_faults_of(detection("  a: {f: a}\n  condition: " + repeated("a or ", limits::kConditionBytesMax / 5) + "a or a\n")),
              HasSubstr(fmt::format("at most {} are read", limits::kConditionBytesMax)));
}

TEST(RuleBounds, deep_conditions_and_selections_are_refused) {
  EXPECT_THAT(quick_faults_of(detection("  a: {f: a}\n  condition: " + repeated("(", 100'000) + "a" + repeated(")", 100'000) + "\n")), HasSubstr("nests deeper than"));
  EXPECT_THAT(quick_faults_of(detection("  a: {f: a}\n  condition: " + repeated("not ", 50'000) + "a\n")), HasSubstr("nests deeper than"));
  EXPECT_THAT(quick_fault(repeated("[", 100'000) + "{f: a}" + repeated("]", 100'000)), HasSubstr("nested deeper than"));
}

TEST(RuleBounds, a_file_of_very_many_documents_is_refused) {
  EXPECT_THAT(quick_faults_of(repeated("---\na: b\n", limits::kYamlDocumentsMax + 1)), HasSubstr(fmt::format("more than {} documents", limits::kYamlDocumentsMax)));
  const std::string long_document = "---\na: [" + repeated("x,", 150'000) + "]\n";
  EXPECT_THAT(quick_faults_of(repeated(long_document, 8)), HasSubstr(fmt::format("more than {} nodes in one file", limits::kYamlFileNodesMax)));
}

TEST(RuleBounds, ten_megabytes_of_one_rule_are_read_or_refused) {
  EXPECT_THAT(quick_fault("{f: '" + std::string(9U << 20U, 'x') + "'}"), HasSubstr("at most 16384 are compared"));
  EXPECT_THAT(quick_fault("{f: '" + std::string(11U << 20U, 'x') + "'}"), HasSubstr("bytes; at most 10485760 are read"));
}

std::string bars(const std::string& modifier, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += "|" + modifier;
  return out;
}

TEST(RuleBounds, texts_that_double_with_each_modifier_end_at_the_bytes_of_a_rule) {
  const std::string longer = fmt::format("longer than {} bytes together", limits::kRulePatternBytesMax);
  EXPECT_THAT(quick_fault("{'f" + bars("wide", 14) + "': '" + std::string(16'000, 'a') + "'}"), HasSubstr("`wide` makes the values of this rule " + longer));
  EXPECT_THAT(quick_fault("{'f" + bars("wide", 14) + "': '" + std::string(16'000, '?') + "'}"), HasSubstr(longer)) << "a wildcard has no bytes, and takes memory";
  EXPECT_THAT(quick_fault("{'f" + bars("base64", 16) + "': [" + repeated("'" + std::string(16'000, 'a') + "', ", 100) + "]}"), HasSubstr(longer));
}

TEST(RuleBounds, a_value_that_is_too_long_is_not_made_longer) {
  const std::string dashes = "{f|windash: '-a -b -c -d -e " + std::string(9'000'000, 'x') + "'}";
  EXPECT_THAT(quick_fault(dashes), HasSubstr("at most 16384 are compared"));
  EXPECT_THAT(quick_fault(dashes), testing::Not(HasSubstr("windash` makes"))) << "one fault is enough";
}

TEST(RuleBounds, six_dashes_in_one_value_are_one_too_many) {
  static_assert(limits::kDashedTextsMax == 5 * 5 * 5 * 5 * 5);
  EXPECT_EQ(quick_fault("{f|windash: '-a -b -c -d -e'}"), "no fault");
  EXPECT_THAT(quick_fault("{f|windash: '-a -b -c -d -e -f'}"), HasSubstr("more than five dashes"));
  EXPECT_THAT(quick_fault("{f|windash: '" + repeated("-a ", 5'000) + "'}"), HasSubstr("more than five dashes"));
}

TEST(RuleBounds, many_modifiers_of_one_field_are_refused) {
  EXPECT_EQ(quick_fault("{'f" + bars("contains", limits::kFieldModifiersMax) + "': a}"), "no fault");
  EXPECT_THAT(quick_fault("{'f" + bars("contains", limits::kFieldModifiersMax + 1) + "': a}"), HasSubstr(fmt::format("more than {} modifiers of one field", limits::kFieldModifiersMax)));
  EXPECT_THAT(quick_fault("{? 'f" + bars("contains", 100'000) + "' : [" + repeated("x,", 50'000) + "]}"), HasSubstr("more than 16 modifiers"));
}

TEST(RuleBounds, placeholders_that_multiply_end_before_they_are_made) {
  RuleSettings settings;
  for (int i = 0; i < 300; ++i) settings.placeholders["n"].push_back(std::to_string(i) + std::string(10'000, 'x'));
  const auto fault = [&](const std::string& selection) {
    const auto file = yaml::parse("r.yml", detection("  sel: " + selection + "\n  condition: sel\n"));
    const auto begin = std::chrono::steady_clock::now();
    const auto rules = RuleSet::read({*file}, settings);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
    return rules ? "no fault" : rules.error().text;
  };
  EXPECT_EQ(fault("{f|expand: '%n%'}"), "no fault");
  const std::string longer = fmt::format("more than {} bytes", limits::kRulePatternBytesMax);
  EXPECT_THAT(fault("{f|expand: '%n%%n%'}"), HasSubstr(longer)) << "90,000 texts of 20,000 bytes";
  EXPECT_THAT(fault("{'f|re|expand': '%n%%n%'}"), HasSubstr(longer));
  EXPECT_THAT(fault("{f|expand: '%n%" + std::string(16'000, 'y') + "%n%'}"), HasSubstr(longer));
  EXPECT_THAT(fault("{f|expand: [" + repeated("'%n%%n%', ", 2'000) + "]}"), HasSubstr(longer)) << "the first ends it";
}

TEST(RuleBounds, nothing_is_compiled_when_the_steps_are_spent) {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += fmt::format("'{}(a{{90}}){{10}}', ", i);
  EXPECT_THAT(quick_fault("{f|re: [" + many + "]}"), HasSubstr("the regular expressions of this rule take more than"));
  EXPECT_THAT(quick_fault("{f|re: [" + repeated("'(a{1000}){1000}', '\\pL{900}', ", 20'000) + "]}"), HasSubstr("repeats multiply"));
}

/// One rule per body, in one file.
std::string in_one_file(std::size_t n, const std::string& body) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += detection(body, fmt::format("r{}", i)) + "---\n";
  return out;
}

TEST(RuleBounds, many_documents_do_not_multiply_what_one_may) {
  EXPECT_THAT(quick_faults_of(in_one_file(40, "  sel: {f|windash: '-a -b -c -d -e " + std::string(1'000, 'x') + "'}\n  condition: sel\n")),
              HasSubstr(fmt::format("`windash` makes the values of all rules of this file longer than {} bytes together", limits::kFilePatternBytesMax)));
  EXPECT_THAT(quick_faults_of(in_one_file(400, "  sel: {f|windash: '-a -b -c -d -e'}\n  condition: sel\n")),
              HasSubstr(fmt::format("the values of all rules of this file may be met in more than {} ways", limits::kFilePatternsMax)));
  std::string expressions;
  for (int i = 0; i < 200; ++i) expressions += fmt::format("'{}(a{{90}}){{10}}', ", i);
  EXPECT_THAT(quick_faults_of(in_one_file(40, "  sel: {f|re: [" + expressions + "]}\n  condition: sel\n")),
              HasSubstr(fmt::format("the regular expressions of all rules of this file take more than {} steps together", limits::kFileRegexStepsMax)));
  std::string selections;
  for (int i = 0; i < 900; ++i) selections += fmt::format("  s{}: {{f: a}}\n", i);
  EXPECT_THAT(quick_faults_of(in_one_file(50, selections + "  condition: " + repeated("1 of s* and ", 50) + "s1\n")),
              HasSubstr(fmt::format("the conditions of all rules of this file mention more than {} selections", limits::kFileConditionPartsMax)));
}

TEST(RuleBounds, a_long_global_is_not_copied_into_thousands_of_documents) {
  const std::string global = "action: global\ndescription: " + std::string(1'000'000, 'x') + "\n---\n";
  EXPECT_THAT(quick_faults_of(global + in_one_file(200, "  sel: {f: a}\n  condition: sel\n")), HasSubstr(fmt::format("or {} bytes of this file", limits::kCollectionBytesMax)));
}

/// A correlation over two rules, with more lines in its map.
std::string correlation(const std::string& lines) {
  return in_one_file(2, "  sel: {f: a}\n  condition: sel\n") + "title: C\nid: c\ncorrelation:\n  type: temporal\n  timespan: 1m\n" + lines;
}

TEST(RuleBounds, conditions_of_correlations_are_cut_by_length_and_by_rules) {
  std::string names, known;
  for (int i = 0; i < 40'000; ++i) names += fmt::format("x{} or ", i);
  EXPECT_THAT(quick_faults_of(correlation("  rules: [r0, r1]\n  condition: " + names.substr(0, 200'000) + " or r0\n")), HasSubstr("is not among the `rules`"));
  EXPECT_THAT(quick_faults_of(correlation("  rules: [r0, r1]\n  condition: " + names + "r0\n")), HasSubstr(fmt::format("at most {} are read", limits::kConditionBytesMax)));
  EXPECT_THAT(quick_faults_of(correlation("  condition: " + names.substr(0, 200'000) + " or r0\n")), HasSubstr(fmt::format("a correlation has at most {} rules", limits::kCorrelationRulesMax)));
  EXPECT_THAT(quick_faults_of(correlation("  condition: " + names + "r0\n")), HasSubstr(fmt::format("at most {} are read", limits::kConditionBytesMax)));
}

TEST(RuleBounds, whether_a_condition_can_hold_is_not_tried_for_ever) {
  std::string rules, condition = "r0";
  for (int i = 0; i < 16; ++i) {
    rules += detection("  sel: {f: a}\n  condition: sel\n", fmt::format("r{}", i)) + "---\n";
    condition += fmt::format(" and r{}", i);
  }
  const std::string head = rules + "title: C\nid: c\ncorrelation:\n  type: temporal\n  timespan: 1m\n  condition: ";
  EXPECT_THAT(quick_faults_of(head + condition + " and not r0\n"), HasSubstr("can never hold")) << "65,536 ways are few";
  EXPECT_EQ(quick_faults_of(head + condition + repeated(" and r1", 30'000) + " and not r0\n"), "no fault") << "kExpressionTriesMax";
}

TEST(RuleBounds, long_lists_of_fields_are_refused) {
  std::string many = "[";
  for (int i = 0; i < 150'000; ++i) many += fmt::format("x{}, ", i);
  many += "]";
  const std::string at_most = fmt::format("at most {} are read", limits::kCorrelationFieldsMax);
  EXPECT_THAT(quick_faults_of(correlation("  rules: [r0, r1]\n  group-by: " + many + "\n")), HasSubstr("`group-by` names 150000 fields; " + at_most));
  EXPECT_THAT(quick_faults_of(correlation("  rules: [r0, r1]\n  condition: {field: " + many + ", gte: 2}\n")), HasSubstr(at_most));
  const std::string rule = detection("  sel: {f: a}\n  condition: sel\n", "one");
  EXPECT_THAT(quick_faults_of(rule + "fields: " + many + "\n"), HasSubstr("`fields` names 150000 fields; " + at_most));
  for (const char* list : {"fields", "per"}) {
    const std::string other = std::string(list) == "per" ? "fields: [g]" : "per: [g]";
    EXPECT_THAT(quick_faults_of(rule + "tocsin: {first_seen: {" + list + ": " + many + ", " + other + ", history: 30d, learn: 7d}}\n"), HasSubstr(at_most)) << list;
  }
  EXPECT_THAT(quick_faults_of(rule + "tocsin: {absence: {of: one, within: 1m, by: " + many + "}}\n"), HasSubstr(at_most));
  EXPECT_THAT(quick_faults_of(rule + "tocsin: {baseline: {measure: count, per: [a], every: 1h, above: 6, least: 5, learn: 7d, peers: " + many + "}}\n"), HasSubstr(at_most));
}

std::string filter(std::size_t i, const std::string& rules, const std::string& values) {
  return fmt::format("title: F\nid: f{}\nlogsource: {{product: p}}\nfilter: {{rules: {}, me: {{user: [{}]}}, condition: not me}}\n---\n", i, rules, values);
}

TEST(RuleBounds, filters_of_every_rule_are_bounded_in_depth_and_in_bytes) {
  const std::string rule = in_one_file(1, "  sel: {f: a}\n  condition: sel\n");
  std::string filters;
  for (std::size_t i = 0; i < limits::kConditionDepthMax; ++i) filters += filter(i, "any", "me");
  EXPECT_EQ(quick_faults_of(rule + filters), "no fault");
  EXPECT_THAT(quick_faults_of(rule + filters + filter(99, "any", "me")), HasSubstr(fmt::format("the rule `r0` has {} filters already", limits::kConditionDepthMax)));
  for (std::size_t i = 100; i < 300; ++i) filters += filter(i, "any", "me");
  EXPECT_THAT(quick_faults_of(rule + filters), HasSubstr("filters already"));
  EXPECT_THAT(quick_faults_of(in_one_file(1'000, "  sel: {f: a}\n  condition: sel\n") + filter(1, "any", repeated("w, ", 90'000))),
              HasSubstr(fmt::format("what filters add to all rules is more than {} bytes", limits::kFilterBytesMax)));
}

TEST(RuleBounds, a_filter_of_thousands_of_unknown_rules_says_so_shortly) {
  std::string unknown = "[";
  for (int i = 0; i < 150'000; ++i) unknown += fmt::format("r{}x, ", i);
  const std::string told = quick_faults_of(in_one_file(2'000, "  sel: {f: a}\n  condition: sel\n") + filter(1, unknown + "]", "me"));
  EXPECT_THAT(told, HasSubstr("no rule has the id or name `r49x`"));
  EXPECT_THAT(told, HasSubstr("did you mean `r0`?"));
  EXPECT_THAT(told, HasSubstr(fmt::format("… and {} more faults there", 150'000 - limits::kYamlFaultsMax)));
}

TEST(RuleBounds, names_near_an_unknown_one_are_looked_for_a_few_times_only) {
  std::string text = in_one_file(2'000, "  sel: {f: a}\n  condition: sel\n");
  for (int i = 0; i < 2'000; ++i) text += fmt::format("title: C\nid: c{0}\ncorrelation: {{type: event_count, rules: [r{0}x], timespan: 1m, condition: {{gte: 2}}}}\n---\n", i);
  const auto file = yaml::parse("r.yml", text);
  const auto begin = std::chrono::steady_clock::now();
  const auto loaded = link_rules({*file});
  ASSERT_TRUE(loaded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  ASSERT_EQ(loaded->rejected.size(), 2'000U);
  EXPECT_THAT(loaded->rejected.front().faults.front(), HasSubstr("did you mean"));
  EXPECT_THAT(loaded->rejected.back().faults.front(), testing::Not(HasSubstr("did you mean"))) << "behind kNamesComparedMax";
}

}  // namespace
}  // namespace tocsin::sigma
