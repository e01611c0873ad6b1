// value_avg.h: the mean of a number over the events of the window; compared exactly, never divided.
#pragma once

#include "daemon/sigma/correlate/windows/value_sum.h"

namespace tocsin::sigma::windows {

struct ValueAvg : ValueSum {
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t n) {
    return n == 0 ? Measure() : asked(rule, inside.sum, n);
  }
  static Measure measure_few(const WindowRule& rule, std::span<const Entry> few) {
    return measure(rule, sum_of(few), static_cast<std::uint32_t>(few.size()));
  }
};

}  // namespace tocsin::sigma::windows
