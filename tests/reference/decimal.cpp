// decimal.cpp: reading, comparing and adding digits, as on paper.
#include "tests/reference/decimal.h"

#include <algorithm>
#include <charconv>

namespace tocsin::reference {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Decimal trimmed(Decimal out) {
  while (!out.digits.empty() && out.digits.front() == '0') {
    out.digits.erase(0, 1);
    --out.point;
  }
  while (!out.digits.empty() && out.digits.back() == '0') out.digits.pop_back();
  if (out.digits.empty()) out = {};
  return out;
}

std::strong_ordering compare_sizes(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) return a.digits.size() <=> b.digits.size();
  if (a.point != b.point) return a.point <=> b.point;
  return a.digits.compare(b.digits) <=> 0;   // Digits behind the point: shorter is as if filled with zeros.
}

/// The digits of |number| × 10^scale, as a whole number of `length` digits.
std::string written_out(const Decimal& number, long scale, std::size_t length) {
  std::string out = number.digits + std::string(static_cast<std::size_t>(number.point + scale) - number.digits.size(), '0');
  return std::string(length - out.size(), '0') + out;
}

}  // namespace

std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal out;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) out.negative = text[at++] == '-';
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return text.substr(from, at - from);
  };
  const std::string_view whole = digits();
  std::string_view fraction;
  if (whole.empty()) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    ++at;
    fraction = digits();
    if (fraction.empty()) return std::nullopt;
  }
  long exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    if (++at < text.size() && text[at] == '+') ++at;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
    if (error != std::errc()) return std::nullopt;
    at = static_cast<std::size_t>(end - text.data());
  }
  if (at != text.size()) return std::nullopt;
  out.digits = std::string(whole) + std::string(fraction);
  out.point = static_cast<long>(whole.size()) + exponent;
  return trimmed(out);
}

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  if (a.negative != b.negative) return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.negative ? compare_sizes(b, a) : compare_sizes(a, b);
}

Decimal sum(const Decimal& a, const Decimal& b) {
  const auto behind = [](const Decimal& n) { return static_cast<long>(n.digits.size()) - n.point; };
  const long scale = std::max({behind(a), behind(b), 0L});
  const auto length = static_cast<std::size_t>(std::max({a.point, b.point, 0L}) + scale + 1);
  const bool a_is_larger = compare_sizes(a, b) >= 0;
  const std::string big = written_out(a_is_larger ? a : b, scale, length), small = written_out(a_is_larger ? b : a, scale, length);
  const int sign = a.negative == b.negative ? 1 : -1;
  Decimal out{(a_is_larger ? a : b).negative, std::string(length, '0'), static_cast<long>(length) - scale};
  int carry = 0;
  for (std::size_t i = length; i-- > 0;) {
    int digit = (big[i] - '0') + sign * (small[i] - '0') + carry;
    carry = digit < 0 ? -1 : digit / 10;
    digit = (digit + 10) % 10;
    out.digits[i] = static_cast<char>('0' + digit);
  }
  return trimmed(out);
}

}  // namespace tocsin::reference
