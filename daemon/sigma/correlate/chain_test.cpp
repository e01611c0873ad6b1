// chain_test.cpp: correlations over correlations: final alerts are events, people flow up, silence flows down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "daemon/sigma/correlate/fold.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;

std::shared_ptr<const RuleSet> chain(const std::string& more = "", const std::string& top = "type: event_count, rules: [many], group-by: [host], timespan: 60s, condition: {gte: 2}") {
  auto set = read_rules(detection("  sel: {f: a}\n  condition: sel\n") + "---\n" + detection("  sel: {g: a}\n  condition: sel\n", "d2") +
                        "---\ntitle: Many of one user\nid: many\nlevel: low\ncorrelation: {type: event_count, rules: [d1], group-by: [user, host], timespan: 10s, condition: {gte: 3}}\n" +
                        "---\ntitle: Many users\nid: top\nlevel: high\ncorrelation: {" + top + "}\n" + more);
  if (!set) throw std::runtime_error(set.error().text);
  return std::make_shared<const RuleSet>(std::move(*set));
}

struct Read {
  int id;
  std::int64_t time;
  std::string user, host = "pc";
  std::string base = "d1";
};

v1::LogFrame frame_of(const RuleSet& rules, const Read& read) {
  Event event = event_of(rules, {text(read.base == "d1" ? "f" : "g", "a"), text("user", read.user), text("host", read.host)});
  event.subjects.push_back({identity({"person", std::to_string(read.id)}), "customer", 1});
  std::vector<v1::RuleMatch> found;
  match(rules, event, found);
  v1::LogFrame frame;
  v1::MatchFrame& to = *frame.mutable_match();
  to.set_source("s");
  v1::MatchedEvent& matched = *to.add_events();
  matched.set_event_id(std::string(identity({"e", std::to_string(read.id)}).view()));
  matched.set_time(kStart + read.time * kSecond);
  matched.add_subjects()->set_ref(std::string(event.subjects[0].ref.view()));
  for (const v1::RuleMatch& each : found) *matched.add_matches() = each;
  return frame;
}

v1::LogFrame progress(std::int64_t time) {
  v1::LogFrame frame;
  frame.mutable_progress()->set_source("s");
  frame.mutable_progress()->set_max_event_time(kStart + time * kSecond);
  return frame;
}

struct Ledger {
  std::map<std::string, v1::Alert> alerts;
  std::set<std::string> people;   ///< rule/person, where an alert of the rule and group reaches back to the event.
  void take(const Effects& effects) {
    for (const v1::Alert& alert : effects.alerts) EXPECT_TRUE(alerts.emplace(alert.alert_id(), alert).second) << alert.explanation();
    for (const v1::Alert& alert : effects.updates) {
      EXPECT_TRUE(alerts.contains(alert.alert_id()));
      alerts[alert.alert_id()] = alert;
    }
    for (const Affected& a : effects.affected) {
      for (const auto& [id, alert] : alerts) {
        const std::int64_t first = alert.first_event().seconds() * kSecond + alert.first_event().nanos() / 1'000;
        if (alert.rule_id() != a.rule_id || first > micros_of(a.time)) continue;
        for (const v1::SubjectRef& subject : a.subjects) people.insert(a.rule_id + "/" + hex_of(subject.ref()));
      }
    }
  }
  std::vector<std::string> of(const std::string& rule) const {
    std::vector<std::string> out;
    for (const auto& [id, alert] : alerts) {
      if (alert.rule_id() == rule) out.push_back(fmt::format("{} from {} at {}{}", alert.count(), alert.first_event().seconds() - kStart / kSecond,
                                                             alert.triggered_at().seconds() - kStart / kSecond, alert.final() ? "" : " open"));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};

std::vector<Read> two_users() {
  return {{1, 1, "ana"}, {2, 2, "ana"}, {3, 3, "ana"}, {4, 21, "eva"}, {5, 22, "eva"}, {6, 23, "eva"}, {7, 25, "eva"}};
}

Ledger play(const std::shared_ptr<const RuleSet>& rules, const std::vector<Read>& reads, std::int64_t step = 0) {
  Fold fold(rules, {"default", std::chrono::seconds(30)});
  Ledger out;
  std::int64_t newest = 0;
  for (const Read& read : reads) {
    out.take(fold.apply(frame_of(*rules, read)));
    newest = std::max(newest, read.time);
    if (step > 0) out.take(fold.apply(progress(newest)));
  }
  out.take(fold.close());
  return out;
}

TEST(Chain, a_final_alert_is_an_event_for_the_correlation_above_and_its_people_flow_up) {
  const Ledger found = play(chain(), two_users());
  EXPECT_THAT(found.of("top"), testing::ElementsAre("2 from 1 at 23"));
  EXPECT_THAT(found.of("many"), testing::IsEmpty()) << "a base gives no alert of its own";
  EXPECT_EQ(found.people.size(), 7U);
  const v1::Alert& top = found.alerts.begin()->second;
  EXPECT_EQ(top.explanation(), "2 events in 1m (threshold 2); host = pc");
  ASSERT_EQ(top.evidence_size(), 2);
  EXPECT_EQ(top.evidence(0).event_id(), identity({"default", "many", "4:user3:ana4:host2:pc", std::to_string(kStart)}).hex()) << "the alert below";
  EXPECT_EQ(top.evidence(0).fields(0).value(), "ana");
}

TEST(Chain, generate_lets_the_alerts_below_speak_as_well) {
  const Ledger found = play(chain("generate: true\n"), two_users());
  EXPECT_THAT(found.of("many"), testing::ElementsAre("3 from 1 at 3", "4 from 21 at 23"));
  EXPECT_THAT(found.of("top"), testing::ElementsAre("2 from 1 at 23"));
}

TEST(Chain, any_order_within_the_lateness_gives_the_same) {
  const auto rules = chain("generate: true\n", "type: temporal_ordered, rules: [many, d2], group-by: [host], timespan: 40s");
  std::mt19937 random(4);
  std::size_t alerts = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<Read> reads;
    for (int i = 0; i < 40; ++i) {
      reads.push_back({i, static_cast<std::int64_t>(random() % 120), random() % 2 == 0 ? "ana" : "eva", random() % 3 == 0 ? "mac" : "pc", random() % 6 == 0 ? "d2" : "d1"});
    }
    std::sort(reads.begin(), reads.end(), [](const Read& a, const Read& b) { return a.time < b.time; });
    const Ledger expected = play(rules, reads);
    alerts += expected.of("top").size();
    for (int order = 0; order < 4; ++order) {
      std::vector<std::pair<std::int64_t, std::size_t>> arrival;
      for (std::size_t i = 0; i < reads.size(); ++i) arrival.emplace_back(reads[i].time + static_cast<std::int64_t>(random() % 30), i);
      std::sort(arrival.begin(), arrival.end());
      std::vector<Read> shuffled;
      for (const auto& [at, i] : arrival) shuffled.push_back(reads[i]);
      const Ledger found = play(rules, shuffled, 1);
      ASSERT_EQ(found.of("top"), expected.of("top")) << round;
      ASSERT_EQ(found.of("many"), expected.of("many")) << round;
      ASSERT_EQ(found.people, expected.people) << round;
    }
  }
  EXPECT_GT(alerts, 30U);
}

TEST(Chain, values_and_numbers_are_those_of_the_group_below) {
  const Ledger found = play(chain("", "type: value_count, rules: [many], group-by: [host], timespan: 60s, condition: {field: user, gte: 2}"), two_users());
  EXPECT_THAT(found.of("top"), testing::ElementsAre("2 from 1 at 23"));
}

TEST(Chain, a_snapshot_holds_what_is_on_its_way_up) {
  const auto rules = chain();
  for (std::size_t cut = 1; cut < two_users().size(); ++cut) {
    auto fold = std::make_unique<Fold>(rules, FoldSettings{"default", std::chrono::seconds(5)});
    Ledger found;
    std::size_t n = 0;
    for (const Read& read : two_users()) {
      found.take(fold->apply(frame_of(*rules, read)));
      found.take(fold->apply(progress(read.time)));
      if (++n != cut) continue;
      const v1::FoldSnapshot saved = fold->save();
      fold = std::make_unique<Fold>(rules, FoldSettings{"default", std::chrono::seconds(5)});
      ASSERT_TRUE(fold->load(saved));
      ASSERT_EQ(fold->save().SerializeAsString(), saved.SerializeAsString());
    }
    found.take(fold->close());
    EXPECT_THAT(found.of("top"), testing::ElementsAre("2 from 1 at 23")) << cut;
    EXPECT_EQ(found.people.size(), 7U) << cut;
  }
}

}  // namespace
}  // namespace tocsin::sigma
