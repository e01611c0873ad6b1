// proto_free_form.cpp: YAML without a type becomes google.protobuf.Struct, Value and ListValue.
#include <google/protobuf/struct.pb.h>

#include <charconv>
#include <cmath>

#include "daemon/base/promise.h"
#include "daemon/base/proto_scalar.h"

namespace tocsin {
namespace {

namespace pb = google::protobuf;

/// JSON's number grammar: `010`, `1.`, `.5` and `0x10` stay texts, as they do in the core schema of most readers.
bool looks_like_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return false;
  if (text.front() < '0' || text.front() > '9' || text.back() < '0' || text.back() > '9') return false;
  return text.size() == 1 || text[0] != '0' || text[1] < '0' || text[1] > '9';
}

void set_value(pb::Value& out, const yaml::Node& node) {
  if (node.is_list()) {
    pb::ListValue& list = *out.mutable_list_value();
    for (const auto& item : node.items) set_value(*list.add_values(), item);
    return;
  }
  if (node.is_map()) {
    auto& fields = *out.mutable_struct_value()->mutable_fields();
    for (const auto& [key, value] : node.entries) set_value(fields[key.text], value);
    return;
  }
  if (node.is_null()) return out.set_null_value(pb::NULL_VALUE);
  const std::string& text = node.text;
  if (!node.quoted && (text == "true" || text == "false")) return out.set_bool_value(text == "true");
  if (!node.quoted && looks_like_number(text)) {
    double number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = text.find_first_of(".eE") == std::string::npos;
    constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it neighbours fall together, so the digits are kept.
    if (error == std::errc() && stop == text.data() + text.size() && !(whole && std::abs(number) > kExact)) {
      return out.set_number_value(number);
    }
  }
  out.set_string_value(text);
}

}  // namespace

bool is_free_form(const pb::Descriptor& type) {
  return type.full_name() == "google.protobuf.Struct" || type.full_name() == "google.protobuf.Value" ||
         type.full_name() == "google.protobuf.ListValue";
}

std::optional<Complaint> set_free_form(pb::Message& message, const yaml::Node& node) {
  const std::string& type = message.GetDescriptor()->full_name();
  pb::Value value;
  set_value(value, node);
  std::string wire;
  if (type == "google.protobuf.Struct") {
    if (!node.is_map()) return Complaint{"expected a map", ""};
    wire = value.struct_value().SerializeAsString();
  } else if (type == "google.protobuf.ListValue") {
    if (!node.is_list()) return Complaint{"expected a list", ""};
    wire = value.list_value().SerializeAsString();
  } else {
    wire = value.SerializeAsString();
  }
  // Through the wire, since the message may be of another descriptor pool.
  TOCSIN_ASSERT(message.ParseFromString(wire));
  return std::nullopt;
}

}  // namespace tocsin
