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

TEST(FoldBounds, an_event_of_ten_thousand_values_weighs_as_much_as_it_holds) {
  const auto rules = rules_with("type: value_count, timespan: 1h, condition: {field: v, gte: 9000}");
  FoldSettings settings;
  settings.group_entries_max = 1'000;
  Fold fold(rules, settings);
  v1::LogFrame frame = frame_of(1, 0, "ana");
  for (int i = 1; i < 10'000; ++i) {
    frame.mutable_match()->mutable_events(0)->mutable_matches(0)->add_value_hashes(std::string(identity({"v", std::to_string(i)}).view()));
  }
  (void)fold.apply(frame);
  (void)fold.apply(frame_of(2, kSecond, "ana", 20'000));
  EXPECT_LE(fold.entries(), 1'000U);
  EXPECT_GE(fold.dropped()["c"], 9'000);
}

std::shared_ptr<const RuleSet> learning(const std::string& kind) {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n", "d0") + "---\n" + detection("  sel: {f: b}\n  condition: sel\n", "c") + "tocsin: {" + kind + "}\n");
  if (!set) throw std::runtime_error(set.error().text);
  return std::make_shared<const RuleSet>(std::move(*set));
}

/// A match of the rule `c` itself, as an extension sees it.
v1::LogFrame learnt_frame(const RuleSet& rules, std::int64_t id, std::int64_t time, const std::string& group, std::int64_t value = 0) {
  v1::LogFrame frame = frame_of(id, time, group, value);
  frame.mutable_match()->mutable_events(0)->mutable_matches(0)->set_base_rule_id(rules.rules()[rules.find("c")->correlation()->bases[0]].id);
  return frame;
}

TEST(FoldBounds, what_is_learnt_counts_against_the_limit_of_a_rule_though_no_match_is_kept) {
  const auto rules = learning("first_seen: {fields: v, per: u, history: 10d, learn: 1d}");
  FoldSettings settings;
  settings.rule_entries_max = 1'000;
  Fold fold(rules, settings);
  for (int i = 0; i < 4'000; ++i) {
    (void)fold.apply(learnt_frame(*rules, i, i * kSecond, fmt::format("u{}", i), i));
    if (i % 100 == 0) (void)fold.apply(progress(i * kSecond));
  }
  EXPECT_LE(fold.entries(), 1'000U);
  EXPECT_LE(fold.groups(), 1'000U);
  EXPECT_GE(fold.dropped()["c"], 3'000) << "each group that went is at least one";
}

TEST(FoldBounds, answers_that_change_nothing_are_not_kept) {
  const auto rules = learning("absence: {of: d0, within: 10m, by: u}");
  Fold fold(rules, {});
  (void)fold.apply(progress(0));
  for (int i = 0; i < 20'000; ++i) {
    v1::LogFrame frame = frame_of(i, i * kSecond, "ana");
    frame.mutable_match()->mutable_events(0)->mutable_matches(0)->set_base_rule_id("d0");
    (void)fold.apply(frame);
  }
  EXPECT_LT(fold.entries(), 100U) << "one in five minutes answers all that those between would";
  EXPECT_TRUE(fold.dropped().empty());
}

TEST(FoldBounds, beyond_the_limit_groups_that_alerted_cost_nothing_to_pass_over) {
  const auto rules = rules_with("type: event_count, timespan: 1h, condition: {gte: 1}");
  const auto seconds_for = [&](int groups) {
    FoldSettings settings;
    settings.rule_entries_max = 1'000;
    Fold fold(rules, settings);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < groups; ++i) EXPECT_EQ(fold.apply(frame_of(i, i, fmt::format("u{}", i))).alerts.size(), 1U);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double few = seconds_for(4'000), many = seconds_for(16'000);
  EXPECT_LT(many, 4 * few * 2.5 + 0.2) << "four times the events, and sixteen times the time if all are walked for each";
}

TEST(FoldBounds, a_large_group_that_alerted_loses_its_oldest_where_nothing_else_can_go) {
  const auto rules = rules_with("type: event_count, timespan: 1h, condition: {gte: 3}");
  FoldSettings settings;
  settings.rule_entries_max = 1'000;
  Fold fold(rules, settings);
  for (int i = 0; i < 5'000; ++i) (void)fold.apply(frame_of(i, i * 1'000, "ana"));
  EXPECT_LE(fold.entries(), 1'000U);
  EXPECT_EQ(fold.groups(), 1U);
  EXPECT_EQ(fold.dropped().at("c") + static_cast<std::int64_t>(fold.entries()), 5'000);
}

TEST(FoldBounds, what_a_rule_below_has_dropped_is_said_above) {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n") +
                        "---\ntitle: C\nid: c\ncorrelation: {type: event_count, rules: [d1], group-by: [u], timespan: 1m, condition: {gte: 3}}\n"
                        "---\ntitle: T\nid: t\ncorrelation: {type: event_count, rules: [c], group-by: [u], timespan: 1h, condition: {gte: 1}}\n");
  ASSERT_TRUE(set) << set.error().text;
  FoldSettings settings;
  settings.group_entries_max = 10;
  Fold fold(std::make_shared<const RuleSet>(std::move(*set)), settings);
  for (int i = 0; i < 50; ++i) (void)fold.apply(frame_of(i, i * kSecond, "ana"));
  const Effects out = fold.close();
  ASSERT_EQ(out.alerts.size(), 1U);
  EXPECT_THAT(out.alerts[0].explanation(), testing::HasSubstr("; at least: `c` below dropped 40 matches at its memory limit"));
}

TEST(FoldBounds, peers_beyond_the_limit_give_the_same_whenever_the_watermark_came) {
  const auto rules = learning("baseline: {measure: count, per: u, every: 1m, above: 6, least: 10, learn: 3h, peers: v}");
  constexpr int kEntities = 60, kBusy = 5, kMinutes = 181;
  static_assert(kEntities * (kMinutes - 1) > limits::kBaselineMeasuresMax);
  std::vector<std::string> found;
  for (const bool often : {false, true}) {
    Fold fold(rules, {"default", Microseconds{}});
    std::vector<std::string> said;
    const auto take = [&](const Effects& effects) {
      for (const v1::Alert& alert : effects.alerts) said.push_back(alert.explanation());
    };
    int id = 0;
    (void)fold.apply(progress(0));
    for (int minute = 0; minute <= kMinutes; ++minute) {
      for (int entity = 0; entity < kEntities; ++entity) {
        const int n = minute == kMinutes && entity >= kEntities - kBusy ? 40 : 1 + (minute + entity) % 4;
        for (int i = 0; i < n; ++i) {
          const std::int64_t at = (minute * 60 + entity) * kSecond + i;
          take(fold.apply(learnt_frame(*rules, id++, at, fmt::format("u{}", entity))));
          if (often) take(fold.apply(progress(at)));
        }
      }
      take(fold.apply(progress((minute + 1) * 60 * kSecond)));
    }
    take(fold.close());
    EXPECT_EQ(said.size(), static_cast<std::size_t>(kBusy)) << "they come last: the others may have ended this minute before they begin it";
    std::sort(said.begin(), said.end());
    EXPECT_THAT(said.at(0), testing::HasSubstr(fmt::format("of {} measures", limits::kBaselineMeasuresMax)));
    if (often) {
      EXPECT_EQ(found, said);
    }
    found = said;
  }
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
