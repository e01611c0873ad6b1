// exact.h: numbers that add up the same in any order: 128-bit counts of billionths, never floating.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::sigma::windows {

__extension__ typedef __int128 Int128;

inline constexpr std::int64_t kStep = 1'000'000'000;  ///< A one, in billionths.
/// The greatest size of one number, in billionths: 2³¹ of them add up without overflow, and every 64-bit whole number is below.
inline constexpr Int128 kMost = (Int128{1} << 95) - 1;

/// steps / parts, in billionths. A mean keeps its divisor, so that comparing it is exact.
struct Value {
  Int128 steps = 0;
  std::int64_t parts = 1;  ///< Above zero.

  static Value whole(std::int64_t n) { return {Int128{n} * kStep, 1}; }
  bool operator==(const Value& other) const { return !(*this < other) && !(other < *this); }
  /// Whole parts first: products of sums and divisors would overflow.
  bool operator<(const Value& other) const {
    if (parts == 1 && other.parts == 1) return steps < other.steps;
    const Int128 a = floor(), b = other.floor();
    return a != b ? a < b : (steps - a * parts) * other.parts < (other.steps - b * other.parts) * parts;
  }
  Int128 floor() const { return steps / parts - (steps % parts < 0 ? 1 : 0); }
};

/// A JSON or YAML number token in billionths; what stands behind the ninth decimal rounds half away from zero. Empty where the
/// token is no number (`is_number`) or is greater than kMost: such an event does not count.
std::optional<Int128> parse_exact(std::string_view token);

/// Decimal, without an exponent or needless zeros; a mean that does not end is cut at nine decimals, rounded as above.
std::string text_of(const Value& value);
double double_of(const Value& value);

}  // namespace tocsin::sigma::windows
