// temporal_ordered_test.cpp: one after another, ties either way, each hit once, and no work for orders that never come.
#include "daemon/sigma/correlate/windows/temporal_ordered.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>

namespace tocsin::sigma::windows {
namespace {

WindowRule order_of(std::vector<std::uint8_t> order, std::int64_t span = 100) {
  WindowRule rule;
  rule.kind = Kind::temporal_ordered;
  rule.span = span;
  rule.bases = 3;
  rule.condition.bounds = {{Compare::gte, Int128{static_cast<std::int64_t>(order.size())} * kStep}};
  rule.order = std::move(order);
  return rule;
}

bool met(const WindowRule& rule, std::vector<std::pair<std::int64_t, int>> hits) {
  OrderedWindow window;
  std::int64_t last = kLongAgo;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    window.insert(rule, {.time = hits[i].first, .event = (i + 1) * kBasesMax, .base = static_cast<std::uint8_t>(hits[i].second)});
    last = std::max(last, hits[i].first);
  }
  return window.at(rule, last).holds;
}

TEST(TemporalOrdered, asks_for_the_order) {
  EXPECT_TRUE(met(order_of({0, 1}), {{1, 0}, {2, 1}}));
  EXPECT_FALSE(met(order_of({0, 1}), {{1, 1}, {2, 0}}));
  EXPECT_TRUE(met(order_of({0, 1}), {{1, 1}, {2, 0}, {3, 1}}));
  EXPECT_FALSE(met(order_of({0, 1, 2}), {{1, 0}, {2, 2}, {3, 1}}));
}

TEST(TemporalOrdered, events_at_one_moment_count_as_ordered_whichever_way_satisfies) {
  EXPECT_TRUE(met(order_of({0, 1}), {{5, 1}, {5, 0}}));
  EXPECT_TRUE(met(order_of({0, 1, 2}), {{4, 0}, {5, 2}, {5, 1}}));
  EXPECT_TRUE(met(order_of({0, 1, 2}), {{5, 2}, {5, 1}, {5, 0}}));
  EXPECT_FALSE(met(order_of({0, 1, 2}), {{4, 2}, {5, 1}, {5, 0}}));
}

TEST(TemporalOrdered, a_hit_serves_once) {
  EXPECT_FALSE(met(order_of({0, 0, 1}), {{1, 0}, {2, 1}}));
  EXPECT_TRUE(met(order_of({0, 0, 1}), {{1, 0}, {1, 0}, {2, 1}}));
  OrderedWindow window;   // The same event twice is one hit.
  const WindowRule rule = order_of({0, 0});
  EXPECT_TRUE(window.insert(rule, {.time = 1, .event = 64, .base = 0}));
  EXPECT_FALSE(window.insert(rule, {.time = 1, .event = 64, .base = 0}));
  EXPECT_FALSE(window.at(rule, 1).holds);
}

TEST(TemporalOrdered, a_flood_at_one_moment_takes_no_more_memory_than_the_order_has_places) {
  const WindowRule rule = order_of({0, 0, 1});
  for (const bool grown : {false, true}) {
    OrderedWindow window;
    for (std::uint64_t i = 1; grown && i <= 40; ++i) window.insert(rule, {.time = 50 + static_cast<std::int64_t>(i % 40), .event = i * kBasesMax, .base = 2});
    const std::size_t before = window.size();
    for (std::uint64_t i = 100; i < 10'000; ++i) EXPECT_TRUE(window.insert(rule, {.time = 60, .event = i * kBasesMax, .base = static_cast<std::uint8_t>(i % 2)}));
    EXPECT_LE(window.size(), before + 3U) << "two of the first rule and one of the second";
    EXPECT_FALSE(window.insert(rule, {.time = 60, .event = 100 * kBasesMax, .base = 0})) << "the same hit again is none";
    EXPECT_TRUE(window.at(rule, 60).holds);
  }
}

TEST(TemporalOrdered, an_event_that_two_rules_match_is_a_hit_of_each) {
  OrderedWindow window;
  const WindowRule rule = order_of({0, 1});
  window.insert(rule, {.time = 1, .event = 64, .base = 0});
  window.insert(rule, {.time = 1, .event = 64, .base = 1});
  EXPECT_TRUE(window.at(rule, 1).holds);
}

TEST(TemporalOrdered, the_latest_possible_beginning_counts_for_the_window) {
  EXPECT_TRUE(met(order_of({0, 1}, 10), {{0, 0}, {8, 0}, {12, 1}}));
  EXPECT_FALSE(met(order_of({0, 1}, 10), {{2, 0}, {12, 1}}));   // Exactly a span apart.
  EXPECT_TRUE(met(order_of({0, 1}, 10), {{3, 0}, {12, 1}}));
}

TEST(TemporalOrdered, what_was_folded_still_begins_orders_and_takes_no_room) {
  const WindowRule rule = order_of({0, 1, 2}, 1'000'000);
  OrderedWindow window;
  for (std::int64_t t = 0; t < 100'000; ++t) {
    window.insert(rule, {.time = t, .event = static_cast<std::uint64_t>(t) * kBasesMax, .base = static_cast<std::uint8_t>(t % 2)});
    window.forget(rule, t);
    ASSERT_LE(window.size(), 64U);
  }
  OrderedWindow other;
  other.restore(rule, window.folded());
  window.list([&](const Hit& hit) { other.insert(rule, hit); });
  for (OrderedWindow* each : {&window, &other}) {
    EXPECT_FALSE(each->at(rule, 100'000).holds);
    each->insert(rule, {.time = 100'001, .event = 1, .base = 2});
    EXPECT_TRUE(each->at(rule, 100'001).holds);
    EXPECT_TRUE(each->at(rule, 1'099'997).holds);    // The last of rule 0 was at 99,998.
    EXPECT_FALSE(each->at(rule, 1'099'998).holds);
  }
}

/// Takes each hit of the window as early as it may be taken, moment by moment.
bool greedy(const WindowRule& rule, std::vector<Hit> hits, std::int64_t moment) {
  std::map<std::int64_t, std::map<int, int>> by_time;
  for (const Hit& hit : hits)
    if (hit.time > moment - rule.span && hit.time <= moment) ++by_time[hit.time][hit.base];
  std::size_t step = 0;
  for (auto& [time, left] : by_time)
    while (step < rule.order.size() && left[rule.order[step]] > 0) --left[rule.order[step++]];
  return step == rule.order.size();
}

// Long enough that late events go back over several marks, some to the very moment of a mark.
TEST(TemporalOrdered, late_events_among_hundreds_change_the_answers_behind_them_and_only_those) {
  std::mt19937_64 random(23);
  int held = 0, asked = 0;
  for (int round = 0; round < 20; ++round) {
    WindowRule rule = order_of({0, 1, 2}, 20 + static_cast<std::int64_t>(random() % 300));
    if (round % 2 == 0) rule.order = {0, 2, 1, 2};
    if (round % 3 == 0) rule.expression = [](std::uint64_t seen) { return (seen & 7) == 7; };
    const std::int64_t lateness = static_cast<std::int64_t>(random() % 150);
    OrderedWindow window;
    std::vector<Hit> came;
    for (std::int64_t i = 0; i < 400; ++i) {
      // Rule 2 is rare, so that orders are often just missed.
      const std::uint64_t drawn = random() % 40;
      const Hit hit{.time = i / 2 - static_cast<std::int64_t>(random() % 3 == 0 ? random() % (lateness + 1) : 0), .event = static_cast<std::uint64_t>(i + 1) * kBasesMax,
                    .base = static_cast<std::uint8_t>(drawn == 0 ? 2 : drawn % 2)};
      const std::int64_t watermark = i / 2 - lateness;
      window.insert(rule, hit, watermark);
      came.push_back(hit);
      if (random() % 4 == 0) window.forget(rule, watermark);
      const std::int64_t t = watermark + static_cast<std::int64_t>(random() % (lateness + 5));
      const bool theirs = greedy(rule, came, t);
      ASSERT_EQ(window.at(rule, t).holds, theirs) << "round " << round << " arrival " << i << " at " << t;
      held += theirs;
      ++asked;
    }
  }
  EXPECT_GT(held, asked / 10);
  EXPECT_LT(held, asked * 9 / 10);
}

// Steps are counted by time against a shorter run: what is quadratic takes sixteen times as long for four times the hits.
TEST(TemporalOrdered, twice_a_thousand_hits_without_the_third_rule_cost_in_proportion) {
  const WindowRule rule = order_of({0, 1, 2}, 1'000'000);
  const auto seconds = [&](std::int64_t hits, bool one_moment) {
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
      OrderedWindow window;
      const auto started = std::chrono::steady_clock::now();
      for (std::int64_t i = 0; i < hits; ++i) {
        const std::int64_t time = one_moment ? 0 : i;
        window.insert(rule, {.time = time, .event = static_cast<std::uint64_t>(i) * kBasesMax, .base = static_cast<std::uint8_t>(i % 2)});
        EXPECT_FALSE(window.at(rule, time).holds);
      }
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    }
    return best;
  };
  for (const bool one_moment : {false, true}) EXPECT_LT(seconds(8'000, one_moment), 10 * seconds(2'000, one_moment));
}

}  // namespace
}  // namespace tocsin::sigma::windows
