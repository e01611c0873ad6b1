// template.h: logic-less Mustache, but strict: a name that nobody gives is an error, never a blank in a legal notice.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace tocsin {

/// What a template may name. Absent flags are errors too: `{{#x}}` demands that x is given, even if false.
struct Names {
  std::map<std::string, std::string> texts;
  std::map<std::string, bool> flags;
  std::map<std::string, std::vector<std::string>> lists;   ///< `{{#xs}}- {{.}}{{/xs}}`
};

using Escape = std::string (*)(std::string_view);
std::string escape_nothing(std::string_view text);
std::string escape_html(std::string_view text);
std::string escape_url(std::string_view text);             ///< application/x-www-form-urlencoded values.

/// bad_input where the template does not parse, asks for a name that is not given, or (unless `raw` is allowed) evades the
/// escaping with a triple brace.
Result<std::string> fill_template(std::string_view source, const Names& names, Escape escape, bool raw = false);

}  // namespace tocsin
