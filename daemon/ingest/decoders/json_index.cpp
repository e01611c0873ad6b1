// json_index.cpp: from token to token over simdjson's index, without looking for what it has found already.
//
// The index is the first stage of simdjson's DOM parser: where each bracket, colon, comma, text and word begins, with UTF-8,
// quotes and control characters checked. Its second stage, the tape, would lose the tokens of numbers and the raw bytes of
// elements, and be walked once more for our nodes; so this is our second stage. It takes only what it can prove in passing:
// anything else (a fault, a duplicate key, a limit) is left to the strict walk.
#include <simdjson.h>

#include <array>
#include <bit>
#include <cstring>

#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/json_escape.h"
#include "daemon/ingest/decoders/json_walks.h"
#include "daemon/ingest/decoders/key_shapes.h"
#include "daemon/ingest/key_hash.h"

namespace tocsin::ingest {

/// Keys seen in the objects of the document in work. An entry is free where its object is of an earlier document.
struct SeenKey {
  std::uint32_t object = 0, hash = 0, node = 0;
};

struct JsonMemory {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::vector<SeenKey> seen;          ///< A power of two.
  std::uint32_t objects = 1;          ///< Number of the next object, over all documents.
  KeyShapes shapes;
};

void DecoderMemoryFree::operator()(JsonMemory* memory) const { delete memory; }

namespace {

constexpr std::size_t kBytesLeast = 16U << 10U;
constexpr std::uint32_t kProbesMax = 32;   // More have one hash by intention, or the document is a giant: the strict walk sorts them.

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Whether the bytes are a number of JSON and nothing else.
bool is_number(std::string_view token) {
  const char* at = token.data();
  const char* const end = at + token.size();
  const auto digits = [&] {
    const char* const begin = at;
    while (at < end && *at >= '0' && *at <= '9') ++at;
    return at > begin;
  };
  if (at < end && *at == '-') ++at;
  if (at < end && *at == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at < end && *at == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at < end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return false;
  }
  return at == end;
}

/// Copies up to the next backslash, or to the end. Windows paths have one every few bytes: too many for calls of memchr and memcpy.
const char* copy_plain(const char* at, const char* end, char*& to) {
  static_assert(std::endian::native == std::endian::little);
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    std::memcpy(to, &word, 8);   // Within the room of the text, which never grows.
    const std::uint64_t rest = word ^ 0x5C5C5C5C5C5C5C5CU;
    const std::uint64_t zeros = (rest - 0x0101010101010101U) & ~rest & 0x8080808080808080U;   // The lowest is exact.
    if (zeros != 0) {
      const int plain = std::countr_zero(zeros) / 8;
      to += plain;
      return at + plain;
    }
    at += 8;
    to += 8;
  }
  while (at < end && *at != '\\') *to++ = *at++;
  return at;
}

/// The text behind its escapes, in memory of the document. Free of the walk, whose members then stay in registers.
bool unescape(std::string_view& text, Document& out) {
  char* const clear = out.text_room(text.size());
  char* to = clear;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data();;) {
    const char* const slash = copy_plain(at, end, to);
    if (slash == end) break;
    at = slash + 2;
    if (at > end) return false;
    if (const char meaning = json_letter(slash[1]); meaning != '\0') {
      *to++ = meaning;
      continue;
    }
    if (slash[1] != 'u') return false;
    const JsonUnicode character = json_unicode({at, static_cast<std::size_t>(end - at)});
    if (!character.reason.empty()) return false;
    at += character.length;
    to += write_utf8(character.code, to);   // Never longer than its escape.
  }
  text = {clear, static_cast<std::size_t>(to - clear)};
  return true;
}

/// The keys of objects that no shape stands for. Apart from the walk, whose members then stay in registers.
struct SeenKeys {
  SeenKey* seen;
  std::uint32_t mask, first_object;
  const Node* nodes;

  /// A key of the object of this number that no earlier one is equal to.
  [[gnu::noinline]] bool is_new(const Node& node, std::uint32_t object) const {
    std::uint32_t place = (node.hash ^ object * 0x9E3779B1U) & mask;
    for (std::uint32_t probe = 0; probe < kProbesMax; ++probe, place = (place + 1) & mask) {
      SeenKey& here = seen[place];
      if (here.object < first_object) {
        here = {object, node.hash, static_cast<std::uint32_t>(&node - nodes)};
        return true;
      }
      if (here.object == object && here.hash == node.hash && same_key(nodes[here.node].key, node.key)) return false;
    }
    return false;
  }

  [[gnu::noinline]] bool all_new(const Node* child, const Node* end, std::uint32_t object) const {
    for (; child < end; child = nodes + child->after) {
      if (!is_new(*child, object)) return false;
    }
    return true;
  }
};

class IndexedWalk {
 public:
  IndexedWalk(std::string_view bytes, JsonMemory& memory, Document& out)
      : bytes_(bytes), index_(memory.parser->structural_indexes.get()), count_(memory.parser->n_structural_indexes), memory_(memory), out_(out),
        first_object_(memory.objects), seen_mask_(static_cast<std::uint32_t>(memory.seen.size() - 1)) {}

  bool run() {
    nodes_ = node_ = out_.room_for(count_);   // Each node begins at a token of its own.
    next_backslash(0);
    no_key();
    for (;;) {
      if (at_ >= count_) return false;
      Node& here = *node_++;   // Its key stands in it already.
      const char first = bytes_[index_[at_]];
      bool inside = false;
      if (first == '"') {
        here.kind = NodeKind::text;
        if (!text(here.text, here.raw)) return false;
        here.after = static_cast<std::uint32_t>(node_ - nodes_);
      } else if (first == '{' || first == '[') {
        if (!open(here, first == '{')) return false;
        inside = true;
      } else {
        if (!word(here)) return false;
        here.after = static_cast<std::uint32_t>(node_ - nodes_);
      }
      if (!step(inside)) return false;
      if (depth_ == 0) break;
      if (!open_[depth_ - 1].object) {
        no_key();
      } else if (!read_key()) {
        return false;
      }
    }
    if (at_ + 1 != count_) return false;
    out_.resize(static_cast<std::size_t>(node_ - nodes_));
    return true;
  }

 private:
  struct Open {
    Node* node;
    std::uint32_t begin, number;
    KeyShapes::Shape shape;   ///< Of an object so far; of a list: where it stands.
    bool object;
  };

  /// From a value, or an opening bracket, to the next key or element: over commas and closing brackets. Depth 0 is the end.
  bool step(bool inside) {
    while (depth_ > 0) {
      if (++at_ >= count_) return false;
      const Open& top = open_[depth_ - 1];
      const char c = bytes_[index_[at_]];
      if (c == (top.object ? '}' : ']')) {
        const std::uint32_t end = index_[at_] + 1;
        top.node->raw = between(top.begin, end);
        top.node->after = static_cast<std::uint32_t>(node_ - nodes_);
        --depth_;
        inside = false;
        continue;
      }
      if (inside) return true;   // The first of its object or array.
      return c == ',' && ++at_ < count_;
    }
    return true;
  }

  bool open(Node& here, bool object) {
    if (depth_ == limits::kEventDepthMax) return false;
    here.kind = object ? NodeKind::object : NodeKind::array;
    here.text = {};
    const KeyShapes::Shape at = depth_ == 0 ? KeyShapes::kRoot : open_[depth_ - 1].shape;
    open_[depth_++] = {&here, index_[at_], object ? memory_.objects++ : 0, object ? memory_.shapes.object(at) : at, object};
    return true;
  }

  void no_key() {
    node_->key = {};
    node_->hash = key_hash({});
    node_->shape = KeyShapes::kNone;
  }

  /// Into the next node, which this key will be of.
  bool read_key() {
    if (bytes_[index_[at_]] != '"' || ++keys_ > limits::kEventKeysMax) return false;
    std::string_view& key = node_->key;   // Where it will stand: a copy would wait for its own halves.
    if (!text(key, node_->raw)) return false;
    Open& top = open_[depth_ - 1];
    const KeyShapes::Shape shape = top.shape == KeyShapes::kNone ? KeyShapes::kNone : memory_.shapes.next(top.shape, key, is_wide(key));
    node_->shape = shape;
    if (shape != KeyShapes::kNone) {
      node_->hash = memory_.shapes.hash(shape);
    } else {
      node_->hash = key_hash(key);
      const SeenKeys seen{memory_.seen.data(), seen_mask_, first_object_, nodes_};
      // From here on the keys of this object are not known by its shape: those before this one.
      if (top.shape != KeyShapes::kNone && !seen.all_new(top.node + 1, node_, top.number)) return false;
      if (!seen.is_new(*node_, top.number)) return false;
    }
    top.shape = shape;
    if (++at_ >= count_ || bytes_[index_[at_]] != ':') return false;
    ++at_;
    return true;
  }

  /// What stands behind a key can be read with it; behind one that had escapes, and at the end of the record, nothing may.
  bool is_wide(std::string_view key) const { return key.data() >= bytes_.data() && key.data() + KeyShapes::kWide <= bytes_.data() + bytes_.size(); }

  /// The index lies within the bytes, so that nothing is to be checked.
  std::string_view between(std::uint32_t begin, std::uint32_t end) const { return {bytes_.data() + begin, end - begin}; }

  /// Where the token ends: between it and the next one the index leaves only blanks.
  std::uint32_t end_of_token() const {
    std::uint32_t end = index_[at_ + 1];   // Behind the last token the index holds the size.
    while (is_blank(bytes_[end - 1])) --end;
    return end;
  }

  [[gnu::always_inline]] bool text(std::string_view& clear, std::string_view& raw) {
    const std::uint32_t begin = index_[at_], end = end_of_token();
    if (end - begin < 2 || bytes_[end - 1] != '"') return false;
    raw = between(begin, end);
    clear = between(begin + 1, end - 1);   // Not of `raw`: it would wait for what was just written there.
    if (backslash_ >= end) return true;
    next_backslash(end);
    return unescape(clear, out_);
  }

  bool word(Node& here) {
    const std::uint32_t begin = index_[at_], end = end_of_token();
    const std::string_view token = between(begin, end);
    here.text = here.raw = token;
    switch (token.front()) {
      case 't': here.kind = NodeKind::boolean; return token == "true";
      case 'f': here.kind = NodeKind::boolean; return token == "false";
      case 'n': here.kind = NodeKind::null; return token == "null";
      default: here.kind = NodeKind::number; return is_number(token);
    }
  }

  void next_backslash(std::size_t from) {
    const auto* found = static_cast<const char*>(std::memchr(bytes_.data() + from, '\\', bytes_.size() - from));
    backslash_ = found == nullptr ? bytes_.size() : static_cast<std::size_t>(found - bytes_.data());
  }

  const std::string_view bytes_;
  const std::uint32_t* const index_;
  const std::uint32_t count_;
  JsonMemory& memory_;
  Document& out_;
  const std::uint32_t first_object_, seen_mask_;
  Node* nodes_ = nullptr;
  Node* node_ = nullptr;              ///< The next one.
  std::uint32_t at_ = 0;              ///< In the index.
  std::size_t keys_ = 0;
  std::size_t backslash_ = 0;         ///< The first that no text has passed.
  std::size_t depth_ = 0;
  std::array<Open, limits::kEventDepthMax> open_;
};

/// Memory for a document of so many bytes; false where there is none.
bool prepare(JsonMemory& memory, std::size_t bytes) {
  if (memory.parser == nullptr || memory.parser->capacity() < bytes) {
    const std::size_t capacity = std::max(kBytesLeast, bytes * 2);
    memory.parser.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, limits::kEventDepthMax, memory.parser) != simdjson::SUCCESS) {
      memory.parser.reset();
      return false;
    }
  }
  return true;
}

/// Three tokens at least belong to a key, so that the table is never more than a third full.
void prepare_seen(JsonMemory& memory) {
  constexpr std::uint32_t kObjectsMost = 0xF0000000U;
  std::size_t size = std::max<std::size_t>(memory.seen.size(), 256);
  while (size < memory.parser->n_structural_indexes) size *= 2;
  if (size != memory.seen.size() || memory.objects > kObjectsMost) {
    memory.seen.assign(size, {});
    memory.objects = 1;
  }
}

}  // namespace

bool walk_indexed(std::string_view bytes, Document& out) {
  out.clear();
  if (out.json == nullptr) out.json.reset(new JsonMemory);
  JsonMemory& memory = *out.json;
  if (!prepare(memory, bytes.size())) return false;
  if (memory.parser->stage1(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return false;
  prepare_seen(memory);
  memory.shapes.begin();
  out.generation = memory.shapes.generation();
  return IndexedWalk(bytes, memory, out).run();
}

}  // namespace tocsin::ingest
