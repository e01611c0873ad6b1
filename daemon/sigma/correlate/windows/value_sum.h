// value_sum.h: the sum of a number over the events of the window, exact in any order.
#pragma once

#include "daemon/sigma/correlate/windows/number_entry.h"
#include "daemon/sigma/correlate/windows/window.h"

namespace tocsin::sigma::windows {

struct ValueSum {
  using Entry = NumberEntry;
  struct Inside {
    Int128 sum = 0;
  };
  static constexpr bool kMembers = false;

  static Entry entry(const Hit& hit) { return Entry(hit); }
  static Hit hit(const Entry& entry) { return entry.hit(); }
  static void prepare(const WindowRule&, Inside&) {}
  static void add(const WindowRule&, Inside& inside, const Entry& entry) { inside.sum += entry.number(); }
  static void drop(const WindowRule&, Inside& inside, const Entry& entry) { inside.sum -= entry.number(); }
  static Int128 sum_of(const Entry* entries, std::uint32_t n) {
    Int128 sum = 0;
    for (std::uint32_t i = 0; i < n; ++i) sum += entries[i].number();
    return sum;
  }
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t n) {
    const Value value{inside.sum, 1};
    return {value, n > 0 && rule.condition.holds(value)};
  }
  static Measure measure_few(const WindowRule& rule, const Entry* entries, std::uint32_t n) { return measure(rule, {sum_of(entries, n)}, n); }
};

}  // namespace tocsin::sigma::windows
