// bounds_test.cpp: what the fold may cost: memory limits are counted and said, ids are forgotten behind the watermark, busy groups stay fast.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "daemon/sigma/correlate/fold.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;

std::shared_ptr<const RuleSet> rules_with(const std::string& body) {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n") + "---\ntitle: C\nid: c\ncorrelation: {rules: [d1], group-by: [u], " + body + "}\n");
  if (!set) throw std::runtime_error(set.error().text);
  return std::make_shared<const RuleSet>(std::move(*set));
}

v1::LogFrame frame_of(std::int64_t id, std::int64_t time, const std::string& group, std::int64_t value = 0, const std::string& rule = "c") {
  v1::LogFrame frame;
  frame.mutable_match()->set_source("s");
  v1::MatchedEvent& event = *frame.mutable_match()->add_events();
  event.set_event_id(std::string(identity({"e", std::to_string(id)}).view()));
  event.set_time(kStart + time);
  v1::RuleMatch& match = *event.add_matches();
  match.set_rule_id(rule);
  match.set_base_rule_id("d1");
  v1::FieldValue& part = *match.add_group();
  part.set_field("u");
  part.set_value(group);
  match.add_value_hashes(std::string(identity({"v", std::to_string(value)}).view()));
  return frame;
}

v1::LogFrame progress(std::int64_t time) {
  v1::LogFrame frame;
  frame.mutable_progress()->set_source("s");
  frame.mutable_progress()->set_max_event_time(kStart + time);
  return frame;
}

TEST(FoldBounds, a_group_beyond_its_limit_drops_its_oldest_and_says_so) {
  const auto rules = rules_with("type: event_count, timespan: 1h, condition: {gte: 50}");
  static_assert(limits::kGroupEntriesMax > 100'000);
  FoldSettings settings;
  settings.group_entries_max = 100;
  Fold fold(rules, settings);
  v1::Alert last;
  for (int i = 0; i < 300; ++i) {
    const Effects out = fold.apply(frame_of(i, i * kSecond, "ana"));
    if (!out.updates.empty()) last = out.updates.back();
  }
  EXPECT_EQ(fold.entries(), 100U);
  EXPECT_EQ(fold.dropped(), (std::map<std::string, std::int64_t>{{"c", 200}})) << "the daemon exports it as tocsin_correlation_dropped_total";
  EXPECT_THAT(last.explanation(), testing::HasSubstr("matches of this group were dropped at its limit"));
  const v1::FoldSnapshot saved = fold.save();
  Fold again(rules, settings);
  ASSERT_TRUE(again.load(saved));
  EXPECT_EQ(again.dropped(), fold.dropped());
}

TEST(FoldBounds, a_flood_of_keys_costs_a_rule_no_more_than_its_limit_and_never_a_group_that_alerted) {
  const auto rules = rules_with("type: event_count, timespan: 1h, condition: {gte: 3}");
  static_assert(limits::kRuleEntriesMax > limits::kGroupEntriesMax);
  FoldSettings settings;
  settings.rule_entries_max = 1'000;
  Fold fold(rules, settings);
  for (int i = 0; i < 3; ++i) (void)fold.apply(frame_of(i, i, "eva"));
  for (int i = 0; i < 5'000; ++i) (void)fold.apply(frame_of(100 + i, 10 + i, fmt::format("u{}", i)));
  EXPECT_LE(fold.entries(), 1'000U);
  EXPECT_LE(fold.groups(), 1'000U);
  EXPECT_EQ(fold.dropped().at("c"), 4'003);
  Effects out;
  for (int i = 0; i < 3; ++i) out = fold.apply(frame_of(9'000 + i, 9'000 + i, "u4999"));
  ASSERT_EQ(out.alerts.size() + fold.apply(frame_of(9'100, 9'100, "eva")).affected.size(), 1U);
}

TEST(FoldBounds, ids_of_alerts_are_forgotten_once_no_event_can_ask_for_them) {
  const auto rules = rules_with("type: event_count, timespan: 10s, condition: {gte: 1}");
  Fold fold(rules, {});
  const std::int64_t reach = std::chrono::seconds(limits::kStragglerReach).count(), hour = 3'600;
  for (std::int64_t at = 0; at < 3 * reach; at += hour) {
    EXPECT_EQ(fold.apply(frame_of(at, at * kSecond, "ana")).alerts.size(), 1U);
    (void)fold.apply(progress(at * kSecond));
  }
  EXPECT_LT(fold.save().groups(0).fired().given_size(), reach / hour + 3);
  EXPECT_TRUE(fold.apply(frame_of(-1, 5 * kSecond, "ana")).alerts.empty()) << "an event this far behind touches people and counts nowhere";

  auto single = read_rules(detection("  sel: {f: a}\n  condition: sel\n"));
  Fold detections(std::make_shared<const RuleSet>(std::move(*single)), {});
  for (std::int64_t at = 0; at < 3 * reach; at += hour) {
    EXPECT_EQ(detections.apply(frame_of(at, at * kSecond, "ana", 0, "d1")).alerts.size(), 1U);
    EXPECT_TRUE(detections.apply(frame_of(at, at * kSecond, "ana", 0, "d1")).alerts.empty());
    (void)detections.apply(progress(at * kSecond));
  }
  EXPECT_LT(static_cast<std::int64_t>(detections.remembered()), (reach + 3 * 86'400) / hour);
}

TEST(FoldBounds, a_busy_group_costs_the_same_per_event_however_long_its_window) {
  for (const char* body : {"type: event_count, timespan: 5m, condition: {gte: 50}", "type: value_count, timespan: 5m, condition: {field: v, gte: 20000}",
                           "type: value_count, timespan: 5m, condition: {field: v, lt: 3}"}) {
    const auto rules = rules_with(body);
    Fold fold(rules, {});
    constexpr int kEvents = 30'000;   // Over a minute: all stay in the window.
    std::array<double, 2> seconds{};
    std::size_t effects = 0;
    for (int i = 0; i < kEvents; ++i) {
      const v1::LogFrame frame = frame_of(i, i * 2'000 - (i % 7) * 9'000, "ana", i % 500);
      const auto begin = std::chrono::steady_clock::now();
      const Effects out = fold.apply(frame);
      if (i % 100 == 0) (void)fold.apply(progress(i * 2'000));
      seconds[i < kEvents / 2 ? 0 : 1] += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      effects += out.updates.size();
    }
    EXPECT_LT(effects, 100U) << "a growing alert is given again seldom";
    EXPECT_LT(seconds[1], seconds[0] * 4 + 0.2) << body;
    std::cout << "  " << static_cast<long>(kEvents / (seconds[0] + seconds[1])) << " matches/s: " << body << "\n";
  }
}

TEST(FoldBounds, an_event_of_many_groups_and_bases_is_sorted_once) {
  std::string text, names;
  for (int i = 0; i < 60; ++i) {
    text += detection("  sel: {f: a}\n  condition: sel\n", fmt::format("r{}", i)) + "---\n";
    names += fmt::format("{}r{}", i == 0 ? "" : ", ", i);
  }
  auto set = read_rules(text + "title: C\nid: c\ncorrelation: {type: temporal, rules: [" + names + "], group-by: [u], timespan: 1m}\n");
  ASSERT_TRUE(set) << set.error().text;
  Fold fold(std::make_shared<const RuleSet>(std::move(*set)), {});
  v1::LogFrame frame = frame_of(1, 0, "x");
  v1::MatchedEvent& event = *frame.mutable_match()->mutable_events(0);
  event.clear_matches();
  for (int i = 0; i < 60; ++i) {
    for (int group = 0; group < 200; ++group) {
      v1::RuleMatch& match = *event.add_matches();
      match.set_rule_id("c");
      match.set_base_rule_id(fmt::format("r{}", i));
      match.add_group()->set_value(std::to_string(group));
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(fold.apply(frame).alerts.size(), 200U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3)) << "12,000 matches; compared pairwise it took a minute";
}

}  // namespace
}  // namespace tocsin::sigma
