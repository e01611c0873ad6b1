// live_rules.cpp: read, compile beside what runs, hand over.
#include "daemon/cli/live_rules.h"

#include "daemon/cli/sources.h"
#include "daemon/sigma/engine/live_engine.h"
#include "daemon/sigma/rule_changes.h"

namespace tocsin::cli {

Result<RulePack> LiveRules::pack() const {
  TOCSIN_ASSIGN(RulePack out, find_pack({config_.rules().begin(), config_.rules().end()}, installed_pack_));
  out.placeholders.insert(out.placeholders.end(), config_.placeholders().begin(), config_.placeholders().end());
  return out;
}

Result<Content> LiveRules::load() {
  TOCSIN_ASSIGN(const RulePack from, pack());
  TOCSIN_ASSIGN(Content out, load_content(from, {config_.jurisdictions().begin(), config_.jurisdictions().end()}, config_.lenient_rules(), cache_));
  playbook_ = out.playbook;
  mappings_ = std::move(out.mappings);
  rules_ = out.rules;
  return out;
}

std::shared_ptr<const sigma::RuleSet> LiveRules::in_use() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

Result<v1::ReloadRulesResponse> LiveRules::reload(detect::Detector& detector, const SubjectKey& key) {
  const std::lock_guard one(reloading_);
  const auto began = std::chrono::steady_clock::now();
  TOCSIN_ASSIGN(const RulePack from, pack());
  TOCSIN_ASSIGN(sigma::Loaded loaded, load_rules(from, playbook_, config_.lenient_rules(), cache_));
  const auto rules = std::make_shared<const sigma::RuleSet>(std::move(loaded.rules));
  detect::NewRules next;
  TOCSIN_ASSIGN(next.mappers, make_mappers(config_, mappings_, *rules, key));
  const std::shared_ptr<const sigma::LiveEngine> before = detector.engine();
  next.engine = sigma::LiveEngine::compile(rules, *before);

  v1::ReloadRulesResponse out;
  out.set_compiled(static_cast<std::int64_t>(next.engine->compiled()));
  TOCSIN_TRY(detector.follow(std::move(next)));
  {
    const std::lock_guard lock(mutex_);
    rules_ = rules;
  }
  sigma::RuleChanges changes = sigma::changes_between(*before->rules(), *rules);
  *out.mutable_added() = {changes.added.begin(), changes.added.end()};
  *out.mutable_changed() = {changes.changed.begin(), changes.changed.end()};
  *out.mutable_removed() = {changes.removed.begin(), changes.removed.end()};
  for (const sigma::Rejected& each : loaded.rejected) {
    v1::RejectedRule& to = *out.add_rejected();
    to.set_file(each.file);
    to.set_line(each.line);
    to.set_id(each.id);
    *to.mutable_faults() = {each.faults.begin(), each.faults.end()};
  }
  out.set_ruleset(rules->fingerprint());
  out.set_rules(static_cast<std::int64_t>(rules->rules().size()));
  out.set_seconds(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return out;
}

}  // namespace tocsin::cli
