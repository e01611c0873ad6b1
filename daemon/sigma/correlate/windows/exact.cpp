// exact.cpp: reading and writing billionths.
#include "daemon/sigma/correlate/windows/exact.h"

#include <algorithm>

#include "daemon/sigma/language/number.h"

namespace tocsin::sigma::windows {
namespace {

constexpr std::int64_t kDecimals = 9;
constexpr std::int64_t kDigitsMost = 30;  // Of kMost, and one more.

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Exponents beyond any number of ours stay what they are: too great or nothing.
std::int64_t exponent_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::int64_t out = 0;
  for (const char c : text)
    if (is_digit(c)) out = std::min<std::int64_t>(out * 10 + (c - '0'), 1'000'000'000);
  return negative ? -out : out;
}

}  // namespace

std::optional<Int128> parse_exact(std::string_view token) {
  // Most are whole and short.
  if (!token.empty() && token.size() <= 18 && token[0] != '0' && std::all_of(token.begin(), token.end(), is_digit)) {
    std::int64_t whole = 0;
    for (const char c : token) whole = whole * 10 + (c - '0');
    return Int128{whole} * kStep;
  }
  if (!is_number(token)) return std::nullopt;
  const bool negative = token.starts_with('-');
  const auto e = token.find_first_of("eE");
  const std::int64_t exponent = e == std::string_view::npos ? 0 : exponent_of(token.substr(e + 1));
  const std::string_view mantissa = token.substr(0, e);
  const auto point = mantissa.find('.');
  const auto behind = point == std::string_view::npos ? 0 : static_cast<std::int64_t>(mantissa.size() - point - 1);
  std::int64_t left = 0;  // Digits from here to the last that counts.
  for (const char c : mantissa) left += is_digit(c);
  left += kDecimals + exponent - behind;
  std::int64_t digits = 0;
  Int128 out = 0;
  for (const char c : mantissa) {
    if (!is_digit(c)) continue;
    if (left <= 0) {
      if (left == 0) out += c >= '5';
      left = -1;
      break;
    }
    digits += digits > 0 || c != '0';
    if (digits > kDigitsMost) return std::nullopt;
    out = out * 10 + (c - '0');
    --left;
  }
  for (; left > 0 && out != 0; --left) {
    out *= 10;
    if (out > kMost) return std::nullopt;
  }
  if (out > kMost) return std::nullopt;
  return negative ? -out : out;
}

std::string text_of(const Value& value) {
  const bool negative = value.steps < 0;
  const Int128 size = negative ? -value.steps : value.steps;
  Int128 steps = size / value.parts;
  if ((size % value.parts) * 2 >= value.parts) ++steps;
  std::string out;
  for (std::int64_t place = 0; place < kDecimals || steps != 0 || place == kDecimals; ++place, steps /= 10) {
    const char digit = static_cast<char>('0' + static_cast<int>(steps % 10));
    if (place == kDecimals && !out.empty()) out.push_back('.');
    if (place >= kDecimals || !out.empty() || digit != '0') out.push_back(digit);
  }
  if (negative && out.find_first_not_of("0.") != std::string::npos) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return out;
}

double double_of(const Value& value) {
  return static_cast<double>(static_cast<long double>(value.steps) / static_cast<long double>(value.parts) / kStep);
}

}  // namespace tocsin::sigma::windows
