// value_percentile.h: the number at a percentile of the window's events, by nearest rank.
#pragma once

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
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t n) {
    if (n == 0) return {};
    const Value value{inside[rank(rule.percentile, n)], 1};
    return {value, rule.condition.holds(value)};
  }
  static Measure measure_few(const WindowRule& rule, const Entry* entries, std::uint32_t n) {
    if (n == 0) return {};
    const bool upper = rank(rule.percentile, n) == 1;
    const Int128 first = entries[0].number(), last = entries[n - 1].number();
    const Value value{(first < last) == upper ? last : first, 1};
    return {value, rule.condition.holds(value)};
  }
};

}  // namespace tocsin::sigma::windows
