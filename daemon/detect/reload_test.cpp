// reload_test.cpp: other rules in the middle of a history, with and without a power cut behind them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "daemon/detect/detector.h"
#include "tests/support/detect_world.h"

namespace tocsin::detect {
namespace {

using namespace tocsin::testing;
using ::testing::HasSubstr;
using ::testing::Not;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

std::shared_ptr<const sigma::RuleSet> rules_of(const std::string& text) {
  return std::make_shared<const sigma::RuleSet>(value_or_die(sigma::RuleSet::read({value_or_die(yaml::parse("rules.yml", text))})));
}

/// Has the detector, which the caller's thread drives, follow these rules.
Result<void> follow(Detector& detector, DetectWorld& world, const std::shared_ptr<const sigma::RuleSet>& rules) {
  world.rules = rules;
  auto done = std::async(std::launch::async, [&] {
    NewRules next;
    next.mappers.push_back(world.mapper());
    next.engine = sigma::LiveEngine::compile(rules, *detector.engine());
    return detector.follow(std::move(next));
  });
  while (done.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) TOCSIN_TRY(detector.step());
  return done.get();
}

/// The alerts of one rule; those that are final with all that stands in them.
std::string alerts_of(DetectWorld& world, const std::string& rule) {
  std::vector<std::string> out;
  for (const v1::Alert& alert : value_or_die(value_or_die(world.store->read()).alerts())) {
    v1::Alert bare = alert;
    bare.clear_incident_id();
    bare.clear_evidence();
    if (!bare.final()) {
      bare.Clear();
      bare.set_alert_id(alert.alert_id());
      *bare.mutable_group() = alert.group();
    }
    if (alert.rule_id() == rule) out.push_back(to_json(bare));
  }
  std::sort(out.begin(), out.end());
  return fmt::format("{}", fmt::join(out, "\n"));
}

class Reload : public ::testing::Test {
 protected:
  History history = history_of({.seed = 21, .events = 400});
  MemoryDisk disk;
  DetectWorld world;

  std::string uninterrupted(const std::string& rule) {
    DetectWorld other;
    MemoryDisk fresh;
    MemoryLog log(fresh);
    EXPECT_TRUE(other.run(history, log));
    return alerts_of(other, rule);
  }
  static void run_out(Detector& detector) {
    while (!detector.exhausted()) ASSERT_TRUE(detector.step());
    ASSERT_TRUE(detector.settle());
  }
  std::unique_ptr<Detector> start(MatchLog& log) { return value_or_die(world.start(log, std::make_unique<MemorySource>("access", history.topic, 1))); }
};

TEST_F(Reload, rules_that_stay_lose_nothing_however_often_the_others_change) {
  MemoryLog log(disk);
  const auto detector = start(log);
  int reloads = 0;
  while (!detector->exhausted()) {
    ASSERT_TRUE(detector->step());
    if (reloads == 12) continue;
    ++reloads;
    const auto done = follow(*detector, world, rules_of(replaced(kRules, "action.verb: Export", fmt::format("action.verb: Export{}", reloads))));
    ASSERT_TRUE(done) << done.error().text;
  }
  EXPECT_GE(reloads, 4);
  ASSERT_TRUE(detector->settle());
  for (const char* rule : {"many-reads", "many-people"}) {
    const std::string expected = uninterrupted(rule);
    EXPECT_GT(expected.size(), 500U);
    EXPECT_EQ(difference(alerts_of(world, rule), expected), "") << rule;
  }
  EXPECT_THAT(world.said, Not(::testing::Contains(HasSubstr("error"))));
}

TEST_F(Reload, a_power_cut_behind_a_reload_changes_nothing_of_what_stayed) {
  const auto changed = rules_of(replaced(kRules, "action.verb: Export", "action.verb: Exports"));
  const std::string expected = uninterrupted("many-reads");
  std::mt19937_64 random(5);
  for (const int steps_before : {1, 4, 9}) {
    for (const int steps_behind : {0, 1, 3}) {
      MemoryDisk fresh;
      DetectWorld again;
      {
        MemoryLog log(fresh);
        auto detector = value_or_die(again.start(log, std::make_unique<MemorySource>("access", history.topic, 1)));
        for (int i = 0; i < steps_before; ++i) ASSERT_TRUE(detector->step());
        ASSERT_TRUE(follow(*detector, again, changed));
        for (int i = 0; i < steps_behind; ++i) ASSERT_TRUE(detector->step());
      }
      fresh.restart(random);
      MemoryLog log(fresh);
      auto detector = value_or_die(again.start(log, std::make_unique<MemorySource>("access", history.topic, 1)));
      run_out(*detector);
      EXPECT_EQ(difference(alerts_of(again, "many-reads"), expected), "") << steps_before << "+" << steps_behind;
    }
  }
}

TEST_F(Reload, a_snapshot_of_the_new_rules_follows_at_once) {
  MemoryLog log(disk);
  world.settings.snapshot_every = std::chrono::hours(100);
  const auto detector = start(log);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(detector->step());
  const auto changed = rules_of(replaced(kRules, "gte: 8", "gte: 7"));
  ASSERT_TRUE(follow(*detector, world, changed));
  ASSERT_TRUE(detector->step());
  const auto found = value_or_die(world.snapshots.find({.tenant = "t", .log_id = log.id(), .begin = 0, .committed = log.end()}));
  ASSERT_TRUE(found.newest);
  EXPECT_EQ(found.newest->ruleset(), changed->fingerprint());
}

TEST_F(Reload, new_rules_are_asked_from_the_next_record_on) {
  MemoryLog log(disk);
  const auto detector = start(log);
  const auto strict = rules_of(replaced(kRules, "gte: 8", "gte: 7") + "---\ntitle: New\nid: new\nlogsource: {product: tocsin, category: access}\ndetection: {sel: {actor.id: below-threshold}, condition: sel}\n");
  ASSERT_TRUE(follow(*detector, world, strict));
  run_out(*detector);
  EXPECT_THAT(alerts_of(world, "many-reads"), HasSubstr("below-threshold"));
  EXPECT_NE(alerts_of(world, "new"), "");
  EXPECT_EQ(detector->engine()->rules(), strict);
}

TEST_F(Reload, mappers_for_other_sources_are_refused_and_the_old_rules_stay) {
  MemoryLog log(disk);
  const auto detector = start(log);
  const auto before = detector->engine();
  auto done = std::async(std::launch::async, [&] { return detector->follow({.engine = sigma::LiveEngine::compile(world.rules), .mappers = {}}); });
  while (done.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) ASSERT_TRUE(detector->step());
  EXPECT_EQ(done.get().error().kind, ErrorKind::bad_input);
  EXPECT_EQ(detector->engine(), before);
  run_out(*detector);
  EXPECT_EQ(difference(alerts_of(world, "many-reads"), uninterrupted("many-reads")), "");
}

}  // namespace
}  // namespace tocsin::detect
