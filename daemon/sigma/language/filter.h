// filter.h: a Sigma filter: what narrows other rules without a change in their files.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

/// Its detection is joined to that of each rule it applies to: `(rule) and (filter)`. The condition is taken as it is written:
/// to exclude what a selection finds, it says `not selection`.
struct Filter {
  std::string id, name, title;
  LogSource log_source;                  ///< Must hold the rule's: every key that is set here is the same there.
  std::vector<std::string> rules;        ///< Ids or names; empty: any rule.
  Detection detection;
  Id128 canonical;                       ///< Hash of what decides its effect.
};

/// Whether every event that the rule may look at is one that the filter may.
bool holds(const LogSource& filter, const LogSource& rule);

/// The rule's detection, narrowed by all of them.
Detection narrowed(Detection rule, std::span<const Filter* const> filters);

/// Roughly what a copy of it takes.
std::size_t bytes_of(const Detection& detection);

}  // namespace tocsin::sigma
