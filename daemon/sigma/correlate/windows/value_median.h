// value_median.h: the middle number of the window's events; of an even count the mean of the middle two, exact.
#pragma once

#include "daemon/sigma/correlate/windows/value_percentile.h"

namespace tocsin::sigma::windows {

struct ValueMedian : ValuePercentile {
  static Measure measure(const WindowRule& rule, const Inside& inside, std::uint32_t n) {
    if (n == 0) return {};
    const Value value = n % 2 == 1 ? Value{inside[n / 2], 1} : Value{inside[n / 2 - 1] + inside[n / 2], 2};
    return {value, rule.condition.holds(value)};
  }
  static Measure measure_few(const WindowRule& rule, const Entry* entries, std::uint32_t n) {
    if (n == 0) return {};
    const Value value = n == 1 ? Value{entries[0].number(), 1} : Value{entries[0].number() + entries[1].number(), 2};
    return {value, rule.condition.holds(value)};
  }
};

}  // namespace tocsin::sigma::windows
