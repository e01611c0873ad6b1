// explain_test.cpp: every answer is the engine's, and the tree says which value decided it.
#include "daemon/sigma/authoring/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::HasSubstr;

RuleSet rules_of(const std::string& text) {
  auto rules = read_rules(text);
  if (!rules) throw std::runtime_error(rules.error().text);
  return std::move(*rules);
}

std::string explained(const RuleSet& rules, const std::vector<Field>& fields, const LogSource& source = {"p", "", ""}, std::size_t rule = 0) {
  return to_text(explain(rules, rules.rules()[rule], event_of(rules, fields, source)));
}

TEST(Explain, the_tree_shows_condition_selection_item_and_value) {
  const RuleSet rules = rules_of(detection("  sel: {user|contains: [dmi, root], n|gte: 5}\n  filter: {host|endswith: '.lan'}\n  condition: sel and not filter\n"));
  EXPECT_EQ(explained(rules, {text("user", "Admin"), number("n", "7"), text("host", "a.lan")}),
            "✗ rule `T`\n"
            "  ✓ log source product p  ← product p\n"
            "  ✗ condition `sel and not filter`\n"
            "    ✓ `sel`: all of\n"
            "      ✓ one of  ← 'Admin'\n"
            "        ✓ user contains 'dmi'\n"
            "        ✗ user contains 'root'\n"
            "      ✓ n ≥ 5  ← 7\n"
            "    ✗ not\n"
            "      ✓ `filter`: host ends with '.lan'  ← 'a.lan'\n");
}

TEST(Explain, says_why_a_field_is_absent_and_why_a_log_source_does_not_fit) {
  const RuleSet rules = rules_of(detection("  sel: {userName: eva, username: x}\n  condition: sel\n"));
  const std::string out = explained(rules, {text("username", "eva")}, {"q", "", ""});
  EXPECT_THAT(out, HasSubstr("✗ log source product p  ← product q  (the rule looks only at events of its log source)"));
  EXPECT_THAT(out, HasSubstr("✗ userName is 'eva'  (the event has no field userName, did you mean `username`?)"));
  EXPECT_THAT(out, HasSubstr("✗ username is 'x'  ← 'eva'"));
}

TEST(Explain, every_kind_of_question_has_its_sentence) {
  const RuleSet rules = rules_of(detection(
      "  sel: {a: null, b|exists: false, c|re: '^x', d|cidr: 10.0.0.0/8, e|fieldref: f, g|startswith|cased: X, h: 'a*b', i|wide|base64offset|contains: k, j|neq: 1, l: '*', m: 4624, o|hour|gte: 22}\n"
      "  condition: sel\n"));
  const std::string out = explained(rules, {text("c", "xy"), text("d", "11.1.1.1"), text("e", "1"), text("f", "2"), text("l", "")});
  for (const char* sentence : {"✓ a is absent or null", "✓ b is not there", "✓ c matches the regular expression '^x'  ← 'xy'", "✗ d lies in 10.0.0.0/8  ← '11.1.1.1'",
                               "✗ e is the value of f  ← '1', '2'", "g starts with 'X', case counts", "h is like 'a*b'", "j is 1", "✓ l has any value  ← ''", "m is 4624", "o has the hour ≥ 22 in UTC"}) {
    EXPECT_THAT(out, HasSubstr(sentence));
  }
}

TEST(Explain, long_lists_are_cut_and_never_lose_the_value_that_holds) {
  std::string values;
  for (int i = 0; i < 500; ++i) values += fmt::format("{}v{}", i == 0 ? "" : ", ", i);
  const RuleSet rules = rules_of(detection("  sel: {f: [" + values + "]}\n  condition: sel\n"));
  const std::string out = explained(rules, {text("f", "v431")});
  EXPECT_THAT(out, HasSubstr("✓ f is 'v431'"));
  EXPECT_THAT(out, HasSubstr("(487 more do not hold)"));
  EXPECT_LT(std::count(out.begin(), out.end(), '\n'), 25);
}

TEST(Explain, a_correlation_says_which_bases_match_and_what_would_be_counted) {
  const RuleSet rules = rules_of(detection("  sel: {f: a}\n  condition: sel\n") +
                                 "---\ntitle: C\nid: c\ncorrelation: {type: value_count, rules: [d1], group-by: [who], timespan: 1m, condition: {field: what, gte: 3},\n"
                                 "  aliases: {who: {d1: user}}}\n");
  const std::string out = explained(rules, {text("f", "a"), text("user", "eva"), text("what", "k")}, {"p", "", ""}, 1);
  EXPECT_THAT(out, HasSubstr("✓ counts for the value_count `C`  (an alert needs threshold 3 within 1m)"));
  EXPECT_THAT(out, HasSubstr("✓ groups by who, here user  ← 'eva'"));
  EXPECT_THAT(out, HasSubstr("✓ counts what  ← 'k'"));
  EXPECT_THAT(explained(rules, {text("f", "a")}, {"p", "", ""}, 1), HasSubstr("✗ groups by who, here user  (the event has no field user)"));
}

TEST(Explain, json_has_the_same_tree) {
  const RuleSet rules = rules_of(detection("  sel: {f: '\"'}\n  condition: sel\n"));
  EXPECT_EQ(to_json(explain(rules, rules.rules()[0], event_of(rules, {text("f", "\"")}))),
            R"({"holds":true,"asked":"rule `T`","parts":[{"holds":true,"asked":"log source product p","found":["product p"]},)"
            R"({"holds":true,"asked":"condition `sel`","parts":[{"holds":true,"asked":"`sel`: f is '\"'","found":["'\"'"]}]}]})");
}

TEST(Explain, a_clear_identifier_is_hidden_also_where_it_is_a_number) {
  const RuleSet rules = rules_of(detection("  sel: {customer.id: 99}\n  condition: sel\n"));
  Event event = event_of(rules, {number("customer.id", "4711")});
  event.clear_ids.push_back({"4711", identity({"person"})});
  const std::string told = to_text(explain(rules, rules.rules()[0], event));
  EXPECT_EQ(told.find("4711"), std::string::npos) << told;
}

TEST(Explain, a_tower_of_correlations_is_told_once_each) {
  std::string text = detection("  sel: {f: 1}\n  condition: sel\n", "base0");
  for (int level = 1; level <= 9; ++level) {
    std::string below;
    for (int i = 0; i < (level == 1 ? 1 : 8); ++i) below += fmt::format("{}{}", i == 0 ? "" : ", ", level == 1 ? "base0" : fmt::format("c{}x{}", level - 1, i));
    for (int i = 0; i < 8; ++i) {
      text += fmt::format("---\ntitle: T\nid: c{}x{}\ncorrelation: {{type: event_count, rules: [{}], timespan: 1m, condition: {{gte: 1}}}}\n", level, i, below);
    }
  }
  const RuleSet rules = rules_of(text);
  const Rule* top = rules.find("c9x0");
  ASSERT_NE(top, nullptr);
  const std::string told = to_text(explain(rules, *top, event_of(rules, {number("f", "1")})));
  EXPECT_LT(told.size(), 200'000U);
  EXPECT_THAT(told, HasSubstr("told above"));
}

}  // namespace
}  // namespace tocsin::sigma
