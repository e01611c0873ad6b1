// local_time.cpp: ICU knows the zones; the words around the numbers are ours.
#include "notifiers/local_time.h"

#include <unicode/gregocal.h>
#include <unicode/timezone.h>

namespace tocsin {
namespace {

struct Local {
  int year, month, day, hour, minute, offset_minutes;
};

Result<Local> local_of(Instant at, std::string_view zone) {
  const auto name = icu::UnicodeString::fromUTF8(icu::StringPiece(zone.empty() ? "UTC" : zone.data(), static_cast<std::int32_t>(zone.empty() ? 3 : zone.size())));
  std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(name));
  if (*found == icu::TimeZone::getUnknown()) return bad_input(fmt::format("there is no time zone `{}`: write an IANA name such as Asia/Shanghai", zone));
  UErrorCode fault = U_ZERO_ERROR;
  icu::GregorianCalendar calendar(found.release(), fault);
  calendar.setTime(static_cast<UDate>(micros_of(at) / 1000), fault);
  const Local local{calendar.get(UCAL_YEAR, fault), calendar.get(UCAL_MONTH, fault) + 1, calendar.get(UCAL_DATE, fault), calendar.get(UCAL_HOUR_OF_DAY, fault),
                    calendar.get(UCAL_MINUTE, fault), (calendar.get(UCAL_ZONE_OFFSET, fault) + calendar.get(UCAL_DST_OFFSET, fault)) / 60'000};
  if (U_FAILURE(fault)) return bad_input(fmt::format("the time cannot be told in zone `{}`", zone));
  return local;
}

constexpr const char* kMonths[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};

bool chinese(std::string_view locale) { return locale == "zh-CN"; }

std::string date_of(const Local& l, std::string_view locale) {
  if (chinese(locale)) return fmt::format("{}年{}月{}日", l.year, l.month, l.day);
  return fmt::format("{} {} {}", l.day, kMonths[l.month - 1], l.year);
}

std::string clock_of(const Local& l) { return fmt::format("{:02}:{:02}", l.hour, l.minute); }

std::string zone_of(const Local& l, std::string_view locale) {
  const int distance = std::abs(l.offset_minutes);
  std::string utc = "UTC";
  if (l.offset_minutes != 0) utc += fmt::format("{}{}", l.offset_minutes < 0 ? "−" : "+", distance / 60);
  if (distance % 60 != 0) utc += fmt::format(":{:02}", distance % 60);
  return chinese(locale) ? fmt::format("（{}）", utc) : fmt::format(" ({})", utc);
}

std::string moment_of(const Local& l, std::string_view locale) {
  return fmt::format("{}{}{}", date_of(l, locale), chinese(locale) ? " " : ", ", clock_of(l));
}

}  // namespace

Result<std::string> date_text(Instant at, std::string_view zone, std::string_view locale) {
  TOCSIN_ASSIGN(const Local l, local_of(at, zone));
  return date_of(l, locale);
}

Result<std::string> time_text(Instant at, std::string_view zone, std::string_view locale) {
  TOCSIN_ASSIGN(const Local l, local_of(at, zone));
  return moment_of(l, locale) + zone_of(l, locale);
}

Result<std::string> period_text(Instant first, Instant last, std::string_view zone, std::string_view locale) {
  TOCSIN_ASSIGN(const Local a, local_of(first, zone));
  TOCSIN_ASSIGN(const Local b, local_of(last, zone));
  const std::string from = moment_of(a, locale), to = moment_of(b, locale);
  const bool same_zone = a.offset_minutes == b.offset_minutes;
  if (from == to && same_zone) return chinese(locale) ? from + zone_of(a, locale) : "on " + from + zone_of(a, locale);
  const bool same_day = date_of(a, locale) == date_of(b, locale) && same_zone;
  const std::string end = same_day ? clock_of(b) : to;
  const std::string zone_once = same_zone ? "" : zone_of(a, locale);
  if (chinese(locale)) return fmt::format("{}{}至{}{}", from, zone_once, end, zone_of(b, locale));
  if (same_day) return fmt::format("on {}, between {} and {}{}", date_of(a, locale), clock_of(a), end, zone_of(b, locale));
  return fmt::format("between {}{} and {}{}", from, zone_once, end, zone_of(b, locale));
}

}  // namespace tocsin
