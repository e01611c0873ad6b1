// clock_test.cpp: times and durations, there and back.
#include "daemon/base/clock.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(Clock, rfc3339_goes_there_and_back) {
  for (const char* text : {"2026-11-24T02:15:00Z", "2026-11-24T02:15:00.123456Z", "1969-12-31T23:59:59.999999Z", "2024-02-29T00:00:00Z"}) {
    const auto at = parse_rfc3339(text);
    ASSERT_TRUE(at) << text;
    EXPECT_EQ(rfc3339(*at), text);
  }
}

TEST(Clock, other_spellings_of_a_time_are_read) {
  const auto wanted = *parse_rfc3339("2026-11-24T02:15:00.5Z");
  for (const char* text : {"2026-11-24T10:15:00.5+08:00", "2026-11-23 21:15:00.5-05:00", "2026-11-24t02:15:00.500000999z",
                           "2026-11-24T10:15:00,5+0800", "2026-11-24T02:14:60.5Z"}) {
    const auto at = parse_rfc3339(text);
    ASSERT_TRUE(at) << text;
    EXPECT_EQ(rfc3339(*at), rfc3339(wanted)) << text;
  }
}

TEST(Clock, what_is_no_time_is_refused) {
  for (const char* text : {"", "2026-11-24", "2026-11-24T02:15:00", "2026-02-30T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T02:15:00.Z",
                           "2026-11-24T02:15:00Zx", "2026-11-24T02:15:00+8:00", "20261124T021500Z", "1764000000"}) {
    const auto at = parse_rfc3339(text);
    ASSERT_FALSE(at) << text;
    EXPECT_EQ(at.error().kind, ErrorKind::bad_input);
  }
  EXPECT_NE(parse_rfc3339("2026-11-24T02:15:00").error().text.find("no zone"), std::string::npos);
}

TEST(Clock, durations_are_read_and_written) {
  EXPECT_EQ(*parse_duration("250ms"), std::chrono::milliseconds(250));
  EXPECT_EQ(*parse_duration("1h30m"), std::chrono::minutes(90));
  EXPECT_EQ(*parse_duration("2w"), std::chrono::days(14));
  EXPECT_EQ(*parse_duration("0s"), Microseconds(0));
  EXPECT_EQ(duration_text(std::chrono::hours(48)), "2d");
  EXPECT_EQ(duration_text(std::chrono::minutes(90)), "90m");
  EXPECT_EQ(duration_text(Microseconds(0)), "0s");
  for (const char* text : {"", "10", "-1s", "1.5h", "s", "1 h", "10x", "9999999999s", "1h30"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Clock, a_manual_clock_moves_only_when_told) {
  ManualClock clock(instant_of(5));
  EXPECT_EQ(micros_of(clock.now()), 5);
  clock.advance(Microseconds(2));
  EXPECT_EQ(micros_of(clock.now()), 7);
  EXPECT_GT(SystemClock().now(), *parse_rfc3339("2024-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace tocsin
