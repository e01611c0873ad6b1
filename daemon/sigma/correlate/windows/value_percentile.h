// value_percentile.h: the number at a percentile of the window's events, by nearest rank.
#pragma once

#include <array>

#include "daemon/sigma/correlate/windows/number_entry.h"
#include "daemon/sigma/correlate/windows/sorted.h"
#include "daemon/sigma/correlate/windows/window.h"

namespace tocsin::sigma::windows {

/// Nearest rank: the ⌈p/100 · n⌉-th smallest of n, for p = 0 the smallest: always a number that was seen, and exact. (RSigma
/// interpolates between two in floating point; the specification's example, a rarity of names, no engine implements.)
struct ValuePercentile {
  using Entry = NumberEntry;
  using Inside = Sorted;
  static constexpr bool kMembers = false;

  static Entry entry(const Hit& hit) { return Entry(hit); }
  static Hit hit(const Entry& entry) { return entry.hit(); }
  static void prepare(const WindowRule&, Inside&) {}
  static void add(const WindowRule&, Inside& inside, const Entry& entry) { inside.add(entry.number()); }
  static void drop(const WindowRule&, Inside& inside, const Entry& entry) { inside.drop(entry.number()); }
  /// From 0.
  static std::uint32_t rank(std::int64_t percentile, std::uint32_t n) {
    const Int128 whole = Int128{100} * kStep;
    const Int128 nearest = (Int128{percentile} * n + whole - 1) / whole;
    return nearest <= 1 ? 0 : static_cast<std::uint32_t>(nearest - 1);
  }
  /// Few numbers, sorted here.
  struct Few {
    std::array<Int128, 16> numbers;
    std::uint32_t n = 0;
    explicit Few(std::span<const Entry> few) : n(static_cast<std::uint32_t>(few.size())) {
      for (std::size_t i = 0; i < n; ++i) numbers[i] = few[i].number();
      std::sort(numbers.begin(), numbers.begin() + n);
    }
    Int128 operator[](std::uint32_t k) const { return numbers[k]; }
  };

  template <typename Numbers>
  static Measure measure(const WindowRule& rule, const Numbers& inside, std::uint32_t n) {
    return n == 0 ? Measure() : asked(rule, inside[rank(rule.percentile, n)]);
  }
  static Measure measure_few(const WindowRule& rule, std::span<const Entry> few) {
    return measure(rule, Few(few), static_cast<std::uint32_t>(few.size()));
  }
};

}  // namespace tocsin::sigma::windows
