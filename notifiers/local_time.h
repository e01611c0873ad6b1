// local_time.h: an instant as people of a time zone read it.
#pragma once

#include <string>
#include <string_view>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"

namespace tocsin {

/// `en`: `23 November 2026`; `zh-CN`: `2026年11月23日`. bad_input where the IANA zone is unknown.
Result<std::string> date_text(Instant at, std::string_view zone, std::string_view locale);
/// With the time of day and the distance from UTC: `23 November 2026, 02:15 (UTC+8)`, `2026年11月23日 02:15（UTC+8）`.
Result<std::string> time_text(Instant at, std::string_view zone, std::string_view locale);
/// From first to last event, as short as it stays clear, to follow "this took place": `on …, 02:15 (UTC+8)`, `between … and …`.
Result<std::string> period_text(Instant first, Instant last, std::string_view zone, std::string_view locale);

}  // namespace tocsin
