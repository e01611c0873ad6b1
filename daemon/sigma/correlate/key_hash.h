// key_hash.h: 128 bits of keyed hash over a few values, fast enough for every event.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>

#include "daemon/sigma/correlate/windows/table.h"

namespace tocsin::sigma {

/// Values are told apart by their lengths, so ("ab","c") is not ("a","bc"). Not for identities that are stored: those are
/// BLAKE2b. Who does not know the seed cannot choose values that collide. Copies of an empty one begin anew.
///
/// Two lanes, each one 128-bit product per sixteen bytes, folded. Each factor holds what came before or a secret of the lane.
class KeyHash {
 public:
  explicit KeyHash(std::uint64_t seed)
      : low_(windows::mix(seed, 0x2d358dccaa6c78a5U)), high_(windows::mix(seed, 0x8bb84b93962eacc9U)), low_secret_(windows::mix(seed, 0x4b33a62ed433d4a3U)),
        high_secret_(windows::mix(seed, 0x9e3779b97f4a7c15U)) {}

  void add(std::string_view value) {
    const char* at = value.data();
    std::size_t left = value.size();
    low_ += value.size() * 0xaaaaaaaaaaaaaaabU;
    high_ -= value.size() * 0x51c64b9b7f1f3a35U;
    for (; left > 16; left -= 16, at += 16) absorb(word(at), word(at + 8));
    // The last sixteen bytes, or both ends of fewer: with the length they say all.
    if (left >= 8) absorb(word(at), word(at + left - 8));
    else if (left >= 4) absorb(half_word(at), half_word(at + left - 4));
    else if (left > 0) absorb(byte(at) | byte(at + left / 2) << 8U, byte(at + left - 1));
    else absorb(0, 0);
  }
  windows::Key key() const { return {fold(high_ ^ low_secret_, low_ ^ high_secret_), word()}; }
  /// Half of it, where 64 bits will do.
  std::uint64_t word() const { return fold(low_ ^ low_secret_, high_ ^ high_secret_); }

 private:
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ typedef unsigned __int128 Wide;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  }
  static std::uint64_t word(const char* at) {
    std::uint64_t out = 0;
    std::memcpy(&out, at, sizeof out);
    return out;
  }
  static std::uint64_t half_word(const char* at) {
    std::uint32_t out = 0;
    std::memcpy(&out, at, sizeof out);
    return out;
  }
  static std::uint64_t byte(const char* at) { return static_cast<unsigned char>(*at); }
  void absorb(std::uint64_t a, std::uint64_t b) {
    low_ = fold(a ^ low_, b ^ low_secret_) + high_secret_;
    high_ = fold(a ^ high_secret_, b ^ high_) - low_secret_;
  }

  std::uint64_t low_, high_, low_secret_, high_secret_;
};

}  // namespace tocsin::sigma
