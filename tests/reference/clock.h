// clock.h: dates counted day by day.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/reference/event.h"

namespace tocsin::reference {

struct Moment {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0;
  int week = 1;                      ///< Of ISO 8601: that which holds the week's Thursday.
};

/// What a clock at UTC shows. A text in the forms of RFC 3339 and near it, or a number since 1970 in the unit that fits.
std::optional<Moment> moment_of(const Value& value);
/// Seconds since 1970.
Moment moment_at(std::int64_t seconds);
/// `minute`, `hour`, `day`, `week`, `month` or `year`.
int part_of(const Moment& moment, std::string_view part);

}  // namespace tocsin::reference
