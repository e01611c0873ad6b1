// event_count.h: how many events.
#pragma once

#include "daemon/sigma/correlate/types.h"

namespace tocsin::sigma {

std::vector<Id128> event_count_values(const Correlation& rule, const v1::MatchedEvent& event, const v1::RuleMatch& match);
std::string event_count_what(const Correlation& rule, std::int64_t count);

}  // namespace tocsin::sigma
