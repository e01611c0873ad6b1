// json.cpp: protobuf's JSON printer, over a serialisation whose maps are sorted.
#include "daemon/base/json.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include "daemon/base/promise.h"

namespace tocsin {
namespace {

namespace pb = google::protobuf;

/// The printer reads the wire in the order it finds, and a map's order in memory differs from run to run.
std::string sorted_wire(const pb::Message& message) {
  std::string wire;
  pb::io::StringOutputStream raw(&wire);
  pb::io::CodedOutputStream out(&raw);
  out.SetSerializationDeterministic(true);
  TOCSIN_ASSERT(message.SerializeToCodedStream(&out));
  out.Trim();
  return wire;
}

/// Length of the UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) || (first == 0xF0 && byte(1) < 0x90) ||
      (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;  // Overlong forms, surrogates, and what lies beyond Unicode.
  }
  return length;
}

}  // namespace

std::string to_json(const pb::Message& message, JsonSettings settings) {
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = settings.pretty;
  options.always_print_primitive_fields = settings.defaults;
  const std::unique_ptr<pb::util::TypeResolver> types(
      pb::util::NewTypeResolverForDescriptorPool("type.googleapis.com", message.GetDescriptor()->file()->pool()));
  std::string out;
  const auto status = pb::util::BinaryToJsonString(types.get(), "type.googleapis.com/" + message.GetDescriptor()->full_name(),
                                                   sorted_wire(message), &out, options);
  TOCSIN_ASSERT(status.ok());
  return out;
}

Result<void> from_json(std::string_view json, pb::Message& message) {
  const auto status = pb::util::JsonStringToMessage({json.data(), json.size()}, &message);
  if (!status.ok()) {
    const auto why = status.message();
    return bad_input(fmt::format("not a {} as JSON: {}", message.GetDescriptor()->name(), std::string_view(why.data(), why.size())));
  }
  return {};
}

std::string json_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (length > 1) {
      out += text.substr(0, length);
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace tocsin
