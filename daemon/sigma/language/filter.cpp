// filter.cpp: joining a filter to a rule.
#include "daemon/sigma/language/filter.h"

namespace tocsin::sigma {
namespace {

void shift(Condition& condition, std::size_t by) {
  if (condition.kind == Condition::Kind::selection) condition.selection += by;
  for (Condition& part : condition.parts) shift(part, by);
}

}  // namespace

bool holds(const LogSource& filter, const LogSource& rule) {
  const auto part = [](std::string_view wanted, std::string_view has) { return wanted.empty() || equal_text(wanted, has, false); };
  return part(filter.product, rule.product) && part(filter.category, rule.category) && part(filter.service, rule.service);
}

Detection narrowed(Detection rule, const Detection& filter) {
  Condition kept = filter.condition;
  shift(kept, rule.selections.size());
  Condition both{Condition::Kind::all, 0, {}};
  both.parts.push_back(std::move(rule.condition));
  both.parts.push_back(std::move(kept));
  rule.condition = std::move(both);
  rule.condition_text = fmt::format("({}) and ({})", rule.condition_text, filter.condition_text);
  rule.names.insert(rule.names.end(), filter.names.begin(), filter.names.end());
  rule.selections.insert(rule.selections.end(), filter.selections.begin(), filter.selections.end());
  for (const FieldTable::Slot slot : filter.named) {
    if (std::find(rule.named.begin(), rule.named.end(), slot) == rule.named.end()) rule.named.push_back(slot);
  }
  return rule;
}

}  // namespace tocsin::sigma
