// decimal.h: numbers as their digits: exact at any length.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::reference {

/// (−1)^negative × 0.digits × 10^point, without zeros at either end of the digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  long point = 0;
};

/// An optional sign, digits, an optional fraction, an optional exponent; nothing else.
std::optional<Decimal> decimal_of(std::string_view text);
std::strong_ordering compare(const Decimal& a, const Decimal& b);
Decimal sum(const Decimal& a, const Decimal& b);

}  // namespace tocsin::reference
