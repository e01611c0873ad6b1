// pattern.cpp: taking Sigma strings apart and comparing them, by plain backtracking over the wildcards.
#include "daemon/sigma/language/pattern.h"

#include "daemon/base/promise.h"
#include "daemon/model/text.h"

namespace tocsin::sigma {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Bytes of the character at the front; a byte that begins no character counts as one.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0xC0U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  return std::min(length, text.size());
}

void add_literal(std::vector<SigmaString::Part>& parts, std::string& text) {
  if (!text.empty()) parts.push_back({SigmaString::Kind::literal, std::move(text)});
  text.clear();
}

}  // namespace

SigmaString SigmaString::parse(std::string_view written) {
  SigmaString out;
  out.parts.reserve(3);   // Most are a text, and most of these get a `*` before and behind.
  if (written.find_first_of("\\*?") == std::string_view::npos) {
    if (!written.empty()) out.parts.push_back({Kind::literal, std::string(written)});
    return out;
  }
  std::string text;
  bool escaped = false;
  for (const char c : written) {
    if (escaped) {
      escaped = false;
      if (c != '*' && c != '?' && c != '\\') text += '\\';
      text += c;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == '*' || c == '?') {
      add_literal(out.parts, text);
      out.parts.push_back({c == '*' ? Kind::any : Kind::one, {}});
    } else {
      text += c;
    }
  }
  if (escaped) text += '\\';
  add_literal(out.parts, text);
  return out;
}

SigmaString SigmaString::literal(std::string_view text) {
  SigmaString out;
  if (!text.empty()) out.parts.push_back({Kind::literal, std::string(text)});
  return out;
}

bool SigmaString::has_wildcards() const {
  return std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.kind != Kind::literal; });
}

std::string SigmaString::plain() const {
  TOCSIN_ASSERT(!has_wildcards());
  return parts.empty() ? std::string() : parts[0].text;
}

void SigmaString::put_any_before() {
  if (parts.empty() || parts.front().kind != Kind::any) parts.insert(parts.begin(), {Kind::any, {}});
}

void SigmaString::put_any_after() {
  if (parts.empty() || parts.back().kind != Kind::any) parts.push_back({Kind::any, {}});
}

Pattern::Pattern(SigmaString string, bool cased, bool bytes) : string_(std::move(string)), cased_(cased), bytes_(bytes) {
  const bool folds = std::any_of(string_.parts.begin(), string_.parts.end(),
                                 [](const SigmaString::Part& part) { return has_cased_beyond_ascii(part.text); });
  if (cased || bytes || !folds) return;
  auto folding = std::make_shared<Folded>();
  for (const SigmaString::Part& part : string_.parts) {
    std::u32string& letters = folding->emplace_back();
    for (std::size_t at = 0; at < part.text.size();) letters += folded(next_character(part.text, at));
  }
  folded_ = std::move(folding);
}

bool Pattern::matches(std::string_view text) const { return folded_ ? walk_folded(text) : walk(text); }

/// walk(), letter by letter.
bool Pattern::walk_folded(std::string_view text) const {
  std::size_t part = 0, at = 0;
  std::size_t star = std::string::npos, star_at = 0;
  const auto takes = [&](std::size_t i) {
    if (string_.parts[i].kind == SigmaString::Kind::one) {
      if (at == text.size()) return false;
      next_character(text, at);
      return true;
    }
    return std::all_of((*folded_)[i].begin(), (*folded_)[i].end(),
                       [&](char32_t letter) { return at < text.size() && folded(next_character(text, at)) == letter; });
  };
  for (;;) {
    if (part == string_.parts.size()) {
      if (at == text.size()) return true;
    } else if (string_.parts[part].kind == SigmaString::Kind::any) {
      star = ++part;
      star_at = at;
      if (part == string_.parts.size()) return true;
      continue;
    } else if (takes(part)) {
      ++part;
      continue;
    }
    if (star == std::string::npos || star_at == text.size()) return false;
    next_character(text, star_at);
    at = star_at;
    part = star;
  }
}

bool Pattern::starts(std::string_view text, std::string_view literal) const {
  return text.size() >= literal.size() && equal_text(text.substr(0, literal.size()), literal, cased_);
}

/// Greedy with one point of return: behind a later `*` the earlier ones need not be tried again, since whatever the
/// earlier could skip, the later can skip too. So the cost is at most |text| × |pattern|.
bool Pattern::walk(std::string_view text) const {
  std::size_t part = 0;
  std::size_t star = std::string::npos;  // The part behind the last `*` seen,
  std::string_view star_text;            // and where it was tried.
  for (;;) {
    bool ok = true;
    if (part == string_.parts.size()) {
      if (text.empty()) return true;
      ok = false;
    } else if (string_.parts[part].kind == SigmaString::Kind::any) {
      star = ++part;
      star_text = text;
      if (part == string_.parts.size()) return true;
      continue;
    } else if (string_.parts[part].kind == SigmaString::Kind::one) {
      ok = !text.empty();
      if (ok) text.remove_prefix(bytes_ ? 1 : character_length(text));
    } else {
      ok = starts(text, string_.parts[part].text);
      if (ok) text.remove_prefix(string_.parts[part].text.size());
    }
    if (ok) {
      ++part;
      continue;
    }
    if (star == std::string::npos || star_text.empty()) return false;
    star_text.remove_prefix(bytes_ ? 1 : character_length(star_text));
    if (string_.parts[star].kind == SigmaString::Kind::literal) {
      // Most texts do not hold most words: pass over the characters with which the word cannot begin.
      const char first = string_.parts[star].text[0];
      const auto at = std::find_if(star_text.begin(), star_text.end(),
                                   [&](char c) { return cased_ ? c == first : lower(c) == lower(first); });
      if (at == star_text.end()) return false;
      star_text.remove_prefix(static_cast<std::size_t>(at - star_text.begin()));
    }
    text = star_text;
    part = star;
  }
}

bool equal_text(std::string_view a, std::string_view b, bool cased) {
  if (a.size() != b.size()) return false;
  if (cased) return a == b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

bool contains_text(std::string_view text, std::string_view part, bool cased) {
  for (std::size_t i = 0; i + part.size() <= text.size(); ++i) {
    if (equal_text(text.substr(i, part.size()), part, cased)) return true;
  }
  return false;
}

}  // namespace tocsin::sigma
