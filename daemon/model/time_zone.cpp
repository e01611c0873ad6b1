// time_zone.cpp: offsets of zones, and days of weeks.
#include "daemon/model/time_zone.h"

#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include "daemon/base/promise.h"
#include "daemon/model/text.h"

namespace tocsin {

struct TimeZone::Table {
  std::unique_ptr<icu::TimeZone> zone;
};

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (!is_time_zone(name)) return bad_input(fmt::format("`{}` is no time zone", name.substr(0, 100)));
  const icu::UnicodeString id = icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())});
  return TimeZone(std::make_shared<const Table>(Table{std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(id))}));
}

CivilTime TimeZone::civil(Instant at) const {
  std::int32_t raw = 0, saving = 0;   // Milliseconds.
  UErrorCode code = U_ZERO_ERROR;
  table_->zone->getOffset(std::chrono::duration<double, std::milli>(at.time_since_epoch()).count(), 0, raw, saving, code);
  TOCSIN_ASSERT(U_SUCCESS(code));
  return at + std::chrono::milliseconds(raw + saving);
}

unsigned iso_weekday(CivilTime at) {
  return std::chrono::weekday(std::chrono::floor<std::chrono::days>(at)).iso_encoding();
}

unsigned iso_week(CivilTime at) {
  using namespace std::chrono;
  const sys_days day = floor<days>(at);
  const sys_days thursday = day + days(4 - static_cast<int>(iso_weekday(at)));
  const sys_days first = sys_days(year_month_day(thursday).year() / January / 1);
  return static_cast<unsigned>((thursday - first).count()) / 7 + 1;
}

}  // namespace tocsin
