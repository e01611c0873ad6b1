// succession.cpp: what the fold of new rules takes over from the one before it.
#include "daemon/sigma/correlate/fold.h"

namespace tocsin::sigma {

void Fold::inherit(Fold&& before) {
  partitions_ = std::move(before.partitions_);
  singles_ = std::move(before.singles_);
  watermark_ = before.watermark_;
  newest_watermark_ = before.newest_watermark_;
  stragglers_ = before.stragglers_;
  unknown_rules_ = before.unknown_rules_;

  std::unordered_map<const RuleFold*, RuleFold*> heirs;
  for (RuleFold& rule : folds_) {
    const auto known = before.by_id_.find(rule.rule.id);
    if (known == before.by_id_.end() || known->second.second == nullptr) continue;
    RuleFold& from = *known->second.second;
    if (from.fingerprint != rule.fingerprint) continue;
    // Its open buckets hold alerts that were never given, or that nobody will take any more.
    if (from.rule.alerts() != rule.rule.alerts()) continue;
    rule.quiet = std::move(from.quiet);
    rule.alerted = std::move(from.alerted);
    rule.peers = std::move(from.peers);
    rule.entries = from.entries;
    rule.dropped = from.dropped;
    heirs.emplace(&from, &rule);
  }
  // Nodes are handed over as they are: deadlines and texts point at their keys.
  groups_.reserve(before.groups_.size());
  for (auto at = before.groups_.begin(); at != before.groups_.end();) {
    const auto group = at++;
    const auto heir = heirs.find(group->second.rule);
    if (heir == heirs.end()) continue;
    group->second.rule = heir->second;
    groups_.insert(before.groups_.extract(group));
  }
}

}  // namespace tocsin::sigma
