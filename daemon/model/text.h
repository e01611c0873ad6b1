// text.h: questions about text that only Unicode's tables can answer.
#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin {

/// Columns on a terminal: Chinese characters are two cells wide, combining marks none. Broken UTF-8 counts a cell a byte.
std::size_t display_cells(std::string_view text);

/// The longest start of the text that fits into so many cells, cut between characters.
std::string_view cut_to_cells(std::string_view text, std::size_t cells);

/// Whether ICU knows the IANA zone.
bool is_time_zone(std::string_view name);

}  // namespace tocsin
