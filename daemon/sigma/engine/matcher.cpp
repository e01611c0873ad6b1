// matcher.cpp: every rule whose log source fits is asked in full.
#include "daemon/sigma/engine/matcher.h"

namespace tocsin::sigma {
namespace {

bool fits(const LogSource& wanted, const LogSourceView& actual) {
  const auto part = [](std::string_view a, std::string_view b) { return a.empty() || equal_text(a, b, false); };
  return part(wanted.product, actual.product) && (part(wanted.category, actual.category) || (!actual.wider.empty() && part(wanted.category, actual.wider))) && part(wanted.service, actual.service);
}

bool holds(const Condition& condition, const std::vector<Selection>& selections, const Event& event) {
  const auto part = [&](const Condition& c) { return holds(c, selections, event); };
  switch (condition.kind) {
    case Condition::Kind::selection: return holds(selections[condition.selection], event);
    case Condition::Kind::all: return std::all_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::any: return std::any_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::no: return !part(condition.parts.front());
  }
  return false;
}

}  // namespace

Matcher::Matcher(std::shared_ptr<const RuleSet> rules, Routing routing) : rules_(std::move(rules)), routing_(routing) {}

std::span<const std::uint32_t> Matcher::match(const Event& event) {
  found_.clear();
  for (std::uint32_t i = 0; i < rules_->rules().size(); ++i) {
    const Rule& rule = rules_->rules()[i];
    if (rule.detection() == nullptr || (routing_ == Routing::log_source && !fits(rule.log_source, event.log_source))) continue;
    if (holds(rule.detection()->condition, rule.detection()->selections, event)) found_.push_back(i);
  }
  return found_;
}

}  // namespace tocsin::sigma
