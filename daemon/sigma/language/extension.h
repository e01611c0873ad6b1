// extension.h: the kinds of counting that Sigma does not have: first_seen, absence and baseline, from the `tocsin:` map of a rule.
#pragma once

#include <string>
#include <variant>

#include "daemon/base/clock.h"

namespace tocsin::sigma {

/// A value that the entity has not shown within `history`. An entity teaches only until `learn` after its first event.
struct FirstSeen {
  Microseconds history{}, learn{};
};

/// No match of the rule `of` from the match that asks until `within` later.
struct Absence {
  Microseconds within{};
};

/// A measure per entity and per `every` that stands far above the entity's own past, and above its peers where it has any.
struct Baseline {
  enum class Measure : std::uint8_t { count, distinct, sum };
  Measure measure = Measure::count;
  Microseconds every{}, learn{};
  double above = 0;               ///< Robust z: (measure − median) / (1.4826 × MAD).
  double least = 0;               ///< The measure must reach this, however quiet the past was.
  std::vector<std::string> peers; ///< Fields whose values make the group of peers.
  bool hour_of_week = false;      ///< Compare with the same hour of the week only.
};

using Extension = std::variant<std::monostate, FirstSeen, Absence, Baseline>;

}  // namespace tocsin::sigma
