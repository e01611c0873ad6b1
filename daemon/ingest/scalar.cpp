// scalar.cpp: integers and times.
#include "daemon/ingest/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tocsin::ingest {
namespace {

/// An epoch in seconds, milliseconds, microseconds or nanoseconds, told by its size; seconds may have a fraction.
std::optional<Instant> epoch_of(std::string_view text) {
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc() || end != text.data() + text.size() || !(value >= 0 && value < 1e20)) return std::nullopt;
  if (value < 1e11) return instant_of(std::llround(value * 1e6));
  if (value < 1e14) return instant_of(std::llround(value * 1e3));
  if (value < 1e17) return instant_of(std::llround(value));
  return instant_of(std::llround(value / 1e3));
}

std::optional<Instant> date_of(std::string_view text, const std::optional<Microseconds>& zone) {
  constexpr std::size_t kSeconds = 19;   // 2026-11-24T02:15:00
  constexpr std::size_t kLongest = 64;
  if (text.size() < kSeconds || text.size() > kLongest || text[4] != '-' || text[16] != ':') return std::nullopt;   // Before an error is worded.
  const bool zoned = text.back() < '0' || text.back() > '9' || text.find_first_of("+-", kSeconds) != std::string_view::npos;
  if (zoned || !zone) {
    const auto time = parse_rfc3339(text);
    return time ? std::optional(*time) : std::nullopt;
  }
  std::array<char, kLongest + 1> with_zone;
  *std::copy(text.begin(), text.end(), with_zone.begin()) = 'Z';
  const auto time = parse_rfc3339({with_zone.data(), text.size() + 1});
  return time ? std::optional(*time - *zone) : std::nullopt;
}

}  // namespace

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t integer_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::int64_t value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

bool holds_integer(const Node& node) { return (node.kind == NodeKind::number || node.kind == NodeKind::text) && is_integer(node.text); }

bool is_count(const Node& node) { return holds_integer(node) && !node.text.starts_with('-'); }

std::optional<Instant> time_of(const Node& node, std::string_view unit, const std::optional<Microseconds>& zone) {
  if (unit == "any" && (node.kind == NodeKind::number || (node.kind == NodeKind::text && is_integer(node.text)))) return epoch_of(node.text);
  if (unit.empty() || unit == "rfc3339" || unit == "any") {
    if (node.kind != NodeKind::text) return std::nullopt;
    return date_of(node.text, zone);
  }
  if (!holds_integer(node)) return std::nullopt;
  const std::int64_t factor = unit == "s" ? 1'000'000 : unit == "ms" ? 1'000 : 1;
  const std::int64_t value = integer_of(node.text);
  constexpr std::int64_t kMicrosMax = 253'402'300'799'000'000;  // The year 9999, the last that RFC 3339 can write.
  if (value < 0 || value > kMicrosMax / factor) return std::nullopt;
  return instant_of(value * factor);
}

}  // namespace tocsin::ingest
