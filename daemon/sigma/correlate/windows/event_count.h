// event_count.h: how many events stand in the window.
#pragma once

#include "daemon/sigma/correlate/windows/window.h"

namespace tocsin::sigma::windows {

struct EventCount {
  struct Entry {
    std::int64_t at = 0;
    std::uint64_t event = 0;
    std::int64_t time() const { return at; }
    auto operator<=>(const Entry&) const = default;
  };
  struct Inside {};
  static constexpr bool kMembers = false;  ///< Each entry counts, not only which values are there.

  static Entry entry(const Hit& hit) { return {hit.time, hit.event}; }
  static Hit hit(const Entry& entry) { return {.time = entry.at, .event = entry.event}; }
  static void prepare(const WindowRule&, Inside&) {}
  static void add(const WindowRule&, Inside&, const Entry&) {}
  static void drop(const WindowRule&, Inside&, const Entry&) {}
  static Measure measure(const WindowRule& rule, const Inside&, std::uint32_t n) {
    const Value value = Value::whole(n);
    return {value, rule.condition.holds(value)};
  }
  static Measure measure_few(const WindowRule& rule, const Entry*, std::uint32_t n) { return measure(rule, {}, n); }
};

}  // namespace tocsin::sigma::windows
