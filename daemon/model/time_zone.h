// time_zone.h: what clocks on the wall show at a place, from ICU's tables.
#pragma once

#include <memory>
#include <string_view>

#include "daemon/base/clock.h"


namespace tocsin {

/// A civil time without a zone: what a clock and a calendar show, as if it were UTC.
using CivilTime = std::chrono::sys_time<std::chrono::microseconds>;

/// An IANA zone. Immutable; any thread.
class TimeZone {
 public:
  /// bad_input where ICU does not know the name.
  static Result<TimeZone> find(std::string_view name);
  CivilTime civil(Instant at) const;

 private:
  struct Table;
  explicit TimeZone(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
  std::shared_ptr<const Table> table_;
};

/// Monday 1 … Sunday 7, and the week of ISO 8601, of which the first holds the year's first Thursday.
unsigned iso_weekday(CivilTime at);
unsigned iso_week(CivilTime at);

}  // namespace tocsin
