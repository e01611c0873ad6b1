// regex.cpp: a tree of choices, sequences and repeats; matching follows every way at once, by the places it may reach.
#include "tests/reference/regex.h"

#include <set>

namespace tocsin::reference {

struct Regex::Node {
  enum class Kind : std::uint8_t { set, begin, end, sequence, choice, repeat };
  Kind kind = Kind::sequence;
  std::vector<std::pair<char32_t, char32_t>> ranges;   ///< Of a set.
  bool negated = false;
  std::vector<Node> parts;
  std::size_t least = 1, most = 1;                     ///< Of a repeat.
};

namespace {

using Node = Regex::Node;
constexpr std::size_t kNoEnd = 1'000'000;

Node set_of(std::vector<std::pair<char32_t, char32_t>> ranges, bool negated = false) {
  return {Node::Kind::set, std::move(ranges), negated, {}, 1, 1};
}

class Reader {
 public:
  Reader(Letters text, RegexFlags flags) : text_(std::move(text)), flags_(flags) {}

  std::optional<Node> all() {
    Node out = choice();
    if (at_ != text_.size()) bad_ = true;
    return bad_ ? std::nullopt : std::optional(out);
  }

 private:
  bool next_is(char32_t c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char32_t c) { return next_is(c) && ++at_ != 0; }
  char32_t any() {
    if (at_ == text_.size()) bad_ = true;
    return bad_ ? 0 : text_[at_++];
  }

  Node choice() {
    Node out{Node::Kind::choice, {}, false, {sequence()}, 1, 1};
    while (take(U'|')) out.parts.push_back(sequence());
    return out;
  }

  Node sequence() {
    Node out;
    while (!bad_ && at_ < text_.size() && !next_is(U'|') && !next_is(U')')) out.parts.push_back(repeated(atom()));
    return out;
  }

  Node repeated(Node inner) {
    for (;;) {
      Node out{Node::Kind::repeat, {}, false, {inner}, 0, kNoEnd};
      if (take(U'*')) {
      } else if (take(U'+')) {
        out.least = 1;
      } else if (take(U'?')) {
        out.most = 1;
      } else if (take(U'{')) {
        out.least = out.most = count();
        if (take(U',')) out.most = next_is(U'}') ? kNoEnd : count();
        if (!take(U'}')) bad_ = true;
      } else {
        return inner;
      }
      take(U'?');   // Greedy or not: whether it matches is the same.
      inner = out;
    }
  }

  std::size_t count() {
    std::size_t out = 0;
    if (at_ == text_.size() || text_[at_] < U'0' || text_[at_] > U'9') bad_ = true;
    while (at_ < text_.size() && text_[at_] >= U'0' && text_[at_] <= U'9') out = out * 10 + (text_[at_++] - U'0');
    return out;
  }

  Node atom() {
    if (take(U'(')) {
      if (take(U'?') && !take(U':')) bad_ = true;
      Node out = choice();
      if (!take(U')')) bad_ = true;
      return out;
    }
    if (take(U'[')) return bracket();
    if (take(U'^')) return {Node::Kind::begin, {}, false, {}, 1, 1};
    if (take(U'$')) return {Node::Kind::end, {}, false, {}, 1, 1};
    if (take(U'.')) return flags_.dot_is_all ? set_of({}, true) : set_of({{U'\n', U'\n'}}, true);
    if (take(U'\\')) return escape();
    if (next_is(U'*') || next_is(U'+') || next_is(U'?') || next_is(U'{')) bad_ = true;
    const char32_t c = any();
    return set_of({{c, c}});
  }

  Node escape() {
    const char32_t c = any();
    switch (c) {
      case U'd': return set_of({{U'0', U'9'}});
      case U'D': return set_of({{U'0', U'9'}}, true);
      case U's': return set_of({{U'\t', U'\n'}, {U'\f', U'\r'}, {U' ', U' '}});
      case U'S': return set_of({{U'\t', U'\n'}, {U'\f', U'\r'}, {U' ', U' '}}, true);
      case U'w': return set_of({{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}});
      case U'W': return set_of({{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}}, true);
      case U'n': return set_of({{U'\n', U'\n'}});
      default:
        if (is_word(c)) bad_ = true;   // Escapes that the generators do not write.
        return set_of({{c, c}});
    }
  }

  Node bracket() {
    Node out = set_of({}, take(U'^'));
    do {
      char32_t first = any();
      if (first == U'\\') first = any();
      char32_t last = first;
      if (next_is(U'-') && at_ + 1 < text_.size() && text_[at_ + 1] != U']') {
        ++at_;
        last = any();
      }
      out.ranges.emplace_back(first, last);
    } while (!bad_ && !next_is(U']'));
    take(U']');
    return out;
  }

  Letters text_;
  RegexFlags flags_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

bool within(const Node& set, char32_t c) {
  return std::any_of(set.ranges.begin(), set.ranges.end(), [&](const auto& range) { return c >= range.first && c <= range.second; });
}

using Places = std::set<std::size_t>;

/// Where a match of the node that begins at `at` may end: all of the places.
struct Attempt {
  const Letters& text;
  RegexFlags flags;

  Places ends(const Node& node, std::size_t at) const {
    const auto here = [&](bool yes, std::size_t end) { return yes ? Places{end} : Places{}; };
    switch (node.kind) {
      case Node::Kind::set: return here(at < text.size() && takes(node, text[at]), at + 1);
      case Node::Kind::begin: return here(at == 0 || (flags.lines && text[at - 1] == U'\n'), at);
      case Node::Kind::end: return here(at == text.size() || (flags.lines && text[at] == U'\n'), at);
      case Node::Kind::sequence: {
        Places out = {at};
        for (const Node& part : node.parts) out = ends(part, out);
        return out;
      }
      case Node::Kind::choice: {
        Places out;
        for (const Node& part : node.parts) out.merge(ends(part, at));
        return out;
      }
      case Node::Kind::repeat: {
        Places last = {at}, out = node.least == 0 ? last : Places{};
        for (std::size_t done = 1; done <= node.most && !last.empty(); ++done) {
          last = ends(node.parts[0], last);
          const std::size_t before = out.size();
          if (done >= node.least) out.insert(last.begin(), last.end());
          if (done > node.least && out.size() == before) break;   // More turns reach nothing new.
        }
        return out;
      }
    }
    return {};
  }

  Places ends(const Node& node, const Places& from) const {
    Places out;
    for (const std::size_t at : from) out.merge(ends(node, at));
    return out;
  }

  bool takes(const Node& set, char32_t c) const {
    bool in = within(set, c);
    if (flags.any_case && !in) {
      const auto letters = same_but_case(c);
      in = std::any_of(letters.begin(), letters.end(), [&](char32_t each) { return within(set, each); });
    }
    return in != set.negated;
  }
};

}  // namespace

std::optional<Regex> Regex::read(std::string_view text, RegexFlags flags) {
  auto root = Reader(letters_of(text), flags).all();
  if (!root) return std::nullopt;
  Regex out;
  out.root_ = std::make_shared<const Node>(std::move(*root));
  out.flags_ = flags;
  return out;
}

bool Regex::found_in(const Letters& text) const {
  const Attempt attempt{text, flags_};
  for (std::size_t at = 0; at <= text.size(); ++at)
    if (!attempt.ends(*root_, at).empty()) return true;
  return false;
}

}  // namespace tocsin::reference
