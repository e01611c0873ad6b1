// filter.cpp: joining a filter to a rule.
#include "daemon/sigma/language/filter.h"

#include <unordered_set>

namespace tocsin::sigma {
namespace {

void shift(Condition& condition, std::size_t by) {
  if (condition.kind == Condition::Kind::selection) condition.selection += by;
  for (Condition& part : condition.parts) shift(part, by);
}

std::size_t bytes_of(const Condition& condition) {
  std::size_t out = sizeof(Condition);
  for (const Condition& part : condition.parts) out += bytes_of(part);
  return out;
}

std::size_t bytes_of(const Selection& selection) {
  std::size_t out = sizeof(Selection);
  for (const std::vector<Predicate>& value : selection.item.values) {
    out += sizeof(value) + value.size() * sizeof(Predicate);
    for (const Predicate& test : value) {
      const auto* text = std::get_if<TextIs>(&test);
      if (text == nullptr) continue;
      for (const SigmaString::Part& part : text->pattern.string().parts) out += sizeof(part) + part.text.size();
    }
  }
  for (const Selection& part : selection.parts) out += bytes_of(part);
  return out;
}

}  // namespace

bool holds(const LogSource& filter, const LogSource& rule) {
  const auto part = [](std::string_view wanted, std::string_view has) { return wanted.empty() || equal_text(wanted, has, false); };
  return part(filter.product, rule.product) && part(filter.category, rule.category) && part(filter.service, rule.service);
}

Detection narrowed(Detection rule, std::span<const Filter* const> filters) {
  std::unordered_set<FieldTable::Slot> named(rule.named.begin(), rule.named.end());
  Condition all{Condition::Kind::all, 0, {}};
  all.parts.push_back(std::move(rule.condition));
  rule.condition_text = fmt::format("({})", rule.condition_text);
  for (const Filter* each : filters) {
    const Detection& filter = each->detection;
    shift(all.parts.emplace_back(filter.condition), rule.selections.size());
    rule.condition_text += fmt::format(" and ({})", filter.condition_text);
    rule.names.insert(rule.names.end(), filter.names.begin(), filter.names.end());
    rule.selections.insert(rule.selections.end(), filter.selections.begin(), filter.selections.end());
    for (const FieldTable::Slot slot : filter.named) {
      if (named.insert(slot).second) rule.named.push_back(slot);
    }
  }
  rule.condition = std::move(all);
  return rule;
}

std::size_t bytes_of(const Detection& detection) {
  std::size_t out = sizeof(Detection) + detection.condition_text.size() + bytes_of(detection.condition);
  for (const std::string& name : detection.names) out += sizeof(name) + name.size();
  for (const Selection& selection : detection.selections) out += bytes_of(selection);
  return out;
}

}  // namespace tocsin::sigma
