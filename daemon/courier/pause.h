// pause.h: when to try again: back-off with full jitter, and a channel's breaker.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>

#include "daemon/base/clock.h"

namespace tocsin::courier {

/// Doubles from `least` to `most`. Full jitter: two couriers that failed together must not come back together.
struct Backoff {
  Microseconds least;
  Microseconds most;
  Microseconds after(int failures, double random) const {
    Microseconds ceiling = least;
    for (int i = 1; i < failures && ceiling < most; ++i) ceiling *= 2;
    ceiling = std::min(ceiling, most);
    return std::max(least / 10, Microseconds(static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * random)));
  }
};

/// Opens after kFailuresMax failures in a row, or when the provider asks us to come back later; then the channel claims
/// nothing until `over`. Claims cost attempts of people, so a provider that is down must cost few.
class Pause {
 public:
  static constexpr int kFailuresMax = 3;

  bool over(Instant now) const { return now >= until_; }
  void worked() { failures_ = 0; }
  void failed(Instant now, Microseconds asked, const Backoff& backoff, double random) {
    ++failures_;
    if (failures_ >= kFailuresMax) until_ = std::max(until_, now + backoff.after(failures_ - kFailuresMax + 1, random));
    if (asked > Microseconds::zero()) until_ = std::max(until_, now + std::min(asked, backoff.most));
  }
  int failures() const { return failures_; }

 private:
  int failures_ = 0;
  Instant until_{};
};

}  // namespace tocsin::courier
