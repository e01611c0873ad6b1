// rule_changes.cpp: both sets once, by their ids.
#include "daemon/sigma/rule_changes.h"

namespace tocsin::sigma {

RuleChanges changes_between(const RuleSet& before, const RuleSet& now) {
  RuleChanges out;
  std::unordered_map<std::string_view, std::size_t> old;
  for (std::size_t i = 0; i < before.rules().size(); ++i) old.emplace(before.rules()[i].id, i);
  for (std::size_t i = 0; i < now.rules().size(); ++i) {
    const Rule& rule = now.rules()[i];
    const auto at = old.find(rule.id);
    if (at == old.end()) out.added.push_back(rule.id);
    else if (before.fingerprint(at->second) != now.fingerprint(i)) out.changed.push_back(rule.id);
    if (at != old.end()) old.erase(at);
  }
  for (const auto& [id, place] : old) out.removed.emplace_back(id);
  for (auto* list : {&out.added, &out.changed, &out.removed}) std::sort(list->begin(), list->end());
  return out;
}

}  // namespace tocsin::sigma
