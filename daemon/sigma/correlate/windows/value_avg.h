// value_avg.h: the mean of a number over the events of the window; compared exactly, never divided.
#pragma once

#include "daemon/sigma/correlate/windows/value_sum.h"

namespace tocsin::sigma::windows {

struct ValueAvg : ValueSum {
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t n) {
    if (n == 0) return {};
    const Value value{inside.sum, n};
    return {value, rule.condition.holds(value)};
  }
  static Measure measure_few(const WindowRule& rule, const Entry* entries, std::uint32_t n) { return measure(rule, {sum_of(entries, n)}, n); }
};

}  // namespace tocsin::sigma::windows
