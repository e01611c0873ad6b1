// make_history.h: random correlations over three detections, and histories that come out of order, twice, late and in ties.
#pragma once

#include "tests/reference/dice.h"
#include "tests/reference/event.h"

namespace tocsin::reference {

/// The three detections that every correlation here stands on, as YAML documents.
std::string base_rules();

struct MadeCorrelation {
  std::string yaml;                        ///< One document.
  std::string type;
  std::int64_t timespan = 0, bucket = 0;   ///< Microseconds.
};
MadeCorrelation make_correlation(Dice& dice, const std::string& id);

/// In order of arrival. An event may come twice. `late`: older than its partition's newest event by more than the lateness.
struct Arrival {
  Event event;
  int partition = 0;
  bool late = false;
  std::int64_t newest = 0;                 ///< Of the partition, when this has arrived.
};
/// `timespans`: events often stand exactly one of these behind another, or a microsecond less.
std::vector<Arrival> make_history(Dice& dice, const std::vector<std::int64_t>& timespans, std::int64_t lateness);

/// With `late` and `newest` worked out again: after arrivals were dropped.
void judge_lateness(std::vector<Arrival>& history, std::int64_t lateness);

}  // namespace tocsin::reference
