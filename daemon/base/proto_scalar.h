// proto_scalar.h: one text becomes the value of one protobuf field.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/yaml.h"

namespace tocsin {

/// What is wrong with a value, without its place.
struct Complaint {
  std::string message;
  std::string hint;
};

/// The scalar that a field reads: its text, whether it was quoted, and how an error may show it. Texts that came from the
/// environment are not shown, since they may be secrets.
struct ScalarText {
  std::string text;
  bool quoted = false;
  std::string shown;
};

/// Whether a message type is written as one scalar: Duration, Timestamp and the wrappers.
bool is_scalar_message(const google::protobuf::Descriptor& type);
/// Whether a message type takes any YAML: Struct, Value, ListValue.
bool is_free_form(const google::protobuf::Descriptor& type);

/// What a field wants, for people: `a whole number`, `one of hold, redirect, live`.
std::string expectation(const google::protobuf::FieldDescriptor& field);

/// Sets the field (adds to it, where it is repeated) from a text, after checking type, min, max and one_of.
std::optional<Complaint> set_scalar(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                                    const ScalarText& scalar);

/// Fills a Struct, Value or ListValue. Struct wants a map, ListValue a list.
std::optional<Complaint> set_free_form(google::protobuf::Message& message, const yaml::Node& node);

}  // namespace tocsin
