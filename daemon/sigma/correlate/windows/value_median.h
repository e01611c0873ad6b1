// value_median.h: the middle number of the window's events; of an even count the mean of the middle two, exact.
#pragma once

#include "daemon/sigma/correlate/windows/value_percentile.h"

namespace tocsin::sigma::windows {

struct ValueMedian : ValuePercentile {
  template <typename Numbers>
  static Measure measure(const WindowRule& rule, const Numbers& inside, std::uint32_t n) {
    if (n == 0) return {};
    return n % 2 == 1 ? asked(rule, inside[n / 2]) : asked(rule, inside[n / 2 - 1] + inside[n / 2], 2);
  }
  static Measure measure_few(const WindowRule& rule, std::span<const Entry> few) {
    return measure(rule, Few(few), static_cast<std::uint32_t>(few.size()));
  }
};

}  // namespace tocsin::sigma::windows
