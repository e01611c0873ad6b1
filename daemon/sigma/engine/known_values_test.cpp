// known_values_test.cpp: what is remembered of a value never stands in for another value, and rules that hold without a field are found.
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

Event with(FieldTable::Slot slot, const std::vector<std::string>& values) {
  Event out;
  out.clear(8);
  for (const std::string& value : values) out.add_copy(slot, ValueType::text, value);
  return out;
}

TEST(KnownValues, keeps_answers_and_rules_of_the_same_value_in_the_same_field) {
  KnownValues known;
  const auto of = [&](const Event& event, FieldTable::Slot slot) {
    known.begin(event.slots());
    return known.of(event, slot);
  };
  KnownValue* value = of(with(2, {"cmd.exe"}), 2);
  ASSERT_NE(value, nullptr);
  EXPECT_FALSE(value->answer(5).has_value());
  EXPECT_FALSE(value->rules().has_value());
  value->keep_answer(5, true);
  value->keep_answer(6, false);
  value->keep_rules(std::vector<std::uint32_t>{3, 9});
  value = of(with(2, {"cmd.exe"}), 2);
  EXPECT_EQ(value->answer(5), std::optional(true));
  EXPECT_EQ(value->answer(6), std::optional(false));
  EXPECT_FALSE(value->answer(7).has_value());
  EXPECT_EQ(value->rules()->size(), 2U);
  EXPECT_FALSE(of(with(3, {"cmd.exe"}), 3)->answer(5).has_value()) << "another field";
  EXPECT_FALSE(of(with(2, {"CMD.exe"}), 2)->answer(5).has_value()) << "another text: rules may ask for case";
  EXPECT_EQ(of(with(2, {"cmd.exe", "x"}), 2), nullptr) << "two values";
  EXPECT_EQ(of(with(2, {}), 2), nullptr);
  EXPECT_EQ(of(with(2, {std::string(KnownValues::kLongest + 1, 'x')}), 2), nullptr) << "too long";
}

TEST(KnownValues, leave_fields_alone_whose_values_never_come_again) {
  KnownValues known;
  int kept = 0;
  constexpr int kEvents = 10'000;
  for (int i = 0; i < kEvents; ++i) {
    const Event event = with(2, {std::to_string(i)});
    known.begin(event.slots());
    if (known.of(event, 2) != nullptr) ++kept;
  }
  EXPECT_LT(kept, kEvents / 10);
  EXPECT_GT(kept, 0);
}

TEST(KnownValues, more_values_than_cells_never_mix_up_answers) {
  const auto rules = read_rules(detection("  s: {f|endswith: '7', g|contains: '3'}\n  condition: s\n"));
  const auto shared = std::make_shared<const RuleSet>(*rules);
  Matcher matcher(shared);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 3 * KnownValues::kSets; ++i) {
      // Each value comes twice in a row, so that its field is worth remembering.
      const std::string f = std::to_string(i / 2), g = std::to_string(i / 4);
      const bool expected = f.ends_with('7') && g.find('3') != std::string::npos;
      ASSERT_EQ(!matcher.match(event_of(*shared, {text("f", f), text("g", g)})).empty(), expected) << f << ' ' << g;
    }
  }
}

TEST(KnownValues, a_number_and_the_same_text_are_two_values) {
  const auto shared = std::make_shared<const RuleSet>(*read_rules(detection("  s: {f: 4.20}\n  condition: s\n")));
  Matcher matcher(shared);
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(matcher.match(event_of(*shared, {number("f", "4.2")})).empty());
    EXPECT_TRUE(matcher.match(event_of(*shared, {text("f", "4.2")})).empty());
  }
}

TEST(KnownValues, an_item_over_two_fields_is_asked_for_every_event) {
  const auto shared = std::make_shared<const RuleSet>(*read_rules(detection("  s: {f|fieldref: g}\n  condition: s\n")));
  Matcher matcher(shared);
  EXPECT_FALSE(matcher.match(event_of(*shared, {text("f", "1"), text("g", "1")})).empty());
  EXPECT_TRUE(matcher.match(event_of(*shared, {text("f", "1"), text("g", "2")})).empty());
  EXPECT_FALSE(matcher.match(event_of(*shared, {text("f", "1"), text("g", "1")})).empty());
}

TEST(Matcher, a_rule_that_asks_for_something_missing_costs_nothing_where_none_of_its_fields_is_there) {
  const auto shared = std::make_shared<const RuleSet>(*read_rules(detection("  s: {f: a}\n  t: {g: b}\n  condition: not s and not t\n") + "---\n" +
                                                                 detection("  s: {f: a}\n  t: {g: null}\n  condition: not s and not t\n", "d2") + "---\n" +
                                                                 detection("  s: {h: a}\n  condition: s\n", "d3")));
  Matcher matcher(shared);
  using Ids = std::vector<std::uint32_t>;
  const auto found = [&](const std::vector<Field>& fields) {
    const auto out = matcher.match(event_of(*shared, fields));
    return Ids(out.begin(), out.end());
  };
  EXPECT_EQ(found({}), Ids{0});
  EXPECT_EQ(found({text("h", "a")}), (Ids{0, 2}));
  EXPECT_EQ(matcher.asked(), 1U);
  EXPECT_EQ(found({text("g", "x")}), (Ids{0, 1}));
  EXPECT_EQ(found({text("f", "a"), text("g", "x")}), Ids{});
  EXPECT_EQ(found({list("g", {})}), Ids{0}) << "present without a value";
  EXPECT_EQ(found({text("f", "x")}), Ids{0});
}

}  // namespace
}  // namespace tocsin::sigma
