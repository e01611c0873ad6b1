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

/// The character at the byte `at`, which moves behind it. A byte that begins no UTF-8 is a character of its own, above Unicode's.
char32_t next_character(std::string_view text, std::size_t& at);
/// Simple case folding: one character to one, without a locale. `ß` is not `ss`.
char32_t folded(char32_t c);
/// A letter, a digit, or `_`.
bool is_word(char32_t c);

/// Whether ICU knows the IANA zone.
bool is_time_zone(std::string_view name);

}  // namespace tocsin
