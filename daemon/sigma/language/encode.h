// encode.h: the forms in which attackers hide a text: utf16, base64 at any offset, other dashes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/hash.h"
#include "daemon/sigma/language/pattern.h"

namespace tocsin::sigma {

std::string utf16le_of(std::string_view utf8);
std::string utf16be_of(std::string_view utf8);

/// The three texts one of which stands in the base64 of any document that contains these bytes.
std::vector<std::string> base64_at_offsets(std::string_view bytes);

/// Every dash that begins a word, behind anything that is no word, becomes each of `-`, `/`, en dash, em dash and horizontal
/// bar, in all combinations. Where a dash counts is pySigma's `\B[-/]\b`; which counts is the specification's list of all five.
/// bad_input where there would be more than 3125.
Result<std::vector<SigmaString>> with_every_dash(const SigmaString& string);

}  // namespace tocsin::sigma
