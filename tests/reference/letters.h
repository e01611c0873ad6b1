// letters.h: texts as code points, and which letters are the same but for their case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::reference {

using Letters = std::u32string;

/// A byte that is not UTF-8 becomes a letter of its own, equal only to itself.
Letters letters_of(std::string_view utf8);
/// Each byte as a letter.
Letters letters_of_bytes(std::string_view bytes);
std::string utf8_of(const Letters& letters);

/// A letter beyond ASCII that has another case.
bool is_cased_beyond_ascii(char32_t letter);
/// Part of a word: ASCII letters, digits and `_`, and those beyond ASCII that are neither punctuation nor pictures.
bool is_word(char32_t letter);

char32_t ascii_folded(char32_t letter);
/// Unicode's simple case folding, of the letters that the generators use: Latin, Greek, Cyrillic and the odd ones.
char32_t folded(char32_t letter);
/// All letters that fold to the same, the letter itself among them.
std::vector<char32_t> same_but_case(char32_t letter);

}  // namespace tocsin::reference
