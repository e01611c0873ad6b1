// find_text.h: where a short text stands in a longer one: its first and last byte at sixteen places at a time.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tocsin::sigma {

/// The first place of `part`, or null. Bytes compare as they are.
inline const char* find_text(std::string_view text, std::string_view part) {
  if (part.size() > text.size()) return nullptr;
  if (part.size() < 2) return part.empty() ? text.data() : static_cast<const char*>(std::memchr(text.data(), part[0], text.size()));
#if defined(__SSE2__)
  // memmem() prepares a table for each text it looks for; ours are looked for once in a value of a hundred bytes.
  constexpr std::size_t kBlock = 16;
  const std::size_t places = text.size() - part.size() + 1, last = part.size() - 1;
  const auto matches = [&](const char* at) { return std::memcmp(at + 1, part.data() + 1, last - 1) == 0; };
  if (places < kBlock) {
    for (const char* at = text.data(); at < text.data() + places; ++at) {
      if (*at == part[0] && at[last] == part[last] && matches(at)) return at;
    }
    return nullptr;
  }
  const __m128i first_byte = _mm_set1_epi8(part[0]), last_byte = _mm_set1_epi8(part[last]);
  for (std::size_t done = 0; done < places; done += kBlock) {
    // The last block overlaps the one before: what was turned down there is turned down again.
    const char* const at = text.data() + (done + kBlock <= places ? done : places - kBlock);
    const __m128i begins = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), ends = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + last));
    auto both = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(begins, first_byte), _mm_cmpeq_epi8(ends, last_byte))));
    for (; both != 0; both &= both - 1) {
      const char* const here = at + __builtin_ctz(both);
      if (matches(here)) return here;
    }
  }
  return nullptr;
#else
  return static_cast<const char*>(::memmem(text.data(), text.size(), part.data(), part.size()));
#endif
}

}  // namespace tocsin::sigma
