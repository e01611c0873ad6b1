// rule_changes.h: what differs between two rule sets, by id.
#pragma once

#include <string>
#include <vector>

#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {

/// Ids, sorted. A rule has changed where its fingerprint has: what alerts do not show (a description, tests, its file) changes nothing.
struct RuleChanges {
  std::vector<std::string> added, changed, removed;
  bool empty() const { return added.empty() && changed.empty() && removed.empty(); }
};

/// Of the rules that can alert or feed another; what an extension counts silently is part of its own rule.
RuleChanges changes_between(const RuleSet& before, const RuleSet& now);

}  // namespace tocsin::sigma
