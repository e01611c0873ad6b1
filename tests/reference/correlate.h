// correlate.h: correlations over a whole history: at every moment, everything in its window is counted again.
#pragma once

#include "tests/reference/rule.h"

namespace tocsin::reference {

/// One per rule, group and bucket, where some moment of the bucket fulfils the rule over (moment − timespan, moment].
struct Alert {
  std::string rule;                        ///< Its id, or its name.
  std::string group;                       ///< `field=value` of each group-by field, a line each.
  std::int64_t bucket = 0;                 ///< Where it begins.
  std::int64_t triggered_at = 0;           ///< The first such moment.
  bool operator==(const Alert&) const = default;
  auto operator<=>(const Alert&) const = default;
};

/// All alerts of all correlations over detections, sorted. The history may be in any order and say things twice.
std::vector<Alert> correlate(const std::vector<Rule>& rules, const std::vector<Event>& history);

}  // namespace tocsin::reference
