// json_text.h: the little JSON that providers speak: quote a text, read one value of an answer.
#pragma once

#include <string>
#include <string_view>

#include "daemon/base/json.h"
#include "daemon/base/result.h"

namespace tocsin {

/// A JSON string, with its quotes.
std::string json_quoted(std::string_view text);

/// The string, number or boolean at a JSON pointer (RFC 6901), as text; "" where there is none. bad_input where the text is
/// no JSON.
Result<std::string> json_at(std::string_view json, std::string_view pointer);

}  // namespace tocsin
