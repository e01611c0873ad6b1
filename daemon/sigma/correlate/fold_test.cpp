// fold_test.cpp: histories in any order give the alerts and people that a quadratic recount gives.
#include "daemon/sigma/correlate/fold.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>

#include "daemon/sigma/correlate/windows/naive.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;

struct Occurrence {
  int id = 0;                 ///< Identity of the event.
  std::int64_t time = 0;      ///< Seconds.
  std::string group = "ana";
  std::vector<int> values;    ///< People, or values of the counted field.
  bool late = false;
  int number = 0;             ///< Of the field that metrics take.
  int bases = 1;              ///< Bits: which of d1, d2, d3 it meets.
};

Id128 id_of(int n) { return identity({"e", std::to_string(n)}); }

std::shared_ptr<const RuleSet> rules_with(const std::string& type, const std::string& condition, const std::string& timespan,
                                          const std::string& suppress = "") {
  std::string text;
  for (const char* base : {"d1", "d2", "d3"}) text += detection("  sel: {f: a}\n  condition: sel\n", base) + "---\n";
  const std::string asked = condition.empty() ? "" : condition[0] == '=' ? ", condition: " + condition.substr(1) : ", condition: {" + condition + "}";
  auto set = read_rules(text + "title: Many\nid: c\nlevel: high\ncorrelation: {type: " + type + ", rules: [d1, d2, d3], group-by: [u], timespan: " + timespan + asked + "}\n" +
                        (suppress.empty() ? "" : "tocsin: {suppress: " + suppress + "}\n"));
  if (!set) throw std::runtime_error(set.error().text);
  return std::make_shared<const RuleSet>(std::move(*set));
}

v1::LogFrame frame_of(const Occurrence& o, std::int64_t offset = 0, int partition = 0) {
  v1::LogFrame frame;
  v1::MatchFrame& match = *frame.mutable_match();
  match.set_source("s");
  match.set_partition(partition);
  match.set_offset(offset);
  v1::MatchedEvent& event = *match.add_events();
  event.set_event_id(std::string(id_of(o.id).view()));
  event.set_time(kStart + o.time * kSecond);
  event.set_late(o.late);
  event.add_categories("personal");
  for (const int value : o.values) event.add_subjects()->set_ref(std::string(identity({"v", std::to_string(value)}).view()));
  for (int base = 0; base < 3; ++base) {
    if ((o.bases >> base & 1) == 0) continue;
    v1::RuleMatch& rule = *event.add_matches();
    rule.set_rule_id("c");
    rule.set_base_rule_id(fmt::format("d{}", base + 1));
    v1::FieldValue& group = *rule.add_group();
    group.set_field("u");
    group.set_value(o.group);
    for (const v1::SubjectRef& subject : event.subjects()) rule.add_value_hashes(subject.ref());
    rule.add_numbers(fmt::format("{}.5", o.number));
  }
  return frame;
}

v1::LogFrame progress(std::int64_t time, int partition = 0, bool idle = false) {
  v1::LogFrame frame;
  frame.mutable_progress()->set_source("s");
  frame.mutable_progress()->set_partition(partition);
  frame.mutable_progress()->set_max_event_time(time == 0 ? 0 : kStart + time * kSecond);
  frame.mutable_progress()->set_idle(idle);
  return frame;
}

/// What the store would hold: newest form of each alert, and who is affected.
struct Ledger {
  std::map<std::string, v1::Alert> alerts;
  std::set<std::string> affected;   ///< group/event, where an alert of the group reaches back to it.
  int repeats = 0;                  ///< Alerts whose id was given before.
  int lost_updates = 0;

  void take(const Effects& effects) {
    for (const v1::Alert& alert : effects.alerts) {
      if (!alerts.try_emplace(alert.alert_id(), alert).second) ++repeats;
    }
    for (const v1::Alert& alert : effects.updates) {
      if (!alerts.contains(alert.alert_id())) ++lost_updates;
      alerts[alert.alert_id()] = alert;
    }
    for (const Affected& a : effects.affected) {
      // As the casebook does it: an alert of this rule and group whose first_event is not after the event.
      for (const auto& [id, alert] : alerts) {
        if (group_text(alert.group()) != group_text(a.group) || micros(alert.first_event()) > micros_of(a.time)) continue;
        affected.insert(id + "/" + a.event_id);
      }
    }
  }

  static std::int64_t micros(const google::protobuf::Timestamp& t) { return t.seconds() * kSecond + t.nanos() / 1'000; }
};

/// What an occurrence brings to a window, from what it is and not by way of the log.
std::vector<windows::Hit> hits_of(const windows::WindowRule& rule, const Occurrence& o) {
  windows::Hit hit{.time = kStart + o.time * kSecond, .event = static_cast<std::uint64_t>(o.id) + 1};
  std::vector<windows::Hit> out;
  if (rule.kind == windows::Kind::value_count) {
    for (const int value : o.values) (out.emplace_back(hit)).value = static_cast<std::uint64_t>(value);
  } else if (rule.kind == windows::Kind::temporal || rule.kind == windows::Kind::temporal_ordered) {
    for (std::uint8_t base = 0; base < 3; ++base) {
      if ((o.bases >> base & 1) != 0) (out.emplace_back(hit)).base = base;
    }
  } else {
    hit.number = windows::Int128{o.number} * windows::kStep + (o.number < 0 ? -1 : 1) * windows::kStep / 2;
    out.push_back(hit);
  }
  return out;
}

/// The definition, word for word, in quadratic time.
struct Recount {
  std::map<std::string, v1::Alert> alerts;  ///< By id; only the compared fields.
  std::set<std::string> affected;

  Recount(const Rule& rule, const std::vector<Occurrence>& history) {
    std::map<std::pair<int, std::int64_t>, Occurrence> unique;
    for (const Occurrence& o : history) {
      if (!o.late) unique.emplace(std::pair{o.id, o.time}, o);
    }
    const windows::WindowRule window = window_rule_of(rule);
    const Correlation& c = *rule.correlation();
    const std::int64_t span = c.timespan.count() / kSecond, length = c.bucket().count() / kSecond;
    const bool grows = windows::decides_on_arrival(window);
    const auto counts = [&](const Occurrence& o) { return !hits_of(window, o).empty(); };
    std::map<std::string, std::vector<windows::Hit>> hits;
    for (const auto& [key, o] : unique) {
      for (const windows::Hit& hit : hits_of(window, o)) hits[o.group].push_back(hit);
    }
    for (const auto& [name, all] : hits) {
      for (const windows::Moment& moment : windows::naive_moments(window, all)) {
        if (!moment.holds) continue;
        const std::int64_t second = moment.time / kSecond, start = second / length * length * kSecond;
        const std::string id = identity({"default", rule.id, fmt::format("1:u{}:{}", name.size(), name), std::to_string(start)}).hex();
        const auto [at, fresh] = alerts.try_emplace(id);
        v1::Alert& alert = at->second;
        const std::int64_t n = whole_of(moment.value);
        if (fresh) {
          std::int64_t first = second;
          for (const auto& [key, o] : unique) {
            const std::int64_t when = kStart / kSecond + o.time;
            if (o.group == name && counts(o) && when > second - span && when <= second) first = std::min(first, when);
          }
          alert.mutable_triggered_at()->set_seconds(second);
          alert.mutable_first_event()->set_seconds(first);
          alert.add_group()->set_value(name);
          alert.set_count(n);
        }
        if (grows) alert.set_count(std::max(alert.count(), n));
      }
    }
    for (auto& [id, alert] : alerts) {
      const std::int64_t end = (Ledger::micros(alert.triggered_at()) / kSecond / length + 1) * length;
      std::set<std::pair<std::int64_t, Id128>> shown;
      for (const auto& [key, event] : unique) {
        const std::int64_t at = kStart / kSecond + event.time;
        if (event.group == alert.group(0).value() && counts(event) && at >= alert.first_event().seconds() && at < end) shown.insert({at, id_of(event.id)});
      }
      alert.mutable_last_event()->set_seconds(shown.rbegin()->first);
      for (const auto& [at, event] : shown) {
        if (alert.evidence_size() < 20) alert.add_evidence()->set_event_id(event.hex());
      }
      for (const auto& [key, event] : unique) {
        if (event.group != alert.group(0).value() || kStart + event.time * kSecond < Ledger::micros(alert.first_event())) continue;
        affected.insert(id + "/" + id_of(event.id).hex());
      }
    }
  }
};

std::vector<Occurrence> random_history(std::mt19937& random, int n, int seconds) {
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  std::vector<Occurrence> out;
  for (int i = 0; i < n; ++i) {
    Occurrence o{i, pick(seconds), pick(4) == 0 ? "eva" : "ana", {}, false, pick(40) - 8, 1 << pick(3)};
    if (pick(6) == 0) o.bases |= 1 << pick(3);
    for (int v = pick(3); v > 0; --v) o.values.push_back(pick(12));
    std::sort(o.values.begin(), o.values.end());
    o.values.erase(std::unique(o.values.begin(), o.values.end()), o.values.end());
    out.push_back(o);
    if (pick(8) == 0) out.push_back(o);                     // Sent twice.
    if (pick(20) == 0) out.push_back({i, o.time, o.group, o.values, true, o.number, o.bases});  // And once more, far too late.
  }
  return out;
}

/// Plays a history that is shuffled within the lateness; the watermark follows as stage one would log it.
Ledger play(const std::shared_ptr<const RuleSet>& rules, std::vector<Occurrence> history, std::mt19937& random, std::int64_t lateness,
            bool restart = false) {
  std::vector<std::pair<std::int64_t, std::size_t>> arrival;
  for (std::size_t i = 0; i < history.size(); ++i) {
    arrival.emplace_back(history[i].time + static_cast<std::int64_t>(random() % static_cast<unsigned>(lateness + 1)), i);
  }
  std::shuffle(arrival.begin(), arrival.end(), random);
  std::stable_sort(arrival.begin(), arrival.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

  const FoldSettings settings{"default", std::chrono::seconds(lateness)};
  auto fold = std::make_unique<Fold>(rules, settings);
  Ledger ledger;
  std::int64_t newest[2] = {0, 0};
  for (int p = 0; p < 2; ++p) ledger.take(fold->apply(progress(0, p)));
  std::int64_t offset = 0;
  for (const auto& [at, i] : arrival) {
    const int partition = static_cast<int>(random() % 2);
    if (!history[i].late) newest[partition] = std::max(newest[partition], history[i].time);
    ledger.take(fold->apply(frame_of(history[i], offset++, partition)));
    if (random() % 4 == 0) ledger.take(fold->apply(progress(newest[0], 0)));
    if (random() % 4 == 0) ledger.take(fold->apply(progress(newest[1], 1)));
    if (restart && random() % 5 == 0) {
      const v1::FoldSnapshot saved = fold->save();
      auto fresh = std::make_unique<Fold>(rules, settings);
      v1::FoldSnapshot copy;
      if (!copy.ParseFromString(saved.SerializeAsString())) throw std::runtime_error("parse");
      if (auto loaded = fresh->load(copy); !loaded) throw std::runtime_error(loaded.error().text);
      if (fresh->save().SerializeAsString() != saved.SerializeAsString()) throw std::runtime_error("a loaded state saves otherwise");
      fold = std::move(fresh);
    }
  }
  ledger.take(fold->close());
  EXPECT_EQ(fold->stragglers(), 0);
  return ledger;
}

void expect_equal(const Ledger& found, const Recount& expected, const std::string& where) {
  EXPECT_EQ(found.repeats, 0) << where;
  EXPECT_EQ(found.lost_updates, 0) << where;
  ASSERT_EQ(found.alerts.size(), expected.alerts.size()) << where;
  for (const auto& [id, alert] : expected.alerts) {
    ASSERT_TRUE(found.alerts.contains(id)) << where;
    const v1::Alert& other = found.alerts.at(id);
    EXPECT_TRUE(other.final()) << where;
    EXPECT_EQ(other.count(), alert.count()) << where;
    EXPECT_EQ(Ledger::micros(other.triggered_at()), Ledger::micros(alert.triggered_at())) << where;
    EXPECT_EQ(Ledger::micros(other.first_event()), Ledger::micros(alert.first_event())) << where;
    EXPECT_EQ(Ledger::micros(other.last_event()), Ledger::micros(alert.last_event())) << where;
    ASSERT_EQ(other.evidence_size(), alert.evidence_size()) << where;
    for (int i = 0; i < alert.evidence_size(); ++i) EXPECT_EQ(other.evidence(i).event_id(), alert.evidence(i).event_id()) << where;
  }
  EXPECT_EQ(found.affected, expected.affected) << where;
}

struct Case {
  std::string type, condition, timespan, suppress;
};

const Case kCases[] = {
    {"event_count", "gte: 4", "10s", ""},        {"event_count", "gt: 6", "20s", "45s"},
    {"value_count", "field: v, gte: 5", "15s", ""}, {"value_count", "field: subjects.ref, gte: 6", "20s", "50s"},
    {"event_count", "eq: 3", "10s", ""},         {"event_count", "lte: 2", "10s", "30s"},
    {"value_count", "field: v, gte: 3, lt: 5", "15s", ""}, {"value_count", "field: v, neq: 2", "12s", ""},
    {"event_count", "gte: 1", "10s", ""},        {"value_sum", "field: v, gte: 60.25", "12s", ""},
    {"value_sum", "field: v, lt: 0", "12s", "40s"}, {"value_avg", "field: v, gt: 21.75", "15s", ""},
    {"value_median", "field: v, gte: 20, lt: 24", "15s", ""}, {"value_percentile", "field: v, percentile: 90, gt: 30.5", "20s", "30s"},
    {"temporal", "", "8s", ""},                  {"temporal", "gte: 2", "4s", "9s"},
    {"temporal", "eq: 2", "10s", ""},            {"temporal", "=d1 and (d2 or not d3)", "6s", ""},
    {"temporal_ordered", "", "15s", ""},         {"temporal_ordered", "=d3 and d1 and not d2", "12s", ""},
    {"temporal", "=d1 and (d1 or d2 or d3)", "6s", "40s"},
};

TEST(Fold, any_order_within_the_lateness_gives_what_a_recount_gives) {
  std::mt19937 random(20261124);
  std::size_t alerts = 0;
  for (const Case& c : kCases) {
    const auto rules = rules_with(c.type, c.condition, c.timespan, c.suppress);
    for (int round = 0; round < 15; ++round) {
      const auto history = random_history(random, 60, 150);
      const Recount expected(*rules->find("c"), history);
      alerts += expected.alerts.size();
      for (int order = 0; order < 5; ++order) {
        const std::int64_t lateness = order == 0 ? 0 : order == 1 ? 400 : 1 + static_cast<std::int64_t>(random() % 60);
        expect_equal(play(rules, history, random, lateness, order == 4), expected,
                     fmt::format("{} {} round {} order {} lateness {}", c.type, c.condition, round, order, lateness));
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  EXPECT_GT(alerts, 500U) << "the histories must reach the thresholds";
}

TEST(Fold, a_large_group_whose_alert_moves_back_names_the_people_before_they_are_forgotten) {
  const auto rules = rules_with("event_count", "gte: 3", "60s", "1h");
  std::vector<Occurrence> history;
  for (int i = 0; i < 200; ++i) history.push_back({i, 3'000 + i, "ana", {i}});
  for (int i = 0; i < 3; ++i) history.push_back({1'000 + i, 300 + i, "ana", {1'000 + i}});
  Fold fold(rules, {"default", std::chrono::hours(1)});
  Ledger ledger;
  for (const Occurrence& o : history) ledger.take(fold.apply(frame_of(o)));
  ledger.take(fold.apply(progress(3'300 + 3'600)));   // Behind the window of them all, before the bucket ends.
  ledger.take(fold.close());
  expect_equal(ledger, Recount(*rules->find("c"), history), "moved back");
}

TEST(Fold, large_groups_in_any_order_name_everybody_though_their_buckets_outlast_their_windows) {
  std::mt19937 random(20261125);
  for (const Case& c : {Case{"event_count", "gte: 4", "5s", "150s"}, Case{"value_count", "field: v, gte: 3", "4s", "90s"}, Case{"temporal", "", "3s", "100s"}}) {
    const auto rules = rules_with(c.type, c.condition, c.timespan, c.suppress);
    for (int round = 0; round < 12; ++round) {
      const auto history = random_history(random, 260, 300);
      expect_equal(play(rules, history, random, 1 + static_cast<std::int64_t>(random() % 120), round % 4 == 3), Recount(*rules->find("c"), history),
                   fmt::format("{} round {}", c.type, round));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Fold, all_permutations_of_a_small_history_agree) {
  const auto rules = rules_with("value_count", "field: v, gte: 3", "10s");
  const std::vector<Occurrence> history = {{0, 5, "ana", {1}}, {1, 8, "ana", {2}}, {2, 9, "ana", {}}, {3, 12, "ana", {3}}, {4, 14, "ana", {1, 4}}, {3, 12, "ana", {3}}};
  const Recount expected(*rules->find("c"), history);
  ASSERT_EQ(expected.alerts.size(), 1U);
  std::vector<int> order = {0, 1, 2, 3, 4, 5};
  int tried = 0;
  do {
    Fold fold(rules, {"default", std::chrono::minutes(1)});
    Ledger ledger;
    for (const int i : order) ledger.take(fold.apply(frame_of(history[static_cast<std::size_t>(i)])));
    ledger.take(fold.close());
    expect_equal(ledger, expected, fmt::format("permutation {}", tried++));
  } while (std::next_permutation(order.begin(), order.end()) && !testing::Test::HasFailure());
  EXPECT_EQ(tried, 720);
}

TEST(Fold, fires_at_n_and_not_at_n_minus_one) {
  const auto rules = rules_with("event_count", "gte: 50", "10m");
  for (const int n : {49, 50}) {
    Fold fold(rules, {});
    Ledger ledger;
    for (int i = 0; i < n; ++i) ledger.take(fold.apply(frame_of({i, i, "ana", {}})));
    EXPECT_EQ(ledger.alerts.size(), n == 50 ? 1U : 0U) << "before any watermark: monotone rules fire on arrival";
    ledger.take(fold.close());
    EXPECT_EQ(ledger.alerts.size(), n == 50 ? 1U : 0U);
  }
}

TEST(Fold, the_window_is_half_open) {
  const auto rules = rules_with("event_count", "gte: 2", "10s");
  for (const auto& [gap, alerts] : {std::pair{9, 1U}, std::pair{10, 0U}}) {
    Fold fold(rules, {});
    Ledger ledger;
    ledger.take(fold.apply(frame_of({1, 0, "ana", {}})));
    ledger.take(fold.apply(frame_of({2, gap, "ana", {}})));
    EXPECT_EQ(ledger.alerts.size(), alerts) << gap;
  }
}

TEST(Fold, a_live_alert_says_what_was_counted_and_becomes_final_at_the_watermark) {
  const auto rules = rules_with("value_count", "field: subjects.ref, gte: 3", "10m");
  Fold fold(rules, {"default", std::chrono::seconds(60)});
  Ledger ledger;
  ledger.take(fold.apply(progress(0)));
  for (int i = 0; i < 61; ++i) ledger.take(fold.apply(frame_of({i, 10 + i, "ana", {i}}, i)));
  ASSERT_EQ(ledger.alerts.size(), 1U);
  EXPECT_FALSE(ledger.alerts.begin()->second.final());
  EXPECT_GT(ledger.alerts.begin()->second.count(), 40) << "a growing alert is given again before it is final";
  ledger.take(fold.apply(progress(600 + 59)));
  EXPECT_FALSE(ledger.alerts.begin()->second.final());
  ledger.take(fold.apply(progress(600 + 60)));
  const v1::Alert& alert = ledger.alerts.begin()->second;
  EXPECT_TRUE(alert.final());
  EXPECT_EQ(alert.count(), 61);
  EXPECT_EQ(alert.explanation(), "61 distinct subjects in 10m (threshold 3); u = ana");
  EXPECT_EQ(alert.evidence_size(), 20);
  EXPECT_EQ(alert.evidence(0).event_id(), id_of(0).hex());
  EXPECT_EQ(alert.evidence(19).offset(), 19);
  EXPECT_EQ(alert.last_event().seconds(), kStart / kSecond + 70);
  EXPECT_THAT(alert.categories(), testing::ElementsAre("personal"));
  EXPECT_EQ(alert.level(), "high");
}

TEST(Fold, people_touched_long_after_the_alert_are_still_affected) {
  const auto rules = rules_with("event_count", "gte: 2", "10s");
  Fold fold(rules, {"default", std::chrono::seconds(5)});
  (void)fold.apply(frame_of({1, 0, "ana", {7}}));
  EXPECT_EQ(fold.apply(frame_of({2, 1, "ana", {8}})).affected.size(), 2U);
  (void)fold.apply(progress(100'000));
  const Effects later = fold.apply(frame_of({3, 100'000, "ana", {9}}));
  EXPECT_TRUE(later.alerts.empty());
  ASSERT_EQ(later.affected.size(), 1U);
  EXPECT_EQ(later.affected[0].event_id, id_of(3).hex());
  EXPECT_EQ(later.affected[0].rule_id, "c");
  EXPECT_TRUE(fold.apply(frame_of({4, 100'000, "eva", {9}})).affected.empty()) << "another group";
}

TEST(Fold, state_is_dropped_behind_the_window) {
  const auto rules = rules_with("event_count", "gte: 3", "10s");
  Fold fold(rules, {"default", std::chrono::seconds(5)});
  (void)fold.apply(progress(0));
  for (int i = 0; i < 1'000; ++i) (void)fold.apply(frame_of({i, i, fmt::format("u{}", i), {}}));
  EXPECT_EQ(fold.groups(), 1'000U);
  (void)fold.apply(progress(1'100));
  EXPECT_EQ(fold.groups(), 0U);
}

TEST(Fold, late_and_skewed_events_take_part_in_single_event_rules_alone) {
  const auto rules = rules_with("event_count", "gte: 1", "10s");
  Fold fold(rules, {});
  v1::LogFrame frame = frame_of({1, 0, "ana", {}, true});
  EXPECT_TRUE(fold.apply(frame).empty());
  frame.mutable_match()->mutable_events(0)->set_late(false);
  frame.mutable_match()->mutable_events(0)->set_skewed(true);
  EXPECT_TRUE(fold.apply(frame).empty());
}

TEST(Fold, a_single_event_alerts_once_however_often_it_is_sent) {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n") + "level: low\ntocsin: {title_zh: 题}\n");
  Fold fold(std::make_shared<const RuleSet>(std::move(*set)), {});
  v1::LogFrame frame = frame_of({1, 0, "ana", {5}, true});
  frame.mutable_match()->mutable_events(0)->mutable_matches(0)->set_rule_id("d1");
  v1::FieldValue* shown = frame.mutable_match()->mutable_events(0)->mutable_matches(0)->add_evidence();
  shown->set_field("f");
  shown->set_value("a");
  const Effects first = fold.apply(frame);
  ASSERT_EQ(first.alerts.size(), 1U);
  const v1::Alert& alert = first.alerts[0];
  EXPECT_EQ(alert.alert_id(), identity({"default", "d1", id_of(1).view()}).hex());
  EXPECT_TRUE(alert.final());
  EXPECT_FALSE(alert.has_bucket_start());
  EXPECT_EQ(alert.explanation(), "the event meets `sel`: f = a");
  EXPECT_EQ(alert.rule_title_zh(), "题");
  ASSERT_EQ(first.affected.size(), 1U);
  EXPECT_EQ(first.affected[0].subjects.size(), 1U);
  EXPECT_TRUE(fold.apply(frame).empty());
}

TEST(Fold, an_idle_partition_does_not_hold_the_watermark_and_wakes_with_its_next_match) {
  const auto rules = rules_with("event_count", "gte: 2", "10s");
  Fold fold(rules, {"default", std::chrono::seconds(5)});
  (void)fold.apply(progress(0, 0));
  (void)fold.apply(progress(50, 1));
  EXPECT_FALSE(fold.watermark()) << "partition 0 has no time yet";
  (void)fold.apply(progress(20, 0, true));
  EXPECT_EQ(fold.watermark(), instant_of(kStart + 45 * kSecond));
  Ledger ledger;
  ledger.take(fold.apply(frame_of({1, 21, "ana", {}}, 0, 0)));
  EXPECT_EQ(fold.watermark(), instant_of(kStart + 15 * kSecond));
  ledger.take(fold.apply(frame_of({2, 22, "ana", {}}, 1, 0)));
  EXPECT_EQ(ledger.alerts.size(), 1U) << "its events still count";
}

TEST(Fold, an_alert_is_never_given_twice_even_to_events_behind_the_watermark) {
  const auto rules = rules_with("event_count", "gte: 2", "10s");
  Fold fold(rules, {"default", std::chrono::seconds(0)});
  Ledger ledger;
  for (int i = 0; i < 3; ++i) ledger.take(fold.apply(frame_of({i, 1 + i, "ana", {}})));
  ledger.take(fold.apply(progress(1'000)));
  ASSERT_TRUE(ledger.alerts.begin()->second.final());
  for (int i = 10; i < 15; ++i) ledger.take(fold.apply(frame_of({i, 3, "ana", {}}, i)));
  EXPECT_EQ(ledger.repeats, 0);
  EXPECT_EQ(ledger.alerts.size(), 1U);
  EXPECT_EQ(fold.stragglers(), 5);
}

TEST(Fold, a_snapshot_of_other_rules_or_a_damaged_one_is_refused) {
  const auto rules = rules_with("event_count", "gte: 2", "10s");
  Fold fold(rules, {});
  (void)fold.apply(frame_of({1, 0, "ana", {1}}));
  v1::FoldSnapshot saved = fold.save();
  EXPECT_TRUE(Fold(rules, {}).load(saved));
  EXPECT_THAT(Fold(rules_with("event_count", "gte: 3", "10s"), {}).load(saved).error().text, testing::HasSubstr("another rule set"));
  EXPECT_THAT(Fold(rules, {"other", std::chrono::minutes(10)}).load(saved).error().text, testing::HasSubstr("tenant `default`"));
  EXPECT_THAT(Fold(rules, {"default", std::chrono::minutes(9)}).load(saved).error().text, testing::HasSubstr("lateness of 10m"));
  saved.set_watermark(5);
  EXPECT_THAT(Fold(rules, {}).load(saved).error().text, testing::HasSubstr("damaged"));
}

TEST(Fold, an_event_that_meets_two_base_rules_is_one_entry_with_the_values_of_both) {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n", "one") + "---\n" + detection("  sel: {g: a}\n  condition: sel\n", "two") +
                        "---\ntitle: C\nid: c\ncorrelation:\n  type: value_count\n  rules: [one, two]\n  timespan: 10s\n"
                        "  aliases: {what: {one: x, two: y}}\n  condition: {field: what, gte: 3}\n");
  ASSERT_TRUE(set) << set.error().text;
  const auto rules = std::make_shared<const RuleSet>(std::move(*set));
  Fold fold(rules, {});
  Ledger ledger;
  for (int n = 0; n < 2; ++n) {
    v1::LogFrame frame = frame_of({n, n, "ana", {}});
    v1::MatchedEvent& event = *frame.mutable_match()->mutable_events(0);
    event.clear_matches();
    std::vector<v1::RuleMatch> found;
    match(*rules, event_of(*rules, {text("f", "a"), text("g", "a"), text("x", "1"), text("y", n == 0 ? "2" : "3")}), found);
    ASSERT_EQ(found.size(), 2U);
    for (const v1::RuleMatch& match : found) *event.add_matches() = match;
    ledger.take(fold.apply(frame));
    EXPECT_EQ(ledger.alerts.size(), n == 0 ? 0U : 1U);
  }
  ledger.take(fold.close());
  EXPECT_EQ(ledger.alerts.begin()->second.count(), 3);
  EXPECT_EQ(ledger.alerts.begin()->second.evidence_size(), 2);
}

TEST(Fold, matches_of_rules_it_does_not_know_are_counted_not_guessed) {
  const auto rules = rules_with("event_count", "gte: 1", "10s");
  Fold fold(rules, {});
  v1::LogFrame frame = frame_of({1, 0, "ana", {}});
  frame.mutable_match()->mutable_events(0)->mutable_matches(0)->set_rule_id("gone");
  EXPECT_TRUE(fold.apply(frame).empty());
  EXPECT_EQ(fold.unknown_rules(), 1);
}

}  // namespace
}  // namespace tocsin::sigma
