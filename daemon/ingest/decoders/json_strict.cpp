// json_strict.cpp: the strict walk that alone decides between event and dead letter.
#include <simdjson.h>

#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/json_escape.h"
#include "daemon/ingest/decoders/json_walks.h"
#include "daemon/ingest/key_hash.h"

namespace tocsin::ingest {
namespace {

/// One pass, no recursion: an open object or array costs a stack entry of our own, never a stack frame.
class Walk {
 public:
  Walk(std::string_view bytes, Document& out) : bytes_(bytes), out_(out) {}

  std::optional<DeadLetter> run() {
    blanks();
    if (at_ == bytes_.size()) return DeadLetter{"empty", "only blanks"};
    if (!value({})) return failure_;
    while (!open_.empty()) {
      if (!step()) return failure_;
    }
    blanks();
    if (at_ != bytes_.size()) return DeadLetter{"two_documents", fmt::format("the document ends at byte {} of {}", at_, bytes_.size())};
    return std::nullopt;
  }

 private:
  struct Open {
    std::uint32_t node;
    std::size_t begin;
    bool object;
    bool first = true;
  };

  bool fail(std::string_view reason, std::string_view what) {
    // Whatever is wrong at the very end is wrong because the end came too early.
    const bool ended = at_ >= bytes_.size() && reason == "not_json";
    failure_ = {ended ? "truncated" : reason, fmt::format("{} at byte {}", what, at_)};
    return false;
  }

  void blanks() {
    while (at_ < bytes_.size() && (bytes_[at_] == ' ' || bytes_[at_] == '\t' || bytes_[at_] == '\n' || bytes_[at_] == '\r')) ++at_;
  }

  /// The next member, element, or end of the innermost open object or array.
  bool step() {
    Open& open = open_.back();
    blanks();
    if (at_ >= bytes_.size()) return fail("not_json", "the end");
    const char close = open.object ? '}' : ']';
    if (bytes_[at_] == close) {
      ++at_;
      return end();
    }
    if (!open.first) {
      if (bytes_[at_] != ',') return fail("not_json", "expected a comma");
      ++at_;
      blanks();
      if (at_ < bytes_.size() && bytes_[at_] == close) return fail("not_json", "a comma before the end");
    }
    open.first = false;
    std::string_view key;
    if (open.object) {
      if (at_ >= bytes_.size() || bytes_[at_] != '"') return fail("not_json", "expected a key");
      if (++keys_ > limits::kEventKeysMax) return fail("too_many_keys", fmt::format("more than {} keys", limits::kEventKeysMax));
      if (!text(key)) return false;
      blanks();
      if (at_ >= bytes_.size() || bytes_[at_] != ':') return fail("not_json", "expected a colon");
      ++at_;
    }
    blanks();
    return value(key);
  }

  bool value(std::string_view key) {
    if (at_ >= bytes_.size()) return fail("not_json", "the end");
    const std::size_t begin = at_;
    const auto index = static_cast<std::uint32_t>(out_.nodes.size());
    Node& node = out_.add();
    node.key = key;
    node.hash = key_hash(key);
    switch (bytes_[at_]) {
      case '{':
      case '[':
        if (open_.size() >= limits::kEventDepthMax) return fail("too_deep", fmt::format("deeper than {}", limits::kEventDepthMax));
        node.kind = bytes_[at_] == '{' ? NodeKind::object : NodeKind::array;
        open_.push_back({index, begin, node.kind == NodeKind::object});
        ++at_;
        return true;
      case '"': {
        std::string_view content;
        if (!text(content)) return false;
        out_.nodes[index].kind = NodeKind::text;
        out_.nodes[index].text = content;
        break;
      }
      case 't': if (!word("true", NodeKind::boolean, index)) return false; break;
      case 'f': if (!word("false", NodeKind::boolean, index)) return false; break;
      case 'n': if (!word("null", NodeKind::null, index)) return false; break;
      default:
        if (!number()) return false;
        out_.nodes[index].kind = NodeKind::number;
        out_.nodes[index].text = bytes_.substr(begin, at_ - begin);
    }
    out_.nodes[index].raw = bytes_.substr(begin, at_ - begin);
    out_.nodes[index].after = index + 1;
    return true;
  }

  bool end() {
    const Open open = open_.back();
    open_.pop_back();
    Node& node = out_.nodes[open.node];
    node.raw = bytes_.substr(open.begin, at_ - open.begin);
    node.after = static_cast<std::uint32_t>(out_.nodes.size());
    return !open.object || unique_keys(open.node);
  }

  bool unique_keys(std::uint32_t object) {
    names_.clear();
    for_children(out_, object, [&](std::uint32_t child) { names_.push_back(out_.nodes[child].key); });
    constexpr std::size_t kPairwise = 12;  // Below, comparing all pairs is cheaper than sorting.
    if (names_.size() <= kPairwise) {
      for (std::size_t i = 1; i < names_.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (names_[i] == names_[j]) return fail("duplicate_key", "an object that ends");
        }
      }
      return true;
    }
    std::sort(names_.begin(), names_.end());
    if (std::adjacent_find(names_.begin(), names_.end()) != names_.end()) return fail("duplicate_key", "an object that ends");
    return true;
  }

  bool word(std::string_view expected, NodeKind kind, std::uint32_t index) {
    if (!bytes_.substr(at_).starts_with(expected)) {
      const bool cut = expected.starts_with(bytes_.substr(at_));
      return fail(cut ? "truncated" : "not_json", "an unknown word");
    }
    out_.nodes[index].kind = kind;
    out_.nodes[index].text = bytes_.substr(at_, expected.size());
    at_ += expected.size();
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '9') ++at_;
    return at_ > begin;
  }

  /// Any length and exponent: the token is kept as written, nothing is lost to a double.
  bool number() {
    if (bytes_[at_] == '-') ++at_;
    if (at_ < bytes_.size() && bytes_[at_] == '0') {
      ++at_;
    } else if (!digits()) {
      return fail("not_json", "no value begins like this");
    }
    if (at_ < bytes_.size() && bytes_[at_] == '.') {
      ++at_;
      if (!digits()) return fail("not_json", "a number without digits behind its point");
    }
    if (at_ < bytes_.size() && (bytes_[at_] == 'e' || bytes_[at_] == 'E')) {
      ++at_;
      if (at_ < bytes_.size() && (bytes_[at_] == '+' || bytes_[at_] == '-')) ++at_;
      if (!digits()) return fail("not_json", "a number without digits in its exponent");
    }
    return true;
  }

  bool text(std::string_view& out) {
    const std::size_t begin = ++at_;
    for (; at_ < bytes_.size(); ++at_) {
      const char c = bytes_[at_];
      if (c == '"') {
        out = bytes_.substr(begin, at_ - begin);
        ++at_;
        return true;
      }
      if (c == '\\') return escaped_text(begin, out);
      if (static_cast<unsigned char>(c) < 0x20) return fail("not_json", "a control character within a text");
    }
    return fail("not_json", "an open text");
  }

  bool escaped_text(std::size_t begin, std::string_view& out) {
    std::string clear(bytes_.substr(begin, at_ - begin));
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == '"') {
        ++at_;
        out = out_.keep(clear);
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("not_json", "a control character within a text");
      if (c != '\\') {
        clear += c;
        ++at_;
      } else if (!escape(clear)) {
        return false;
      }
    }
    return fail("not_json", "an open text");
  }

  bool escape(std::string& clear) {
    if (++at_ >= bytes_.size()) return fail("not_json", "an open escape");
    const char letter = bytes_[at_++];
    if (const char meaning = json_letter(letter); meaning != '\0') {
      clear += meaning;
      return true;
    }
    if (letter != 'u') return --at_, fail("not_json", "an unknown escape");
    const JsonUnicode character = json_unicode(bytes_.substr(at_));
    at_ += character.length;
    if (!character.reason.empty()) return fail(character.reason, character.what);
    char utf8[4];
    clear.append(utf8, write_utf8(character.code, utf8));
    return true;
  }

  std::string_view bytes_;
  Document& out_;
  std::size_t at_ = 0;
  std::size_t keys_ = 0;
  std::vector<Open> open_;
  std::vector<std::string_view> names_;
  DeadLetter failure_;
};

}  // namespace

std::optional<DeadLetter> walk_strictly(std::string_view bytes, Document& out) {
  out.clear();
  if (!simdjson::validate_utf8(bytes.data(), bytes.size())) return DeadLetter{"not_utf8", "the bytes are not UTF-8"};
  return Walk(bytes, out).run();
}

}  // namespace tocsin::ingest
