// time_part.cpp: reading the dates of events and taking them apart.
#include "daemon/sigma/language/time_part.h"

#include <charconv>

#include "daemon/sigma/language/number.h"
#include "daemon/sigma/language/pattern.h"

namespace tocsin::sigma {
namespace {

using std::chrono::microseconds;

/// Reads from the front of a text; what does not fit makes it fail for good.
struct Scanner {
  std::string_view rest;
  bool good = true;

  bool take(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  void need(std::string_view any_of) { good = take(any_of) && good; }
  int digits(std::size_t n, int least, int most) {
    int out = 0;
    if (rest.size() < n) good = false;
    for (std::size_t i = 0; good && i < n; ++i) {
      if (rest[i] < '0' || rest[i] > '9') good = false;
      out = out * 10 + (rest[i] - '0');
    }
    if (!good || out < least || out > most) {
      good = false;
      return least;
    }
    rest.remove_prefix(n);
    return out;
  }
};

microseconds fraction(Scanner& in) {
  std::int64_t micros = 0, unit = 100'000;
  std::size_t n = 0;
  for (; n < in.rest.size() && in.rest[n] >= '0' && in.rest[n] <= '9'; ++n, unit /= 10) micros += (in.rest[n] - '0') * unit;
  if (n == 0) in.good = false;
  in.rest.remove_prefix(n);
  return microseconds(micros);
}

/// The offset from UTC at the end of a text, or nothing where there is none.
std::optional<std::chrono::minutes> offset(Scanner& in) {
  if (in.rest.empty()) return std::nullopt;
  while (in.take(" ")) {
  }
  if (equal_text(in.rest, "Z", false) || equal_text(in.rest, "UTC", false) || equal_text(in.rest, "GMT", false)) return std::chrono::minutes(0);
  const bool west = in.rest.starts_with('-');
  in.need("+-");
  const int hours = in.digits(2, 0, 23);
  const int minutes = in.rest.empty() ? 0 : (in.take(":"), in.digits(2, 0, 59));
  if (!in.rest.empty()) in.good = false;
  const std::chrono::minutes out(hours * 60 + minutes);
  return west ? -out : out;
}

CivilTime at_place(Instant at, const TimeZone* zone) { return zone == nullptr ? at : zone->civil(at); }

std::optional<CivilTime> of_text(std::string_view text, const TimeZone* zone) {
  using namespace std::chrono;
  Scanner in{text};
  const int y = in.digits(4, 1, 9999);
  in.need("-/");
  const int m = in.digits(2, 1, 12);
  in.need("-/");
  const int d = in.digits(2, 1, 31);
  const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
  if (!in.good || !date.ok()) return std::nullopt;
  CivilTime out = sys_days(date);
  if (in.rest.empty()) return out;
  in.need("Tt ");
  out += hours(in.digits(2, 0, 23));
  in.need(":");
  out += minutes(in.digits(2, 0, 59));
  if (in.take(":")) {
    out += seconds(in.digits(2, 0, 60));
    if (in.take(".,")) out += fraction(in);
  }
  const auto east = offset(in);
  if (!in.good) return std::nullopt;
  return east ? at_place(out - *east, zone) : out;
}

std::optional<CivilTime> of_number(std::string_view token, const TimeZone* zone) {
  constexpr std::int64_t kSeconds = 100'000'000'000, kMillis = 1'000 * kSeconds, kMicros = 1'000 * kMillis;
  std::int64_t n = 0;
  if (token.starts_with('+')) token.remove_prefix(1);
  const std::string_view whole = token.substr(0, token.find('.'));
  const auto [end, code] = std::from_chars(whole.data(), whole.data() + whole.size(), n);
  if (code != std::errc() || end != whole.data() + whole.size()) return std::nullopt;
  const std::int64_t size = n < 0 ? -(n + 1) : n;
  const std::int64_t micros = size < kSeconds ? n * 1'000'000 : size < kMillis ? n * 1'000 : size < kMicros ? n : n / 1'000;
  return at_place(instant_of(micros), zone);
}

}  // namespace

std::string_view name_of(TimePart part) {
  switch (part) {
    case TimePart::minute: return "minute";
    case TimePart::hour: return "hour";
    case TimePart::day: return "day";
    case TimePart::weekday: return "weekday";
    case TimePart::week: return "week";
    case TimePart::month: return "month";
    case TimePart::year: return "year";
  }
  return "";
}

std::optional<CivilTime> civil_time_of(Value value, const TimeZone* zone) {
  if (value.type != ValueType::text && value.type != ValueType::number) return std::nullopt;
  return is_number(value.raw) ? of_number(value.raw, zone) : of_text(value.raw, zone);
}

std::int64_t part_of(CivilTime time, TimePart part) {
  using namespace std::chrono;
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  switch (part) {
    case TimePart::minute: return duration_cast<minutes>(time - day).count() % 60;
    case TimePart::hour: return duration_cast<hours>(time - day).count();
    case TimePart::day: return unsigned(date.day());
    case TimePart::weekday: return iso_weekday(time);
    case TimePart::week: return iso_week(time);
    case TimePart::month: return unsigned(date.month());
    case TimePart::year: return int(date.year());
  }
  return 0;
}

std::pair<std::int64_t, std::int64_t> range_of(TimePart part) {
  switch (part) {
    case TimePart::minute: return {0, 59};
    case TimePart::hour: return {0, 23};
    case TimePart::day: return {1, 31};
    case TimePart::weekday: return {1, 7};
    case TimePart::week: return {1, 53};
    case TimePart::month: return {1, 12};
    case TimePart::year: return {1, 9999};
  }
  return {0, 0};
}

std::optional<std::int64_t> read_part(TimePart part, std::string_view written) {
  constexpr std::string_view kDays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  for (std::int64_t i = 0; part == TimePart::weekday && i < 7; ++i) {
    if (equal_text(written, kDays[i], false) || equal_text(written, kDays[i].substr(0, 3), false)) return i + 1;
  }
  std::int64_t out = 0;
  const auto [end, code] = std::from_chars(written.data(), written.data() + written.size(), out);
  const auto [least, most] = range_of(part);
  if (written.empty() || code != std::errc() || end != written.data() + written.size() || out < least || out > most) return std::nullopt;
  return out;
}

}  // namespace tocsin::sigma
