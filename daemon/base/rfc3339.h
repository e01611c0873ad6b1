// rfc3339.h: times as text in memory of the caller's, for those who write one per event.
#pragma once

#include <array>

#include "daemon/base/clock.h"

namespace tocsin {

using RfcRoom = std::array<char, 40>;

/// What rfc3339() gives, without asking for memory. The view is into `room`.
std::string_view rfc3339_in(RfcRoom& room, Instant at);

}  // namespace tocsin
