// routes.cpp: comparing log sources.
#include "daemon/sigma/engine/routes.h"

#include "daemon/base/limits.h"

namespace tocsin::sigma {

bool fits(const LogSource& wanted, const LogSourceView& actual) {
  const auto part = [&](std::string_view rule, std::string_view event) {
    return rule.empty() || equal_text(rule, event, false) || (event.empty() && actual.open);
  };
  const bool category = part(wanted.category, actual.category) || (!actual.wider.empty() && part(wanted.category, actual.wider));
  return category && part(wanted.product, actual.product) && part(wanted.service, actual.service);
}

const Route& Routes::of(const LogSourceView& source) {
  key_.clear();
  for (const std::string_view part : {source.product, source.category, source.service, source.wider}) {
    key_ += part;
    key_ += '\0';
  }
  key_ += source.open ? '1' : '0';
  if (last_ != nullptr && key_ == last_key_) return *last_;
  auto at = known_.find(key_);
  if (at == known_.end()) {
    // Names may come from the event itself: an attacker who makes up new ones may cost time, but not memory.
    if (known_.size() >= limits::kLogSourcesKept) known_.clear();
    at = known_.emplace(key_, std::make_unique<Route>(make(&source))).first;
  }
  last_key_ = key_;
  return *(last_ = at->second.get());
}

const Route& Routes::all() {
  if (all_ == nullptr) all_ = std::make_unique<Route>(make(nullptr));
  return *all_;
}

Route Routes::make(const LogSourceView* source) const {
  const auto rules = engine_->rules().rules();
  Route out;
  out.allowed.resize(rules.size() / 64 + 1);
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (rules[i].detection() != nullptr && (source == nullptr || fits(rules[i].log_source, *source))) {
      out.allowed[i / 64] |= std::uint64_t{1} << (i % 64);
    }
  }
  const auto allowed = [&](std::uint32_t rule) { return out.allows(rule); };
  out.useful.resize(engine_->rules().fields().size());
  for (const FieldTable::Slot slot : engine_->index().slots()) {
    const auto& behind = engine_->index().rules_of(slot);
    out.useful[slot] = std::any_of(behind.begin(), behind.end(), allowed);
  }
  std::copy_if(engine_->always().begin(), engine_->always().end(), std::back_inserter(out.always), allowed);
  std::copy_if(engine_->bare().begin(), engine_->bare().end(), std::back_inserter(out.bare), allowed);
  return out;
}

}  // namespace tocsin::sigma
