// read_condition.cpp: `not` binds closest, then `and`, then `or`; `1 of` and `all of` name selections by pattern.
#include "tests/reference/rule.h"

namespace tocsin::reference {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) out.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      end();
    } else if (c == '(' || c == ')') {
      end();
      out.emplace_back(1, c);
    } else {
      word.push_back(c);
    }
  }
  end();
  return out;
}

class Reader {
 public:
  Reader(std::string_view text, const std::vector<std::string>& names) : words_(words_of(text)), names_(names) {}

  Result<Condition> all() {
    auto out = some_of("or", Condition::Kind::any);
    if (out && at_ != words_.size()) return bad_input("condition goes on: " + words_[at_]);
    return out;
  }

 private:
  /// The words of the grammar count in any case.
  static bool same(std::string_view a, std::string_view b) { return like(plain_pattern(letters_of(a)), letters_of(b), false); }

  bool take(std::string_view word) {
    if (at_ == words_.size() || !same(words_[at_], word)) return false;
    ++at_;
    return true;
  }

  Result<Condition> some_of(std::string_view word, Condition::Kind kind) {
    Condition out{kind, {}, {}};
    do {
      TOCSIN_ASSIGN(Condition part, word == "or" ? some_of("and", Condition::Kind::all) : factor());
      out.parts.push_back(std::move(part));
    } while (take(word));
    return out;
  }

  Result<Condition> factor() {
    if (take("not")) {
      TOCSIN_ASSIGN(Condition inner, factor());
      return Condition{Condition::Kind::no, {}, {inner}};
    }
    if (take("(")) {
      TOCSIN_ASSIGN(Condition inner, some_of("or", Condition::Kind::any));
      if (!take(")")) return bad_input("no closing parenthesis");
      return inner;
    }
    if (at_ == words_.size()) return bad_input("condition ends early");
    const std::string word = words_[at_++];
    if ((word == "1" || same(word, "any") || same(word, "all")) && take("of")) {
      Condition out{same(word, "all") ? Condition::Kind::all : Condition::Kind::any, {}, {}};
      if (at_ == words_.size()) return bad_input("of what?");
      const std::string pattern = same(words_[at_++], "them") ? "*" : words_[at_ - 1];
      for (const std::string& name : names_) {
        if (name.starts_with("_") && !pattern.starts_with("_")) continue;
        if (like(read_pattern(pattern), letters_of(name), true)) out.parts.push_back({Condition::Kind::name, name, {}});
      }
      if (out.parts.empty()) return bad_input("no selection is like " + pattern);
      return out;
    }
    if (std::find(names_.begin(), names_.end(), word) == names_.end()) return bad_input("no selection is called " + word);
    return Condition{Condition::Kind::name, word, {}};
  }

  std::vector<std::string> words_;
  const std::vector<std::string>& names_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Condition> read_condition(std::string_view text, const std::vector<std::string>& names) {
  return Reader(text, names).all();
}

}  // namespace tocsin::reference
