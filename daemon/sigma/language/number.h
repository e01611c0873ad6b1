// number.h: numbers as tokens; they compare exactly, however long.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace tocsin::sigma {

/// A decimal number as JSON and YAML write it: sign, digits, fraction, exponent. Hexadecimal, octal, `1_000`, `inf` are texts.
bool is_number(std::string_view token);

/// Compares two tokens digit by digit, without a copy; empty where one of them is no number.
std::optional<std::partial_ordering> compare_numbers(std::string_view a, std::string_view b);

/// The nearest double; empty where it is no number or beyond all doubles.
std::optional<double> number_of(std::string_view token);

}  // namespace tocsin::sigma
