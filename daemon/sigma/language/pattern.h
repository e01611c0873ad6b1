// pattern.h: Sigma strings: literals and the wildcards `*` and `?`, and how they compare with a text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace tocsin::sigma {

/// A text as the rule writes it, taken apart. Escapes are resolved as pySigma does: `\*`, `\?` are literal; `\\` before a
/// wildcard or another backslash is one backslash; any other backslash is itself.
struct SigmaString {
  enum class Kind : std::uint8_t { literal, any, one };  ///< A text, `*`, `?`.
  struct Part {
    Kind kind = Kind::literal;
    std::string text;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;

  static SigmaString parse(std::string_view written);
  static SigmaString literal(std::string_view text);

  bool has_wildcards() const;
  bool empty() const { return parts.empty(); }
  std::string plain() const;            ///< The text of a string without wildcards.
  void put_any_before();                ///< `*`, unless it begins with one.
  void put_any_after();
};

/// A SigmaString ready to compare. Without `cased`, a pattern folds ASCII letters only, unless it has a character beyond ASCII
/// that has a case: then it folds by Unicode's simple case folding (one character to one, no locale: `İ` is not `i`, `ß` not `ss`).
/// `?` is one character, not one byte. `bytes` patterns (utf16) compare bytes and fold ASCII only.
class Pattern {
 public:
  Pattern(SigmaString string, bool cased, bool bytes = false);
  bool matches(std::string_view text) const;

  const SigmaString& string() const { return string_; }
  bool cased() const { return cased_; }
  bool bytes() const { return bytes_; }
  bool folds_unicode() const { return folded_ != nullptr; }

 private:
  /// Of a part: its letters, folded.
  using Folded = std::vector<std::u32string>;

  bool walk(std::string_view text) const;
  bool walk_folded(std::string_view text) const;
  bool starts(std::string_view text, std::string_view literal) const;

  SigmaString string_;
  bool cased_, bytes_;
  std::shared_ptr<const Folded> folded_;  ///< Set where Unicode folding is needed.
};

/// Equal, folding ASCII letters unless `cased`.
bool equal_text(std::string_view a, std::string_view b, bool cased);
bool contains_text(std::string_view text, std::string_view part, bool cased);

}  // namespace tocsin::sigma
