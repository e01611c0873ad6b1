// json_text.cpp: reads through protobuf's own JSON types, since answers are small and seldom.
#include "notifiers/json_text.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <charconv>

namespace tocsin {

std::string json_quoted(std::string_view text) { return "\"" + json_escaped(text) + "\""; }

Result<std::string> json_at(std::string_view json, std::string_view pointer) {
  google::protobuf::Value root;
  if (!google::protobuf::util::JsonStringToMessage(google::protobuf::StringPiece(json.data(), json.size()), &root).ok())
    return bad_input("the text is no JSON");
  const google::protobuf::Value* at = &root;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return std::string();
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    std::string key;
    for (std::size_t i = 0; i < end; ++i) {
      if (pointer[i] == '~' && i + 1 < end) key += pointer[++i] == '1' ? '/' : '~';
      else key += pointer[i];
    }
    pointer.remove_prefix(end);
    if (at->has_struct_value()) {
      const auto& fields = at->struct_value().fields();
      const auto found = fields.find(key);
      if (found == fields.end()) return std::string();
      at = &found->second;
    } else if (at->has_list_value()) {
      int index = -1;
      const auto [rest, fault] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (fault != std::errc() || rest != key.data() + key.size() || index < 0 || index >= at->list_value().values_size()) return std::string();
      at = &at->list_value().values(index);
    } else {
      return std::string();
    }
  }
  switch (at->kind_case()) {
    case google::protobuf::Value::kStringValue: return at->string_value();
    case google::protobuf::Value::kNumberValue: return fmt::format("{}", at->number_value());
    case google::protobuf::Value::kBoolValue: return std::string(at->bool_value() ? "true" : "false");
    default: return std::string();
  }
}

}  // namespace tocsin
