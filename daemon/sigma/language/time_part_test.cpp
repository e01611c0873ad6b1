// time_part_test.cpp: dates of events in all their forms, taken apart by the clock of a place.
#include "daemon/sigma/language/time_part.h"

#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

std::string civil(std::string_view written, ValueType type = ValueType::text, std::string_view zone = "") {
  const auto place = zone.empty() ? nullptr : std::make_unique<TimeZone>(*TimeZone::find(zone));
  const auto time = civil_time_of({type, written}, place.get());
  return time ? rfc3339(*time) : "no time";
}

TEST(TimeParts, texts_of_times_are_read_in_the_forms_that_logs_have) {
  for (const char* same : {"2026-05-01T22:07:09Z", "2026-05-01t22:07:09z", "2026-05-01 22:07:09Z", "2026-05-01 22:07:09 UTC", "2026/05/01 22:07:09", "2026-05-01T22:07:09",
                           "2026-05-02T06:07:09+08:00", "2026-05-02T06:07:09+0800", "2026-05-02 06:07:09 +08", "2026-05-01T16:07:09-06:00"}) {
    EXPECT_EQ(civil(same), "2026-05-01T22:07:09Z") << same;
  }
  EXPECT_EQ(civil("2026-05-01T22:07:09.1234567Z"), "2026-05-01T22:07:09.123456Z");
  EXPECT_EQ(civil("2026-05-01 22:07:09,5"), "2026-05-01T22:07:09.500000Z");
  EXPECT_EQ(civil("2026-05-01T22:07"), "2026-05-01T22:07:00Z");
  EXPECT_EQ(civil("2026-05-01"), "2026-05-01T00:00:00Z");
  for (const char* none : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-05-01T", "2026-05-01T24:00:00Z", "2026-05-01T10:00:00Zulu", "2026-05-01T10:00:00+", "20260501T100000Z",
                           "2026-05-01T10:00:00.Z", "12026-05-01", "2026-05-01 ", "2026-05-01T10:00:00 ", "2026-05-01  10:00:00Z"}) {
    EXPECT_EQ(civil(none), "no time") << none;
  }
  EXPECT_EQ(civil("true", ValueType::boolean), "no time");
}

TEST(TimeParts, numbers_count_since_1970_in_the_unit_that_fits) {
  for (const char* same : {"1777673229", "1777673229.9", "1777673229000", "1777673229000000", "1777673229000000000"}) {
    EXPECT_EQ(civil(same, ValueType::number).substr(0, 19), "2026-05-01T22:07:09") << same;
    EXPECT_EQ(civil(same).substr(0, 19), "2026-05-01T22:07:09") << "as a text: " << same;
  }
  EXPECT_EQ(civil("0", ValueType::number), "1970-01-01T00:00:00Z");
  EXPECT_EQ(civil("-1", ValueType::number), "1969-12-31T23:59:59Z");
  EXPECT_EQ(civil("123456789012345678901234567890", ValueType::number), "no time");
  EXPECT_EQ(civil("1e9", ValueType::number), "no time") << "no log writes that";
}

TEST(TimeParts, a_zone_moves_moments_but_not_what_the_wall_clock_already_shows) {
  EXPECT_EQ(civil("2026-05-01T22:07:09Z", ValueType::text, "Asia/Shanghai"), "2026-05-02T06:07:09Z");
  EXPECT_EQ(civil("2026-05-02T06:07:09+08:00", ValueType::text, "America/New_York"), "2026-05-01T18:07:09Z");
  EXPECT_EQ(civil("1777673229", ValueType::number, "Asia/Shanghai"), "2026-05-02T06:07:09Z");
  EXPECT_EQ(civil("2026-05-01T22:07:09", ValueType::text, "Asia/Shanghai"), "2026-05-01T22:07:09Z");
}

TEST(TimeParts, minute_hour_day_week_month_year) {
  const std::vector<Field> at = {text("t", "2021-01-03T23:59:30Z")};
  EXPECT_TRUE(says_yes("{t|minute: 59, t|hour: 23, t|day: 3, t|week: 53, t|month: 1, t|year: 2021}", at));
  for (const char* other : {"{t|minute: 58}", "{t|hour: 22}", "{t|day: 4}", "{t|week: 1}", "{t|month: 2}", "{t|year: 2020}"}) EXPECT_FALSE(says_yes(other, at)) << other;
  EXPECT_TRUE(says_yes("{t|hour: [22, 23, 0, 1]}", at));
  EXPECT_FALSE(says_yes("{t|hour: 23}", {text("u", "2021-01-03T23:59:30Z")})) << "an absent field is at no hour";
  EXPECT_FALSE(says_yes("{t|hour: 23}", {text("t", "late")}));
  EXPECT_TRUE(says_yes("{t|hour: 23}", {number("t", "1609718370")}));
}

TEST(TimeParts, compare_as_an_extension) {
  const std::vector<Field> night = {text("t", "2026-05-01T22:30:00Z")};
  EXPECT_TRUE(says_yes("{'t|hour|gte': 22}", night));
  EXPECT_FALSE(says_yes("{'t|hour|gt': 22}", night));
  EXPECT_TRUE(says_yes("{'t|hour|lte': 22}", night));
  EXPECT_FALSE(says_yes("{'t|hour|lt': 22}", night));
  EXPECT_FALSE(says_yes("{'t|hour|neq': 22}", night));
  EXPECT_TRUE(says_yes("{'t|hour|neq': 22}", {text("u", "x")})) << "like every neq";
}

bool works_late(const std::string& time) {
  auto rules = read_rules(detection("  read: {verb: read}\n  condition: read\n") +
                          "tocsin:\n  time_zone: Asia/Shanghai\n  detection:\n    night: [{'t|hour|gte': 20}, {'t|hour|lt': 7}]\n"
                          "    weekend: {t|weekday: [sat, Sunday]}\n    condition: read and (night or weekend)\n");
  if (!rules) throw std::runtime_error(rules.error().text);
  return matches(*rules, {text("verb", "read"), text("t", time)});
}

TEST(TimeParts, weekday_and_time_zone_stand_in_the_map_that_other_tools_ignore) {
  EXPECT_FALSE(works_late("2026-11-24T03:00:00Z")) << "Tuesday 11:00 in Shanghai";
  EXPECT_TRUE(works_late("2026-11-24T13:00:00Z")) << "Tuesday 21:00";
  EXPECT_TRUE(works_late("2026-11-27T22:00:00Z")) << "already Saturday 06:00";
  EXPECT_TRUE(works_late("2026-11-29T03:00:00Z")) << "Sunday 11:00";
  EXPECT_FALSE(works_late("2026-11-29T23:30:00Z")) << "Monday 07:30";
}

TEST(TimeParts, weekdays_are_names_or_numbers_from_monday) {
  EXPECT_EQ(read_part(TimePart::weekday, "Mon"), 1);
  EXPECT_EQ(read_part(TimePart::weekday, "sunday"), 7);
  EXPECT_EQ(read_part(TimePart::weekday, "7"), 7);
  EXPECT_EQ(read_part(TimePart::weekday, "0"), std::nullopt);
  EXPECT_EQ(read_part(TimePart::weekday, "someday"), std::nullopt);
  EXPECT_EQ(read_part(TimePart::hour, "mon"), std::nullopt);
  EXPECT_EQ(read_part(TimePart::week, "53"), 53);
}

}  // namespace
}  // namespace tocsin::sigma
