// flat_mapping.h: the mapping of documents that no mapping file describes, for tools that match without a daemon.
#pragma once

#include "tocsin/v1/mapping.pb.h"

namespace tocsin::ingest {

/// JSON objects whose keys are the Sigma fields: nested objects by dotted path, literally dotted keys as they stand, both where
/// both are there. The time is the first of the usual keys that holds an RFC 3339 text (UTC where it has no zone) or an epoch;
/// an event without one keeps Instant{}. The log source are the texts under `product`, `category` and `service`, and what is
/// absent of these may be anything.
v1::Mapping flat_mapping();

}  // namespace tocsin::ingest
