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
    return asked(rule, Int128{n} * kStep);
  }
  static Measure measure_few(const WindowRule& rule, std::span<const Entry> few) { return measure(rule, {}, static_cast<std::uint32_t>(few.size())); }
};

}  // namespace tocsin::sigma::windows
