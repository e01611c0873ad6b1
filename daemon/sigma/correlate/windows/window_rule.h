// window_rule.h: one correlation as the windows see it: what is measured, over how long, and what is asked of it.
#pragma once

#include <functional>
#include <limits>

#include "daemon/sigma/correlate/windows/condition.h"

namespace tocsin::sigma::windows {

// Far outside any calendar, and far enough from the ends that adding a timespan cannot overflow.
inline constexpr std::int64_t kLongAgo = std::numeric_limits<std::int64_t>::min() / 4;
inline constexpr std::int64_t kNoMoment = std::numeric_limits<std::int64_t>::max() / 4;

enum class Kind : std::uint8_t {
  event_count, temporal, temporal_ordered, value_avg, value_count, value_median, value_percentile, value_sum
};

inline constexpr std::size_t kBasesMax = 64;  ///< Rules of one temporal correlation: they are the bits of a word.

/// Times and lengths are microseconds. Immutable while windows stand on it.
struct WindowRule {
  Kind kind = Kind::event_count;
  std::int64_t span = 0;                 ///< The condition is asked over (t − span, t]. Above zero.
  std::int64_t bucket = 0;               ///< Length of the epoch-aligned buckets that hold one alert each; 0: no moment behind the newest
                                         ///< is asked about again, so it need not be kept as a moment.
  Condition condition{};
  std::int64_t percentile = 50 * kStep;  ///< 0 … 100, in billionths.
  std::uint8_t bases = 1;                ///< Base rules of a temporal correlation, ≤ kBasesMax.
  std::vector<std::uint8_t> order{};     ///< temporal_ordered: base rules as they must follow one another; ≤ kBasesMax, may repeat.
  /// temporal types with an extended condition: bit i says that base rule i was seen in the window. Empty: `condition` is asked.
  std::function<bool(std::uint64_t)> expression{};
  bool expression_only_grows = false;    ///< No negation in it.
  std::uint64_t seed = 0;                ///< Of hash tables over values that an attacker chooses.
};

/// May be answered on arrival: what comes later can only add. The others wait until the watermark has passed the moment. Sums
/// wait as well, since a number below zero may still come.
inline bool decides_on_arrival(const WindowRule& rule) {
  const bool adds_only = rule.kind == Kind::event_count || rule.kind == Kind::value_count || rule.kind == Kind::temporal ||
                         rule.kind == Kind::temporal_ordered;
  return adds_only && (rule.expression == nullptr || rule.expression_only_grows) && (rule.expression != nullptr || rule.condition.only_grows());
}

inline std::int64_t bucket_start(std::int64_t time, std::int64_t length) {
  const std::int64_t rest = time % length;
  return time - (rest < 0 ? rest + length : rest);
}

/// What one match brings to the window of its group. Which members count depends on the kind.
struct Hit {
  std::int64_t time = 0;
  std::uint64_t event = 0;  ///< Hash of the event's identity: an event that comes twice counts once. An event has one time.
  std::uint64_t value = 0;  ///< value_count: hash of the value.
  Int128 number = 0;        ///< value_sum, _avg, _median, _percentile: billionths.
  std::uint8_t base = 0;    ///< temporal types: which base rule it was.
};

struct Measure {
  Value value;
  bool holds = false;
};

/// Written in place: a 128-bit number that is copied just after it was written stalls the processor for longer than all else here.
inline Measure asked(const WindowRule& rule, Int128 steps, std::int64_t parts = 1) {
  Measure out;
  out.value.steps = steps;
  out.value.parts = parts;
  out.holds = rule.condition.holds(out.value);
  return out;
}

/// The answer at one event moment.
struct Moment {
  std::int64_t time = 0;
  Value value;
  bool holds = false;
};

}  // namespace tocsin::sigma::windows
