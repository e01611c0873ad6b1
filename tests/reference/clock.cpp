// clock.cpp: years of 365 and 366 days, walked one after another.
#include "tests/reference/clock.h"

#include <charconv>

#include "tests/reference/decimal.h"
#include "tests/reference/pattern.h"

namespace tocsin::reference {
namespace {

constexpr std::int64_t kDay = 86'400;

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
int days_in(int year) { return is_leap(year) ? 366 : 365; }
int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

/// Days since 1970, of the first of a year.
std::int64_t first_of(int year) {
  std::int64_t out = 0;
  for (int y = 1970; y < year; ++y) out += days_in(y);
  for (int y = 1969; y >= year; --y) out -= days_in(y);
  return out;
}

int year_of(std::int64_t day) {
  int out = 1970;
  for (; day < 0; day += days_in(out)) --out;
  for (; day >= days_in(out); ++out) day -= days_in(out);
  return out;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Takes texts apart from the left.
struct Scanner {
  std::string_view rest;
  bool bad = false;

  bool take(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest[0]) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  int digits(std::size_t count) {
    int out = 0;
    for (; count > 0; --count) {
      if (rest.empty() || rest[0] < '0' || rest[0] > '9') bad = true;
      if (bad) return 0;
      out = out * 10 + (rest[0] - '0');
      rest.remove_prefix(1);
    }
    return out;
  }
  bool more_digits() const { return !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; }
};

std::optional<std::int64_t> seconds_of_text(std::string_view text) {
  Scanner in{text};
  const int year = in.digits(4);
  if (!in.take("-/")) return std::nullopt;
  const int month = in.digits(2);
  if (!in.take("-/")) return std::nullopt;
  const int day = in.digits(2);
  if (in.bad || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return std::nullopt;
  std::int64_t out = first_of(year);
  for (int m = 1; m < month; ++m) out += days_in(year, m);
  out = (out + day - 1) * kDay;
  if (in.rest.empty()) return out;
  if (!in.take("Tt ")) return std::nullopt;
  const int hour = in.digits(2);
  if (!in.take(":")) return std::nullopt;
  const int minute = in.digits(2);
  int second = 0;
  if (in.take(":")) {
    second = in.digits(2);
    if (in.take(".,")) {
      if (!in.more_digits()) return std::nullopt;
      while (!in.bad && in.more_digits()) in.digits(1);
    }
  }
  if (in.bad || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  out += hour * 3'600 + minute * 60 + second;
  if (in.rest.empty()) return out;
  while (in.take(" ")) {
  }
  if (in.rest.empty()) return std::nullopt;
  for (const std::string_view utc : {"Z", "UTC", "GMT"})
    if (like(plain_pattern(letters_of(utc)), letters_of(in.rest), false)) return out;
  const bool east = in.rest[0] == '+';
  if (!in.take("+-")) return std::nullopt;
  int offset = in.digits(2) * 3'600;
  const bool colon = in.take(":");
  if (colon || in.more_digits()) offset += in.digits(2) * 60;
  if (in.bad || !in.rest.empty()) return std::nullopt;
  return east ? out - offset : out + offset;
}

/// Whole seconds of a number since 1970: in seconds up to 10¹¹, milliseconds up to 10¹⁴, microseconds up to 10¹⁷, nanoseconds.
std::optional<std::int64_t> seconds_of_number(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), number);
  if (error != std::errc() || end != whole.data() + whole.size()) return std::nullopt;
  std::int64_t unit = 1;
  for (std::int64_t most = 100'000'000'000; unit < 1'000'000'000 && (number > most || number < -most); most *= 1'000) unit *= 1'000;
  return floor_div(number, unit);
}

}  // namespace

Moment moment_at(std::int64_t seconds) {
  const std::int64_t day = floor_div(seconds, kDay);
  const std::int64_t second = seconds - day * kDay;
  Moment out;
  out.year = year_of(day);
  std::int64_t left = day - first_of(out.year);
  for (; left >= days_in(out.year, out.month); ++out.month) left -= days_in(out.year, out.month);
  out.day = static_cast<int>(left) + 1;
  out.hour = static_cast<int>(second / 3'600);
  out.minute = static_cast<int>(second / 60 % 60);
  // The first day of all was a Thursday: weeks begin three days before each multiple of seven.
  const std::int64_t thursday = floor_div(day + 3, 7) * 7;
  out.week = static_cast<int>((thursday - first_of(year_of(thursday))) / 7) + 1;
  return out;
}

std::optional<Moment> moment_of(const Value& value) {
  if (value.kind != Value::Kind::number && value.kind != Value::Kind::text) return std::nullopt;
  const auto seconds = decimal_of(value.text) ? seconds_of_number(value.text) : value.kind == Value::Kind::text ? seconds_of_text(value.text) : std::nullopt;
  return seconds ? std::optional(moment_at(*seconds)) : std::nullopt;
}

int part_of(const Moment& moment, std::string_view part) {
  if (part == "minute") return moment.minute;
  if (part == "hour") return moment.hour;
  if (part == "day") return moment.day;
  if (part == "week") return moment.week;
  if (part == "month") return moment.month;
  return moment.year;
}

}  // namespace tocsin::reference
