// json.h: messages as protobuf JSON, always in the same order.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin {

struct JsonSettings {
  bool pretty = false;     ///< Indented, with a final line break; else one line without one.
  bool defaults = false;   ///< Zeros, empty texts and empty lists are written, too: scripts need not ask whether a key is there.
};

/// Names as in the proto (snake_case), int64 as text, map entries sorted by key.
std::string to_json(const google::protobuf::Message& message, JsonSettings settings = {});

/// Reads protobuf JSON. Unknown names and wrong types are bad_input.
Result<void> from_json(std::string_view json, google::protobuf::Message& message);

/// The text with JSON's escapes, without quotes around it. Bytes that are not UTF-8 become U+FFFD.
std::string json_escaped(std::string_view text);

}  // namespace tocsin
