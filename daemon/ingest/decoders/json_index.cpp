// json_index.cpp: from token to token over simdjson's index, without looking for what it has found already.
//
// The index is the first stage of simdjson's DOM parser: where each bracket, colon, comma, text and word begins, with UTF-8,
// quotes and control characters checked. Its second stage, the tape, would lose the tokens of numbers and the raw bytes of
// elements, and be walked once more for our nodes; so this is our second stage. It takes only what it can prove in passing:
// anything else (a fault, a duplicate key, a limit) is left to the strict walk.
#include <simdjson.h>

#include <array>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/json_escape.h"
#include "daemon/ingest/decoders/json_walks.h"
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

/// Copies on to the next backslash, and says where that is; `end` where there is none. `to` has room for as much as stands before `end`.
const char* copy_plain(const char* at, const char* end, char*& to) {
#if defined(__SSE2__)
  // Escapes of paths stand a few letters apart: sixteen bytes go over at once, whatever of them counts.
  constexpr std::ptrdiff_t kBlock = 16;
  const __m128i backslashes = _mm_set1_epi8('\\');
  while (end - at >= kBlock) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, backslashes)));
    const int plain = found == 0 ? static_cast<int>(kBlock) : __builtin_ctz(found);
    at += plain;
    to += plain;
    if (found != 0) return at;
  }
#endif
  const auto* slash = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
  const char* const stop = slash == nullptr ? end : slash;
  std::memcpy(to, at, static_cast<std::size_t>(stop - at));
  to += stop - at;
  return stop;
}

/// The text behind its escapes, in memory of the document. Free of the walk, whose members then stay in registers.
bool unescape(std::string_view& text, Document& out) {
  char* const clear = out.text_room(text.size());
  char* to = clear;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
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
        top.node->raw = bytes_.substr(top.begin, end - top.begin);
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
    open_[depth_++] = {&here, index_[at_], object ? memory_.objects++ : 0, object};
    return true;
  }

  void no_key() {
    node_->key = {};
    node_->hash = key_hash({});
  }

  /// Into the next node, which this key will be of.
  bool read_key() {
    if (bytes_[index_[at_]] != '"' || ++keys_ > limits::kEventKeysMax) return false;
    std::string_view key, raw;
    if (!text(key, raw)) return false;
    const std::uint32_t hash = key_hash(key);
    if (!is_new(key, hash)) return false;
    node_->key = key;
    node_->hash = hash;
    if (++at_ >= count_ || bytes_[index_[at_]] != ':') return false;
    ++at_;
    return true;
  }

  bool is_new(std::string_view key, std::uint32_t hash) {
    const std::uint32_t object = open_[depth_ - 1].number;
    std::uint32_t place = (hash ^ object * 0x9E3779B1U) & seen_mask_;
    for (std::uint32_t probe = 0; probe < kProbesMax; ++probe, place = (place + 1) & seen_mask_) {
      SeenKey& seen = memory_.seen[place];
      if (seen.object < first_object_) {
        seen = {object, hash, static_cast<std::uint32_t>(node_ - nodes_)};
        return true;
      }
      if (seen.object == object && seen.hash == hash && same_key(nodes_[seen.node].key, key)) return false;
    }
    return false;
  }

  /// Where the token ends: between it and the next one the index leaves only blanks.
  std::uint32_t end_of_token() const {
    std::uint32_t end = index_[at_ + 1];   // Behind the last token the index holds the size.
    while (is_blank(bytes_[end - 1])) --end;
    return end;
  }

  [[gnu::always_inline]] bool text(std::string_view& clear, std::string_view& raw) {
    const std::uint32_t begin = index_[at_], end = end_of_token();
    if (end - begin < 2 || bytes_[end - 1] != '"') return false;
    raw = bytes_.substr(begin, end - begin);
    clear = raw.substr(1, raw.size() - 2);
    if (backslash_ >= end) return true;
    next_backslash(end);
    return unescape(clear, out_);
  }

  bool word(Node& here) {
    const std::uint32_t begin = index_[at_], end = end_of_token();
    const std::string_view token = bytes_.substr(begin, end - begin);
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
  return IndexedWalk(bytes, memory, out).run();
}

}  // namespace tocsin::ingest
