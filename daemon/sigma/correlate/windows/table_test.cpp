// table_test.cpp: states are found by key, end when they are stale, and the stalest are given up first.
#include "daemon/sigma/correlate/windows/table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tocsin::sigma::windows {
namespace {

struct State {
  std::int64_t marked = 0;
};

TEST(Table, finds_what_a_map_finds_while_keys_come_are_touched_and_end) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20; ++round) {
    Table<State> table(random(), 100);
    std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> theirs;   // Key → when stale, mark.
    std::int64_t now = -500;
    for (int step = 0; step < 2'000; ++step) {
      now += static_cast<std::int64_t>(random() % 3) + (random() % 500 == 0 ? 1'000 : 0);
      table.expire(now, 4, [&](const State& state) {
        // The mark says which key it was.
        const auto at = theirs.find(static_cast<std::uint64_t>(state.marked));
        ASSERT_NE(at, theirs.end());
        EXPECT_LE(at->second.first, now);
        theirs.erase(at);
      });
      const std::uint64_t key = random() % 150;
      const std::int64_t stale = now + static_cast<std::int64_t>(random() % 200);
      State& state = table.touch({key, ~key}, stale);
      const auto [at, fresh] = theirs.try_emplace(key, stale, 0);
      at->second.first = std::max(at->second.first, stale);
      EXPECT_EQ(state.marked, fresh ? 0 : static_cast<std::int64_t>(key));
      state.marked = static_cast<std::int64_t>(key);
      ASSERT_EQ(table.size(), theirs.size());
      const std::uint64_t other = random() % 150;
      if (theirs.contains(other)) {
        EXPECT_EQ(table.touch({other, ~other}, now - 1'000).marked, static_cast<std::int64_t>(other));
      }
    }
    table.expire(now + 1'000'000, 100'000, [](const State&) {});
    EXPECT_EQ(table.size(), 0U);
  }
}

TEST(Table, states_stay_where_they_are_while_the_table_grows) {
  Table<State> table(1, 100);
  State* const first = &table.touch({1, 2}, 0);
  for (std::uint64_t i = 0; i < 20'000; ++i) table.touch({i, 77}, 50);
  EXPECT_EQ(&table.touch({1, 2}, 0), first);
  EXPECT_EQ(table.size(), 20'001U);
}

TEST(Table, gives_up_the_stalest_and_knows_of_touches_since) {
  Table<State> table(1, 640);
  for (std::int64_t i = 0; i < 10; ++i) table.touch({static_cast<std::uint64_t>(i), 0}, i * 50).marked = i;
  table.touch({0, 0}, 1'000);   // Was the stalest, now the freshest.
  std::vector<std::int64_t> gone;
  const State* const keep = &table.touch({2, 0}, 100);
  while (table.evict(keep, [&](const State& state) { gone.push_back(state.marked); })) {}
  EXPECT_EQ(gone, (std::vector<std::int64_t>{1, 3, 4, 5, 6, 7, 8, 9, 0}));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(&table.touch({2, 0}, 100), keep);
}

TEST(Table, one_look_a_call_keeps_up_with_one_key_a_call) {
  Table<State> table(1, 1'000);
  std::size_t most = 0;
  for (std::int64_t t = 0; t < 200'000; ++t) {
    table.expire(t, 2, [](const State&) {});
    table.touch({static_cast<std::uint64_t>(t), 0}, t + 1'000);
    most = std::max(most, table.size());
  }
  EXPECT_LT(most, 1'200U);   // A thousand live, and what a tick of 31 delays.
}

// Who knows the table but not the seed may send keys that would share one cell under seed zero: they do not under another.
TEST(Table, keys_that_collide_under_one_seed_scatter_under_another) {
  constexpr std::uint64_t kMask = (1U << 10U) - 1;
  std::vector<std::uint64_t> chosen;
  for (std::uint64_t key = 0; chosen.size() < 512; ++key)
    if ((mix(key ^ mix(0, 0), 0) >> 32U & kMask) == 0) chosen.push_back(key);
  std::map<std::uint64_t, int> cells;
  int most = 0;
  for (const std::uint64_t key : chosen) most = std::max(most, ++cells[mix(key ^ mix(0, 99), 99) >> 32U & kMask]);
  EXPECT_LT(most, 10);
}

}  // namespace
}  // namespace tocsin::sigma::windows
