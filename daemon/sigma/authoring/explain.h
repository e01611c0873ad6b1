// explain.h: why a rule says yes or no to an event, asked of the engine itself.
#pragma once

#include <string>
#include <vector>

#include "daemon/sigma/engine/matcher.h"

namespace tocsin::sigma {

/// One question of the rule and its answer, with the questions that it is made of.
struct Explanation {
  bool holds = false;
  std::string asked;                  ///< `selection and not filter`, `Image ends with '\cmd.exe'`.
  std::vector<std::string> found;     ///< The event's values that were compared, in quotes where they are texts.
  std::string why;                    ///< What else decides: `the event has no field User`.
  std::vector<Explanation> parts;
};

/// Of a detection, `holds` is what Matcher answers for this rule and event. Of a correlation it says whether the event counts
/// for it. Every part is asked, also those that the engine need not reach; of long lists of values that do not hold only the
/// first are kept, and counted. Values that show a person's clear identifier are veiled. Any thread.
Explanation explain(const RuleSet& rules, const Rule& rule, const Event& event, Matcher::Routing routing = Matcher::Routing::log_source);

/// A tree for people: `✓`, `✗`, two blanks a level.
std::string to_text(const Explanation& explanation);
/// {"holds":…,"asked":…,"found":[…],"why":…,"parts":[…]}; empty keys are left out.
std::string to_json(const Explanation& explanation);

}  // namespace tocsin::sigma
