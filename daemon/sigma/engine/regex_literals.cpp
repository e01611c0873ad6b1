// regex_literals.cpp: one pass over the expression; what it does not know makes it say less, never something wrong.
#include "daemon/sigma/engine/regex_literals.h"

#include <algorithm>

#include "daemon/sigma/engine/fold_case.h"

namespace tocsin::sigma {
namespace {

using Literals = std::optional<std::vector<std::string>>;

constexpr std::size_t kDepthMost = 32;      // Of groups; deeper ones are passed over.
constexpr std::size_t kAlternativesMost = 64;

std::size_t shortest(const std::vector<std::string>& texts) {
  std::size_t out = texts.empty() ? 0 : texts[0].size();
  for (const std::string& text : texts) out = std::min(out, text.size());
  return out;
}

/// The set whose shortest text is longest says most.
void keep_better(Literals& best, Literals other) {
  if (!other || other->empty() || shortest(*other) == 0) return;
  if (!best || shortest(*other) > shortest(*best)) best = std::move(other);
}

class Reader {
 public:
  Reader(std::string_view text, bool folds) : text_(text), folds_(folds) {}

  Literals alternatives(std::size_t depth) {
    std::vector<std::string> all;
    bool whole = true;
    for (;;) {
      Literals one = sequence(depth);
      if (!one || all.size() + one->size() > kAlternativesMost) whole = false;
      else all.insert(all.end(), one->begin(), one->end());
      if (at_ >= text_.size() || text_[at_] != '|') break;
      ++at_;
    }
    if (!whole || failed_) return std::nullopt;
    return all;
  }
  bool failed() const { return failed_; }

 private:
  Literals sequence(std::size_t depth) {
    Literals best;
    std::string run;
    const auto end_run = [&] {
      if (!run.empty()) keep_better(best, std::vector<std::string>{run});
      run.clear();
    };
    while (at_ < text_.size() && text_[at_] != '|' && text_[at_] != ')' && !failed_) {
      const char c = text_[at_];
      if (c == '(') {
        end_run();
        Literals inner = group(depth);
        if (!optional_follows()) keep_better(best, std::move(inner));
        continue;
      }
      std::optional<char> literal;
      if (c == '\\') literal = escape();
      else if (c == '[') skip_class();
      else if (c == '.' || c == '^' || c == '$') ++at_;
      else if (static_cast<unsigned char>(c) >= 0x80U) {
        // One character of several bytes: a quantifier behind it belongs to all of them.
        ++at_;
        while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U) ++at_;
      } else {
        literal = c;
        ++at_;
      }
      const bool zero_width = c == '^' || c == '$';
      const std::size_t before = at_;
      const bool optional = optional_follows();
      const bool repeated = at_ > before;
      if (!literal || optional || (folds_ && (*literal == 'k' || *literal == 'K' || *literal == 's' || *literal == 'S'))) {
        if (!zero_width || repeated) end_run();
        continue;
      }
      run += *literal >= 'A' && *literal <= 'Z' ? static_cast<char>(*literal + ('a' - 'A')) : *literal;
      if (repeated) {
        // `ab+c` holds "ab" and "bc", but nothing of both.
        const char last = run.back();
        end_run();
        run = last;
      }
    }
    end_run();
    return best;
  }

  Literals group(std::size_t depth) {
    ++at_;   // (
    if (text_.substr(at_).starts_with("?")) {
      const std::size_t colon = text_.find_first_of(":)>", at_);
      if (colon == std::string_view::npos || text_[colon] == ')') {
        failed_ = true;   // `(?i)` in the middle: what follows folds and what came before does not.
        return std::nullopt;
      }
      const std::string_view flags = text_.substr(at_ + 1, colon - at_ - 1);
      if (text_[colon] == ':' && flags.find('i') != std::string_view::npos) folds_ = true;   // For the rest too: says less.
      at_ = colon + 1;
    }
    if (depth >= kDepthMost) {
      failed_ = true;
      return std::nullopt;
    }
    Literals inner = alternatives(depth + 1);
    if (at_ >= text_.size() || text_[at_] != ')') {
      failed_ = true;
      return std::nullopt;
    }
    ++at_;
    return inner;
  }

  /// Passes over a quantifier; true where what stands before it may be missing. A `+` or `{2,}` moves on and says false.
  bool optional_follows() {
    bool optional = false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '*' || c == '?') {
        optional = true;
        ++at_;
      } else if (c == '+') {
        ++at_;
      } else if (c == '{') {
        const std::size_t close = text_.find('}', at_);
        const std::string_view inside = text_.substr(at_ + 1, close == std::string_view::npos ? 0 : close - at_ - 1);
        if (inside.empty() || inside.find_first_not_of("0123456789,") != std::string_view::npos || inside[0] == ',') {
          failed_ = true;   // A `{` that may be a literal: not worth knowing.
          return true;
        }
        if (inside[0] == '0') optional = true;
        at_ = close + 1;
      } else {
        break;
      }
    }
    return optional;
  }

  std::optional<char> escape() {
    if (at_ + 1 >= text_.size()) {
      failed_ = true;
      return std::nullopt;
    }
    const char c = text_[at_ + 1];
    at_ += 2;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter) return static_cast<unsigned char>(c) < 0x80U ? std::optional(c) : std::nullopt;
    if (c == 'Q' || c == 'E' || c == 'C') failed_ = true;
    if (c == 'x' || c == 'p' || c == 'P') {
      if (text_.substr(at_).starts_with('{')) {
        const std::size_t close = text_.find('}', at_);
        if (close == std::string_view::npos) failed_ = true;
        else at_ = close + 1;
      } else {
        at_ = std::min(text_.size(), at_ + (c == 'x' ? 2 : 1));
      }
    } else if (c >= '0' && c <= '7') {
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7') ++at_;
    }
    return std::nullopt;
  }

  void skip_class() {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '^') ++at_;
    if (at_ < text_.size() && text_[at_] == ']') ++at_;
    while (at_ < text_.size() && text_[at_] != ']') {
      if (text_[at_] == '\\') ++at_;
      else if (text_.substr(at_).starts_with("[:")) at_ = std::min(text_.find(":]", at_), text_.size() - 1) + 1;
      ++at_;
    }
    if (at_ >= text_.size()) failed_ = true;
    else ++at_;
  }

  std::string_view text_;
  bool folds_;
  bool failed_ = false;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> needed_literals(std::string_view expression) {
  bool folds = false;
  while (expression.starts_with("(?")) {
    const std::size_t close = expression.find_first_of(":)", 2);
    if (close == std::string_view::npos || expression[close] == ':') break;
    const std::string_view flags = expression.substr(2, close - 2);
    if (flags.find_first_not_of("imsU") != std::string_view::npos) return std::nullopt;
    folds = folds || flags.find('i') != std::string_view::npos;
    expression.remove_prefix(close + 1);
  }
  Reader reader(expression, folds);
  Literals out = reader.alternatives(0);
  if (reader.failed() || !out || out->empty()) return std::nullopt;
  return out;
}

}  // namespace tocsin::sigma
