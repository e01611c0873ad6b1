// fold_case.h: ASCII letters to lower case, eight bytes at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tocsin::sigma {

/// Writes `text` with A–Z as a–z to `out`, which has room for it. Other bytes stay, so UTF-8 stays whole.
inline void fold_case(std::string_view text, char* out) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    constexpr std::uint64_t kEach = 0x0101010101010101ULL, kHigh = 0x8080808080808080ULL;
    const std::uint64_t low = word & ~kHigh;
    // The high bit of a byte becomes 1 where it is at least 'A', and where it is above 'Z'.
    const std::uint64_t from_a = low + (0x80 - 'A') * kEach, above_z = low + (0x7F - 'Z') * kEach;
    const std::uint64_t letters = (from_a & ~above_z & ~word) & kHigh;
    word |= letters >> 2U;   // 0x20: what parts an upper from a lower letter.
    std::memcpy(out + at, &word, 8);
  }
  for (; at < text.size(); ++at) {
    const char c = text[at];
    out[at] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
}

inline std::string folded(std::string_view text) {
  std::string out(text.size(), '\0');
  fold_case(text, out.data());
  return out;
}

}  // namespace tocsin::sigma
