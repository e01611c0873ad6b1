// states.h: the ways an incident may go, as one table.
#pragma once

#include <string>

#include "tocsin/v1/incident.pb.h"

namespace tocsin::casebook {

bool may_become(v1::IncidentState from, v1::IncidentState to);

/// For a refusal: `suspected incidents can become confirmed or dismissed`.
std::string ways_from(v1::IncidentState from);

/// `suspected`, as people write it.
std::string word_for(v1::IncidentState state);

}  // namespace tocsin::casebook
