// yaml_json.cpp: YAML nodes written as JSON.
#include "daemon/base/json.h"
#include "daemon/base/yaml.h"

namespace tocsin::yaml {
namespace {

bool digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; }

/// As JSON's grammar has it: `-0.5e3`; not `+1`, `01` or `.5`.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (!digits(exponent)) return false;
    text = text.substr(0, e);
  }
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos && !digits(text.substr(point + 1))) return false;
  const std::string_view whole = text.substr(0, point);
  return digits(whole) && (whole.size() == 1 || whole.front() != '0');
}

}  // namespace

std::string json_of(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::scalar:
      if (node.is_null()) return "null";
      if (!node.quoted && (node.text == "true" || node.text == "false" || is_json_number(node.text))) return node.text;
      return fmt::format("\"{}\"", json_escaped(node.text));
    case Node::Kind::list:
      for (const Node& item : node.items) out += (out.empty() ? "" : ",") + json_of(item);
      return "[" + out + "]";
    case Node::Kind::map:
      for (const auto& [key, value] : node.entries) out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", json_escaped(key.text), json_of(value));
      return "{" + out + "}";
  }
  return out;
}

}  // namespace tocsin::yaml
