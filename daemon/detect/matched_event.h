// matched_event.h: an event as the match log keeps it.
#pragma once

#include "daemon/model/event.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin::detect {

/// All but the matches. `late` and `skewed` as stage one decided.
void add_event(const Event& event, bool late, bool skewed, v1::MatchedEvent& to);

}  // namespace tocsin::detect
