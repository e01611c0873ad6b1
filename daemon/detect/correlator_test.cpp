// correlator_test.cpp: a batch counts when its progress follows, and every record is counted once.
#include "daemon/detect/correlator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/detect_world.h"

namespace tocsin::detect {
namespace {

using namespace tocsin::testing;
using ::testing::HasSubstr;

struct Folding : ::testing::Test {
  DetectWorld world;
  Correlator correlator{world.rules, {.tenant = "t"}};
  Pending pending;
  std::int64_t base = micros_of(*parse_rfc3339("2026-11-23T12:00:00Z"));

  v1::LogFrame match(std::int64_t offset, std::string ruleset = "") {
    v1::LogFrame out;
    v1::MatchFrame& frame = *out.mutable_match();
    frame.set_source("s");
    frame.set_offset(offset);
    frame.set_ruleset(ruleset.empty() ? world.rules->fingerprint() : ruleset);
    v1::MatchedEvent& event = *frame.add_events();
    event.set_event_id(std::string(identity({std::to_string(offset)}).view()));
    event.set_time(base + offset);
    v1::RuleMatch& rule = *event.add_matches();
    rule.set_rule_id("export");
    rule.set_base_rule_id("export");
    return out;
  }
  v1::LogFrame dead(std::int64_t offset) {
    v1::LogFrame out;
    out.mutable_dead_letter()->set_source("s");
    out.mutable_dead_letter()->set_offset(offset);
    out.mutable_dead_letter()->set_reason("not_json");
    out.mutable_dead_letter()->set_value("raw");
    return out;
  }
  v1::LogFrame progress(std::int64_t next, std::int64_t applied, std::int64_t dead_records = 0, std::int64_t gap = 0) {
    v1::LogFrame out;
    v1::ProgressFrame& frame = *out.mutable_progress();
    frame.set_source("s");
    frame.set_next(next);
    frame.set_applied(applied);
    frame.set_dead(dead_records);
    frame.set_gap(gap);
    frame.set_max_event_time(base);
    return out;
  }
  Result<void> take(v1::LogFrame frame) { return correlator.take(std::move(frame), pending); }
};

TEST_F(Folding, nothing_counts_before_its_progress) {
  ASSERT_TRUE(take(progress(0, 0)));
  ASSERT_TRUE(take(match(0)));
  ASSERT_TRUE(take(dead(1)));
  EXPECT_TRUE(pending.only_progress());
  EXPECT_FALSE(correlator.at_batch_end());
  ASSERT_TRUE(take(progress(2, 1, 1)));
  EXPECT_TRUE(correlator.at_batch_end());
  EXPECT_EQ(pending.effects.alerts.size(), 1U);
  ASSERT_EQ(pending.dead_letters.size(), 1U);
  EXPECT_EQ(pending.dead_letters[0].value, "raw");
}

TEST_F(Folding, a_batch_torn_by_a_crash_is_forgotten_when_the_next_run_begins) {
  ASSERT_TRUE(take(progress(0, 0)));
  ASSERT_TRUE(take(match(0)));
  ASSERT_TRUE(take(dead(1)));
  ASSERT_TRUE(take(progress(0, 0)));   // The next run begins where the log stands.
  EXPECT_TRUE(correlator.at_batch_end());
  ASSERT_TRUE(take(dead(0)));          // Read again, under a mapping that no longer reads it.
  ASSERT_TRUE(take(match(1)));
  ASSERT_TRUE(take(progress(2, 1, 1)));
  EXPECT_EQ(pending.effects.alerts.size(), 1U);
  EXPECT_EQ(pending.dead_letters.size(), 1U);
  EXPECT_EQ(pending.dead_letters[0].offset, 0);
}

TEST_F(Folding, a_batch_that_counts_a_record_twice_or_never_is_refused) {
  ASSERT_TRUE(take(progress(10, 10)));
  EXPECT_THAT(take(progress(12, 5)).error().text, HasSubstr("counted twice"));
  EXPECT_THAT(take(progress(12, 1)).error().text, HasSubstr("counted never"));
  EXPECT_TRUE(take(progress(12, 1, 0, 1)));
  EXPECT_TRUE(correlator.partitions().begin()->second.balanced());
}

TEST_F(Folding, a_frame_of_a_later_version_is_refused) {
  EXPECT_THAT(take(v1::LogFrame()).error().text, HasSubstr("run the version that wrote it"));
}

TEST_F(Folding, matches_of_another_rule_set_are_noticed) {
  ASSERT_TRUE(take(match(0)));
  ASSERT_TRUE(take(progress(1, 1)));
  EXPECT_FALSE(correlator.met_another_ruleset());
  ASSERT_TRUE(take(match(1, "older")));
  ASSERT_TRUE(take(progress(2, 1)));
  EXPECT_TRUE(correlator.met_another_ruleset());
}

TEST_F(Folding, a_checkpoint_brings_back_state_and_counters) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(take(match(i)));
  ASSERT_TRUE(take(progress(6, 5, 1)));
  const v1::Checkpoint checkpoint = *correlator.checkpoint();
  Correlator other(world.rules, {.tenant = "t"});
  ASSERT_TRUE(other.restore(checkpoint));
  EXPECT_EQ(other.checkpoint()->SerializeAsString(), checkpoint.SerializeAsString());
  Pending again;
  ASSERT_TRUE(other.take(match(3), again));
  v1::LogFrame next = match(6);
  next.mutable_match()->mutable_events(0)->set_event_id(std::string(identity({"3"}).view()));   // Event 3 in another record.
  ASSERT_TRUE(other.take(next, again));
  ASSERT_TRUE(other.take(progress(7, 1), again));
  EXPECT_TRUE(again.effects.alerts.empty());
  v1::Checkpoint wrong = checkpoint;
  wrong.mutable_partitions(0)->set_applied(4);
  EXPECT_THAT(Correlator(world.rules, {.tenant = "t"}).restore(wrong).error().text, HasSubstr("do not add up"));
  wrong = checkpoint;
  wrong.set_fold("nonsense");
  EXPECT_FALSE(Correlator(world.rules, {.tenant = "t"}).restore(wrong));
  wrong = checkpoint;
  wrong.set_ruleset("another");
  EXPECT_FALSE(Correlator(world.rules, {.tenant = "t"}).restore(wrong));
}

}  // namespace
}  // namespace tocsin::detect
