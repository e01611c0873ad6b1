// value_count.h: how many different values stand in the window. An occurrence between two others of its value soon goes.
#pragma once

#include "daemon/sigma/correlate/windows/window.h"

namespace tocsin::sigma::windows {

/// An event with several values brings several hits. Values are told apart by 64 bits of hash: among a million, two are taken
/// for one with a chance of 1 : 37,000,000.
struct ValueCount {
  struct Entry {
    std::int64_t at = 0;
    std::uint64_t value = 0;
    std::int64_t time() const { return at; }
    auto operator<=>(const Entry&) const = default;
  };
  using Inside = Tally;
  static constexpr bool kMembers = true;

  static Entry entry(const Hit& hit) { return {hit.time, hit.value}; }
  static Hit hit(const Entry& entry) { return {.time = entry.at, .value = entry.value}; }
  static std::uint64_t member(const Entry& entry) { return entry.value; }
  static void prepare(const WindowRule& rule, Inside& inside) { inside = Tally(rule.seed); }
  static void add(const WindowRule&, Inside& inside, const Entry& entry) { inside.add(entry.value); }
  static void drop(const WindowRule&, Inside& inside, const Entry& entry) { inside.drop(entry.value); }
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t) { return of(rule, inside.size()); }
  static Measure measure_few(const WindowRule& rule, std::span<const Entry> few) {
    std::uint32_t different = 0;
    for (std::size_t i = 0; i < few.size(); ++i) {
      bool before = false;
      for (std::size_t j = 0; j < i && !before; ++j) before = few[j].value == few[i].value;
      different += !before;
    }
    return of(rule, different);
  }

 private:
  static Measure of(const WindowRule& rule, std::uint32_t n) {
    return asked(rule, Int128{n} * kStep);
  }
};

}  // namespace tocsin::sigma::windows
