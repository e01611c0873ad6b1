// letters.cpp: UTF-8 by hand, and Unicode's simple case folding as a short table.
#include "tests/reference/letters.h"

#include <cstdint>

namespace tocsin::reference {
namespace {

constexpr char32_t kBadByte = 0x110000;     // Beyond the last code point.

struct Range {
  char32_t first, last;
  char32_t small;                           ///< What the first folds to; the others follow.
};

// CaseFolding.txt, status C and S, of the letters that the generators use.
constexpr Range kFolds[] = {
    {U'A', U'Z', U'a'},         {0x00B5, 0x00B5, 0x03BC}, {0x00C0, 0x00D6, 0x00E0}, {0x00D8, 0x00DE, 0x00F8}, {0x0178, 0x0178, 0x00FF},
    {0x017F, 0x017F, U's'},     {0x0391, 0x03A1, 0x03B1}, {0x03A3, 0x03AB, 0x03C3}, {0x03C2, 0x03C2, 0x03C3}, {0x0400, 0x040F, 0x0450},
    {0x0410, 0x042F, 0x0430},   {0x1E9E, 0x1E9E, 0x00DF}, {0x212A, 0x212A, U'k'},   {0x212B, 0x212B, 0x00E5},
};

/// The letter that begins at `at`, and how many bytes it takes; 0 bytes where there is none.
std::pair<char32_t, std::size_t> letter_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const std::size_t left = text.size() - at;
  const auto tail = [&](std::size_t i) { return i < left && (byte(i) & 0xC0U) == 0x80; };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) >= 0xC2 && byte(0) < 0xE0 && tail(1)) return {(byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU), 2};
  if ((byte(0) & 0xF0U) == 0xE0 && tail(1) && tail(2)) {
    const char32_t c = (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
    if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF)) return {c, 3};
  }
  if ((byte(0) & 0xF8U) == 0xF0 && tail(1) && tail(2) && tail(3)) {
    const char32_t c = (byte(0) & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U | (byte(3) & 0x3FU);
    if (c >= 0x10000 && c <= 0x10FFFF) return {c, 4};
  }
  return {kBadByte + byte(0), 0};
}

}  // namespace

Letters letters_of(std::string_view utf8) {
  Letters out;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto [letter, bytes] = letter_at(utf8, at);
    out.push_back(letter);
    at += std::max<std::size_t>(bytes, 1);
  }
  return out;
}

Letters letters_of_bytes(std::string_view bytes) {
  Letters out;
  for (const char byte : bytes) out.push_back(static_cast<unsigned char>(byte));
  return out;
}

std::string utf8_of(const Letters& letters) {
  std::string out;
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  for (const char32_t c : letters) {
    if (c >= kBadByte) {
      put(c - kBadByte);
    } else if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6U);
      put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      put(0xE0 | c >> 12U);
      put(0x80 | (c >> 6U & 0x3F));
      put(0x80 | (c & 0x3F));
    } else {
      put(0xF0 | c >> 18U);
      put(0x80 | (c >> 12U & 0x3F));
      put(0x80 | (c >> 6U & 0x3F));
      put(0x80 | (c & 0x3F));
    }
  }
  return out;
}

bool is_cased_beyond_ascii(char32_t c) { return c >= 0x80 && same_but_case(c).size() > 1; }

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || c == U'_';
  const bool punctuation = c >= 0x2000 && c <= 0x206F, picture = c >= 0x1F000;
  return c >= 0xAA && !punctuation && !picture;
}

char32_t ascii_folded(char32_t c) { return c >= U'A' && c <= U'Z' ? c + 32 : c; }

char32_t folded(char32_t c) {
  for (const Range& range : kFolds)
    if (c >= range.first && c <= range.last) return range.small + (c - range.first);
  return c;
}

std::vector<char32_t> same_but_case(char32_t letter) {
  const char32_t small = folded(letter);
  std::vector<char32_t> out = {small};
  for (const Range& range : kFolds)
    for (char32_t c = range.first; c <= range.last; ++c)
      if (folded(c) == small) out.push_back(c);
  return out;
}

}  // namespace tocsin::reference
