// event_count.cpp: how many events. The distinct value is the event's id, so an event sent twice counts once.
#include "daemon/sigma/correlate/event_count.h"

namespace tocsin::sigma {

std::vector<Id128> event_count_values(const Correlation&, const v1::MatchedEvent& event, const v1::RuleMatch&) {
  return {id128_from_bytes(event.event_id())};
}

std::string event_count_what(const Correlation&, std::int64_t count) { return count == 1 ? "event" : "events"; }

}  // namespace tocsin::sigma
