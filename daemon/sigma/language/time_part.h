// time_part.h: a number of a date: minute, hour, day, week, month, year, weekday.
#pragma once

#include <optional>
#include <string_view>

#include "daemon/model/event.h"
#include "daemon/model/time_zone.h"

namespace tocsin::sigma {

enum class TimePart : std::uint8_t { minute, hour, day, weekday, week, month, year };
std::string_view name_of(TimePart part);

/// What the wall clock at `zone` shows at the time of the value; nothing where it is no time. UTC where no zone is given.
///
/// A text is a time as RFC 3339 writes it, and near it: `T`, `t` or a blank between date and time, `/` for `-` in the date, seconds
/// and their fraction (`.` or `,`) left out, `Z` or ±hh:mm, ±hhmm, ±hh behind, ` UTC`. Without any of these the text is already
/// what the wall clock shows. A date alone is its midnight. A number, and a text that is one, counts since 1970, in seconds up to
/// 10¹¹, else in milliseconds up to 10¹⁴, microseconds up to 10¹⁷, nanoseconds; a fraction is cut.
std::optional<CivilTime> civil_time_of(Value value, const TimeZone* zone);

/// Monday is 1, Sunday 7; weeks are those of ISO 8601.
std::int64_t part_of(CivilTime time, TimePart part);

/// The number behind a part as rules write it: a whole number, or for weekdays also `monday` or `mon`.
std::optional<std::int64_t> read_part(TimePart part, std::string_view written);
/// The numbers that the part can be.
std::pair<std::int64_t, std::int64_t> range_of(TimePart part);

}  // namespace tocsin::sigma
