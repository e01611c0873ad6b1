// json_escape.h: what stands behind a backslash.
#pragma once

#include <cstdint>
#include <string_view>

namespace tocsin::ingest {

/// The meaning of the letter behind a backslash, 0 where it has none; `u` is told by json_unicode.
constexpr char json_letter(char letter) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? '\0' : kMeanings[at];
}

struct JsonUnicode {
  std::uint32_t code = 0;
  std::size_t length = 0;        ///< Bytes read; where it is wrong, up to the place that is.
  std::string_view reason{};     ///< Empty, or why it is no character.
  std::string_view what{};
};

/// Four hexadecimal digits, and for a high surrogate the low one's escape; `rest` begins behind `\u`.
JsonUnicode json_unicode(std::string_view rest);

/// Writes a character at `to`, which has four bytes of room; returns its length.
std::size_t write_utf8(std::uint32_t code, char* to);

}  // namespace tocsin::ingest
