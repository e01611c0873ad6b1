// counting_test.cpp: the counting rules of the golden cases, as dates.
#include "daemon/law/counting.h"

#include <gtest/gtest.h>

namespace tocsin::law {
namespace {

std::string due(std::string_view start, std::string_view zone, std::int64_t n, std::string_view unit, std::string_view counting = "day_after",
                std::vector<std::string> holidays = {}) {
  v1::Jurisdiction place;
  place.set_tz(std::string(zone));
  for (auto& day : holidays) place.add_holidays(std::move(day));
  v1::TimeLimit limit;
  limit.set_n(n);
  limit.set_unit(std::string(unit));
  limit.set_counting(std::string(counting));
  const auto counted = due_after(*parse_rfc3339(start), limit, place);
  return counted ? rfc3339(*counted) : counted.error().text;
}

TEST(Counting, singapore_days_end_with_the_third_day_after) {
  EXPECT_EQ(due("2026-11-24T10:00:00+08:00", "Asia/Singapore", 3, "calendar_days"), "2026-11-27T15:59:59Z");
}

TEST(Counting, japan_may_count_the_first_day) {
  EXPECT_EQ(due("2026-11-24T10:00:00+09:00", "Asia/Tokyo", 30, "calendar_days", "day_one"), "2026-12-23T14:59:59Z");
  EXPECT_EQ(due("2026-11-24T10:00:00+09:00", "Asia/Tokyo", 30, "calendar_days"), "2026-12-24T14:59:59Z");
}

TEST(Counting, thanksgiving_is_no_business_day) {
  EXPECT_EQ(due("2026-11-24T10:00:00-05:00", "America/New_York", 4, "business_days", "day_after", {"2026-11-26"}), "2026-12-02T04:59:59Z");
}

TEST(Counting, brazil_has_three_business_days) {
  EXPECT_EQ(due("2026-11-24T10:00:00-03:00", "America/Sao_Paulo", 3, "business_days"), "2026-11-28T02:59:59Z");
}

TEST(Counting, a_month_after_the_31st_is_the_last_of_february) {
  EXPECT_EQ(due("2027-01-31T10:00:00+01:00", "Europe/Brussels", 1, "months"), "2027-02-28T22:59:59Z");
}

TEST(Counting, hours_do_not_notice_the_clock_change_but_days_do) {
  EXPECT_EQ(due("2026-10-24T10:00:00+02:00", "Europe/Brussels", 72, "hours"), "2026-10-27T08:00:00Z");
  EXPECT_EQ(due("2026-10-24T10:00:00+02:00", "Europe/Brussels", 3, "calendar_days"), "2026-10-27T22:59:59Z");
}

TEST(Counting, an_unknown_zone_or_unit_is_refused) {
  EXPECT_NE(due("2026-10-24T10:00:00Z", "Europe/Atlantis", 1, "months").find("no time zone"), std::string::npos);
  EXPECT_NE(due("2026-10-24T10:00:00Z", "UTC", 1, "moons").find("cannot be counted"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::law
