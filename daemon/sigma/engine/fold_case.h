// fold_case.h: ASCII letters to lower case, many bytes at a time.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace tocsin::sigma {

/// Writes `text` with A–Z as a–z to `out`, which has room for it; that may be where the text stands. Other bytes stay, so UTF-8 stays whole.
inline void fold_case(std::string_view text, char* out) {
  const auto block = [&]<typename Bytes>(std::size_t at, Bytes) {
    Bytes bytes;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const auto letters = static_cast<Bytes>((bytes >= 'A') & (bytes <= 'Z'));
    bytes |= letters & 0x20;   // What parts an upper from a lower letter.
    std::memcpy(out + at, &bytes, sizeof bytes);
  };
  using Wide [[gnu::vector_size(16)]] = unsigned char;
  using Narrow [[gnu::vector_size(8)]] = unsigned char;
  const std::size_t size = text.size();
  if (size >= sizeof(Wide)) {
    for (std::size_t at = 0; at + sizeof(Wide) <= size; at += sizeof(Wide)) block(at, Wide{});
    block(size - sizeof(Wide), Wide{});   // Overlaps the one before: the same bytes come out again.
    return;
  }
  if (size >= sizeof(Narrow)) {
    block(0, Narrow{});
    block(size - sizeof(Narrow), Narrow{});
    return;
  }
  for (std::size_t at = 0; at < size; ++at) {
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
