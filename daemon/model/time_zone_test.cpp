// time_zone_test.cpp: wall clocks through changes to summer time, and the weeks at the ends of years.
#include "daemon/model/time_zone.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

std::string civil(std::string_view zone, std::string_view at) { return rfc3339(TimeZone::find(zone)->civil(*parse_rfc3339(at))); }

TEST(TimeZone, shows_what_the_wall_clock_shows) {
  EXPECT_EQ(civil("Asia/Shanghai", "2026-05-01T22:30:00.5Z"), "2026-05-02T06:30:00.500000Z");
  EXPECT_EQ(civil("America/New_York", "2026-03-08T06:59:59Z"), "2026-03-08T01:59:59Z");
  EXPECT_EQ(civil("America/New_York", "2026-03-08T07:00:00Z"), "2026-03-08T03:00:00Z") << "summer time begins";
  EXPECT_EQ(civil("America/New_York", "2026-11-01T06:30:00Z"), "2026-11-01T01:30:00Z") << "and ends";
  EXPECT_EQ(civil("Asia/Kathmandu", "2026-01-01T00:00:00Z"), "2026-01-01T05:45:00Z");
  EXPECT_EQ(civil("UTC", "1969-12-31T23:59:59Z"), "1969-12-31T23:59:59Z");
}

TEST(TimeZone, an_unknown_name_is_an_error) {
  EXPECT_FALSE(TimeZone::find("Asia/Peking_"));
  EXPECT_FALSE(TimeZone::find(""));
}

TEST(TimeZone, weeks_are_those_of_iso) {
  const auto week = [](std::string_view at) { return iso_week(*parse_rfc3339(std::string(at) + "T12:00:00Z")); };
  EXPECT_EQ(week("2026-01-01"), 1U);
  EXPECT_EQ(week("2021-01-03"), 53U) << "a Sunday that still belongs to 2020";
  EXPECT_EQ(week("2021-01-04"), 1U);
  EXPECT_EQ(week("2024-12-30"), 1U) << "a Monday that already belongs to 2025";
  EXPECT_EQ(week("2024-12-29"), 52U);
  EXPECT_EQ(iso_weekday(*parse_rfc3339("2026-11-23T00:00:00Z")), 1U);
  EXPECT_EQ(iso_weekday(*parse_rfc3339("2026-11-22T23:59:59Z")), 7U);
}

}  // namespace
}  // namespace tocsin
