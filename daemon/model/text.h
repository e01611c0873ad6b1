// text.h: questions about text that only Unicode's tables can answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Columns on a terminal: Chinese characters are two cells wide, combining marks none. Broken UTF-8 counts a cell a byte.
std::size_t display_cells(std::string_view text);

/// The longest start of the text that fits into so many cells, cut between characters.
std::string_view cut_to_cells(std::string_view text, std::size_t cells);

/// Does a character beyond ASCII have upper and lower case? Broken UTF-8 has none.
bool has_cased_beyond_ascii(std::string_view text);

/// The first character beyond ASCII that stands in the text, in all its cases, each as UTF-8; empty where there is none.
std::vector<std::string> cases_beyond_ascii(std::string_view text);

/// Whether ICU knows the IANA zone.
bool is_time_zone(std::string_view name);

}  // namespace tocsin
