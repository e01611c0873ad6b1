// rule_tests.h: the tests that stand inside rules, run through the engine itself.
#pragma once

#include <functional>
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

/// Reads a test's `document` through a mapping (by name, or empty for whichever matches) and shows its events one after the
/// other; the error says why it gives none.
using MapDocument = std::function<Result<void>(const std::string& document, const std::string& mapping, const std::function<void(Event&)>& show)>;

/// Every test of every rule of the set, in the set's order. A test sees the whole set, but counts only its own rule's alerts and
/// those of the rules that it names. Without `map` a test with a document fails.
std::vector<RuleTestOutcome> run_rule_tests(const std::shared_ptr<const RuleSet>& rules, const MapDocument& map = {});

/// For each rule that may alert: does some test of it fire, and does some test stay quiet? What is missing has failed.
std::vector<RuleTestOutcome> missing_tests(const RuleSet& rules);

}  // namespace tocsin::sigma
