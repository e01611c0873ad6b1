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

/// How many texts with_every_dash() makes, and their bytes at most.
struct Dashed {
  std::size_t texts = 1, bytes = 0;
};
Dashed dashed(const SigmaString& string);

/// Every dash that begins a word, behind anything that is no word, becomes each of `-`, `/`, en dash, em dash and horizontal
/// bar, in all combinations. Where a dash counts is pySigma's `\B[-/]\b`; which counts is the specification's list of all five.
/// Whoever calls it looks first at how many there are.
std::vector<SigmaString> with_every_dash(const SigmaString& string);

}  // namespace tocsin::sigma
