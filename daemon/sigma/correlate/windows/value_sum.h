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
  static Inside sum_of(std::span<const Entry> few) {
    Inside out;
    for (const Entry& entry : few) out.sum += entry.number();
    return out;
  }
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t n) {
    return n == 0 ? Measure() : asked(rule, inside.sum);
  }
  static Measure measure_few(const WindowRule& rule, std::span<const Entry> few) {
    return measure(rule, sum_of(few), static_cast<std::uint32_t>(few.size()));
  }
};

}  // namespace tocsin::sigma::windows
