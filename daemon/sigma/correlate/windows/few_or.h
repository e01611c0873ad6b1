// few_or.h: up to two entries inline, up to sixteen in one small array, else one thing on the heap.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace tocsin::sigma::windows {

/// Most keys of a correlation hold one or two events, and there may be ten million of them: no byte is padding. Few entries are
/// looked at one by one, which is faster than any structure over them.
template <typename Entry, typename Large>
class FewOr {
  static_assert(std::is_trivially_copyable_v<Entry> && 2 * sizeof(Entry) >= sizeof(void*));

 public:
  static constexpr std::uint32_t kInline = 2, kFew = 16;

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

  /// Null while the entries are few.
  Large* large() const { return state_ == kLarge ? static_cast<Large*>(address()) : nullptr; }
  /// In order; empty where they are many.
  std::span<const Entry> few() const { return {const_cast<FewOr*>(this)->entries(), state_ == kLarge ? 0 : state_ & kCount}; }

  enum class Added : std::uint8_t { added, there_already, full };
  Added insert(const Entry& entry) {
    const std::uint32_t count = state_ & kCount;
    const Entry* const all = entries();
    std::uint32_t place = count;
    for (; place > 0 && !(all[place - 1] < entry); --place)
      if (all[place - 1] == entry) return Added::there_already;
    if (count == kFew) return Added::full;
    if (count == room()) move_to_array(std::max<std::uint32_t>(4, room() * 2));
    Entry* const to = entries();
    for (std::uint32_t i = count; i > place; --i) to[i] = to[i - 1];
    to[place] = entry;
    ++state_;
    return Added::added;
  }
  void pop_front(std::uint32_t gone) {
    if (gone == 0) return;
    Entry* const all = entries();
    const std::uint32_t count = (state_ & kCount) - gone;
    for (std::uint32_t i = 0; i < count; ++i) all[i] = all[i + gone];
    state_ -= gone;
    // Late, so that a key that wavers between two sizes does not allocate each time.
    if (!in_array() || count > room() / 4) return;
    if (count > 1) return move_to_array(room() / 2);
    const Entry last = all[0];
    clear();
    if (count == 1) insert(last);
  }
  void become(std::unique_ptr<Large> large) {
    clear();
    set_address(large.release());
    state_ = kLarge;
  }
  void clear() {
    if (state_ == kLarge) std::unique_ptr<Large> gone(large());
    else if (in_array()) std::unique_ptr<Entry[]> gone(entries());
    state_ = 0;
  }

 private:
  static constexpr std::uint32_t kCount = 0xff, kRoom = 0x3f00, kLarge = 0xffffffff;

  bool in_array() const { return (state_ & kRoom) != 0; }   // Or in a Large.
  std::uint32_t room() const { return in_array() ? (state_ & kRoom) >> 8U : kInline; }
  void* address() const {
    void* out = nullptr;
    std::memcpy(&out, bytes_, sizeof out);
    return out;
  }
  void set_address(void* to) { std::memcpy(bytes_, &to, sizeof to); }
  Entry* entries() { return in_array() ? static_cast<Entry*>(address()) : reinterpret_cast<Entry*>(bytes_); }
  void move_to_array(std::uint32_t room) {
    const std::uint32_t count = state_ & kCount;
    Entry* const from = entries();
    auto to = std::make_unique_for_overwrite<Entry[]>(room);
    std::copy(from, from + count, to.get());
    if (in_array()) std::unique_ptr<Entry[]> gone(from);
    set_address(to.release());
    state_ = room << 8U | count;
  }
  void take(FewOr& other) {
    state_ = std::exchange(other.state_, 0);
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
  }

  std::uint32_t state_ = 0;   ///< How many; from the ninth bit on, the room of their array, else they are inline; or kLarge.
  alignas(Entry) std::byte bytes_[kInline * sizeof(Entry)];
};

}  // namespace tocsin::sigma::windows
