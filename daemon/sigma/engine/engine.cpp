// engine.cpp: rule by rule into the program, and behind its atoms into the index.
#include "daemon/sigma/engine/engine.h"

namespace tocsin::sigma {

std::shared_ptr<const Engine> Engine::compile(std::shared_ptr<const RuleSet> rules) {
  std::vector<std::uint32_t> detections;
  for (std::uint32_t i = 0; const Rule& rule : rules->rules()) {
    if (rule.detection() != nullptr) detections.push_back(i);
    ++i;
  }
  return compile(std::move(rules), detections);
}

std::shared_ptr<const Engine> Engine::compile(std::shared_ptr<const RuleSet> rules, std::span<const std::uint32_t> detections) {
  std::shared_ptr<Engine> out(new Engine());
  out->rules_ = std::move(rules);
  const auto all = out->rules_->rules();
  out->entries_.resize(all.size());
  AtomTable atoms;
  for (const std::uint32_t i : detections) count_atoms(*all[i].detection(), atoms);
  std::vector<Index::Filed> filed;
  Event nothing;
  nothing.clear(out->rules_->fields().size());
  EventMemory memory;
  for (const std::uint32_t i : detections) {
    out->entries_[i] = out->program_.add(*all[i].detection());
    if (Need need = needed_by(*all[i].detection(), atoms)) {
      filed.push_back({i, std::move(*need)});
    } else if (Need mentioned = mentioned_by(*all[i].detection(), atoms)) {
      // It holds where something is missing. Where everything is, its answer is always the same.
      filed.push_back({i, std::move(*mentioned)});
      memory.begin(nothing, out->program_.items());
      if (out->program_.holds(out->entries_[i], nothing, memory)) out->bare_.push_back(i);
    } else {
      out->always_.push_back(i);
    }
  }
  out->program_.seal();
  out->index_ = std::make_unique<const Index>(atoms, filed, out->rules_->fields().size());
  return out;
}

}  // namespace tocsin::sigma
