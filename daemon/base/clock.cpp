// clock.cpp: RFC 3339 and durations as text.
#include "daemon/base/rfc3339.h"

#include <array>

namespace tocsin {
namespace {

/// How many is known where it is compiled: every event has a time.
template <std::size_t N>
bool digits(std::string_view text, std::size_t at, int& out) {
  if (at + N > text.size()) return false;
  out = 0;
  unsigned worst = 0;
  for (std::size_t i = 0; i < N; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[at + i]) - unsigned{'0'};
    worst = std::max(worst, digit);
    out = out * 10 + static_cast<int>(digit & 0xfU);
  }
  return worst <= 9;
}

char* add_digits(char* to, std::int64_t number, int n) {
  for (char* digit = to + n; digit-- > to; number /= 10) *digit = static_cast<char>('0' + number % 10);
  return to + n;
}

Failure not_a_time(std::string_view text, std::string_view why) {
  return bad_input(fmt::format("`{}` is not an RFC 3339 time ({}); write 2026-11-24T02:15:00Z or with an offset",
                               text.substr(0, 64), why));
}

/// Reads `.123456789` at `at`, cuts below microseconds and moves `at` behind it.
bool fraction(std::string_view text, std::size_t& at, std::int64_t& micros) {
  micros = 0;
  if (at >= text.size() || (text[at] != '.' && text[at] != ',')) return true;
  std::size_t n = 0;
  for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++n) {
    if (n < 6) micros = micros * 10 + (text[at] - '0');
  }
  for (std::size_t i = n; i < 6; ++i) micros *= 10;
  return n > 0;
}

}  // namespace

Instant SystemClock::now() const {
  return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
}

std::string_view rfc3339_in(RfcRoom& room, Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::int64_t rest = (at - day).count();
  const std::int64_t seconds = rest / 1'000'000;
  const int year = static_cast<int>(date.year());
  // Every alert line has a time: digit by digit is many times as fast as by a format.
  char* end = year >= 0 && year <= 9'999 ? add_digits(room.data(), year, 4) : fmt::format_to(room.data(), "{:04}", year);
  const auto part = [&](char before, std::int64_t number, int n) {
    *end = before;
    end = add_digits(end + 1, number, n);
  };
  part('-', static_cast<unsigned>(date.month()), 2);
  part('-', static_cast<unsigned>(date.day()), 2);
  part('T', seconds / 3'600, 2);
  part(':', seconds / 60 % 60, 2);
  part(':', seconds % 60, 2);
  if (rest % 1'000'000 != 0) part('.', rest % 1'000'000, 6);
  *end++ = 'Z';
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

std::string rfc3339(Instant at) {
  RfcRoom room;
  return std::string(rfc3339_in(room, at));
}

Result<Instant> parse_rfc3339(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (text.size() < 19 || !digits<4>(text, 0, year) || text[4] != '-' || !digits<2>(text, 5, month) ||
      text[7] != '-' || !digits<2>(text, 8, day) ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || !digits<2>(text, 11, hour) || text[13] != ':' ||
      !digits<2>(text, 14, minute) || text[16] != ':' || !digits<2>(text, 17, second)) {
    return not_a_time(text, "wrong form");
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  // Second 60 is a leap second: it exists in RFC 3339 and falls on the next second here.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return not_a_time(text, "no such day or hour");
  std::size_t at = 19;
  std::int64_t micros = 0;
  if (!fraction(text, at, micros)) return not_a_time(text, "empty fraction");
  int offset = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    int oh = 0, om = 0;
    const bool colon = at + 3 < text.size() && text[at + 3] == ':';
    if (!digits<2>(text, at + 1, oh) || !digits<2>(text, at + (colon ? 4 : 3), om) || oh > 23 || om > 59) {
      return not_a_time(text, "wrong offset");
    }
    offset = (oh * 60 + om) * (text[at] == '-' ? -1 : 1);
    at += colon ? 6 : 5;
  } else {
    return not_a_time(text, "no zone");
  }
  if (at != text.size()) return not_a_time(text, "trailing characters");
  const std::chrono::seconds of_day(hour * 3600 + minute * 60 + second - offset * 60);
  return Instant(std::chrono::sys_days(date) + of_day + Microseconds(micros));
}

Result<Microseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t micros;
  };
  static constexpr std::array<Unit, 8> kUnits{{{"ms", 1'000},
                                               {"us", 1},
                                               {"s", 1'000'000},
                                               {"m", 60'000'000},
                                               {"h", 3'600'000'000},
                                               {"d", 86'400'000'000},
                                               {"w", 604'800'000'000},
                                               {"M", 2'592'000'000'000}}};
  const auto wrong = [&] {
    return bad_input(fmt::format("`{}` is not a duration; write 250ms, 90s, 15m, 24h, 7d or 1h30m", text.substr(0, 64)));
  };
  std::int64_t total = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    std::int64_t number = 0;
    const std::size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (at - start >= 9) return wrong();
      number = number * 10 + (text[at] - '0');
    }
    if (at == start) return wrong();
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) {
      return text.substr(at).starts_with(u.name) &&
             (at + u.name.size() == text.size() || (text[at + u.name.size()] >= '0' && text[at + u.name.size()] <= '9'));
    });
    if (unit == kUnits.end() || number > INT64_MAX / 4 / unit->micros) return wrong();
    total += number * unit->micros;
    at += unit->name.size();
  }
  if (text.empty()) return wrong();
  return Microseconds(total);
}

std::string duration_text(Microseconds duration) {
  const std::int64_t us = duration.count();
  if (us % 86'400'000'000 == 0 && us != 0) return fmt::format("{}d", us / 86'400'000'000);
  if (us % 3'600'000'000 == 0 && us != 0) return fmt::format("{}h", us / 3'600'000'000);
  if (us % 60'000'000 == 0 && us != 0) return fmt::format("{}m", us / 60'000'000);
  if (us % 1'000'000 == 0) return fmt::format("{}s", us / 1'000'000);
  if (us % 1'000 == 0) return fmt::format("{}ms", us / 1'000);
  return fmt::format("{}us", us);
}

}  // namespace tocsin
