// encode.cpp: six bits at a time, two bytes at a time, one dash at a time.
#include "tests/reference/encode.h"

namespace tocsin::reference {

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<bool> bits;
  for (const char byte : bytes)
    for (unsigned i = 8; i-- > 0;) bits.push_back((static_cast<unsigned char>(byte) >> i & 1U) != 0);
  while (bits.size() % 6 != 0) bits.push_back(false);
  std::string out;
  for (std::size_t at = 0; at < bits.size(); at += 6) {
    unsigned digit = 0;
    for (std::size_t i = 0; i < 6; ++i) digit = digit * 2 + (bits[at + i] ? 1 : 0);
    out.push_back(kDigits[digit]);
  }
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::vector<std::string> base64_offsets(std::string_view bytes) {
  constexpr std::size_t kStart[] = {0, 2, 3}, kCut[] = {0, 3, 2};  // The specification's slices.
  std::vector<std::string> out;
  for (std::size_t offset = 0; offset < 3; ++offset) {
    const std::string all = base64(std::string(offset, ' ') + std::string(bytes));
    const std::size_t end = all.size() - kCut[(bytes.size() + offset) % 3];
    out.push_back(end > kStart[offset] ? all.substr(kStart[offset], end - kStart[offset]) : "");
  }
  return out;
}

std::string utf16(const Letters& letters, bool big_endian) {
  std::string out;
  const auto unit = [&](char32_t value) {
    const char high = static_cast<char>(value >> 8U), low = static_cast<char>(value & 0xFFU);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  };
  for (const char32_t c : letters) {
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xD800 + ((c - 0x10000) >> 10U));
      unit(0xDC00 + ((c - 0x10000) & 0x3FFU));
    }
  }
  return out;
}

std::vector<Pattern> with_all_dashes(const Pattern& pattern) {
  constexpr std::u32string_view kDashes = U"-/\u2013\u2014\u2015";
  const auto word = [&](std::size_t i) { return i < pattern.size() && pattern[i].kind == Part::Kind::letter && is_word(pattern[i].letter); };
  std::vector<Pattern> out = {pattern};
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool dash = pattern[i].kind == Part::Kind::letter && kDashes.find(pattern[i].letter) != std::u32string_view::npos;
    if (!dash || (i > 0 && word(i - 1)) || !word(i + 1)) continue;
    std::vector<Pattern> more;
    for (const Pattern& each : out) {
      for (const char32_t c : kDashes) {
        more.push_back(each);
        more.back()[i].letter = c;
      }
    }
    out = more;
  }
  return out;
}

}  // namespace tocsin::reference
