// template.cpp: the one file that knows the Mustache library.
#include "notifiers/template.h"

#include <kainjow/mustache.hpp>

namespace tocsin {
namespace {

namespace mustache = kainjow::mustache;

/// Looks names up as usual, and remembers the first one that was not there.
class StrictContext final : public mustache::context<std::string> {
 public:
  using mustache::context<std::string>::context;

  const mustache::data* get(const std::string& name) const override {
    const mustache::data* found = mustache::context<std::string>::get(name);
    if (found == nullptr && missing_.empty()) missing_ = name;
    return found;
  }
  const mustache::data* get_partial(const std::string& name) const override {
    if (missing_.empty()) missing_ = "> " + name;  // We have no partials.
    return nullptr;
  }
  const std::string& missing() const { return missing_; }

 private:
  mutable std::string missing_;
};

}  // namespace

std::string escape_nothing(std::string_view text) { return std::string(text); }

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string escape_url(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || c == '-' || c == '.' || c == '_' || c == '~') out += c;
    else out += fmt::format("%{:02X}", byte);
  }
  return out;
}

Result<std::string> fill_template(std::string_view source, const Names& names, Escape escape, bool raw) {
  if (!raw && (source.find("{{{") != std::string_view::npos || source.find("{{&") != std::string_view::npos))
    return bad_input("`{{{` and `{{&` would evade the escaping: write `{{name}}`");
  mustache::mustache parsed{std::string(source)};
  if (!parsed.is_valid()) return bad_input(fmt::format("the template does not parse: {}", parsed.error_message()));
  parsed.set_custom_escape([escape](const std::string& text) { return escape(text); });

  mustache::data root{mustache::data::type::object};
  for (const auto& [name, text] : names.texts) root.set(name, text);
  for (const auto& [name, flag] : names.flags) root.set(name, mustache::data{flag ? mustache::data::type::bool_true : mustache::data::type::bool_false});
  for (const auto& [name, texts] : names.lists) {
    mustache::data list{mustache::data::type::list};
    for (const std::string& text : texts) list.push_back(mustache::data{text});
    root.set(name, list);
  }
  StrictContext context(&root);
  std::string out = parsed.render(context);
  if (!parsed.is_valid()) return bad_input(fmt::format("the template does not render: {}", parsed.error_message()));
  if (!context.missing().empty()) return bad_input(fmt::format("the template asks for `{}`, which is not given", context.missing()));
  return out;
}

}  // namespace tocsin
