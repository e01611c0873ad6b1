// protobuf.cpp: an AccessEvent by generated code, told as the nodes that its JSON would give.
#include <google/protobuf/timestamp.pb.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/decoders.h"
#include "tocsin/v1/event.pb.h"

namespace tocsin::ingest {
namespace {

namespace pb = google::protobuf;

/// Fields that are absent (proto3: empty, zero) give no node, as the protobuf JSON mapping leaves them out.
class Teller {
 public:
  explicit Teller(Document& out) : out_(out) {}

  void message(const pb::Message& from, std::string_view key) {
    const std::uint32_t index = open(NodeKind::object, key);
    std::vector<const pb::FieldDescriptor*> set;
    from.GetReflection()->ListFields(from, &set);
    for (const pb::FieldDescriptor* field : set) {
      if (field->is_map()) {
        map(from, *field);
      } else if (field->is_repeated()) {
        const std::uint32_t list = open(NodeKind::array, field->name());
        for (int i = 0; i < from.GetReflection()->FieldSize(from, field); ++i) value(from, *field, i, {});
        close(list);
      } else {
        value(from, *field, -1, field->name());
      }
    }
    close(index);
  }

 private:
  std::uint32_t open(NodeKind kind, std::string_view key) {
    const auto index = static_cast<std::uint32_t>(out_.nodes.size());
    out_.nodes.push_back({kind, key, {}, {}, index + 1});
    return index;
  }
  void close(std::uint32_t index) { out_.nodes[index].after = static_cast<std::uint32_t>(out_.nodes.size()); }
  void leaf(NodeKind kind, std::string_view key, std::string text) {
    const std::uint32_t index = open(kind, key);
    out_.nodes[index].text = out_.keep(std::move(text));
  }

  void map(const pb::Message& from, const pb::FieldDescriptor& field) {
    const std::uint32_t index = open(NodeKind::object, field.name());
    const pb::Reflection& reflection = *from.GetReflection();
    for (int i = 0; i < reflection.FieldSize(from, &field); ++i) {
      const pb::Message& entry = reflection.GetRepeatedMessage(from, &field, i);
      std::string key = entry.GetReflection()->GetString(entry, entry.GetDescriptor()->map_key());
      value(entry, *entry.GetDescriptor()->map_value(), -1, out_.keep(std::move(key)));
    }
    close(index);
  }

  /// One value; `at` is −1 for a single field.
  void value(const pb::Message& from, const pb::FieldDescriptor& field, int at, std::string_view key) {
    const pb::Reflection& get = *from.GetReflection();
    const bool many = at >= 0;
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_STRING:
        return leaf(NodeKind::text, key, many ? get.GetRepeatedString(from, &field, at) : get.GetString(from, &field));
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        return leaf(NodeKind::boolean, key, (many ? get.GetRepeatedBool(from, &field, at) : get.GetBool(from, &field)) ? "true" : "false");
      case pb::FieldDescriptor::CPPTYPE_INT32:
        return leaf(NodeKind::number, key, fmt::format("{}", many ? get.GetRepeatedInt32(from, &field, at) : get.GetInt32(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return leaf(NodeKind::number, key, fmt::format("{}", many ? get.GetRepeatedInt64(from, &field, at) : get.GetInt64(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        return leaf(NodeKind::number, key, fmt::format("{}", many ? get.GetRepeatedUInt32(from, &field, at) : get.GetUInt32(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        return leaf(NodeKind::number, key, fmt::format("{}", many ? get.GetRepeatedUInt64(from, &field, at) : get.GetUInt64(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_DOUBLE:
        return leaf(NodeKind::number, key, fmt::format("{}", many ? get.GetRepeatedDouble(from, &field, at) : get.GetDouble(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_FLOAT:
        return leaf(NodeKind::number, key, fmt::format("{}", many ? get.GetRepeatedFloat(from, &field, at) : get.GetFloat(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_ENUM: {
        const auto* word = many ? get.GetRepeatedEnum(from, &field, at) : get.GetEnum(from, &field);
        return leaf(NodeKind::text, key, word->name());
      }
      case pb::FieldDescriptor::CPPTYPE_MESSAGE: {
        const pb::Message& child = many ? get.GetRepeatedMessage(from, &field, at) : get.GetMessage(from, &field);
        if (child.GetDescriptor()->full_name() != "google.protobuf.Timestamp") return message(child, key);
        const auto& time = static_cast<const pb::Timestamp&>(child);
        return leaf(NodeKind::text, key, rfc3339(instant_of(time.seconds() * 1'000'000 + time.nanos() / 1'000)));
      }
    }
  }

  Document& out_;
};

/// Seconds that RFC 3339 can write: years 1 to 9999.
bool writable(const v1::AccessEvent& event) {
  constexpr std::int64_t kFirst = -62'135'596'800, kLast = 253'402'300'799;
  const auto in = [](const pb::Timestamp& at) { return at.seconds() >= kFirst && at.seconds() <= kLast && at.nanos() >= 0 && at.nanos() < 1'000'000'000; };
  return in(event.time()) && in(event.retention_until()) && in(event.partner().valid_to());
}

}  // namespace

std::optional<DeadLetter> decode_protobuf(std::string_view bytes, Document& out) {
  out.clear();
  if (bytes.empty()) return DeadLetter{"empty", "no bytes"};
  if (bytes.size() > limits::kEventBytesMax) {
    return DeadLetter{"too_large", fmt::format("{} bytes; at most {} are read", bytes.size(), limits::kEventBytesMax)};
  }
  v1::AccessEvent event;
  if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return DeadLetter{"not_protobuf", "the bytes are not a tocsin.v1.AccessEvent"};
  }
  if (!writable(event)) return DeadLetter{"bad_time", "a timestamp outside the years 1 to 9999"};
  Teller(out).message(event, {});
  return std::nullopt;
}

}  // namespace tocsin::ingest
