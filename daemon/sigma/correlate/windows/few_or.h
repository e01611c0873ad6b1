// few_or.h: up to two entries inline, else one thing on the heap, without a byte of padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace tocsin::sigma::windows {

/// Most keys of a correlation hold one or two events, and there may be ten million of them.
template <typename Entry, typename Large>
class FewOr {
  static_assert(std::is_trivially_copyable_v<Entry> && 2 * sizeof(Entry) >= sizeof(Large*));

 public:
  static constexpr std::uint32_t kFew = 2;

  FewOr() = default;
  FewOr(FewOr&& other) noexcept { take(other); }
  FewOr& operator=(FewOr&& other) noexcept {
    if (this != &other) {
      clear();
      take(other);
    }
    return *this;
  }
  ~FewOr() { clear(); }

  /// Null while the entries stand inline.
  Large* large() const {
    if (count_ != kOnHeap) return nullptr;
    Large* out = nullptr;
    std::memcpy(&out, bytes_, sizeof out);
    return out;
  }
  std::uint32_t count() const { return count_; }  ///< Of those inline.
  Entry operator[](std::uint32_t i) const {
    Entry out;
    std::memcpy(&out, bytes_ + i * sizeof(Entry), sizeof out);
    return out;
  }

  enum class Added : std::uint8_t { added, there_already, full };
  Added insert(const Entry& entry) {
    std::uint32_t place = count_;
    for (; place > 0; --place) {
      const Entry before = (*this)[place - 1];
      if (before == entry) return Added::there_already;
      if (before < entry) break;
    }
    if (count_ == kFew) return Added::full;
    for (std::uint32_t i = count_; i > place; --i) set(i, (*this)[i - 1]);
    set(place, entry);
    ++count_;
    return Added::added;
  }
  void pop_front(std::uint32_t count) {
    for (std::uint32_t i = count; count > 0 && i < count_; ++i) set(i - count, (*this)[i]);
    count_ -= count;
  }
  void become(std::unique_ptr<Large> large) {
    clear();
    Large* const address = large.release();
    std::memcpy(bytes_, &address, sizeof address);
    count_ = kOnHeap;
  }
  void clear() {
    delete large();
    count_ = 0;
  }

 private:
  static constexpr std::uint32_t kOnHeap = 0xffffffff;

  void set(std::uint32_t i, const Entry& entry) { std::memcpy(bytes_ + i * sizeof(Entry), &entry, sizeof entry); }
  void take(FewOr& other) {
    count_ = std::exchange(other.count_, 0);
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
  }

  std::uint32_t count_ = 0;
  alignas(4) std::byte bytes_[kFew * sizeof(Entry)];
};

}  // namespace tocsin::sigma::windows
