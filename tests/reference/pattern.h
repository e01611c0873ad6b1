// pattern.h: a Sigma text with its wildcards, and the slow, plain way to compare it.
#pragma once

#include <optional>

#include "tests/reference/letters.h"

namespace tocsin::reference {

struct Part {
  enum class Kind : std::uint8_t { letter, any, one };
  Kind kind = Kind::letter;
  char32_t letter = 0;
};
using Pattern = std::vector<Part>;

/// As pySigma's SigmaString reads it: `*` any text, `?` one character; `\` takes the meaning of `*`, `?` and `\` away, and
/// is itself before anything else and at the end.
Pattern read_pattern(std::string_view written);
Pattern plain_pattern(const Letters& letters);
/// The letters, where there is no wildcard.
std::optional<Letters> letters_of(const Pattern& pattern);

/// Letters count the same in either case, unless `cased`: all of them where the pattern has one beyond ASCII
/// that has two cases, else the ASCII ones;
/// of `bytes` the ASCII ones alone.
bool like(const Pattern& pattern, const Letters& text, bool cased, bool bytes = false);

}  // namespace tocsin::reference
