// extension_test.cpp: first_seen, absence and baseline by event time: the same in any order of arrival, through restarts, and bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "daemon/sigma/correlate/fold.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000, kHour = 3'600, kDay = 24 * kHour;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;   // A Thursday, 00:00.

struct Act {
  int id = 0;
  std::int64_t time = 0;     ///< Seconds.
  std::string who = "ana", what = "x";
  bool answers = false;      ///< It is a match of the rule `b` instead.
  std::string team = "sales";
  int size = 1;
};

std::shared_ptr<const RuleSet> rules_with(const std::string& tocsin) {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n", "b") + "---\n" + detection("  sel: {f: b}\n  condition: sel\n", "a") + "level: high\ntocsin: {" + tocsin + "}\n");
  if (!set) throw std::runtime_error(set.error().text);
  return std::make_shared<const RuleSet>(std::move(*set));
}

v1::LogFrame frame_of(const RuleSet& rules, const Act& act) {
  Event event = event_of(rules, {text("f", act.answers ? "a" : "b"), text("who", act.who), text("what", act.what), text("team", act.team), number("size", std::to_string(act.size))});
  std::vector<v1::RuleMatch> found;
  match(rules, event, found);
  v1::LogFrame frame;
  frame.mutable_match()->set_source("s");
  v1::MatchedEvent& matched = *frame.mutable_match()->add_events();
  matched.set_event_id(std::string(identity({"e", std::to_string(act.id)}).view()));
  matched.set_time(kStart + act.time * kSecond);
  matched.add_subjects()->set_ref(std::string(identity({"person", std::to_string(act.id)}).view()));
  for (const v1::RuleMatch& each : found) *matched.add_matches() = each;
  return frame;
}

v1::LogFrame progress(std::int64_t time) {
  v1::LogFrame frame;
  frame.mutable_progress()->set_source("s");
  frame.mutable_progress()->set_max_event_time(kStart + time * kSecond);
  return frame;
}

struct Played {
  std::map<std::string, v1::Alert> alerts;
  std::set<std::string> people;

  void take(const Effects& effects) {
    for (const v1::Alert& alert : effects.alerts) EXPECT_TRUE(alerts.emplace(alert.alert_id(), alert).second) << alert.explanation();
    for (const v1::Alert& alert : effects.updates) alerts[alert.alert_id()] = alert;
    for (const Affected& a : effects.affected) {
      for (const v1::SubjectRef& subject : a.subjects) people.insert(hex_of(subject.ref()));
    }
  }
  /// who, when, how many, evidence: everything that must not depend on the order of arrival.
  std::vector<std::string> shown() const {
    std::vector<std::string> out;
    for (const auto& [id, alert] : alerts) {
      out.push_back(fmt::format("{} at {}: {}", alert.group_size() > 0 ? alert.group(0).value() : "", alert.triggered_at().seconds() - kStart / kSecond, alert.count()));
      EXPECT_TRUE(alert.final());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string whole() const {
    std::string out;
    for (const auto& [id, alert] : alerts) out += alert.SerializeAsString();
    for (const std::string& person : people) out += person;
    return out;
  }
};

Played play(const std::shared_ptr<const RuleSet>& rules, std::vector<Act> acts, std::mt19937* random = nullptr, bool restart = false) {
  constexpr std::int64_t kLateness = 600;
  std::vector<std::pair<std::int64_t, std::size_t>> arrival;
  for (std::size_t i = 0; i < acts.size(); ++i) arrival.emplace_back(acts[i].time + (random ? static_cast<std::int64_t>((*random)() % kLateness) : 0), i);
  std::stable_sort(arrival.begin(), arrival.end());
  const FoldSettings settings{"default", std::chrono::seconds(kLateness)};
  auto fold = std::make_unique<Fold>(rules, settings);
  Played out;
  std::int64_t newest = 0;
  for (const auto& [at, i] : arrival) {
    newest = std::max(newest, acts[i].time);
    out.take(fold->apply(frame_of(*rules, acts[i])));
    if (random == nullptr || (*random)() % 3 == 0) out.take(fold->apply(progress(newest)));
    if (restart && (*random)() % 17 == 0) {
      const v1::FoldSnapshot saved = fold->save();
      fold = std::make_unique<Fold>(rules, settings);
      auto loaded = fold->load(saved);
      EXPECT_TRUE(loaded);
      EXPECT_EQ(fold->save().SerializeAsString(), saved.SerializeAsString());
    }
  }
  out.take(fold->close());
  return out;
}

void expect_the_same_in_any_order(const std::shared_ptr<const RuleSet>& rules, const std::vector<Act>& acts, std::size_t least) {
  std::mt19937 random(7);
  const Played expected = play(rules, acts);
  EXPECT_GE(expected.alerts.size(), least);
  for (int order = 0; order < 6; ++order) {
    const Played found = play(rules, acts, &random, order % 2 == 1);
    ASSERT_EQ(found.shown(), expected.shown()) << order;
    ASSERT_EQ(found.whole(), expected.whole()) << order;
  }
}

const char* const kFirst = "first_seen: {fields: what, per: who, history: 10d, learn: 2d}";

TEST(FirstSeen, a_value_that_the_entity_has_not_shown_is_found_once_it_has_learnt) {
  const auto rules = rules_with(kFirst);
  const Played found = play(rules, {{1, 0}, {2, kDay, "ana", "y"}, {3, 3 * kDay, "ana", "x"}, {4, 3 * kDay + 60, "ana", "z"}, {5, 3 * kDay + 120, "ana", "z"}, {6, 3 * kDay, "eva", "z"}});
  EXPECT_THAT(found.shown(), ElementsAre(fmt::format("ana at {}: 1", 3 * kDay + 60))) << "what was learnt is known, and eva still learns";
  EXPECT_EQ(found.alerts.begin()->second.explanation(), "1 new value of what, not seen for 10d; who = ana");
  EXPECT_EQ(found.alerts.begin()->second.evidence_size(), 1) << "only what was new";
}

TEST(FirstSeen, a_value_is_new_again_after_the_history_and_not_a_second_before) {
  const auto rules = rules_with(kFirst);
  const std::vector<Act> until = {{1, 0}, {2, 5 * kDay, "ana", "y"}, {3, 9 * kDay, "ana", "y"}};
  for (const auto& [gap, alerts] : {std::pair{10 * kDay, 1U}, std::pair{10 * kDay + 1, 2U}}) {
    std::vector<Act> acts = until;
    acts.push_back({4, 9 * kDay + 1, "ana", "z"});   // Also keeps the entity itself alive.
    acts.push_back({5, gap, "ana", "x"});
    EXPECT_EQ(play(rules, acts).alerts.size() - 1U, alerts);   // y was new on the fifth day.
  }
}

TEST(FirstSeen, any_order_of_arrival_gives_the_same) {
  std::mt19937 random(3);
  std::vector<Act> acts;
  for (int i = 0; i < 300; ++i) {
    acts.push_back({i, static_cast<std::int64_t>(random() % (20 * kDay)), random() % 2 == 0 ? "ana" : "eva", fmt::format("v{}", random() % 40)});
  }
  expect_the_same_in_any_order(rules_with(std::string(kFirst) + ", suppress: 6h"), acts, 20);
}

/// Few events, with pauses as long as the memory, more or less.
std::vector<Act> sparse(std::mt19937& random, int n, unsigned run, std::int64_t pause) {
  std::vector<Act> out;
  std::int64_t at = 0;
  for (int i = 0; i < n; ++i) {
    at += random() % run == 0 ? pause - 400 + static_cast<std::int64_t>(random() % 900) : static_cast<std::int64_t>(random() % 600);
    out.push_back({i, at, random() % 6 == 0 ? "eva" : "ana", fmt::format("v{}", random() % 5)});
  }
  return out;
}

TEST(FirstSeen, who_was_away_for_longer_than_the_history_learns_anew_whenever_the_watermark_came) {
  const auto rules = rules_with(kFirst);
  const std::vector<Act> before = {{1, 0}, {2, 3 * kDay, "ana", "y"}};
  const Act back{3, 13 * kDay + 300, "ana", "z"}, other{4, 13 * kDay + 800, "eva"};
  for (const bool watermark_first : {false, true}) {
    Fold fold(rules, {"default", std::chrono::seconds(600)});
    Played found;
    std::vector<Act> acts = before;
    if (watermark_first) acts.push_back(other);
    acts.push_back(back);
    for (const Act& act : acts) {
      found.take(fold.apply(frame_of(*rules, act)));
      found.take(fold.apply(progress(act.time)));
    }
    found.take(fold.close());
    EXPECT_THAT(found.shown(), ElementsAre(fmt::format("ana at {}: 1", 3 * kDay))) << watermark_first;
  }
}

TEST(FirstSeen, long_pauses_in_any_order_give_the_same) {
  std::mt19937 random(19);
  for (int round = 0; round < 4; ++round) {
    expect_the_same_in_any_order(rules_with("first_seen: {fields: what, per: who, history: 3h, learn: 1h}, suppress: 5h"), sparse(random, 300, 3, 3 * kHour), 5);
  }
}

TEST(FirstSeen, remembers_a_bounded_number_of_values) {
  const auto rules = rules_with("first_seen: {fields: what, history: 10d, learn: 1d}");
  const Correlation& correlation = *rules->find("a")->correlation();
  Learnt state;
  Peers peers;
  std::int64_t dropped = 0;
  for (std::size_t i = 0; i < limits::kFirstSeenValuesMax + 10'000; ++i) {
    state.waiting.emplace(windows::Hit{.time = static_cast<std::int64_t>(i), .event = i, .value = i}, "");
    learn(correlation, state, static_cast<std::int64_t>(i) + 1, peers, dropped);
  }
  EXPECT_LE(state.seen.size(), limits::kFirstSeenValuesMax);
  EXPECT_GT(dropped, 9'000);
}

const char* const kAbsence = "absence: {of: b, within: 10m, by: who}";

TEST(Absence, an_answer_within_the_time_silences_and_one_second_later_does_not) {
  const auto rules = rules_with(kAbsence);
  const Act answer{9, 700, "ana", "x", true};
  EXPECT_TRUE(play(rules, {{1, 100}, answer}).alerts.empty());
  EXPECT_TRUE(play(rules, {{1, 700}, answer}).alerts.empty()) << "at the same moment";
  const Played late = play(rules, {{1, 99}, answer});
  EXPECT_THAT(late.shown(), ElementsAre("ana at 99: 1"));
  EXPECT_EQ(late.alerts.begin()->second.explanation(), "1 match without `b` within 10m; who = ana");
  EXPECT_EQ(play(rules, {{1, 701}, answer}).alerts.size(), 1U) << "an answer before the question is none";
  EXPECT_EQ(play(rules, {{1, 100, "eva"}, answer}).alerts.size(), 1U) << "of somebody else";
}

TEST(Absence, is_said_by_the_watermark_and_not_before) {
  const auto rules = rules_with(kAbsence);
  Fold fold(rules, {"default", std::chrono::seconds(60)});
  EXPECT_TRUE(fold.apply(frame_of(*rules, {1, 100})).empty());
  EXPECT_TRUE(fold.apply(progress(100 + 600 + 60)).empty()) << "the answer may still come at 700";
  EXPECT_EQ(fold.apply(progress(100 + 600 + 61)).alerts.size(), 1U);
}

TEST(Absence, stands_on_a_correlation_as_well) {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n", "b") + "---\n" + detection("  sel: {f: b}\n  condition: sel\n", "base") +
                        "---\ntitle: C\nid: a\ncorrelation: {type: event_count, rules: [base], group-by: [who], timespan: 60s, condition: {gte: 2}}\ntocsin: {" + kAbsence + "}\n");
  ASSERT_TRUE(set) << set.error().text;
  const auto rules = std::make_shared<const RuleSet>(std::move(*set));
  EXPECT_THAT(play(rules, {{1, 10}, {2, 12}, {3, 200, "eva"}, {4, 201, "eva"}, {5, 300, "eva", "x", true}}).shown(), ElementsAre("ana at 12: 1"));
  EXPECT_EQ(play(rules, {{1, 10}, {2, 12}}).people.size(), 2U);
}

TEST(Absence, any_order_of_arrival_gives_the_same) {
  std::mt19937 random(5);
  std::vector<Act> acts;
  for (int i = 0; i < 300; ++i) acts.push_back({i, static_cast<std::int64_t>(random() % 40'000), random() % 2 == 0 ? "ana" : "eva", "x", random() % 3 == 0});
  expect_the_same_in_any_order(rules_with(kAbsence), acts, 10);
}

TEST(Absence, counts_on_through_a_bucket_that_is_longer_than_the_wait_and_through_a_restart) {
  const auto rules = rules_with(std::string(kAbsence) + ", suppress: 1h");
  const std::vector<Act> acts = {{1, 100}, {2, 1'500, "eva"}, {3, 2'000}, {4, 3'500}, {5, 4'000}};
  EXPECT_THAT(play(rules, acts).shown(), ElementsAre("ana at 100: 3", "ana at 4000: 1", "eva at 1500: 1"));
  std::mt19937 random(5);
  std::vector<Act> many;
  for (int i = 0; i < 200; ++i) many.push_back({i, static_cast<std::int64_t>(random() % 80'000), random() % 2 == 0 ? "ana" : "eva", "x", random() % 3 == 0});
  expect_the_same_in_any_order(rules, many, 10);
}

std::vector<Act> weeks(const std::string& who, int days, int per_hour, int id = 0, const std::string& team = "sales") {
  std::vector<Act> out;
  for (int hour = 0; hour < days * 24; ++hour) {
    for (int n = 0; n < per_hour + hour % 3; ++n) out.push_back({id + static_cast<int>(out.size()), hour * kHour + n * 10, who, fmt::format("r{}", n), false, team});
  }
  return out;
}

const char* const kBaseline = "baseline: {measure: count, per: who, every: 1h, above: 6, least: 10, learn: 2d}";

TEST(Baseline, far_above_ones_own_past_is_an_alert_with_the_numbers) {
  const auto rules = rules_with(kBaseline);
  std::vector<Act> acts = weeks("ana", 3, 4);
  EXPECT_TRUE(play(rules, acts).alerts.empty());
  for (int n = 0; n < 30; ++n) acts.push_back({10'000 + n, 3 * kDay + n * 20, "ana"});
  const Played found = play(rules, acts);
  // Median 5, MAD 1: above 5 + 6 × 1.4826 are 14 events.
  EXPECT_THAT(found.shown(), ElementsAre(fmt::format("ana at {}: 30", 3 * kDay + 13 * 20)));
  EXPECT_EQ(found.alerts.begin()->second.explanation(), "30 events in 1h; own median 5 of 48 measures, limit 13.8956; who = ana");
}

TEST(Baseline, who_is_still_learning_is_not_judged_and_less_than_the_floor_never_alerts) {
  std::vector<Act> young = weeks("ana", 1, 4);
  for (int n = 0; n < 30; ++n) young.push_back({10'000 + n, 1 * kDay + n * 20, "ana"});
  EXPECT_TRUE(play(rules_with(kBaseline), young).alerts.empty());
  std::vector<Act> quiet = weeks("ana", 3, 0);
  for (int n = 0; n < 9; ++n) quiet.push_back({10'000 + n, 3 * kDay + n * 20, "ana"});
  EXPECT_TRUE(play(rules_with(kBaseline), quiet).alerts.empty());
  quiet.push_back({10'010, 3 * kDay + 900, "ana"});
  EXPECT_EQ(play(rules_with(kBaseline), quiet).alerts.size(), 1U);
}

TEST(Baseline, an_hour_that_alerted_does_not_teach) {
  std::vector<Act> acts = weeks("ana", 3, 4);
  for (int hour = 0; hour < 40; ++hour) {
    for (int n = 0; n < 30; ++n) acts.push_back({10'000 + static_cast<int>(acts.size()), 3 * kDay + hour * kHour + n * 20, "ana"});
  }
  EXPECT_EQ(play(rules_with(kBaseline), acts).alerts.size(), 40U) << "else the flood would become usual";
}

TEST(Baseline, peers_who_do_the_same_excuse) {
  const auto rules = rules_with("baseline: {measure: count, per: who, every: 1h, above: 6, least: 10, learn: 2d, peers: team}");
  std::vector<Act> acts = weeks("ana", 3, 4);
  for (const Act& act : weeks("eva", 3, 28, 50'000)) acts.push_back(act);
  for (const Act& act : weeks("max", 3, 28, 60'000)) acts.push_back(act);
  for (int n = 0; n < 30; ++n) acts.push_back({10'000 + n, 3 * kDay + n * 20, "ana"});
  EXPECT_TRUE(play(rules, acts).alerts.empty());
  for (Act& act : acts) act.team = act.who;
  const Played alone = play(rules, acts);
  ASSERT_EQ(alone.alerts.size(), 1U);
  EXPECT_THAT(alone.alerts.begin()->second.explanation(), HasSubstr("; peers' median 5 of "));
}

TEST(Baseline, counts_distinct_values_and_sums) {
  std::vector<Act> acts = weeks("ana", 3, 4);
  for (int n = 0; n < 40; ++n) acts.push_back({10'000 + n, 3 * kDay + n * 20, "ana", "always the same", false, "sales", 50});
  EXPECT_TRUE(play(rules_with("baseline: {measure: distinct what, per: who, every: 1h, above: 6, least: 10, learn: 2d}"), acts).alerts.empty());
  const Played sum = play(rules_with("baseline: {measure: sum size, per: who, every: 1h, above: 6, least: 10, learn: 2d}"), acts);
  ASSERT_EQ(sum.alerts.size(), 1U);
  EXPECT_THAT(sum.alerts.begin()->second.explanation(), HasSubstr("2000 sum of size in 1h; own median 5"));
}

TEST(Baseline, a_season_compares_the_same_hour_of_the_week) {
  const std::string common = "baseline: {measure: count, per: who, every: 1h, above: 6, least: 10, learn: 45d";
  std::vector<Act> acts;
  for (int week = 0; week < 7; ++week) {   // Busy on Thursday at 09:00, quiet on Friday at 09:00.
    for (int n = 0; n < 30; ++n) acts.push_back({week * 100 + n, week * 7 * kDay + 9 * kHour + n, "ana"});
    acts.push_back({week * 100 + 50, week * 7 * kDay + kDay + 9 * kHour, "ana"});
  }
  for (int n = 0; n < 30; ++n) acts.push_back({5'000 + n, 49 * kDay + kDay + 9 * kHour + n, "ana"});
  EXPECT_EQ(play(rules_with(common + ", season: hour_of_week}"), acts).alerts.size(), 1U) << "thirty are usual, but not on a Friday";
  EXPECT_TRUE(play(rules_with(common + "}"), acts).alerts.empty());
}

TEST(Baseline, any_order_of_arrival_gives_the_same) {
  std::mt19937 random(11);
  std::vector<Act> acts;
  for (int i = 0; i < 1'500; ++i) {
    const bool burst = random() % 4 == 0;
    acts.push_back({i, burst ? 3 * kDay + static_cast<std::int64_t>(random() % (8 * kHour)) : static_cast<std::int64_t>(random() % (6 * kDay)), random() % 2 == 0 ? "ana" : "eva", "x"});
  }
  expect_the_same_in_any_order(rules_with("baseline: {measure: count, per: who, every: 1h, above: 3, least: 3, learn: 2d, peers: team}"), acts, 2);
}

TEST(Baseline, long_pauses_in_any_order_give_the_same) {
  std::mt19937 random(23);
  std::size_t alerts = 0;
  for (int round = 0; round < 4; ++round) {
    std::vector<Act> acts = sparse(random, 400, 20, kHour + 600);
    for (int i = 0; i < 12; ++i) {
      const std::int64_t burst = acts[random() % acts.size()].time;
      for (int n = 0; n < 8; ++n) acts.push_back({1'000 + 10 * i + n, burst + n, "ana"});
    }
    const auto rules = rules_with("baseline: {measure: count, per: who, every: 10m, above: 2, least: 5, learn: 1h}");
    alerts += play(rules, acts).alerts.size();
    expect_the_same_in_any_order(rules, acts, 0);
  }
  EXPECT_GT(alerts, 4U);
}

TEST(Baseline, names_the_people_from_the_beginning_of_its_measure_on) {
  std::vector<Act> acts = weeks("ana", 3, 4);
  for (int n = 0; n < 30; ++n) acts.push_back({10'000 + n, 3 * kDay + n * 20, "ana"});
  const Played found = play(rules_with(kBaseline), acts);
  EXPECT_EQ(found.people.size(), 30U) << "the alert comes with the fourteenth";
  const v1::Alert& alert = found.alerts.begin()->second;
  EXPECT_EQ(alert.first_event().seconds() - kStart / kSecond, 3 * kDay);
  EXPECT_EQ(alert.evidence_size(), 20);
  EXPECT_EQ(alert.evidence(0).event_id(), identity({"e", "10000"}).hex());
}

TEST(Baseline, keeps_a_bounded_number_of_measures) {
  EXPECT_THAT(faults_of(detection("  sel: {f: a}\n  condition: sel\n") + "tocsin: {baseline: {measure: count, per: u, every: 1m, above: 6, least: 5, learn: 8d}}\n"),
              HasSubstr(fmt::format("more than {} times `every`", limits::kBaselineMeasuresMax)));
}

}  // namespace
}  // namespace tocsin::sigma
