// types.h: the kinds of correlation, one table row each.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tocsin::sigma {

/// What a correlation looks at in the matches of its window.
enum class Counting : std::uint8_t {
  events,     ///< How many.
  values,     ///< How many different values, or tuples, of its fields.
  numbers,    ///< An aggregate over the numbers of its field.
  rules,      ///< Which of its rules are there.
  sequence,   ///< The same, in the order in which they are listed.
  extension,  ///< As the `tocsin:` map says; not to be written as a `type`.
};

struct CorrelationType {
  std::string_view name;
  Counting counting;
  bool evaluated;   ///< False: read, checked, and refused until the fold counts it.
};

/// Sorted by name.
std::span<const CorrelationType> correlation_types();
/// nullptr also for an extension: Sigma has no such type.
const CorrelationType* find_correlation_type(std::string_view name);
/// An extension's row, by its key in the `tocsin:` map.
const CorrelationType& extension_type(std::string_view name);

}  // namespace tocsin::sigma
