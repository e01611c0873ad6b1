// json_escape.h: what stands behind a backslash.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tocsin::ingest {

inline constexpr std::array<char, 256> kJsonLetters = [] {
  std::array<char, 256> out{};
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < kLetters.size(); ++i) out[static_cast<std::uint8_t>(kLetters[i])] = kMeanings[i];
  return out;
}();

/// The meaning of the letter behind a backslash, 0 where it has none; `u` is told by json_unicode.
constexpr char json_letter(char letter) { return kJsonLetters[static_cast<std::uint8_t>(letter)]; }

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
