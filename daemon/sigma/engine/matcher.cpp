// matcher.cpp: candidates from the index, then each of them in full.
#include "daemon/sigma/engine/matcher.h"

namespace tocsin::sigma {

Matcher::Matcher(std::shared_ptr<const Engine> engine, Routing routing)
    : engine_(std::move(engine)), routing_(routing), routes_(engine_), stamps_(engine_->rules().rules().size()) {
  engine_->index().grow(look_);
}

Matcher::Matcher(std::shared_ptr<const RuleSet> rules, Routing routing) : Matcher(Engine::compile(std::move(rules)), routing) {}

std::span<const std::uint32_t> Matcher::match(const Event& event) {
  const Route& route = routing_ == Routing::off ? routes_.all() : routes_.of(event.log_source);
  const Index& index = engine_->index();
  if (++stamp_ == 0) {
    std::fill(stamps_.begin(), stamps_.end(), 0U);
    stamp_ = 1;
  }
  memory_.begin(event, engine_->program().items());
  candidates_.assign(route.always.begin(), route.always.end());
  const auto add = [&](std::uint32_t rule) {
    if (stamps_[rule] == stamp_) return;
    stamps_[rule] = stamp_;
    if (route.allows(rule)) candidates_.push_back(rule);
  };
  for (const FieldTable::Slot slot : event.filled()) {
    if (!index.wants(slot) || !route.useful[slot]) continue;
    if (slot == FieldTable::kAll) {
      joined_.clear();
      for (const Value& value : event.values(slot)) joined_.append(value.raw).push_back('\0');
      index.find_in_all(joined_, look_, add);
      if (index.only_inside(slot)) continue;
    }
    KnownValue* const known = memory_.known.of(event, slot);
    if (known != nullptr && known->rules()) {
      for (const std::uint32_t rule : *known->rules()) add(rule);
      continue;
    }
    named_.clear();
    const auto name = [&](std::uint32_t rule) { named_.push_back(rule); };
    const bool fold = index.wants_folded(slot);
    for (const Value& value : event.values(slot)) {
      index.find(slot, value, fold ? memory_.folded.at(event, value) : std::string_view(), look_, name);
    }
    if (event.count(slot) == 0) index.present(slot, name);
    for (const std::uint32_t rule : named_) add(rule);
    if (known != nullptr) known->keep_rules(named_);
  }
  asked_ += candidates_.size();
  found_.clear();
  for (const std::uint32_t rule : candidates_) {
    if (engine_->program().holds(engine_->entry(rule), event, memory_)) found_.push_back(rule);
  }
  for (const std::uint32_t rule : route.bare) {
    if (stamps_[rule] != stamp_) found_.push_back(rule);
  }
  std::sort(found_.begin(), found_.end());
  return found_;
}

}  // namespace tocsin::sigma
