// snapshot.cpp: the fold's state as one message and back.
#include "daemon/sigma/correlate/fold.h"
#include "daemon/sigma/correlate/hit_row.h"

namespace tocsin::sigma {
namespace {

std::string content_of(v1::FoldSnapshot snapshot) {
  snapshot.clear_fingerprint();
  return snapshot.SerializeAsString();  // No map fields: the same message gives the same bytes.
}

/// What an event touched is shared by all groups that hold it, in a snapshot as in memory.
struct Shared {
  std::unordered_map<const std::string*, std::uint32_t> places;

  std::uint32_t place_of(const std::shared_ptr<const std::string>& event, v1::FoldSnapshot& out) {
    if (event == nullptr) return 0;
    const auto [at, fresh] = places.try_emplace(event.get(), static_cast<std::uint32_t>(places.size()) + 1);
    if (fresh) out.add_touches(*event);
    return at->second;
  }
};

void write(const Touch& touch, Shared& shared, v1::FoldSnapshot& all, v1::FoldEntry& out) {
  out.set_time(touch.time);
  out.set_event_id(std::string(touch.id.view()));
  out.set_counts(touch.counts);
  out.set_shown(touch.shown);
  out.set_began(touch.began);
  out.set_touch(shared.place_of(touch.event, all));
  out.set_evidence(touch.evidence);
}

Touch read(const v1::FoldEntry& from, const std::vector<std::shared_ptr<const std::string>>& events) {
  Touch out;
  out.time = from.time();
  out.id = id128_from_bytes(from.event_id());
  out.counts = from.counts();
  out.shown = from.shown();
  out.began = from.began();
  if (from.touch() > 0) out.event = events.at(from.touch() - 1);
  out.evidence = from.evidence();
  return out;
}

void write(const Bucket& bucket, Shared& shared, v1::FoldSnapshot& all, v1::FoldBucket& out) {
  out.set_start(bucket.start);
  out.set_triggered_at(bucket.triggered_at);
  out.set_first_event(bucket.first_event);
  out.set_told_from(bucket.told_from);
  out.set_collected_to(bucket.collected_to);
  out.set_last_event(bucket.last_event);
  out.set_value(bytes_of(bucket.value.steps));
  out.set_parts(bucket.value.parts);
  for (const Touch& touch : bucket.evidence) write(touch, shared, all, *out.add_evidence());
  for (const std::string& category : bucket.categories) out.add_categories(category);
  out.set_shown(bucket.shown);
  out.set_grown(bucket.grown);
  out.set_stale(bucket.stale);
  out.set_why(bucket.why);
}

Bucket read(const v1::FoldBucket& from, const std::vector<std::shared_ptr<const std::string>>& events) {
  Bucket out;
  out.start = from.start();
  out.triggered_at = from.triggered_at();
  out.first_event = from.first_event();
  out.told_from = from.told_from();
  out.collected_to = from.collected_to();
  out.last_event = from.last_event();
  out.value = {number_of_bytes(from.value()), from.parts()};
  for (const v1::FoldEntry& entry : from.evidence()) out.evidence.push_back(read(entry, events));
  out.categories.assign(from.categories().begin(), from.categories().end());
  out.shown = from.shown();
  out.grown = from.grown();
  out.stale = from.stale();
  out.why = from.why();
  return out;
}

}  // namespace

v1::FoldSnapshot Fold::save() const {
  v1::FoldSnapshot out;
  out.set_ruleset(rules_->fingerprint());
  out.set_tenant(settings_.tenant);
  out.set_lateness(settings_.lateness.count());
  for (const auto& [name, partition] : partitions_) {
    v1::FoldPartition* row = out.add_partitions();
    row->set_source(name.first);
    row->set_partition(name.second);
    row->set_max_event_time(partition.max_event_time);
    row->set_idle(partition.idle);
  }
  std::map<std::string_view, const Kept*> sorted;
  for (const auto& [key, kept] : groups_) sorted[key] = &kept;
  Shared shared;
  for (const auto& [key, kept] : sorted) {
    const Group& group = kept->group;
    v1::FoldGroup* row = out.add_groups();
    row->set_rule_id(kept->rule->rule.id);
    row->set_group(std::string(kept->text));
    row->set_settled_to(group.settled_to);
    row->set_scheduled(group.scheduled);
    row->set_dropped(group.dropped);
    for (const std::int64_t part : group.window.folded()) row->add_folded(part);
    group.window.list([&](const windows::Hit& hit) { write(hit, *row->add_hits()); });
    for (const Touch& touch : group.touches) write(touch, shared, out, *row->add_entries());
    if (group.learnt != nullptr) tocsin::sigma::save(*group.learnt, *row->mutable_learnt());
    if (group.fired == nullptr) continue;
    v1::FoldFired* fired = row->mutable_fired();
    fired->set_armed_from(group.fired->armed_from);
    for (const std::int64_t start : group.fired->given) fired->add_given(start);
    for (const Bucket& bucket : group.fired->open) write(bucket, shared, out, *fired->add_open());
  }
  for (const auto& [day, ids] : singles_) {
    v1::FoldSingles* row = out.add_singles();
    row->set_day(day);
    std::vector<Id128> list(ids.begin(), ids.end());
    std::sort(list.begin(), list.end());
    for (const Id128& id : list) row->mutable_ids()->append(id.view());
  }
  std::map<std::string_view, const RuleFold*> rules;
  for (const RuleFold& rule : folds_) rules[rule.rule.id] = &rule;
  for (const auto& [id, rule] : rules) {
    rule->peers.list([&](const std::string& name, const std::vector<PastMeasure>& measures) {
      v1::FoldPeers* row = out.add_peers();
      row->set_rule_id(std::string(id));
      row->set_peers(name);
      for (const PastMeasure& measure : measures) {
        v1::FoldMeasure* to = row->add_past();
        to->set_start(measure.start);
        to->set_value(bytes_of(measure.value));
      }
    });
  }
  for (const auto& [rule_id, dropped] : dropped()) {
    v1::FoldDropped* row = out.add_dropped();
    row->set_rule_id(rule_id);
    row->set_matches(dropped);
  }
  out.set_watermark(watermark_);
  out.set_newest_watermark(newest_watermark_);
  out.set_stragglers(stragglers_);
  out.set_unknown_rules(unknown_rules_);
  out.set_fingerprint(fingerprint(content_of(out)));
  return out;
}

Result<void> Fold::load(const v1::FoldSnapshot& snapshot) {
  if (snapshot.fingerprint() != fingerprint(content_of(snapshot))) return bad_input("the snapshot is damaged: its fingerprint does not fit");
  if (snapshot.ruleset() != rules_->fingerprint()) return bad_input("the snapshot belongs to another rule set");
  if (snapshot.tenant() != settings_.tenant) return bad_input(fmt::format("the snapshot belongs to the tenant `{}`", snapshot.tenant()));
  if (snapshot.lateness() != settings_.lateness.count()) {
    return bad_input(fmt::format("the snapshot was made with a lateness of {}", duration_text(Microseconds(snapshot.lateness()))));
  }
  partitions_.clear();
  groups_.clear();
  singles_.clear();
  for (RuleFold& rule : folds_) {
    rule.quiet.clear();
    rule.alerted.clear();
    rule.entries = 0;
    rule.dropped = 0;
    rule.peers.clear();
  }
  for (const v1::FoldPartition& row : snapshot.partitions()) {
    partitions_[{row.source(), row.partition()}] = {row.max_event_time(), row.idle()};
  }
  std::vector<std::shared_ptr<const std::string>> events;
  for (const std::string& event : snapshot.touches()) events.push_back(std::make_shared<const std::string>(event));
  watermark_ = snapshot.watermark();
  newest_watermark_ = snapshot.newest_watermark();
  for (const v1::FoldGroup& row : snapshot.groups()) {
    const auto known = by_id_.find(row.rule_id());
    if (known == by_id_.end() || known->second.second == nullptr) return bad_input(fmt::format("the snapshot names the unknown rule `{}`", row.rule_id()));
    RuleFold& rule = *known->second.second;
    Entry& entry = group_at(rule, fmt::format("{}:{}{}", row.rule_id().size(), row.rule_id(), row.group()));
    Group& group = entry.second.group;
    group.settled_to = row.settled_to();
    group.dropped = row.dropped();
    group.window.restore(rule.fold.window_rule(), {row.folded().begin(), row.folded().end()});
    // Under a condition that does not only grow nothing is taken for redundant: what was kept is kept.
    windows::WindowRule as_kept = rule.fold.window_rule();
    as_kept.condition.bounds = {{windows::Compare::neq, 0}};
    as_kept.expression_only_grows = false;
    for (const v1::FoldHit& hit : row.hits()) group.window.insert(as_kept, read(hit));
    for (const v1::FoldEntry& touch : row.entries()) group.touches.insert(group.touches.end(), read(touch, events));
    if (group.learnt != nullptr) *group.learnt = learnt_of(row.learnt());
    rule.entries += weight(group);
    if (row.has_fired()) {
      group.fired = std::make_unique<Fired>();
      group.fired->armed_from = row.fired().armed_from();
      group.fired->given.assign(row.fired().given().begin(), row.fired().given().end());
      for (const v1::FoldBucket& bucket : row.fired().open()) group.fired->open.push_back(read(bucket, events));
    }
    schedule(entry, row.scheduled());
  }
  for (const v1::FoldSingles& row : snapshot.singles()) {
    for (std::size_t i = 0; i + 16 <= row.ids().size(); i += 16) singles_[row.day()].insert(id128_from_bytes(std::string_view(row.ids()).substr(i, 16)));
  }
  for (const v1::FoldPeers& row : snapshot.peers()) {
    const auto rule = by_id_.find(row.rule_id());
    if (rule == by_id_.end() || rule->second.second == nullptr) continue;
    for (const v1::FoldMeasure& from : row.past()) rule->second.second->peers.add(row.peers(), {from.start(), number_of_bytes(from.value())});
  }
  for (const v1::FoldDropped& row : snapshot.dropped()) {
    const auto rule = by_id_.find(row.rule_id());
    if (rule != by_id_.end() && rule->second.second != nullptr) rule->second.second->dropped = row.matches();
  }
  stragglers_ = snapshot.stragglers();
  unknown_rules_ = snapshot.unknown_rules();
  return {};
}

}  // namespace tocsin::sigma
