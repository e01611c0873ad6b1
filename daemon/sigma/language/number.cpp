// number.cpp: comparing number tokens.
#include "daemon/sigma/language/number.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace tocsin::sigma {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits(std::string_view token, std::size_t at) {
  std::size_t end = at;
  while (end < token.size() && is_digit(token[end])) ++end;
  return end - at;
}

/// A number seen through its token: 0.d₁d₂d₃… × 10^point, d₁ not zero. Zero has no digits.
struct Digits {
  bool negative = false;
  std::string_view whole, fraction;  ///< The digits, before and behind the dot.
  std::int64_t point = 0;

  std::size_t size() const { return whole.size() + fraction.size(); }
  /// Zeros behind the last digit.
  char operator[](std::size_t i) const { return i < whole.size() ? whole[i] : i < size() ? fraction[i - whole.size()] : '0'; }
};

void drop_zeros(std::string_view& digits) { digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size())); }

/// Exponents that no honest number has all count as one: beyond 10^9 in either direction.
std::int64_t exponent_of(std::string_view token) {
  constexpr std::int64_t kFar = 1'000'000'000;
  const bool negative = token.starts_with('-');
  if (negative || token.starts_with('+')) token.remove_prefix(1);
  std::int64_t out = 0;
  for (const char c : token) out = std::min(out * 10 + (c - '0'), kFar);
  return negative ? -out : out;
}

Digits digits_of(std::string_view token) {
  Digits out;
  if (token[0] == '-' || token[0] == '+') {
    out.negative = token[0] == '-';
    token.remove_prefix(1);
  }
  if (const std::size_t at = token.find_first_of("eE"); at != std::string_view::npos) {
    out.point = exponent_of(token.substr(at + 1));
    token = token.substr(0, at);
  }
  out.whole = token.substr(0, token.find('.'));
  if (out.whole.size() < token.size()) out.fraction = token.substr(out.whole.size() + 1);
  drop_zeros(out.whole);
  out.point += static_cast<std::int64_t>(out.whole.size());
  if (out.whole.empty()) {
    const std::size_t before = out.fraction.size();
    drop_zeros(out.fraction);
    out.point -= static_cast<std::int64_t>(before - out.fraction.size());
  }
  if (out.size() == 0) return {};
  return out;
}

std::strong_ordering compare_sizes(const Digits& a, const Digits& b) {
  if (a.size() == 0 || b.size() == 0) return (a.size() != 0) <=> (b.size() != 0);
  if (a.point != b.point) return a.point <=> b.point;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    if (a[i] != b[i]) return a[i] <=> b[i];
  return std::strong_ordering::equal;
}

}  // namespace

bool is_number(std::string_view token) {
  std::size_t at = !token.empty() && (token[0] == '-' || token[0] == '+') ? 1 : 0;
  std::size_t n = digits(token, at);
  if (n == 0) return false;
  at += n;
  if (at < token.size() && token[at] == '.') {
    n = digits(token, at + 1);
    if (n == 0) return false;
    at += 1 + n;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '-' || token[at] == '+')) ++at;
    n = digits(token, at);
    if (n == 0) return false;
    at += n;
  }
  return at == token.size();
}

std::optional<std::partial_ordering> compare_numbers(std::string_view a, std::string_view b) {
  if (!is_number(a) || !is_number(b)) return std::nullopt;
  const Digits x = digits_of(a), y = digits_of(b);
  if (x.negative != y.negative) return x.negative ? std::partial_ordering::less : std::partial_ordering::greater;
  return x.negative ? compare_sizes(y, x) : compare_sizes(x, y);
}

std::optional<double> number_of(std::string_view token) {
  if (!is_number(token)) return std::nullopt;
  const double out = std::strtod(std::string(token).c_str(), nullptr);
  if (!std::isfinite(out)) return std::nullopt;
  return out;
}

}  // namespace tocsin::sigma
