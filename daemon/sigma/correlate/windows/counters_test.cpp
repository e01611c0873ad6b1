// counters_test.cpp: an answer at each arrival, and memory that is capped where everybody sees it.
#include "daemon/sigma/correlate/windows/counters.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <random>

#include "daemon/sigma/correlate/windows/naive.h"

namespace tocsin::sigma::windows {
namespace {

WindowRule rule_of(Kind kind, std::int64_t span, std::int64_t at_least) {
  WindowRule rule;
  rule.kind = kind;
  rule.span = span;
  rule.bases = 3;
  rule.order = {0, 1, 2};
  rule.condition.bounds = {{Compare::gte, Int128{at_least} * kStep}};
  return rule;
}

TEST(Counters, answer_each_arrival_like_the_naive_reading_of_what_came_before) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 60; ++round) {
    const std::int64_t lateness = static_cast<std::int64_t>(random() % 2 * 30);
    std::vector<WindowRule> rules;
    for (int kind = 0; kind < 8; ++kind) rules.push_back(rule_of(static_cast<Kind>(kind), 1 + static_cast<std::int64_t>(random() % 60), 1 + static_cast<std::int64_t>(random() % 4)));
    Counters counters(rules, {.lateness = lateness, .seed = random()});
    std::vector<std::vector<Hit>> came(3);
    std::int64_t newest = 0;
    for (std::uint64_t i = 1; i < 120; ++i) {
      const std::size_t group = random() % 3;
      Hit hit{.time = newest + static_cast<std::int64_t>(random() % 5) - (lateness > 0 && random() % 3 == 0 ? static_cast<std::int64_t>(random() % 30) : 0),
              .event = i * kBasesMax, .value = random() % 4, .number = static_cast<std::int64_t>(random() % 9) * kStep, .base = static_cast<std::uint8_t>(random() % 3)};
      if (hit.time < newest - lateness) hit.time = newest;
      newest = std::max(newest, hit.time);
      came[group].push_back(hit);
      for (std::size_t kind = 0; kind < 8; ++kind) {
        const Answer answer = counters.arrive(kind, {group, 1}, hit);
        const Measure theirs = naive_measure(rules[kind], came[group], hit.time);
        ASSERT_EQ(answer.outcome, Outcome::counted);
        ASSERT_EQ(text_of(answer.measure.value), text_of(theirs.value)) << "round " << round << " kind " << kind << " arrival " << i;
        ASSERT_EQ(answer.measure.holds, theirs.holds);
      }
    }
  }
}

TEST(Counters, an_event_that_comes_twice_counts_once_and_a_late_one_not_at_all_both_counted_aside) {
  Counters counters({rule_of(Kind::event_count, 100, 2)}, {.lateness = 10});
  EXPECT_FALSE(counters.arrive(0, {1, 1}, {.time = 50, .event = 1}).measure.holds);
  const Answer again = counters.arrive(0, {1, 1}, {.time = 50, .event = 1});
  EXPECT_EQ(again.outcome, Outcome::duplicate);
  EXPECT_FALSE(again.measure.holds);
  EXPECT_EQ(counters.arrive(0, {1, 1}, {.time = 39, .event = 2}).outcome, Outcome::late);
  EXPECT_TRUE(counters.arrive(0, {1, 1}, {.time = 51, .event = 3}).measure.holds);
  EXPECT_EQ(counters.arrive(0, {1, 1}, {.time = 41, .event = 4}).outcome, Outcome::counted);
  const CounterCounts counts = counters.counts(0);
  EXPECT_EQ(std::tuple(counts.arrived, counts.duplicates, counts.late, counts.keys, counts.entries), std::tuple(5U, 1U, 1U, 1U, 3U));
}

// Attack 19: the spread over window edges gains nothing, since the window slides.
TEST(Counters, just_below_at_and_above_the_threshold) {
  for (const std::int64_t events : {3, 4, 5}) {
    Counters counters({rule_of(Kind::event_count, 100, 4)}, {});
    int held = 0;
    for (std::int64_t i = 0; i < events; ++i) held += counters.arrive(0, {1, 1}, {.time = 95 + i * 3, .event = static_cast<std::uint64_t>(i)}).measure.holds;
    EXPECT_EQ(held, events - 3 > 0 ? events - 3 : 0);
  }
  Counters spread({rule_of(Kind::event_count, 100, 4)}, {});
  for (std::int64_t i = 0; i < 50; ++i) EXPECT_FALSE(spread.arrive(0, {1, 1}, {.time = i * 34, .event = static_cast<std::uint64_t>(i)}).measure.holds);
}

// Attack 15.
TEST(Counters, a_flood_of_keys_ends_the_stalest_counted_and_does_not_hide_who_is_at_work) {
  constexpr std::size_t kMost = 1'000;
  Counters counters({rule_of(Kind::event_count, 1'000'000, 50)}, {.seed = 3, .keys_most = kMost});
  bool found = false;
  std::int64_t time = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    counters.arrive(0, {i, 9}, {.time = ++time, .event = i});
    if (i % 100 == 0) found = found || counters.arrive(0, {7, 7}, {.time = ++time, .event = i}).measure.holds;
  }
  const CounterCounts counts = counters.counts(0);
  EXPECT_EQ(counts.keys, kMost);
  EXPECT_EQ(counts.keys_evicted, 20'001 - kMost);
  EXPECT_TRUE(found) << "the one who works all the while is never the stalest";
}

// Attack 17.
TEST(Counters, a_hot_key_that_fills_the_memory_alone_loses_its_oldest_counted_and_goes_on_holding) {
  Counters counters({rule_of(Kind::event_count, 1'000'000'000, 100)}, {.entries_most = 1'000});
  Answer answer;
  for (std::int64_t i = 0; i < 10'000; ++i) answer = counters.arrive(0, {1, 1}, {.time = i, .event = static_cast<std::uint64_t>(i)});
  EXPECT_TRUE(answer.measure.holds);
  const CounterCounts counts = counters.counts(0);
  EXPECT_LE(counts.entries, 1'000U);
  EXPECT_EQ(counts.entries + counts.entries_dropped, 10'000U);
  EXPECT_EQ(counts.keys_evicted, 0U);
}

TEST(Counters, keys_end_when_the_watermark_has_passed_their_window) {
  Counters counters({rule_of(Kind::value_sum, 1'000, 5)}, {.lateness = 100});
  for (std::int64_t i = 0; i < 50'000; ++i) counters.arrive(0, {static_cast<std::uint64_t>(i), 1}, {.time = i, .event = 1, .number = kStep});
  EXPECT_LT(counters.counts(0).keys, 1'300U);
  EXPECT_EQ(counters.counts(0).keys, counters.counts(0).entries);
  EXPECT_EQ(counters.counts(0).keys_evicted, 0U);
}

TEST(Counters, a_live_key_of_one_or_two_events_takes_no_more_than_120_bytes) {
  constexpr std::uint64_t kKeys = 200'000;
  const auto allocated = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
  const std::size_t before = allocated();
  Counters counters({rule_of(Kind::event_count, 1'000'000'000, 4)}, {});
  for (std::uint64_t i = 0; i < kKeys * 3 / 2; ++i) counters.arrive(0, {i * 7 % kKeys, 1}, {.time = static_cast<std::int64_t>(i), .event = i});
  EXPECT_EQ(counters.counts(0).keys, kKeys);
  const std::size_t taken = allocated() - before;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers have their own allocator: " << taken;
#endif
  EXPECT_GT(taken, 64 * kKeys) << "the allocator no longer tells what it gave";
  EXPECT_LT(taken, 120 * kKeys);
}

TEST(Counters, caps_are_generous_unless_said_otherwise) {
  EXPECT_EQ(CounterSettings().keys_most, limits::kWindowKeysMax);
  EXPECT_EQ(CounterSettings().entries_most, limits::kWindowEntriesMax);
}

}  // namespace
}  // namespace tocsin::sigma::windows
