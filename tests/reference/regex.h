// regex.h: regular expressions by trying every way: slow, and short enough to be seen right.
#pragma once

#include <memory>
#include <optional>

#include "tests/reference/letters.h"

namespace tocsin::reference {

/// The flags `i`, `m` and `s` of Sigma's `re`.
struct RegexFlags {
  bool any_case = false, lines = false, dot_is_all = false;
};

/// Letters, `.`, `[…]`, `\d \w \s` and their capitals, `( )`, `(?: )`, `|`, `* + ? {n} {n,} {n,m}`, `^ $`: what the generators
/// write. `$` is the very end, not before a last line break.
class Regex {
 public:
  struct Node;
  static std::optional<Regex> read(std::string_view text, RegexFlags flags);
  /// Somewhere in the text.
  bool found_in(const Letters& text) const;

 private:
  std::shared_ptr<const Node> root_;
  RegexFlags flags_;
};

}  // namespace tocsin::reference
