// condition.cpp: a recursive descent over the condition's words.
#include "daemon/sigma/language/condition.h"

#include <optional>

#include "daemon/base/limits.h"
#include "daemon/sigma/language/pattern.h"

namespace tocsin::sigma {
namespace {

struct Word {
  std::string_view text;
  std::size_t offset = 0;
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' ||
         c == '.' || static_cast<unsigned char>(c) >= 0x80U;
}

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r') {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    if (is_name_character(text[i])) {
      while (end < text.size() && is_name_character(text[end])) ++end;
    }
    out.push_back({text.substr(i, end - i), i});
    i = end;
  }
  return out;
}

class Reader {
 public:
  Reader(const yaml::File& file, const yaml::Node& node, const std::vector<std::string>& selections, Allowance& parts, Faults& faults)
      : file_(file), node_(node), selections_(selections), parts_(parts), faults_(faults) {}

  Condition read() {
    if (node_.text.size() > limits::kConditionBytesMax) {
      faults_.add(file_, node_, fmt::format("a condition of {} bytes; at most {} are read", node_.text.size(), limits::kConditionBytesMax));
      return {};
    }
    words_ = words_of(node_.text);
    if (words_.empty()) {
      faults_.add(file_, node_, "the condition is empty");
      return {};
    }
    Condition out = either(0);
    if (!failed_ && at_ < words_.size()) {
      if (words_[at_].text == "|") {
        fail(words_[at_], "aggregations behind `|` are no longer Sigma", "write a correlation: event_count or value_count");
      } else {
        fail(words_[at_], fmt::format("expected `and`, `or` or the end, found `{}`", words_[at_].text));
      }
    }
    return out;
  }

 private:
  bool is(std::string_view keyword) const { return at_ < words_.size() && equal_text(words_[at_].text, keyword, false); }
  bool next_is(std::string_view keyword) const {
    return at_ + 1 < words_.size() && equal_text(words_[at_ + 1].text, keyword, false);
  }

  void fail(const Word& word, std::string_view message, std::string_view hint = {}) {
    if (!failed_) faults_.add_within(file_, node_, word.offset, word.text.size(), message, hint);
    failed_ = true;
  }
  void fail_at_end(std::string_view message) {
    if (!failed_) faults_.add_within(file_, node_, node_.text.size(), 1, message);
    failed_ = true;
  }

  Condition either(std::size_t depth) { return chain(depth, "or", Condition::Kind::any, &Reader::both); }
  Condition both(std::size_t depth) { return chain(depth, "and", Condition::Kind::all, &Reader::negation); }

  Condition chain(std::size_t depth, std::string_view word, Condition::Kind kind, Condition (Reader::*operand)(std::size_t)) {
    Condition first = (this->*operand)(depth);
    if (failed_ || !is(word)) return first;
    Condition out{kind, 0, {}};
    out.parts.push_back(std::move(first));
    while (!failed_ && is(word)) {
      ++at_;
      out.parts.push_back((this->*operand)(depth));
    }
    return out;
  }

  Condition negation(std::size_t depth) {
    if (!is("not")) return term(depth);
    if (depth >= limits::kConditionDepthMax) return too_deep();
    ++at_;
    Condition out{Condition::Kind::no, 0, {}};
    out.parts.push_back(negation(depth + 1));
    return out;
  }

  Condition too_deep() {
    fail(words_[at_], fmt::format("the condition nests deeper than {}", limits::kConditionDepthMax));
    return {};
  }

  Condition term(std::size_t depth) {
    if (failed_) return {};
    if (at_ == words_.size()) {
      fail_at_end("the condition ends where a selection is expected");
      return {};
    }
    if (is("(")) {
      if (depth >= limits::kConditionDepthMax) return too_deep();
      const Word open = words_[at_++];
      Condition out = either(depth + 1);
      if (failed_) return out;
      if (!is(")")) {
        fail(open, "this parenthesis is never closed");
        return out;
      }
      ++at_;
      return out;
    }
    if (next_is("of")) return quantifier();
    return name();
  }

  Condition quantifier() {
    const Word& word = words_[at_];
    Condition out;
    if (word.text == "1" || is("any")) {
      out.kind = Condition::Kind::any;
    } else if (is("all")) {
      out.kind = Condition::Kind::all;
    } else {
      fail(word, fmt::format("`{} of` is not Sigma", word.text), "write `1 of`, `any of` or `all of`");
      return out;
    }
    at_ += 2;
    if (at_ == words_.size()) {
      fail_at_end("`of` needs a pattern of selection names, or `them`");
      return out;
    }
    const Word& pattern = words_[at_++];
    const bool them = equal_text(pattern.text, "them", false);
    const Pattern wanted(SigmaString::parse(them ? "*" : pattern.text), true);
    if (!take(pattern, selections_.size())) return out;
    for (std::size_t i = 0; i < selections_.size(); ++i) {
      const bool hidden = selections_[i].starts_with('_') && !pattern.text.starts_with('_');
      if (!hidden && wanted.matches(selections_[i])) out.parts.push_back({Condition::Kind::selection, i, {}});
    }
    if (out.parts.empty()) unknown(pattern, fmt::format("no selection matches `{}`", pattern.text));
    return out;
  }

  /// Every name that a pattern is held against counts, so that time is bounded as well.
  bool take(const Word& word, std::size_t parts) {
    if (parts_.take(parts)) return true;
    fail(word, fmt::format("the conditions of {} mention more than {} selections", parts_.whose(), parts_.bound()), "name fewer with each pattern");
    return false;
  }

  Condition name() {
    const Word& word = words_[at_++];
    if (!take(word, 1)) return {};
    const auto found = std::find(selections_.begin(), selections_.end(), word.text);
    if (found == selections_.end()) {
      unknown(word, is_name_character(word.text[0]) ? fmt::format("no selection is called `{}`", word.text)
                                                    : fmt::format("expected a selection, found `{}`", word.text));
      return {};
    }
    return {Condition::Kind::selection, static_cast<std::size_t>(found - selections_.begin()), {}};
  }

  void unknown(const Word& word, std::string_view message) {
    const std::vector<std::string_view> known(selections_.begin(), selections_.end());
    fail(word, message, faults_.did_you_mean(word.text, known));
  }

  const yaml::File& file_;
  const yaml::Node& node_;
  const std::vector<std::string>& selections_;
  Allowance& parts_;
  Faults& faults_;
  std::vector<Word> words_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

bool holds(const Condition& condition, std::uint64_t present) {
  const auto part = [&](const Condition& each) { return holds(each, present); };
  switch (condition.kind) {
    case Condition::Kind::selection: return (present >> condition.selection & 1U) != 0;
    case Condition::Kind::all: return std::all_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::any: return std::any_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::no: return !holds(condition.parts.front(), present);
  }
  return false;
}

Condition parse_condition(const yaml::File& file, const yaml::Node& text, const std::vector<std::string>& selections,
                          Allowance& parts, Faults& faults) {
  return Reader(file, text, selections, parts, faults).read();
}

}  // namespace tocsin::sigma
