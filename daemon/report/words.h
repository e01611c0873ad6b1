// words.h: the report's fixed words, in Chinese and English.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::report {

enum class Language : std::uint8_t { zh, en };

/// The words for a key such as `item.subjects.count` or `status.due`; the key's last part where there are none, so that a
/// word of a newer rule file is shown rather than lost.
std::string words(std::string_view key, Language language);

/// Empty where the book has no such key.
std::string words_or_empty(std::string_view key, Language language);

}  // namespace tocsin::report
