// windows_test.cpp: every kind of window answers as the naive reading does, for random histories in any order of arrival.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "daemon/sigma/correlate/windows/any_window.h"
#include "daemon/sigma/correlate/windows/naive.h"

namespace tocsin::sigma::windows {
namespace {

using Random = std::mt19937_64;

constexpr Kind kKinds[] = {Kind::event_count, Kind::temporal, Kind::temporal_ordered, Kind::value_avg,
                           Kind::value_count, Kind::value_median, Kind::value_percentile, Kind::value_sum};
constexpr std::string_view kNames[] = {"event_count", "temporal", "temporal_ordered", "value_avg", "value_count", "value_median", "value_percentile", "value_sum"};

bool numeric(Kind kind) {
  return kind == Kind::value_avg || kind == Kind::value_median || kind == Kind::value_percentile || kind == Kind::value_sum;
}

WindowRule any_rule(Kind kind, Random& random) {
  WindowRule rule;
  rule.kind = kind;
  rule.span = 1 + static_cast<std::int64_t>(random() % 40);
  rule.bucket = rule.span + static_cast<std::int64_t>(random() % 3 == 0 ? random() % 50 : 0);
  rule.seed = random();
  rule.bases = static_cast<std::uint8_t>(1 + random() % 4);
  for (std::size_t i = 0, n = 1 + random() % 4; i < n; ++i) rule.order.push_back(static_cast<std::uint8_t>(random() % rule.bases));
  rule.percentile = static_cast<std::int64_t>(random() % 101) * kStep;
  if (kind == Kind::temporal || kind == Kind::temporal_ordered) {
    if (random() % 3 == 0) {
      const std::uint64_t yes = random() % 16, no = random() % 2 == 0 ? 0 : random() % 16 & ~yes;
      rule.expression = [yes, no](std::uint64_t seen) { return (seen & yes) == yes && (seen & no) == 0; };
      rule.expression_only_grows = no == 0;
    }
  }
  const auto how = static_cast<Compare>(random() % 6);
  const std::int64_t most = numeric(kind) ? 60 : 6;
  rule.condition.bounds.push_back({how, Int128{static_cast<std::int64_t>(random() % most)} * kStep});
  if (random() % 4 == 0) rule.condition.bounds.push_back({Compare::lte, Int128{static_cast<std::int64_t>(random() % most)} * kStep});
  return rule;
}

/// Times collide and lie exactly a span apart; values repeat; some events come twice.
std::vector<Hit> any_history(const WindowRule& rule, Random& random) {
  std::vector<Hit> out;
  const std::size_t n = random() % (random() % 3 == 0 ? 60 : 25);
  const std::int64_t length = 1 + static_cast<std::int64_t>(random() % 200);
  for (std::size_t i = 0; i < n; ++i) {
    Hit hit{.time = static_cast<std::int64_t>(random() % length) - 100, .event = (i + 1) << 8, .value = random() % 7,
            .number = Int128{static_cast<std::int64_t>(random() % 41) - 8} * (kStep / 2), .base = static_cast<std::uint8_t>(random() % rule.bases)};
    if (!out.empty() && random() % 4 == 0) hit.time = out[random() % out.size()].time + (random() % 2 == 0 ? rule.span : 0);
    if (!out.empty() && random() % 8 == 0) hit = out[random() % out.size()];
    out.push_back(hit);
  }
  std::shuffle(out.begin(), out.end(), random);
  return out;
}

std::vector<Hit> once(std::vector<Hit> all) {
  std::map<std::uint64_t, Hit> out;
  for (const Hit& hit : all) out.emplace(hit.event, hit);
  all.clear();
  for (const auto& [event, hit] : out) all.push_back(hit);
  return all;
}

void expect_same(const Moment& ours, const Moment& theirs, const std::string& where) {
  EXPECT_EQ(ours.time, theirs.time) << where;
  EXPECT_EQ(text_of(ours.value), text_of(theirs.value)) << where;
  EXPECT_EQ(ours.holds, theirs.holds) << where;
}

class Windows : public ::testing::TestWithParam<Kind> {};

TEST_P(Windows, in_any_order_of_arrival_answer_like_the_naive_reading_at_every_moment) {
  Random random(7 + static_cast<unsigned>(GetParam()));
  for (int round = 0; round < 600 && !HasFailure(); ++round) {
    const WindowRule rule = any_rule(GetParam(), random);
    const std::vector<Hit> history = any_history(rule, random);
    AnyWindow window(rule.kind);
    std::vector<Hit> so_far;
    for (const Hit& hit : history) {
      window.insert(rule, hit);
      so_far.push_back(hit);
      if (random() % 3 != 0) continue;   // The measure is led to and fro while events arrive.
      const std::int64_t t = static_cast<std::int64_t>(random() % 240) - 110;
      const Measure ours = window.at(rule, t), theirs = naive_measure(rule, once(so_far), t);
      expect_same({t, ours.value, ours.holds}, {t, theirs.value, theirs.holds}, fmt::format("round {} at {}", round, t));
    }
    std::vector<Moment> ours;
    window.each(rule, kLongAgo, kNoMoment, [&](const Moment& moment) { return ours.push_back(moment), false; });
    const std::vector<Moment> theirs = naive_moments(rule, once(history));
    if (ours.size() != theirs.size()) {
      // Only where moments were given up, which never decide: the next test looks at what they may decide.
      EXPECT_TRUE(GetParam() == Kind::value_count || GetParam() == Kind::temporal) << round;
      continue;
    }
    for (std::size_t i = 0; i < ours.size(); ++i) expect_same(ours[i], theirs[i], fmt::format("round {} moment {}", round, i));
  }
}

TEST_P(Windows, find_the_first_and_the_greatest_moment_of_each_bucket) {
  Random random(70 + static_cast<unsigned>(GetParam()));
  int held = 0;
  for (int round = 0; round < 400 && !HasFailure(); ++round) {
    const WindowRule rule = any_rule(GetParam(), random);
    std::vector<Hit> history = any_history(rule, random);
    // Long enough that rings fill and prune.
    for (int more = 0; more < 4; ++more)
      for (const Hit& hit : any_history(rule, random)) {
        history.push_back(hit);
        history.back().event += static_cast<std::uint64_t>(more + 1) << 32;
      }
    AnyWindow window(rule.kind);
    for (const Hit& hit : history) {
      window.insert(rule, hit);
      if (random() % 5 == 0) window.at(rule, hit.time);
    }
    const std::vector<Moment> theirs = GetParam() == Kind::temporal_ordered ? std::vector<Moment>() : naive_moments(rule, once(history));
    for (std::int64_t start = bucket_start(-200, rule.bucket); start < 300; start += rule.bucket) {
      std::optional<Moment> first, greatest_one;
      for (const Moment& moment : theirs) {
        if (moment.time < start || moment.time >= start + rule.bucket) continue;
        if (moment.holds && !first) first = moment;
        if (moment.holds && (!greatest_one || greatest_one->value < moment.value)) greatest_one = moment;
      }
      const std::string where = fmt::format("round {} bucket {}", round, start);
      if (theirs.empty()) continue;
      const auto ours = earliest(window, rule, start, start + rule.bucket);
      ASSERT_EQ(ours.has_value(), first.has_value()) << where;
      if (ours) expect_same(*ours, *first, where);
      const auto most = greatest(window, rule, start, start + rule.bucket);
      ASSERT_EQ(most.has_value(), greatest_one.has_value()) << where;
      if (most && decides_on_arrival(rule)) expect_same(*most, *greatest_one, where);
      held += first.has_value();
    }
  }
  EXPECT_TRUE(held > 100 || GetParam() == Kind::temporal_ordered) << held;
}

TEST_P(Windows, settled_in_steps_show_every_moment_once_and_keep_no_more_than_the_lateness_asks) {
  Random random(700 + static_cast<unsigned>(GetParam()));
  for (int round = 0; round < 400 && !HasFailure(); ++round) {
    const WindowRule rule = any_rule(GetParam(), random);
    std::vector<Hit> history = any_history(rule, random);
    const std::int64_t lateness = static_cast<std::int64_t>(random() % 60);
    // Arrival: in order of time, each delayed by up to the lateness.
    std::vector<std::pair<std::int64_t, Hit>> arrivals;
    for (const Hit& hit : history) arrivals.emplace_back(hit.time + static_cast<std::int64_t>(random() % (lateness + 1)), hit);
    std::stable_sort(arrivals.begin(), arrivals.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    AnyWindow window(rule.kind);
    std::vector<Moment> ours;
    std::int64_t settled = kLongAgo;
    const auto settle_to = [&](std::int64_t watermark) {
      window.each(rule, settled, watermark, [&](const Moment& moment) { return ours.push_back(moment), false; });
      window.forget(rule, watermark);
      settled = watermark;
      std::size_t before = 0;
      window.list([&](const Hit& hit) {
        before += hit.time < watermark;
        EXPECT_TRUE(rule.kind == Kind::temporal_ordered || hit.time > watermark - rule.span);
      });
      // An order folds what lies before the watermark as soon as that is half of more than a few.
      EXPECT_TRUE(rule.kind != Kind::temporal_ordered || before <= window.size() / 2 + 32);
    };
    for (const auto& [when, hit] : arrivals) {
      window.insert(rule, hit, settled);
      if (random() % 2 == 0) window.at(rule, hit.time);
      if (when - lateness > settled && random() % 2 == 0) settle_to(when - lateness);
    }
    settle_to(kNoMoment);
    EXPECT_TRUE(window.empty());
    const std::vector<Moment> theirs = naive_moments(rule, once(history));
    std::map<std::int64_t, Moment> by_time;
    for (const Moment& moment : ours) EXPECT_TRUE(by_time.emplace(moment.time, moment).second) << "twice: " << moment.time;
    for (const Moment& moment : theirs) {
      const auto at = by_time.find(moment.time);
      if (at == by_time.end()) {
        EXPECT_TRUE(decides_on_arrival(rule)) << "round " << round << ": no answer at " << moment.time;
        continue;
      }
      expect_same(at->second, moment, fmt::format("round {}", round));
    }
    EXPECT_LE(by_time.size(), theirs.size());
  }
}

TEST_P(Windows, count_an_event_exactly_a_span_ago_no_more) {
  WindowRule rule{.kind = GetParam(), .span = 100, .bases = 2, .order = {0, 1}};
  rule.condition.bounds = {{Compare::gte, Int128{2} * kStep}};
  const auto ask = [&](std::int64_t second) {
    AnyWindow window(rule.kind);
    window.insert(rule, {.time = 0, .event = 64, .value = 1, .number = kStep, .base = 0});
    window.insert(rule, {.time = second, .event = 128, .value = 2, .number = kStep, .base = 1});
    return window.at(rule, second).value;
  };
  const bool single = GetParam() == Kind::value_avg || GetParam() == Kind::value_median || GetParam() == Kind::value_percentile;
  EXPECT_EQ(ask(99), Value::whole(single ? 1 : 2));
  EXPECT_EQ(ask(100), Value::whole(GetParam() == Kind::temporal_ordered ? 0 : 1));
}

TEST_P(Windows, moved_and_listed_are_the_same_window) {
  Random random(7000 + static_cast<unsigned>(GetParam()));
  for (int round = 0; round < 100 && !HasFailure(); ++round) {
    const WindowRule rule = any_rule(GetParam(), random);
    AnyWindow window(rule.kind);
    for (const Hit& hit : any_history(rule, random)) window.insert(rule, hit);
    window.forget(rule, -50);
    AnyWindow moved = std::move(window);
    AnyWindow copy(rule.kind);
    copy.restore(rule, moved.folded());
    moved.list([&](const Hit& hit) { copy.insert(rule, hit); });
    for (std::int64_t t = -50; t < 150; t += 7) {
      const Measure ours = moved.at(rule, t), theirs = copy.at(rule, t);
      expect_same({t, ours.value, ours.holds}, {t, theirs.value, theirs.holds}, fmt::format("round {} at {}", round, t));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(of, Windows, ::testing::ValuesIn(kKinds), [](const auto& row) { return std::string(kNames[static_cast<std::size_t>(row.param)]); });

}  // namespace
}  // namespace tocsin::sigma::windows
