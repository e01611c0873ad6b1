// dates.cpp: ICU knows the zones; the words are ours, so that no locale setting changes a report.
#include "daemon/report/dates.h"

#include <unicode/gregocal.h>
#include <unicode/timezone.h>

namespace tocsin::report {
namespace {

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};

}  // namespace

std::string date_text(Instant at, const std::string& zone, Language language) {
  UErrorCode code = U_ZERO_ERROR;
  std::unique_ptr<icu::TimeZone> place(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(zone)));
  icu::GregorianCalendar calendar(*place, code);
  calendar.setTime(static_cast<double>(micros_of(at) / 1'000), code);
  const int minutes = (calendar.get(UCAL_ZONE_OFFSET, code) + calendar.get(UCAL_DST_OFFSET, code)) / 60'000;
  const int away = minutes < 0 ? -minutes : minutes;
  const std::string offset = fmt::format("UTC{}{:02}:{:02}", minutes < 0 ? "−" : "+", away / 60, away % 60);
  std::string time = fmt::format("{:02}:{:02}", calendar.get(UCAL_HOUR_OF_DAY, code), calendar.get(UCAL_MINUTE, code));
  if (const int seconds = calendar.get(UCAL_SECOND, code); seconds != 0) time += fmt::format(":{:02}", seconds);
  const int year = calendar.get(UCAL_YEAR, code), month = calendar.get(UCAL_MONTH, code), day = calendar.get(UCAL_DATE, code);
  if (language == Language::zh) return fmt::format("{}年{}月{}日 {}（{}）", year, month + 1, day, time, offset);
  return fmt::format("{} {} {}, {} ({})", day, kMonths[month], year, time, offset);
}

std::string date_text(const google::protobuf::Timestamp& at, const std::string& zone, Language language) {
  return date_text(instant_of(at.seconds() * 1'000'000 + at.nanos() / 1'000), zone, language);
}

}  // namespace tocsin::report
