// exact_test.cpp: numbers are read, added and compared without losing a billionth.
#include "daemon/sigma/correlate/windows/exact.h"

#include <gtest/gtest.h>

#include "daemon/sigma/correlate/windows/condition.h"

namespace tocsin::sigma::windows {
namespace {

std::string read(std::string_view token) {
  const auto number = parse_exact(token);
  return number ? text_of({*number, 1}) : "none";
}

TEST(Exact, reads_every_spelling_of_a_number) {
  EXPECT_EQ(read("0"), "0");
  EXPECT_EQ(read("-0"), "0");
  EXPECT_EQ(read("-0.0"), "0");
  EXPECT_EQ(read("42"), "42");
  EXPECT_EQ(read("+42.50"), "42.5");
  EXPECT_EQ(read("-0.1"), "-0.1");
  EXPECT_EQ(read("1e3"), "1000");
  EXPECT_EQ(read("1.25E+2"), "125");
  EXPECT_EQ(read("125e-2"), "1.25");
  EXPECT_EQ(read("0000000000000000000000000000000000000000007"), "7");
  EXPECT_EQ(read("1.0000000000000000000000000000000000000000"), "1");
  EXPECT_EQ(read("0.000000001"), "0.000000001");
  EXPECT_EQ(read("0e999999999999"), "0");
  EXPECT_EQ(read("1e-999999999999"), "0");
}

TEST(Exact, rounds_what_stands_behind_the_ninth_decimal_half_away_from_zero) {
  EXPECT_EQ(read("0.0000000004"), "0");
  EXPECT_EQ(read("0.0000000005"), "0.000000001");
  EXPECT_EQ(read("-0.0000000015"), "-0.000000002");
  EXPECT_EQ(read("5e-10"), "0.000000001");
  EXPECT_EQ(read("5e-11"), "0");
  EXPECT_EQ(read("1.99999999949"), "1.999999999");
}

TEST(Exact, holds_every_64_bit_number_and_refuses_what_is_greater_or_no_number) {
  EXPECT_EQ(read("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(read("-18446744073709551615.999999999"), "-18446744073709551615.999999999");
  EXPECT_EQ(read("39614081257132168796"), "39614081257132168796");   // kMost is 0.77… more.
  EXPECT_EQ(read("39614081257132168797"), "none");
  for (const std::string_view token : {"1e20", "1e999", "-1e999999999999999999999", "", "NaN", "inf", "0x10", "1_000", "1.", ".5", "1e", " 1", "12 "})
    EXPECT_EQ(read(token), "none") << token;
}

TEST(Exact, tenths_add_up_to_one_in_any_order_where_doubles_do_not) {
  Int128 sum = 0;
  double floating = 0;
  for (int i = 0; i < 10; ++i) {
    sum += *parse_exact("0.1");
    floating += 0.1;
  }
  EXPECT_EQ(sum, Int128{kStep});
  EXPECT_NE(floating, 1.0);
  const Int128 big = *parse_exact("1e19"), small = *parse_exact("0.000000001");
  EXPECT_EQ(big + small - big, small);
}

TEST(Exact, a_mean_is_compared_without_being_divided) {
  const Value third{kStep, 3};   // 0.333…
  const auto holds = [&](Compare how, std::string_view than) { return Bound{how, *parse_exact(than)}.holds(third); };
  EXPECT_TRUE(holds(Compare::gt, "0.333333333"));
  EXPECT_TRUE(holds(Compare::lt, "0.333333334"));
  EXPECT_FALSE(holds(Compare::eq, "0.333333333"));
  EXPECT_TRUE(holds(Compare::neq, "0.333333333"));
  EXPECT_EQ(text_of(third), "0.333333333");
  EXPECT_EQ(text_of({-2 * Int128{kStep}, 3}), "-0.666666667");
  EXPECT_TRUE((Value{kMost * 5, 5} == Value{kMost, 1}));
  EXPECT_TRUE((Value{-kMost * 5, 7} < Value{-kMost * 5 + 1, 7}));
}

TEST(Condition, every_comparison_and_a_range) {
  const auto holds = [](std::vector<Bound> bounds, std::int64_t n) { return Condition{std::move(bounds)}.holds(Value::whole(n)); };
  const Int128 five = Int128{5} * kStep;
  EXPECT_EQ((std::vector{holds({{Compare::eq, five}}, 5), holds({{Compare::gt, five}}, 5), holds({{Compare::gte, five}}, 5),
                         holds({{Compare::lt, five}}, 5), holds({{Compare::lte, five}}, 5), holds({{Compare::neq, five}}, 5)}),
            (std::vector{true, false, true, false, true, false}));
  const std::vector<Bound> range = {{Compare::gt, Int128{2} * kStep}, {Compare::lte, five}};
  EXPECT_FALSE(holds(range, 2));
  EXPECT_TRUE(holds(range, 3));
  EXPECT_TRUE(holds(range, 5));
  EXPECT_FALSE(holds(range, 6));
  EXPECT_FALSE(Condition{range}.only_grows());
}

}  // namespace
}  // namespace tocsin::sigma::windows
