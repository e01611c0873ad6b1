// temporal.h: which of several rules were seen in the window, in any order.
#pragma once

#include <array>
#include <bit>

#include "daemon/sigma/correlate/windows/window.h"

namespace tocsin::sigma::windows {

/// The value is the number of different base rules; an extended condition sees them as bits.
struct Temporal {
  struct Entry {
    std::int64_t at = 0;
    std::uint64_t base = 0;
    std::int64_t time() const { return at; }
    auto operator<=>(const Entry&) const = default;
  };
  struct Inside {
    std::uint64_t seen = 0;
    std::vector<std::uint32_t> hits;  ///< Of each base rule.
  };
  static constexpr bool kMembers = true;

  static Entry entry(const Hit& hit) { return {hit.time, hit.base}; }
  static Hit hit(const Entry& entry) { return {.time = entry.at, .base = static_cast<std::uint8_t>(entry.base)}; }
  static std::uint64_t member(const Entry& entry) { return entry.base; }
  static void prepare(const WindowRule& rule, Inside& inside) { inside.hits.assign(rule.bases, 0); }
  static void add(const WindowRule&, Inside& inside, const Entry& entry) {
    if (inside.hits[entry.base]++ == 0) inside.seen |= std::uint64_t{1} << entry.base;
  }
  static void drop(const WindowRule&, Inside& inside, const Entry& entry) {
    if (--inside.hits[entry.base] == 0) inside.seen &= ~(std::uint64_t{1} << entry.base);
  }
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t) { return of(rule, inside.seen); }
  static Measure measure_few(const WindowRule& rule, std::span<const Entry> few) {
    std::uint64_t seen = 0;
    for (const Entry& entry : few) seen |= std::uint64_t{1} << entry.base;
    return of(rule, seen);
  }

 private:
  static Measure of(const WindowRule& rule, std::uint64_t seen) {
    Measure out = asked(rule, Int128{std::popcount(seen)} * kStep);
    if (rule.expression) out.holds = rule.expression(seen);
    return out;
  }
};

}  // namespace tocsin::sigma::windows
