// number_entry.h: an event with a number, in 28 bytes.
#pragma once

#include <compare>
#include <cstring>

#include "daemon/sigma/correlate/windows/window_rule.h"

namespace tocsin::sigma::windows {

/// Words of four bytes: an aligned 128-bit number would make 32 bytes of it, and two stand in every key of a table.
class NumberEntry {
 public:
  NumberEntry() = default;
  explicit NumberEntry(const Hit& hit) : time_{}, event_{}, number_{} {
    std::memcpy(time_, &hit.time, sizeof time_);
    std::memcpy(event_, &hit.event, sizeof event_);
    std::memcpy(number_, &hit.number, sizeof number_);  // The low 96 bits; kMost says that the rest is the sign.
  }
  std::int64_t time() const {
    std::int64_t out = 0;
    std::memcpy(&out, time_, sizeof out);
    return out;
  }
  std::uint64_t event() const {
    std::uint64_t out = 0;
    std::memcpy(&out, event_, sizeof out);
    return out;
  }
  Int128 number() const {
    std::int32_t sign = 0;
    std::uint64_t low = 0;
    std::memcpy(&low, number_, sizeof low);
    std::memcpy(&sign, number_ + 2, sizeof sign);
    return Int128{sign} * (Int128{1} << 64) + low;
  }
  Hit hit() const { return {.time = time(), .event = event(), .number = number()}; }

  std::strong_ordering operator<=>(const NumberEntry& other) const {
    if (time() != other.time()) return time() <=> other.time();
    if (event() != other.event()) return event() <=> other.event();
    const Int128 a = number(), b = other.number();
    return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
  }
  bool operator==(const NumberEntry& other) const { return (*this <=> other) == 0; }

 private:
  std::uint32_t time_[2], event_[2], number_[3];
};
static_assert(sizeof(NumberEntry) == 28);

}  // namespace tocsin::sigma::windows
