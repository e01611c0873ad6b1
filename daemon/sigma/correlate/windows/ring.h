// ring.h: entries in order in one ring of memory: appending and dropping the oldest are O(1), an insertion moves the shorter side.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace tocsin::sigma::windows {

/// Events are out of order by little against the length of a window, so what an insertion moves is short: it costs less than
/// looking again at the moments it changes.
template <typename Entry>
class Ring {
  static_assert(std::is_trivially_copyable_v<Entry>);

 public:
  explicit Ring(std::uint32_t capacity = 4) { resize(capacity); }

  std::uint32_t size() const { return size_; }
  std::uint32_t capacity() const { return mask_ + 1; }
  bool full() const { return size_ == capacity(); }
  const Entry& operator[](std::uint32_t i) const { return entries_[(front_ + i) & mask_]; }
  const Entry& back() const { return (*this)[size_ - 1]; }

  void append(Entry entry) {
    if (full()) resize(capacity() * 2);
    at(size_++) = entry;
  }
  void insert(std::uint32_t place, Entry entry) {
    if (full()) resize(capacity() * 2);
    ++size_;
    if (place < size_ / 2) {
      front_ = (front_ - 1) & mask_;
      for (std::uint32_t i = 0; i < place; ++i) at(i) = at(i + 1);
    } else {
      for (std::uint32_t i = size_ - 1; i > place; --i) at(i) = at(i - 1);
    }
    at(place) = entry;
  }
  void pop_front(std::uint32_t count) {
    front_ = (front_ + count) & mask_;
    size_ -= count;
    if (capacity() > 64 && size_ < capacity() / 8) resize(capacity() / 4);
  }
  void pop_back(std::uint32_t count) { size_ -= count; }
  /// Writes over an entry; the caller keeps the order.
  void put(std::uint32_t place, const Entry& entry) { at(place) = entry; }

  /// First place whose entry is not before `key`, found from the back: what comes late comes a little late.
  template <typename Before>
  std::uint32_t first_not(Before&& before) const {
    std::uint32_t low = 0, high = size_;
    for (std::uint32_t step = 1; high > 0; step *= 2) {
      const std::uint32_t probe = high > step ? high - step : 0;
      if (before((*this)[probe])) {
        low = probe + 1;
        break;
      }
      high = probe;
    }
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (before((*this)[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }

 private:
  Entry& at(std::uint32_t i) { return entries_[(front_ + i) & mask_]; }
  void resize(std::uint32_t capacity) {
    auto bigger = std::make_unique_for_overwrite<Entry[]>(capacity);
    for (std::uint32_t i = 0; i < size_; ++i) bigger[i] = at(i);
    entries_ = std::move(bigger);
    front_ = 0;
    mask_ = capacity - 1;
  }

  std::unique_ptr<Entry[]> entries_;
  std::uint32_t size_ = 0, front_ = 0, mask_ = 0;
};

}  // namespace tocsin::sigma::windows
