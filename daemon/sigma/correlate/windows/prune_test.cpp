// prune_test.cpp: what may go changes no answer, and what repeats does not pile up.
#include "daemon/sigma/correlate/windows/prune.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/sigma/correlate/windows/any_window.h"
#include "daemon/sigma/correlate/windows/naive.h"

namespace tocsin::sigma::windows {
namespace {

WindowRule distinct(std::int64_t span, std::int64_t bucket, Compare how, std::int64_t than) {
  WindowRule rule;
  rule.kind = Kind::value_count;
  rule.span = span;
  rule.bucket = bucket;
  rule.condition.bounds = {{how, Int128{than} * kStep}};
  return rule;
}

TEST(Redundant, entries_can_go_without_changing_membership_at_any_moment_or_the_answer_of_any_bucket) {
  std::mt19937_64 random(11);
  std::size_t gone = 0;
  for (int round = 0; round < 1'500; ++round) {
    const std::int64_t span = 1 + static_cast<std::int64_t>(random() % 20);
    const WindowRule rule = distinct(span, span + static_cast<std::int64_t>(random() % 10), random() % 2 == 0 ? Compare::gte : Compare::gt, 1 + static_cast<std::int64_t>(random() % 4));
    std::vector<Hit> all;
    Ring<ValueCount::Entry> entries;
    std::vector<ValueCount::Entry> sorted;
    for (std::size_t i = 0, n = random() % 50; i < n; ++i) sorted.push_back({static_cast<std::int64_t>(random() % 60) - 30, random() % 5});
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    for (const auto& entry : sorted) {
      entries.append(entry);
      all.push_back({.time = entry.at, .event = all.size() + 1, .value = entry.value});
    }
    drop_redundant<ValueCount>(rule, entries, kLongAgo);
    std::vector<Hit> kept;
    for (std::uint32_t i = 0; i < entries.size(); ++i) kept.push_back({.time = entries[i].at, .event = i + 1, .value = entries[i].value});
    gone += all.size() - kept.size();
    for (std::int64_t t = -40; t < 60; ++t) ASSERT_EQ(naive_measure(rule, kept, t).value, naive_measure(rule, all, t).value) << "round " << round << " at " << t;
    for (std::int64_t start = bucket_start(-40, rule.bucket); start < 60; start += rule.bucket) {
      const auto first = [&](const std::vector<Hit>& hits) {
        for (const Moment& moment : naive_moments(rule, hits))
          if (moment.holds && moment.time >= start && moment.time < start + rule.bucket) return moment.time;
        return kNoMoment;
      };
      ASSERT_EQ(first(kept), first(all)) << "round " << round << " bucket " << start;
    }
  }
  EXPECT_GT(gone, 3'000U);
}

TEST(Redundant, moments_of_other_conditions_stay_until_they_are_final) {
  const WindowRule rule = distinct(100, 100, Compare::lt, 3);
  Ring<ValueCount::Entry> entries;
  for (std::int64_t t = 0; t < 50; ++t) entries.append({t, 7});
  EXPECT_FALSE(drop_redundant<ValueCount>(rule, entries, 0));
  EXPECT_EQ(entries.size(), 50U);
  EXPECT_TRUE(drop_redundant<ValueCount>(rule, entries, 40));
  EXPECT_EQ(entries.size(), 11U);   // The first, and those from 40 on.
}

TEST(Memory, one_record_read_a_hundred_thousand_times_within_the_window_takes_a_few_entries) {
  for (const Kind kind : {Kind::value_count, Kind::temporal}) {
    WindowRule rule = distinct(1'000'000'000, 1'000'000'000, Compare::gte, 50);
    rule.kind = kind;
    rule.bases = 3;
    AnyWindow window(kind);
    std::size_t most = 0;
    for (std::int64_t t = 0; t < 100'000; ++t) {
      window.insert(rule, {.time = t, .value = static_cast<std::uint64_t>(t % 3), .base = static_cast<std::uint8_t>(t % 3)});
      most = std::max(most, window.size());
    }
    EXPECT_LE(most, 64U);
    EXPECT_EQ(window.at(rule, 99'999).value, Value::whole(3));
  }
}

// Reliability §6.3: between alerts every stretch of length W holds fewer than N, and the horizon is W + L long.
TEST(Memory, an_unfired_count_holds_less_than_its_threshold_times_the_windows_of_its_horizon) {
  constexpr std::int64_t kSpan = 1'000, kLateness = 1'700, kThreshold = 20;
  WindowRule rule;
  rule.span = rule.bucket = kSpan;
  rule.condition.bounds = {{Compare::gte, Int128{kThreshold} * kStep}};
  AnyWindow window(Kind::event_count);
  const std::size_t bound = kThreshold * ((kSpan + kLateness + kSpan - 1) / kSpan + 1);
  bool held = false;
  for (std::int64_t i = 0; i < 5'000; ++i) {
    const std::int64_t time = i * (kSpan / (kThreshold - 1) + 1);   // Just below the threshold.
    window.insert(rule, {.time = time, .event = static_cast<std::uint64_t>(i)});
    held = held || window.at(rule, time).holds;
    window.forget(rule, time - kLateness);
    ASSERT_LT(window.size(), bound);
  }
  EXPECT_FALSE(held);
}

}  // namespace
}  // namespace tocsin::sigma::windows
