// key_hash.h: a short hash of keys, for tables that compare the keys themselves behind it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tocsin::ingest {

/// Reads the beginning, the middle and the end: keys of one producer differ there. Whoever chooses keys with equal hashes on
/// purpose must only be able to slow himself down, so every table that uses it bounds its probes.
inline std::uint32_t key_hash(std::string_view key) {
  const auto word = [](const char* at) {
    std::uint64_t out = 0;
    std::memcpy(&out, at, sizeof out);
    return out;
  };
  const auto half = [](const char* at) {
    std::uint32_t out = 0;
    std::memcpy(&out, at, sizeof out);
    return std::uint64_t{out};
  };
  const std::size_t n = key.size();
  const char* const at = key.data();
  std::uint64_t a = 0, b = 0;
  if (n >= 8) {
    a = word(at);
    b = word(at + n - 8);
    if (n > 16) a ^= word(at + n / 2 - 4) * 0x9E3779B97F4A7C15U;
  } else if (n >= 4) {
    a = half(at);
    b = half(at + n - 4);
  } else if (n > 0) {
    a = static_cast<std::uint8_t>(at[0]) | static_cast<std::uint64_t>(static_cast<std::uint8_t>(at[n / 2])) << 8U |
        static_cast<std::uint64_t>(static_cast<std::uint8_t>(at[n - 1])) << 16U;
  }
  std::uint64_t mixed = (a ^ 0xA0761D6478BD642FU) * 0xE7037ED1A0B428DBU;
  mixed ^= mixed >> 32U;
  mixed = (mixed ^ b ^ n) * 0x8EBC6AF09C88C6E3U;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

/// Equality of short texts without a call.
inline bool same_key(std::string_view a, std::string_view b) {
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  const auto differ = [&](std::size_t at, auto word) {
    auto other = word;
    std::memcpy(&word, a.data() + at, sizeof word);
    std::memcpy(&other, b.data() + at, sizeof other);
    return word != other;
  };
  if (n >= 8) {
    for (std::size_t at = 0; at + 8 < n; at += 8) {
      if (differ(at, std::uint64_t{})) return false;
    }
    return !differ(n - 8, std::uint64_t{});
  }
  if (n >= 4) return !differ(0, std::uint32_t{}) && !differ(n - 4, std::uint32_t{});
  for (std::size_t at = 0; at < n; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

}  // namespace tocsin::ingest
