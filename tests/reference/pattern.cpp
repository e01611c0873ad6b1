// pattern.cpp: the state machine over backslashes, and the whole table of "does this rest fit that rest".
#include "tests/reference/pattern.h"

namespace tocsin::reference {

Pattern read_pattern(std::string_view written) {
  Pattern out;
  const auto letter = [&](char32_t c) { out.push_back({Part::Kind::letter, c}); };
  bool escaped = false;
  for (const char32_t c : letters_of(written)) {
    if (escaped) {
      if (c != U'*' && c != U'?' && c != U'\\') letter(U'\\');
      letter(c);
      escaped = false;
    } else if (c == U'\\') {
      escaped = true;
    } else if (c == U'*') {
      out.push_back({Part::Kind::any});
    } else if (c == U'?') {
      out.push_back({Part::Kind::one});
    } else {
      letter(c);
    }
  }
  if (escaped) letter(U'\\');
  return out;
}

Pattern plain_pattern(const Letters& letters) {
  Pattern out;
  for (const char32_t c : letters) out.push_back({Part::Kind::letter, c});
  return out;
}

std::optional<Letters> letters_of(const Pattern& pattern) {
  Letters out;
  for (const Part& part : pattern) {
    if (part.kind != Part::Kind::letter) return std::nullopt;
    out.push_back(part.letter);
  }
  return out;
}

bool like(const Pattern& pattern, const Letters& text, bool cased, bool bytes) {
  const bool ascii = bytes || std::none_of(pattern.begin(), pattern.end(), [](const Part& part) { return is_cased_beyond_ascii(part.letter); });
  const auto same = [&](char32_t a, char32_t b) {
    return cased ? a == b : ascii ? ascii_folded(a) == ascii_folded(b) : folded(a) == folded(b);
  };
  // fits[j]: the pattern from i on matches the text from j on.
  std::vector<bool> fits(text.size() + 1, false);
  fits[text.size()] = true;
  for (std::size_t i = pattern.size(); i-- > 0;) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t j = text.size() + 1; j-- > 0;) {
      const bool more = j < text.size();
      switch (pattern[i].kind) {
        case Part::Kind::any: next[j] = fits[j] || (more && next[j + 1]); break;
        case Part::Kind::one: next[j] = more && fits[j + 1]; break;
        case Part::Kind::letter: next[j] = more && fits[j + 1] && same(pattern[i].letter, text[j]); break;
      }
    }
    fits = next;
  }
  return fits[0];
}

}  // namespace tocsin::reference
