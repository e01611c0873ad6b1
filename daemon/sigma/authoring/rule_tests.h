// rule_tests.h: the tests that stand inside rules, run through the engine itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {

struct RuleTestOutcome {
  std::string rule_id, title, name;
  std::string place;        ///< `file:line` of the test.
  bool passed = false;
  std::string difference;   ///< Expected and found, one a line; empty where it passed.
};

/// Every test of every rule of the set, in the set's order. A test sees the whole set, but counts only its own rule's alerts.
std::vector<RuleTestOutcome> run_rule_tests(const std::shared_ptr<const RuleSet>& rules);

}  // namespace tocsin::sigma
