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

}  // namespace
}  // namespace tocsin::sigma
