// stream_test.cpp: a line at each qualifying event, for every kind of correlation.
#include "daemon/sigma/correlate/stream.h"

#include <gtest/gtest.h>

#include "daemon/sigma/correlate/key_hash.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

/// Two detections, `a` (f: a) and `b` (f: b), and the given correlation over them.
struct Streamed {
  explicit Streamed(const std::string& correlation, Microseconds lateness = std::chrono::hours(1))
      : rules(std::make_shared<const RuleSet>(must(detection("  sel: {f: a}\n  condition: sel\n", "a") + "---\n" + detection("  sel: {f: b}\n  condition: sel\n", "b") +
                                                   "---\ntitle: C\nid: c\ncorrelation: {timespan: 10s, " + correlation + "}\n"))),
        matcher(rules), stream(rules, {.lateness = lateness, .seed = 7}) {}
  static RuleSet must(const std::string& text) {
    auto out = read_rules(text);
    if (!out) throw std::runtime_error(out.error().text);
    return std::move(*out);
  }

  void send(int second, std::vector<Field> fields) {
    Event event = event_of(*rules, fields);
    event.time = instant_of(1'800'000'000'000'000 + second * 1'000'000LL);
    whole = stream.take(event, matcher.match(event), [&](const StreamHit& hit) {
      std::string group;
      for (const std::string_view value : hit.group) group += fmt::format("{}{}", group.empty() ? "" : "+", value);
      said += fmt::format("{}{}:{}={}", said.empty() ? "" : " ", second, group, windows::text_of(hit.value));
    });
  }

  std::shared_ptr<const RuleSet> rules;
  Matcher matcher;
  Stream stream;
  std::string said;
  bool whole = true;   ///< All of the last event was counted.
};

TEST(Stream, event_count_says_so_at_each_event_from_the_threshold_on) {
  Streamed s("type: event_count, rules: [a], group-by: [u], condition: {gte: 2}");
  s.send(1, {text("f", "a"), text("u", "x")});
  s.send(2, {text("f", "a"), text("u", "y")});
  s.send(3, {text("f", "b"), text("u", "x")});
  s.send(4, {text("f", "a"), text("u", "x")});
  s.send(5, {text("f", "a"), text("u", "x")});
  s.send(13, {text("f", "a"), text("u", "x")});
  s.send(30, {text("f", "a"), text("u", "x")});
  s.send(31, {text("f", "a")});
  EXPECT_EQ(s.said, "4:x=2 5:x=3 13:x=3");
}

TEST(Stream, value_count_counts_each_value_once_and_every_value_of_a_list) {
  Streamed s("type: value_count, rules: [a], condition: {field: v, gte: 3}");
  s.send(1, {text("f", "a"), text("v", "1")});
  s.send(2, {text("f", "a"), text("v", "1")});
  s.send(3, {text("f", "a"), list("v", {"2", "3"})});
  s.send(4, {text("f", "a")});
  EXPECT_EQ(s.said, "3:=3");
}

TEST(Stream, sums_leave_out_what_is_no_number) {
  Streamed s("type: value_sum, rules: [a], condition: {field: v, gt: 10}");
  s.send(1, {text("f", "a"), number("v", "4.5")});
  s.send(2, {text("f", "a"), text("v", "many")});
  s.send(3, {text("f", "a"), text("v", "6")});
  EXPECT_EQ(s.said, "3:=10.5");
}

TEST(Stream, a_number_that_stands_twice_in_a_list_and_one_of_another_event_at_the_same_time_count_each) {
  Streamed s("type: value_sum, rules: [a, b], group-by: [u], condition: {gte: 10, field: v}");
  s.send(1, {text("f", "a"), text("u", "x"), list("v", {"5", "5"})});
  s.send(2, {text("f", "a"), text("u", "y"), number("v", "5")});
  s.send(2, {text("f", "a"), text("u", "y"), number("v", "5")});
  s.send(3, {list("f", {"a", "b"}), text("u", "z"), list("v", {"4", "4"})});
  s.send(3, {list("f", {"a", "b"}), list("u", {"z"}), list("v", {"1", "1"})});
  EXPECT_EQ(s.said, "1:x=10 2:y=10 3:z=10 3:z=10") << "an event that meets both rules brings its numbers once";
}

TEST(Stream, two_events_at_one_moment_are_two) {
  Streamed s("type: event_count, rules: [a], condition: {gte: 2}");
  s.send(1, {text("f", "a")});
  s.send(1, {text("f", "a")});
  EXPECT_EQ(s.said, "1:=2");
  Streamed ordered("type: temporal_ordered, rules: [a, b], condition: {gte: 2}");
  for (int i = 0; i < 40; ++i) ordered.send(1, {text("f", "a")});
  ordered.send(1, {text("f", "b")});
  EXPECT_EQ(ordered.said, "1:=2");
  EXPECT_EQ(ordered.stream.counts().duplicates, 0U) << "none is taken for one that came before";
}

TEST(Stream, an_event_of_more_groups_or_values_than_can_be_counted_is_said_and_not_cut) {
  std::vector<std::string> many, few;
  for (int i = 0; i < 101; ++i) many.push_back(std::to_string(i));
  for (int i = 0; i < 99; ++i) few.push_back(std::to_string(i));
  Streamed groups("type: event_count, rules: [a], group-by: [u, v], condition: {gte: 1}");
  groups.send(1, {text("f", "a"), list("u", many), list("v", many)});
  EXPECT_FALSE(groups.whole);
  EXPECT_EQ(groups.said, "");
  groups.send(1, {text("f", "a"), list("u", many), list("v", few)});
  EXPECT_TRUE(groups.whole);
  EXPECT_EQ(std::count(groups.said.begin(), groups.said.end(), '+'), 101 * 99);
  Streamed values("type: value_count, rules: [a], condition: {field: [u, v], gte: 1}");
  values.send(1, {text("f", "a"), list("u", many), list("v", many)});
  EXPECT_FALSE(values.whole);
  Streamed numbers("type: value_sum, rules: [a], condition: {field: v, gte: 1}");
  numbers.send(1, {text("f", "a"), list("v", std::vector<std::string>(limits::kSubjectsPerEventMax + 1, "1"))});
  EXPECT_FALSE(numbers.whole);
  EXPECT_EQ(numbers.said, "");
  numbers.send(2, {text("f", "a"), list("v", std::vector<std::string>(limits::kSubjectsPerEventMax, "1"))});
  EXPECT_TRUE(numbers.whole);
  EXPECT_EQ(numbers.said, "2:=10000");
  numbers.send(3, {text("f", "a")});
  EXPECT_TRUE(numbers.whole) << "none is not too many";
}

TEST(Stream, temporal_needs_all_rules_and_temporal_ordered_their_order) {
  Streamed any("type: temporal, rules: [a, b], group-by: [u]");
  any.send(1, {text("f", "b"), text("u", "x")});
  any.send(2, {text("f", "a"), text("u", "x")});
  EXPECT_EQ(any.said, "2:x=2");
  Streamed ordered("type: temporal_ordered, rules: [a, b], group-by: [u]");
  ordered.send(1, {text("f", "b"), text("u", "x")});
  ordered.send(2, {text("f", "a"), text("u", "x")});
  ordered.send(3, {text("f", "b"), text("u", "x")});
  EXPECT_EQ(ordered.said, "3:x=2");
}

TEST(Stream, late_events_count_nowhere_and_are_counted) {
  Streamed s("type: event_count, rules: [a], condition: {gte: 2}", std::chrono::seconds(5));
  s.send(20, {text("f", "a")});
  s.send(12, {text("f", "a")});
  EXPECT_EQ(s.said, "");
  EXPECT_EQ(s.stream.counts().late, 1U);
}

TEST(KeyHash, tells_values_apart_by_their_lengths_and_by_the_seed) {
  const auto key = [](std::uint64_t seed, std::initializer_list<std::string_view> values) {
    KeyHash hash(seed);
    for (const std::string_view value : values) hash.add(value);
    return hash.key();
  };
  EXPECT_EQ(key(1, {"ab", "c"}), key(1, {"ab", "c"}));
  EXPECT_FALSE(key(1, {"ab", "c"}) == key(1, {"a", "bc"}));
  EXPECT_FALSE(key(1, {"ab"}) == key(1, {"ab", ""}));
  EXPECT_FALSE(key(1, {"ab"}) == key(2, {"ab"}));
  EXPECT_FALSE(key(1, {"12345678"}) == key(1, {std::string_view("12345678\0", 9)}));
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (int i = 0; i < 100'000; ++i) {
    const windows::Key each = key(1, {std::to_string(i)});
    seen.emplace(each.high, 0);
    seen.emplace(each.low, 1);
  }
  EXPECT_EQ(seen.size(), 200'000U) << "each half alone tells them apart";
}

}  // namespace
}  // namespace tocsin::sigma
