// value_count.h: how many different values of a field.
#pragma once

#include "daemon/sigma/correlate/types.h"

namespace tocsin::sigma {

std::vector<Id128> value_count_values(const Correlation& rule, const v1::MatchedEvent& event, const v1::RuleMatch& match);
std::string value_count_what(const Correlation& rule, std::int64_t count);

}  // namespace tocsin::sigma
