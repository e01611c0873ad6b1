// bytes.h: bytes as a source of choices: what is read behind the end is zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin::fuzz {

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return at_ >= bytes_.size(); }
  std::uint8_t next() { return empty() ? 0 : static_cast<std::uint8_t>(bytes_[at_++]); }
  /// Less than `n`, which is at most 256.
  std::size_t below(std::size_t n) { return next() % n; }
  bool one_in(std::size_t n) { return below(n) == n - 1; }
  template <typename T, std::size_t N>
  const T& of(const T (&all)[N]) {
    return all[below(N)];
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace tocsin::fuzz
