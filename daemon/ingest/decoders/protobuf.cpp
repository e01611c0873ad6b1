// protobuf.cpp: an AccessEvent straight from its bytes, told as the nodes that its JSON would give.
#include <simdjson.h>

#include <tuple>

#include "daemon/base/limits.h"
#include "daemon/base/rfc3339.h"
#include "daemon/ingest/decoders/decoders.h"
#include "daemon/ingest/decoders/wire_plan.h"
#include "daemon/ingest/key_hash.h"
#include "tocsin/v1/event.pb.h"

namespace tocsin::ingest {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

constexpr int kDepthMost = 100;   // Of messages and groups, as in the generated parsers.

/// Seconds that RFC 3339 can write: years 1 to 9999.
bool is_writable(std::int64_t seconds, std::int32_t nanos) {
  return seconds >= -62'135'596'800 && seconds <= 253'402'300'799 && nanos >= 0 && nanos < 1'000'000'000;
}

bool is_utf8(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
  return ascii || simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace

/// A value as it stands on the wire.
struct Occurrence {
  std::uint32_t field = 0, order = 0;
  WireType type{};
  std::uint64_t number = 0;
  std::string_view bytes;
};

/// The memory of one walk, kept in stacks: a message uses what lies above its own mark.
struct WireMemory {
  std::vector<Occurrence> occurrences;
  std::vector<std::string_view> pieces;
  std::vector<std::uint32_t> entries;
};

void DecoderMemoryFree::operator()(WireMemory* memory) const { delete memory; }

namespace {

/// Fields that are absent (proto3: empty, zero) give no node, as the protobuf JSON mapping leaves them out; fields come by
/// number, the last of a single one wins, and a single message that is written twice is merged: all as generated code has it.
class WireWalk {
 public:
  WireWalk(const WirePlan& plan, WireMemory& memory, Document& out) : plan_(plan), memory_(memory), out_(out) {}

  bool run(std::string_view bytes) {
    memory_.occurrences.clear();
    memory_.pieces.assign(1, bytes);
    return message(plan_.messages().front(), 0, {}, 0, kDepthMost);
  }
  /// Some time was outside what can be written.
  bool bad_time() const { return bad_time_; }

 private:
  std::uint32_t open(NodeKind kind, std::string_view key, std::uint32_t hash) {
    const auto index = static_cast<std::uint32_t>(out_.nodes.size());
    Node& node = out_.add();
    node.kind = kind;
    node.key = key;
    node.hash = hash;
    node.after = index + 1;
    return index;
  }
  void close(std::uint32_t index) { out_.nodes[index].after = static_cast<std::uint32_t>(out_.nodes.size()); }
  void leaf(NodeKind kind, std::string_view key, std::uint32_t hash, std::string_view text) { out_.nodes[open(kind, key, hash)].text = text; }
  template <typename Number>
  void number(std::string_view key, std::uint32_t hash, Number value) {
    char text[32];
    const char* const end = fmt::format_to_n(text, sizeof text, "{}", value).out;
    leaf(NodeKind::number, key, hash, out_.keep({text, static_cast<std::size_t>(end - text)}));
  }

  /// The message whose bytes are the pieces from `first` on; they are taken off.
  bool message(const WireMessage& type, std::size_t first, std::string_view key, std::uint32_t hash, int depth) {
    const std::size_t mark = memory_.occurrences.size();
    for (std::size_t i = first; i < memory_.pieces.size(); ++i) {
      if (!gather(type, memory_.pieces[i], depth)) return false;
    }
    memory_.pieces.resize(first);
    const auto begin = memory_.occurrences.begin() + static_cast<std::ptrdiff_t>(mark);
    const auto before = [](const Occurrence& a, const Occurrence& b) { return std::tie(a.field, a.order) < std::tie(b.field, b.order); };
    if (!std::is_sorted(begin, memory_.occurrences.end(), before)) std::sort(begin, memory_.occurrences.end(), before);
    const bool told = type.timestamp ? timestamp(type, mark, key, hash) : fields(type, mark, key, hash, depth);
    memory_.occurrences.resize(mark);
    return told;
  }

  bool gather(const WireMessage& type, std::string_view bytes, int depth) {
    WireReader reader(bytes);
    while (!reader.done()) {
      std::uint32_t number = 0;
      Occurrence here;
      if (!reader.tag(number, here.type)) return false;
      const int place = type.find(number);
      const WireField* field = place < 0 ? nullptr : &type.fields[static_cast<std::size_t>(place)];
      if (field == nullptr || (here.type != field->type && !(field->packable && here.type == WireType::bytes))) {
        if (!reader.skip(number, here.type, depth)) return false;   // Unknown, or of a type that it does not have: passed over.
        continue;
      }
      here.field = static_cast<std::uint32_t>(place);
      here.order = static_cast<std::uint32_t>(memory_.occurrences.size());
      if (!value(reader, here.type, here)) return false;
      if (field->source->type() == Field::TYPE_STRING && !is_utf8(here.bytes)) return false;
      memory_.occurrences.push_back(here);
    }
    return true;
  }

  static bool value(WireReader& reader, WireType type, Occurrence& out) {
    switch (type) {
      case WireType::varint: return reader.varint(out.number);
      case WireType::fixed64: return reader.fixed64(out.number);
      case WireType::fixed32: return reader.fixed32(out.number);
      default: return reader.bytes(out.bytes);
    }
  }

  /// By index, since what lies below a message grows the stack.
  const Occurrence& at(std::size_t i) const { return memory_.occurrences[i]; }

  bool fields(const WireMessage& type, std::size_t mark, std::string_view key, std::uint32_t hash, int depth) {
    const std::uint32_t index = open(NodeKind::object, key, hash);
    const std::size_t all = memory_.occurrences.size();
    for (std::size_t from = mark, to = mark; from < all; from = to) {
      while (to < all && at(to).field == at(from).field) ++to;
      const WireField& field = type.fields[at(from).field];
      if (field.map) {
        if (!map(field, from, to, depth)) return false;
      } else if (field.list) {
        if (!list(field, from, to, depth)) return false;
      } else if (field.source->type() == Field::TYPE_MESSAGE) {
        if (!child(field, from, to, field.name, field.hash, depth)) return false;
      } else {
        single(field, to - 1);
      }
    }
    close(index);
    return true;
  }

  bool child(const WireField& field, std::size_t from, std::size_t to, std::string_view key, std::uint32_t hash, int depth) {
    if (depth == 0) return false;
    const std::size_t first = memory_.pieces.size();
    for (std::size_t i = from; i < to; ++i) memory_.pieces.push_back(at(i).bytes);
    return message(plan_.messages()[field.message], first, key, hash, depth - 1);
  }

  void single(const WireField& field, std::size_t last) {
    const Occurrence here = at(last);
    const bool zero = field.type == WireType::bytes ? here.bytes.empty() : is_zero(field, here.number);
    if (!(zero && field.zero_is_none)) scalar(field, here, field.name, field.hash);
  }

  bool list(const WireField& field, std::size_t from, std::size_t to, int depth) {
    const std::uint32_t index = open(NodeKind::array, field.name, field.hash);
    for (std::size_t i = from; i < to; ++i) {
      if (field.source->type() == Field::TYPE_MESSAGE) {
        if (!child(field, i, i + 1, {}, key_hash({}), depth)) return false;
        continue;
      }
      Occurrence here = at(i);
      if (here.type == field.type) {
        scalar(field, here, {}, key_hash({}));
        continue;
      }
      for (WireReader run(here.bytes); !run.done();) {
        if (!value(run, field.type, here)) return false;
        scalar(field, here, {}, key_hash({}));
      }
    }
    if (out_.nodes.size() > index + 1) close(index);
    else out_.nodes = out_.nodes.first(index);   // An empty run of packed values is no list.
    return true;
  }

  /// Entries are messages of a key and a value; the last of equal keys wins.
  bool map(const WireField& field, std::size_t from, std::size_t to, int depth) {
    const std::uint32_t index = open(NodeKind::object, field.name, field.hash);
    const WireMessage& entry = plan_.messages()[field.message];
    memory_.entries.clear();
    for (std::size_t i = from; i < to; ++i) {
      if (depth == 0) return false;
      const std::size_t mark = memory_.occurrences.size();
      if (!gather(entry, at(i).bytes, depth - 1)) return false;
      Occurrence key, content;
      for (std::size_t part = mark; part < memory_.occurrences.size(); ++part) (at(part).field == 0 ? key : content) = at(part);
      memory_.occurrences.resize(mark);
      memory_.entries.push_back(static_cast<std::uint32_t>(out_.nodes.size()));
      scalar(entry.fields[1], content, key.bytes, key_hash(key.bytes));
    }
    if (memory_.entries.size() > 1) drop_overwritten(index);
    close(index);
    return true;
  }

  void drop_overwritten(std::uint32_t map_index) {
    std::vector<std::uint32_t>& entries = memory_.entries;
    const auto key = [&](std::uint32_t node) { return out_.nodes[node].key; };
    std::sort(entries.begin(), entries.end(), [&](std::uint32_t a, std::uint32_t b) { return std::pair(key(a), a) < std::pair(key(b), b); });
    for (std::size_t i = 0; i + 1 < entries.size(); ++i) {
      if (key(entries[i]) == key(entries[i + 1])) out_.nodes[entries[i]].after = 0;   // Marked.
    }
    std::uint32_t kept = map_index + 1;
    for (std::uint32_t i = kept; i < out_.nodes.size(); ++i) {
      if (out_.nodes[i].after == 0) continue;
      out_.nodes[kept] = out_.nodes[i];
      out_.nodes[kept].after = kept + 1;
      ++kept;
    }
    out_.nodes = out_.nodes.first(kept);
  }

  bool timestamp(const WireMessage& type, std::size_t mark, std::string_view key, std::uint32_t hash) {
    std::int64_t seconds = 0;
    std::int32_t nanos = 0;
    for (std::size_t i = mark; i < memory_.occurrences.size(); ++i) {
      if (type.fields[at(i).field].source->number() == 1) seconds = static_cast<std::int64_t>(at(i).number);
      else nanos = static_cast<std::int32_t>(at(i).number);
    }
    if (!is_writable(seconds, nanos)) {
      bad_time_ = true;   // Said only of bytes that are an event otherwise.
      seconds = nanos = 0;
    }
    RfcRoom room;
    leaf(NodeKind::text, key, hash, out_.keep(rfc3339_in(room, instant_of(seconds * 1'000'000 + nanos / 1'000))));
    return true;
  }

  /// Of the bits that the type keeps: an int32 is cut from a longer varint.
  static bool is_zero(const WireField& field, std::uint64_t number) {
    switch (field.source->type()) {
      case Field::TYPE_INT32:
      case Field::TYPE_UINT32:
      case Field::TYPE_SINT32:
      case Field::TYPE_ENUM: return static_cast<std::uint32_t>(number) == 0;
      default: return number == 0;
    }
  }

  void scalar(const WireField& field, const Occurrence& from, std::string_view key, std::uint32_t hash) {
    const std::uint64_t bits = from.number;
    const auto low = static_cast<std::uint32_t>(bits);
    const auto as = [](auto number, auto raw) {
      std::memcpy(&number, &raw, sizeof number);
      return number;
    };
    switch (field.source->type()) {
      case Field::TYPE_STRING: return leaf(NodeKind::text, key, hash, from.bytes);
      case Field::TYPE_BOOL: return leaf(NodeKind::boolean, key, hash, bits != 0 ? "true" : "false");
      case Field::TYPE_INT32:
      case Field::TYPE_SFIXED32: return number(key, hash, static_cast<std::int32_t>(low));
      case Field::TYPE_UINT32:
      case Field::TYPE_FIXED32: return number(key, hash, low);
      case Field::TYPE_SINT32: return number(key, hash, static_cast<std::int32_t>((low >> 1U) ^ (~(low & 1U) + 1U)));
      case Field::TYPE_INT64:
      case Field::TYPE_SFIXED64: return number(key, hash, static_cast<std::int64_t>(bits));
      case Field::TYPE_UINT64:
      case Field::TYPE_FIXED64: return number(key, hash, bits);
      case Field::TYPE_SINT64: return number(key, hash, static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U)));
      case Field::TYPE_DOUBLE: return number(key, hash, as(double{}, bits));
      case Field::TYPE_FLOAT: return number(key, hash, as(float{}, low));
      case Field::TYPE_ENUM: return name(field, static_cast<std::int32_t>(low), key, hash);
      default: return;
    }
  }

  void name(const WireField& field, std::int32_t value, std::string_view key, std::uint32_t hash) {
    const pb::EnumDescriptor& type = *field.source->enum_type();
    if (const auto* word = type.FindValueByNumber(value)) return leaf(NodeKind::text, key, hash, word->name());
    // A newer producer's: named as protobuf names it.
    char text[128];
    const char* const end = fmt::format_to_n(text, sizeof text, "UNKNOWN_ENUM_VALUE_{}_{}", type.name(), value).out;
    leaf(NodeKind::text, key, hash, out_.keep({text, static_cast<std::size_t>(end - text)}));
  }

  const WirePlan& plan_;
  WireMemory& memory_;
  Document& out_;
  bool bad_time_ = false;
};

}  // namespace

std::optional<DeadLetter> decode_protobuf(std::string_view bytes, Document& out) {
  static const WirePlan plan(*v1::AccessEvent::descriptor());
  out.clear();
  if (bytes.empty()) return DeadLetter{"empty", "no bytes"};
  if (bytes.size() > limits::kEventBytesMax) {
    return DeadLetter{"too_large", fmt::format("{} bytes; at most {} are read", bytes.size(), limits::kEventBytesMax)};
  }
  if (out.wire == nullptr) out.wire.reset(new WireMemory);
  WireWalk walk(plan, *out.wire, out);
  if (!walk.run(bytes)) return DeadLetter{"not_protobuf", "the bytes are not a tocsin.v1.AccessEvent"};
  if (walk.bad_time()) return DeadLetter{"bad_time", "a timestamp outside the years 1 to 9999"};
  return std::nullopt;
}

}  // namespace tocsin::ingest
