// peers_test.cpp: the same peers in any order of arrival, within their limits.
#include "daemon/sigma/correlate/peers.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "daemon/base/limits.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kEvery = 60'000'000;

Baseline kind() {
  Baseline out;
  out.every = Microseconds(kEvery);
  out.learn = Microseconds(1'000 * kEvery);
  out.above = 3;
  return out;
}

PastMeasure measure(std::int64_t bucket, std::int64_t value) { return {bucket * kEvery, windows::Int128{value} * windows::kStep}; }

TEST(Peers, who_is_asked_first_and_who_ends_first_does_not_matter_beyond_the_limit) {
  constexpr int kEntities = 700, kBuckets = 30;
  static_assert(kEntities * kBuckets > 2 * limits::kBaselineMeasuresMax);
  std::vector<double> expected;
  for (unsigned order = 0; order < 4; ++order) {
    std::mt19937 random(order);
    Peers peers;
    std::vector<double> found;
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      std::vector<int> entities(kEntities);
      std::iota(entities.begin(), entities.end(), 0);
      std::shuffle(entities.begin(), entities.end(), random);
      for (const int entity : entities) {   // Each is asked, and ends its bucket while others have not begun it.
        const Spread& spread = peers.spread(kind(), "sales", bucket * kEvery);
        found.push_back(spread.limit + static_cast<double>(spread.measures) * 1e6);
        peers.add("sales", measure(bucket, (entity * 31 + bucket * 7) % 500));
      }
      EXPECT_LE(peers.measures(), limits::kBaselineMeasuresMax + kEntities);
    }
    if (order == 0) expected = found;
    EXPECT_EQ(found, expected) << order;
    EXPECT_EQ(peers.spread(kind(), "sales", kBuckets * kEvery).measures, limits::kBaselineMeasuresMax);
  }
}

TEST(Peers, of_a_bucket_that_is_too_large_alone_small_and_great_measures_are_left_evenly) {
  Peers peers;
  for (int i = 0; i < 50'000; ++i) peers.add("all", measure(0, i));
  const Spread& spread = peers.spread(kind(), "all", kEvery);
  EXPECT_EQ(spread.measures, limits::kBaselineMeasuresMax);
  EXPECT_NEAR(spread.median, 25'000, 10);
}

TEST(Peers, a_listed_state_added_again_answers_the_same) {
  std::mt19937 random(5);
  Peers peers;
  for (int bucket = 0; bucket < 40; ++bucket) {
    for (int i = 0; i < 300; ++i) peers.add(i % 2 == 0 ? "a" : "b", measure(bucket, static_cast<std::int64_t>(random() % 90)));
    (void)peers.spread(kind(), "a", bucket * kEvery);
    Peers again;
    peers.list([&](const std::string& name, const std::vector<PastMeasure>& all) {
      for (const PastMeasure& each : all) again.add(name, each);
    });
    EXPECT_EQ(again.measures(), peers.measures());
    for (const char* name : {"a", "b"}) EXPECT_EQ(again.spread(kind(), name, (bucket + 1) * kEvery).limit, peers.spread(kind(), name, (bucket + 1) * kEvery).limit);
  }
}

TEST(Peers, groups_that_nobody_can_be_compared_with_any_more_are_forgotten) {
  Peers peers;
  for (int i = 0; i < 10'000; ++i) {
    peers.add("team " + std::to_string(i), measure(i, 1));
    peers.forget(kind(), i * kEvery);
  }
  EXPECT_LT(peers.measures(), 2'200U) << "those of a thousand buckets count";
  EXPECT_GE(peers.measures(), 1'000U);
}

TEST(Peers, at_a_memory_limit_those_go_who_measured_longest_ago_and_they_are_counted) {
  Peers peers;
  for (int i = 0; i < 1'000; ++i) peers.add("team " + std::to_string(i), measure(i, 1));
  EXPECT_EQ(peers.shed(1'000), 0);
  EXPECT_EQ(peers.shed(999), 501);
  EXPECT_EQ(peers.measures(), 499U);
  EXPECT_EQ(peers.spread(kind(), "team 998", 999 * kEvery).measures, 1U);
  EXPECT_EQ(peers.spread(kind(), "team 3", 999 * kEvery).measures, 0U);
}

}  // namespace
}  // namespace tocsin::sigma
