// obligations.h: jurisdiction × incident → what must be done, for whom, until when, and why not.
#pragma once

#include <vector>

#include "daemon/law/facts.h"
#include "tocsin/v1/incident.pb.h"
#include "tocsin/v1/jurisdiction.pb.h"

namespace tocsin::law {

/// One obligation per duty, phase and addressee, in the order of the file. Pure. A deadline is computed only where the limit
/// and its clock event come from verified leaves; a clock event that is not recorded blocks, and no other takes its place.
std::vector<v1::Obligation> obligations(const v1::Jurisdiction& jurisdiction, const IncidentFacts& facts);

}  // namespace tocsin::law
