// key_hash.h: 128 bits of keyed hash over a few values, fast enough for every event.
#pragma once

#include <cstring>
#include <string_view>

#include "daemon/sigma/correlate/windows/table.h"

namespace tocsin::sigma {

/// Values are told apart by their lengths, so ("ab","c") is not ("a","bc"). Not for identities that are stored: those are
/// BLAKE2b. Who does not know the seed cannot choose values that collide.
class KeyHash {
 public:
  explicit KeyHash(std::uint64_t seed) : low_(seed ^ 0x2d358dccaa6c78a5U), high_(windows::mix(seed, 0x8bb84b93962eacc9U)) {}

  void add(std::string_view value) {
    absorb(value.size(), 0x4b33a62ed433d4a3U);
    const char* at = value.data();
    std::size_t left = value.size();
    for (; left > 8; left -= 8, at += 8) absorb(word(at, 8), 0xaaaaaaaaaaaaaaabU);
    absorb(word(at, left), 0x51c64b9b7f1f3a35U);
  }
  windows::Key key() const { return {windows::mix(high_, low_), windows::mix(low_, ~high_)}; }

 private:
  static std::uint64_t word(const char* at, std::size_t bytes) {
    std::uint64_t out = 0;
    std::memcpy(&out, at, bytes);
    return out;
  }
  void absorb(std::uint64_t word, std::uint64_t salt) {
    low_ = windows::mix(low_ ^ word, salt);
    high_ = windows::mix(high_ + word, salt ^ 0x9e3779b97f4a7c15U) ^ (low_ >> 32U);
  }

  std::uint64_t low_, high_;
};

}  // namespace tocsin::sigma
