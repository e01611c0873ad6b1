// counting.cpp: deadlines by ICU's calendar, so that zones and clock changes are those of the place.
#include "daemon/law/counting.h"

#include <unicode/gregocal.h>
#include <unicode/timezone.h>

namespace tocsin::law {
namespace {

constexpr double kMillisPerMicro = 1e-3;

std::string day_of(const icu::GregorianCalendar& calendar, UErrorCode& code) {
  return fmt::format("{:04}-{:02}-{:02}", calendar.get(UCAL_YEAR, code), calendar.get(UCAL_MONTH, code) + 1, calendar.get(UCAL_DATE, code));
}

bool is_business_day(const icu::GregorianCalendar& calendar, const v1::Jurisdiction& jurisdiction, UErrorCode& code) {
  const auto weekday = calendar.get(UCAL_DAY_OF_WEEK, code);
  if (weekday == UCAL_SATURDAY || weekday == UCAL_SUNDAY) return false;
  const auto& holidays = jurisdiction.holidays();
  return std::find(holidays.begin(), holidays.end(), day_of(calendar, code)) == holidays.end();
}

void to_last_second(icu::GregorianCalendar& calendar) {
  calendar.set(UCAL_HOUR_OF_DAY, 23);
  calendar.set(UCAL_MINUTE, 59);
  calendar.set(UCAL_SECOND, 59);
  calendar.set(UCAL_MILLISECOND, 0);
}

}  // namespace

Result<Instant> due_after(Instant start, const v1::TimeLimit& limit, const v1::Jurisdiction& jurisdiction) {
  if (!limit.has_n() || limit.n() < 0 || limit.n() > 10'000) return bad_input(fmt::format("a time limit of {} {} cannot be counted", limit.n(), limit.unit()));
  if (limit.unit() == "minutes") return start + std::chrono::minutes(limit.n());
  if (limit.unit() == "hours") return start + std::chrono::hours(limit.n());

  UErrorCode code = U_ZERO_ERROR;
  std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(jurisdiction.tz())));
  if (*zone == icu::TimeZone::getUnknown()) return bad_input(fmt::format("{}: `{}` is no time zone", jurisdiction.id(), jurisdiction.tz()));
  icu::GregorianCalendar calendar(*zone, code);
  calendar.setTime(static_cast<double>(micros_of(start)) * kMillisPerMicro, code);
  const auto n = static_cast<std::int32_t>(limit.n());
  const std::int32_t days = limit.counting() == "day_one" ? n - 1 : n;
  if (limit.unit() == "calendar_days") {
    calendar.add(UCAL_DATE, days, code);
  } else if (limit.unit() == "months") {
    calendar.add(UCAL_MONTH, n, code);   // 31 January + 1 month is the last of February.
  } else if (limit.unit() == "business_days") {
    for (std::int32_t left = days; left > 0 && U_SUCCESS(code);) {
      calendar.add(UCAL_DATE, 1, code);
      if (is_business_day(calendar, jurisdiction, code)) --left;
    }
  } else {
    return bad_input(fmt::format("{}: the unit `{}` cannot be counted", jurisdiction.id(), limit.unit()));
  }
  to_last_second(calendar);
  const double millis = calendar.getTime(code);
  if (U_FAILURE(code)) return bad_input(fmt::format("counting {} {}: {}", limit.n(), limit.unit(), u_errorName(code)));
  return instant_of(static_cast<std::int64_t>(millis) * 1'000);
}

}  // namespace tocsin::law
