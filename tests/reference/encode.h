// encode.h: base64, UTF-16 and the many dashes, by hand.
#pragma once

#include "tests/reference/pattern.h"

namespace tocsin::reference {

std::string base64(std::string_view bytes);
/// What base64 of a longer text contains for sure where these bytes stand in it at an offset of 0, 1 or 2.
std::vector<std::string> base64_offsets(std::string_view bytes);
std::string utf16(const Letters& letters, bool big_endian);
/// Each of the dashes `- / – — ―` that begins a word as each of the five, in all combinations.
std::vector<Pattern> with_all_dashes(const Pattern& pattern);

}  // namespace tocsin::reference
