// succession_test.cpp: new rules in the middle of a history: who keeps windows, and who begins anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sigma/correlate/fold.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using ::testing::UnorderedElementsAre;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;

std::string count_of(const std::string& id, const std::string& base, int threshold, const std::string& falsepositive = "none") {
  return fmt::format("---\ntitle: C\nfalsepositives: [{}]\nid: {}\ncorrelation: {{type: event_count, rules: [{}], group-by: [u], timespan: 5m, condition: {{gte: {}}}}}\n", falsepositive, id, base, threshold);
}

std::shared_ptr<const RuleSet> rules_of(const std::string& correlations, const std::string& value = "a") {
  auto rules = read_rules(detection("  s: {f: " + value + "}\n  condition: s\n", "d") + correlations);
  if (!rules) throw std::runtime_error(rules.error().text);
  return std::make_shared<const RuleSet>(std::move(*rules));
}

/// One event that the detection meets, for all the correlations named.
v1::LogFrame match(int event, std::int64_t second, const std::vector<std::string>& correlations, const std::string& user = "ana") {
  v1::LogFrame out;
  v1::MatchFrame& frame = *out.mutable_match();
  frame.set_source("s");
  frame.set_offset(event);
  v1::MatchedEvent& matched = *frame.add_events();
  matched.set_event_id(std::string(identity({"e", std::to_string(event)}).view()));
  matched.set_time(kStart + second * kSecond);
  for (const std::string& id : correlations) {
    v1::RuleMatch& rule = *matched.add_matches();
    rule.set_rule_id(id);
    rule.set_base_rule_id("d");
    v1::FieldValue& group = *rule.add_group();
    group.set_field("u");
    group.set_value(user);
  }
  return out;
}

v1::LogFrame progress(std::int64_t second) {
  v1::LogFrame out;
  out.mutable_progress()->set_source("s");
  out.mutable_progress()->set_max_event_time(second == 0 ? 0 : kStart + second * kSecond);
  return out;
}

std::vector<std::string> rules_in(const Effects& effects) {
  std::vector<std::string> out;
  for (const v1::Alert& alert : effects.alerts) out.push_back(alert.rule_id());
  return out;
}

/// A fold that has seen two matches of each of these.
std::unique_ptr<Fold> fold_with_two(const std::shared_ptr<const RuleSet>& rules, const std::vector<std::string>& correlations) {
  auto out = std::make_unique<Fold>(rules, FoldSettings{});
  out->apply(progress(0));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(out->apply(match(i, 10 + i, correlations)).alerts.empty());
  return out;
}

TEST(Succession, what_did_not_change_goes_on_where_it_stood) {
  const auto before = fold_with_two(rules_of(count_of("kept", "d", 3) + count_of("harder", "d", 3) + count_of("gone", "d", 3)), {"kept", "harder", "gone"});
  Fold after(rules_of(count_of("fresh", "d", 3) + count_of("kept", "d", 3, "Other words") + count_of("harder", "d", 2)), before->settings());
  after.inherit(std::move(*before));
  EXPECT_EQ(after.groups(), 1U) << "of what changed or went nothing is kept";
  const Effects third = after.apply(match(2, 12, {"kept", "harder", "fresh", "gone"}));
  ASSERT_THAT(rules_in(third), UnorderedElementsAre("kept")) << "two matches of other rules prove nothing";
  EXPECT_EQ(third.alerts[0].count(), 3);
  EXPECT_EQ(after.unknown_rules(), 1) << "gone";
  EXPECT_THAT(rules_in(after.apply(match(3, 13, {"harder"}))), UnorderedElementsAre("harder"));
}

TEST(Succession, a_changed_detection_empties_the_windows_above_it) {
  const auto before = fold_with_two(rules_of(count_of("c", "d", 3)), {"c"});
  Fold after(rules_of(count_of("c", "d", 3), "b"), before->settings());
  after.inherit(std::move(*before));
  EXPECT_EQ(after.groups(), 0U);
  EXPECT_TRUE(after.apply(match(2, 12, {"c"})).alerts.empty());
}

TEST(Succession, who_alerted_only_for_another_rule_begins_anew_without_it) {
  const std::string lower = count_of("c", "d", 3), upper = count_of("u", "c", 9);
  const auto before = fold_with_two(rules_of(lower + upper), {"c"});
  EXPECT_TRUE(before->apply(match(2, 12, {"c"})).alerts.empty()) << "it feeds the other one";
  Fold after(rules_of(lower), before->settings());
  after.inherit(std::move(*before));
  const Effects fourth = after.apply(match(3, 13, {"c"}));
  EXPECT_TRUE(fourth.alerts.empty() && fourth.updates.empty()) << "an alert that was never given cannot be updated";
  after.apply(match(4, 14, {"c"}));
  EXPECT_THAT(rules_in(after.apply(match(5, 15, {"c"}))), UnorderedElementsAre("c"));
}

TEST(Succession, deadlines_watermark_and_given_alerts_go_over) {
  const std::string text = count_of("c", "d", 3);
  const auto run = [&](bool reload) {
    auto fold = fold_with_two(rules_of(text), {"c"});
    const auto again = [&] {
      if (!reload) return;
      auto next = std::make_unique<Fold>(rules_of(text + count_of("other", "d", 9)), fold->settings());
      next->inherit(std::move(*fold));
      fold = std::move(next);
    };
    std::vector<std::string> out;
    const auto note = [&](const Effects& effects) {
      for (const v1::Alert& alert : effects.alerts) out.push_back("alert " + alert.ShortDebugString());
      for (const v1::Alert& alert : effects.updates) out.push_back("update " + alert.ShortDebugString());
    };
    note(fold->apply(match(2, 12, {"c"})));
    again();
    note(fold->apply(match(2, 12, {"c"})));   // The same event once more.
    note(fold->apply(match(3, 40, {"c"})));
    again();
    note(fold->apply(progress(900)));
    again();
    note(fold->apply(progress(100'000)));
    EXPECT_EQ(fold->entries(), 0U) << "deadlines still lead to their groups";
    return out;
  };
  const auto plain = run(false);
  EXPECT_GE(plain.size(), 2U);
  EXPECT_EQ(run(true), plain);
}

TEST(Succession, a_snapshot_afterwards_is_one_of_the_new_rules) {
  const auto before = fold_with_two(rules_of(count_of("kept", "d", 3) + count_of("gone", "d", 3)), {"kept", "gone"});
  const auto rules = rules_of(count_of("kept", "d", 3));
  Fold after(rules, before->settings());
  after.inherit(std::move(*before));
  Fold restored(rules, after.settings());
  const Result<void> loaded = restored.load(after.save());
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(restored.save().SerializeAsString(), after.save().SerializeAsString());
  EXPECT_THAT(rules_in(restored.apply(match(2, 12, {"kept"}))), UnorderedElementsAre("kept"));
}

}  // namespace
}  // namespace tocsin::sigma
