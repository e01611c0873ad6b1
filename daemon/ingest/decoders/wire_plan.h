// wire_plan.h: what a message type says about its bytes, taken from its descriptor once.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <vector>

#include "daemon/ingest/decoders/wire_reader.h"

namespace tocsin::ingest {

struct WireField {
  const google::protobuf::FieldDescriptor* source = nullptr;
  std::string_view name;
  std::uint32_t hash = 0;          ///< key_hash() of the name.
  std::uint32_t message = 0;       ///< Place of its type in messages().
  WireType type{};                 ///< Of one value.
  bool list = false, map = false;
  bool packable = false;           ///< Many values may stand in one run of bytes.
  bool zero_is_none = false;       ///< proto3: the default value is no value.
};

struct WireMessage {
  bool timestamp = false;                   ///< google.protobuf.Timestamp, which is told as a text.
  std::vector<WireField> fields;            ///< By number.
  /// Place in `fields`, or −1 where the type has no such field.
  int find(std::uint32_t number) const { return number < by_number.size() ? by_number[number] : -1; }
  std::vector<std::int16_t> by_number;
};

/// A message type and all types below it. Immutable, any thread.
class WirePlan {
 public:
  /// Promises a type of scalars, enums, lists, maps and messages, numbered below 1,000: no oneofs, no groups, no bytes, no maps of messages.
  explicit WirePlan(const google::protobuf::Descriptor& root) { add(root); }

  /// The root stands first.
  const std::vector<WireMessage>& messages() const { return messages_; }

 private:
  std::uint32_t add(const google::protobuf::Descriptor& type);

  std::vector<WireMessage> messages_;
  std::map<const google::protobuf::Descriptor*, std::uint32_t> places_;
};

}  // namespace tocsin::ingest
