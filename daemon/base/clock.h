// clock.h: time is passed in; an Instant is microseconds UTC, written as RFC 3339.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin {

/// A point in time, microseconds since 1970-01-01T00:00:00Z without leap seconds.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Microseconds = std::chrono::microseconds;

inline std::int64_t micros_of(Instant at) { return at.time_since_epoch().count(); }
inline Instant instant_of(std::int64_t micros) { return Instant(Microseconds(micros)); }

/// The seam of time. `now` may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

/// A clock that only moves when told, for tests and replay. Not thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : now_(start) {}
  Instant now() const override { return now_; }
  void set(Instant at) { now_ = at; }
  void advance(Microseconds by) { now_ += by; }

 private:
  Instant now_;
};

/// `2026-11-24T02:15:00.123456Z`; the fraction is left out when it is zero.
std::string rfc3339(Instant at);
/// The same in memory of the caller's.
using RfcRoom = std::array<char, 40>;
std::string_view rfc3339_in(RfcRoom& room, Instant at);

/// Reads RFC 3339 (`T` or blank, `Z` or ±hh:mm, any fraction digits; beyond micros they are cut). A text without a
/// zone is bad_input, since we would have to guess.
Result<Instant> parse_rfc3339(std::string_view text);

/// Reads `250ms`, `90s`, `15m`, `24h`, `7d`, `2w`, also joined (`1h30m`). Negative or unitless text is bad_input.
Result<Microseconds> parse_duration(std::string_view text);
std::string duration_text(Microseconds duration);

}  // namespace tocsin
