// snapshot.cpp: the fold's state as one message and back.
#include "daemon/sigma/correlate/fold.h"

namespace tocsin::sigma {
namespace {

std::string content_of(v1::FoldSnapshot snapshot) {
  snapshot.clear_fingerprint();
  return snapshot.SerializeAsString();  // No map fields: the same message gives the same bytes.
}

void write(const Entry& entry, v1::FoldEntry& out) {
  out.set_time(entry.time);
  out.set_event_id(std::string(entry.id.view()));
  for (const Id128& value : entry.values) out.add_values(std::string(value.view()));
  *out.mutable_touch() = *entry.touch;
}

Entry read(const v1::FoldEntry& from) {
  Entry out{from.time(), id128_from_bytes(from.event_id()), {}, std::make_shared<const v1::FoldTouch>(from.touch())};
  for (const std::string& value : from.values()) out.values.push_back(id128_from_bytes(value));
  return out;
}

void write(const Bucket& bucket, v1::FoldBucket& out) {
  out.set_start(bucket.start);
  out.set_triggered_at(bucket.triggered_at);
  out.set_first_event(bucket.first_event);
  out.set_collected_to(bucket.collected_to);
  out.set_last_event(bucket.last_event);
  out.set_count(bucket.count);
  for (const Entry& entry : bucket.evidence) write(entry, *out.add_evidence());
  for (const std::string& category : bucket.categories) out.add_categories(category);
  out.set_shown(bucket.shown);
  out.set_grown(bucket.grown);
}

Bucket read(const v1::FoldBucket& from) {
  Bucket out;
  out.start = from.start();
  out.triggered_at = from.triggered_at();
  out.first_event = from.first_event();
  out.collected_to = from.collected_to();
  out.last_event = from.last_event();
  out.count = from.count();
  for (const v1::FoldEntry& entry : from.evidence()) out.evidence.push_back(read(entry));
  out.categories.assign(from.categories().begin(), from.categories().end());
  out.shown = from.shown();
  out.grown = from.grown();
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
  for (const auto& [key, kept] : sorted) {
    v1::FoldGroup* row = out.add_groups();
    row->set_rule_id(kept->rule_id);
    for (const v1::FieldValue& part : kept->group.key) *row->add_group() = part;
    row->set_settled_to(kept->group.settled_to);
    row->set_armed_from(kept->group.armed_from);
    for (const std::int64_t start : kept->group.given) row->add_given(start);
    for (const Bucket& bucket : kept->group.open) write(bucket, *row->add_open());
    for (const Entry& entry : kept->group.entries) write(entry, *row->add_entries());
  }
  std::vector<Id128> singles(singles_.begin(), singles_.end());
  std::sort(singles.begin(), singles.end());
  for (const Id128& id : singles) out.mutable_single_alerts()->append(id.view());
  out.set_watermark(watermark_);
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
  due_.clear();
  singles_.clear();
  for (const v1::FoldPartition& row : snapshot.partitions()) {
    partitions_[{row.source(), row.partition()}] = {row.max_event_time(), row.idle()};
  }
  for (const v1::FoldGroup& row : snapshot.groups()) {
    const auto rules = folds_.find(row.rule_id());
    if (rules == folds_.end()) return bad_input(fmt::format("the snapshot names the unknown rule `{}`", row.rule_id()));
    const auto at = groups_.try_emplace(fmt::format("{}:{}{}", row.rule_id().size(), row.rule_id(), group_text(row.group()))).first;
    Kept& kept = at->second;
    kept.rules = &rules->second;
    kept.rule_id = row.rule_id();
    kept.group.key.assign(row.group().begin(), row.group().end());
    kept.group.settled_to = row.settled_to();
    kept.group.armed_from = row.armed_from();
    kept.group.given.assign(row.given().begin(), row.given().end());
    for (const v1::FoldBucket& bucket : row.open()) kept.group.open.push_back(read(bucket));
    for (const v1::FoldEntry& entry : row.entries()) {
      kept.rules->note(kept.group, *kept.group.entries.insert(kept.group.entries.end(), read(entry)));
    }
    schedule(at->first, kept);
  }
  for (std::size_t i = 0; i + 16 <= snapshot.single_alerts().size(); i += 16) {
    singles_.insert(id128_from_bytes(std::string_view(snapshot.single_alerts()).substr(i, 16)));
  }
  watermark_ = snapshot.watermark();
  stragglers_ = snapshot.stragglers();
  unknown_rules_ = snapshot.unknown_rules();
  return {};
}

}  // namespace tocsin::sigma
