// wire_plan.cpp: descriptors into tables.
#include "daemon/ingest/decoders/wire_plan.h"

#include "daemon/base/promise.h"
#include "daemon/ingest/key_hash.h"

namespace tocsin::ingest {
namespace {

namespace pb = google::protobuf;

WireType type_of(const pb::FieldDescriptor& field) {
  switch (field.type()) {
    case pb::FieldDescriptor::TYPE_DOUBLE:
    case pb::FieldDescriptor::TYPE_FIXED64:
    case pb::FieldDescriptor::TYPE_SFIXED64: return WireType::fixed64;
    case pb::FieldDescriptor::TYPE_FLOAT:
    case pb::FieldDescriptor::TYPE_FIXED32:
    case pb::FieldDescriptor::TYPE_SFIXED32: return WireType::fixed32;
    case pb::FieldDescriptor::TYPE_STRING:
    case pb::FieldDescriptor::TYPE_MESSAGE: return WireType::bytes;
    default: return WireType::varint;
  }
}

}  // namespace

std::uint32_t WirePlan::add(const pb::Descriptor& type) {
  const auto [known, fresh] = places_.try_emplace(&type, static_cast<std::uint32_t>(messages_.size()));
  const std::uint32_t place = known->second;
  if (!fresh) return place;
  messages_.emplace_back();
  WireMessage out;
  out.timestamp = type.full_name() == "google.protobuf.Timestamp";
  std::vector<const pb::FieldDescriptor*> fields;
  for (int i = 0; i < type.field_count(); ++i) fields.push_back(type.field(i));
  std::sort(fields.begin(), fields.end(), [](const auto* a, const auto* b) { return a->number() < b->number(); });
  for (const pb::FieldDescriptor* field : fields) {
    TOCSIN_ASSERT(field->real_containing_oneof() == nullptr && field->type() != pb::FieldDescriptor::TYPE_GROUP &&
                  field->type() != pb::FieldDescriptor::TYPE_BYTES && field->number() < 1'000);
    TOCSIN_ASSERT(!field->is_map() || field->message_type()->map_value()->type() != pb::FieldDescriptor::TYPE_MESSAGE);
    const bool message = field->type() == pb::FieldDescriptor::TYPE_MESSAGE;
    const auto number = static_cast<std::size_t>(field->number());
    if (out.by_number.size() <= number) out.by_number.resize(number + 1, -1);
    out.by_number[number] = static_cast<std::int16_t>(out.fields.size());
    out.fields.push_back({.source = field,
                          .name = field->name(),
                          .hash = key_hash(field->name()),
                          .message = message ? add(*field->message_type()) : 0,
                          .type = type_of(*field),
                          .list = field->is_repeated() && !field->is_map(),
                          .map = field->is_map(),
                          .packable = field->is_packable(),
                          .zero_is_none = !field->has_presence()});
  }
  messages_[place] = std::move(out);
  return place;
}

}  // namespace tocsin::ingest
