// counting.h: how laws count time: hours in real time, days and months in the calendar of a zone.
#pragma once

#include <optional>
#include <string>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "tocsin/v1/jurisdiction.pb.h"

namespace tocsin::law {

/// The last moment that is in time. Minutes and hours run in real time, through weekends and clock changes; days and
/// months end with the last second of their last day in the jurisdiction's zone. bad_input for an unknown zone or unit.
Result<Instant> due_after(Instant start, const v1::TimeLimit& limit, const v1::Jurisdiction& jurisdiction);

}  // namespace tocsin::law
