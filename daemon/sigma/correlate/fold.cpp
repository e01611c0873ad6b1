// fold.cpp: sorting frames to their groups, and the watermark.
#include "daemon/sigma/correlate/fold.h"

#include "daemon/base/promise.h"
#include "daemon/sigma/correlate/alert_text.h"

namespace tocsin::sigma {
namespace {

std::string key_of(const std::string& rule_id, const google::protobuf::RepeatedPtrField<v1::FieldValue>& group) {
  return fmt::format("{}:{}{}", rule_id.size(), rule_id, group_text(group));
}

std::shared_ptr<const v1::FoldTouch> touch_of(const v1::MatchFrame& frame, const v1::MatchedEvent& event,
                                              const v1::RuleMatch& match) {
  auto out = std::make_shared<v1::FoldTouch>();
  out->set_source(frame.source());
  out->set_partition(frame.partition());
  out->set_offset(frame.offset());
  *out->mutable_subjects() = event.subjects();
  out->set_subject_count(event.subject_count());
  out->set_record_count(event.record_count());
  out->set_count_basis(event.count_basis());
  *out->mutable_categories() = event.categories();
  *out->mutable_evidence() = match.evidence();
  return out;
}

}  // namespace

Fold::Fold(std::shared_ptr<const RuleSet> rules, FoldSettings settings) : rules_(std::move(rules)), settings_(std::move(settings)) {
  for (const Rule& rule : rules_->rules()) {
    if (rule.correlation() != nullptr) folds_.try_emplace(rule.id, rule, settings_.tenant);
  }
}

Effects Fold::apply(const v1::LogFrame& frame) {
  Effects out;
  if (frame.has_match()) {
    match(frame.match(), out);
  } else if (frame.has_progress()) {
    const v1::ProgressFrame& progress = frame.progress();
    Partition& partition = partitions_[{progress.source(), progress.partition()}];
    partition.max_event_time = std::max(partition.max_event_time, progress.max_event_time());
    partition.idle = progress.idle();
    advance(least(), out);
  }
  return out;
}

Effects Fold::close() {
  Effects out;
  advance(kNever, out);
  return out;
}

std::optional<Instant> Fold::watermark() const {
  if (watermark_ == kEver) return std::nullopt;
  return instant_of(watermark_);
}

void Fold::match(const v1::MatchFrame& frame, Effects& out) {
  // A partition that speaks is not idle; its own times now hold the watermark, until its next progress frame moves it.
  Partition& partition = partitions_[{frame.source(), frame.partition()}];
  if (partition.idle || partition.max_event_time == 0) {
    partition.idle = false;
    watermark_ = least();
  }
  for (const v1::MatchedEvent& event : frame.events()) {
    if (!event.late() && !event.skewed() && event.time() < watermark_) ++stragglers_;
    for (int index = 0; index < event.matches_size(); ++index) {
      const v1::RuleMatch& match = event.matches(index);
      const Rule* rule = rules_->find(match.rule_id());
      if (rule == nullptr) {
        ++unknown_rules_;
      } else if (rule->detection() != nullptr) {
        single(frame, event, match, *rule, out);
      } else if (!event.late() && !event.skewed()) {
        correlated(frame, event, index, *rule, out);
      }
    }
  }
}

void Fold::single(const v1::MatchFrame& frame, const v1::MatchedEvent& event, const v1::RuleMatch& match, const Rule& rule, Effects& out) {
  const Id128 alert_id = identity({settings_.tenant, rule.id, event.event_id()});
  if (!singles_.insert(alert_id).second) return;  // The same event in another record.
  const Id128 event_id = id128_from_bytes(event.event_id());
  const auto touch = touch_of(frame, event, match);
  v1::Alert& alert = out.alerts.emplace_back();
  alert.set_alert_id(alert_id.hex());
  describe_rule(rule, settings_.tenant, alert);
  *alert.mutable_group() = match.group();
  set_time(*alert.mutable_first_event(), event.time());
  set_time(*alert.mutable_last_event(), event.time());
  set_time(*alert.mutable_triggered_at(), event.time());
  alert.set_count(1);
  alert.set_threshold(1);
  alert.set_final(true);
  alert.set_explanation(explain(*rule.detection(), rules_->fields(), match));
  add_evidence(alert, event.time(), event_id, *touch);
  std::set<std::string> categories(event.categories().begin(), event.categories().end());
  for (const std::string& category : categories) alert.add_categories(category);
  out.affected.push_back(affected_of(rule.id, {match.group().begin(), match.group().end()}, event.time(), event_id, *touch));
}

void Fold::correlated(const v1::MatchFrame& frame, const v1::MatchedEvent& event, int index, const Rule& rule, Effects& out) {
  const v1::RuleMatch& match = event.matches(index);
  std::vector<Id128> values = rule.correlation()->type->values(*rule.correlation(), event, match);
  // An event may meet several base rules of one correlation: it is one entry, with the values of all.
  for (int other = 0; rule.correlation()->bases.size() > 1 && other < event.matches_size(); ++other) {
    const v1::RuleMatch& same = event.matches(other);
    if (other == index || same.rule_id() != match.rule_id() || group_text(same.group()) != group_text(match.group())) continue;
    if (other < index) return;
    const std::vector<Id128> more = rule.correlation()->type->values(*rule.correlation(), event, same);
    values.insert(values.end(), more.begin(), more.end());
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  const auto [at, fresh] = groups_.try_emplace(key_of(rule.id, match.group()));
  Kept& kept = at->second;
  if (fresh) {
    kept.rules = &folds_.find(rule.id)->second;
    kept.rule_id = rule.id;
    kept.group.key.assign(match.group().begin(), match.group().end());
    kept.group.settled_to = watermark_;
  }
  kept.rules->arrive(kept.group, {event.time(), id128_from_bytes(event.event_id()), std::move(values), touch_of(frame, event, match)}, out);
  schedule(at->first, kept);
}

/// Entered again only where it comes sooner: a deadline that moved away is found out when it comes up.
void Fold::schedule(const std::string& key, Kept& kept) {
  const std::int64_t at = kept.rules->deadline(kept.group);
  if (at >= kept.group.scheduled) return;
  due_.erase({kept.group.scheduled, &key});
  kept.group.scheduled = at;
  due_.insert({at, &key});
}

std::int64_t Fold::least() const {
  std::int64_t busy = kNever, idle = kEver;
  for (const auto& [name, partition] : partitions_) {
    const std::int64_t mark = partition.max_event_time == 0 ? kEver : partition.max_event_time - settings_.lateness.count();
    if (partition.idle) idle = std::max(idle, mark);
    else busy = std::min(busy, mark);
  }
  return busy == kNever ? std::max(idle, watermark_) : busy;
}

void Fold::advance(std::int64_t watermark, Effects& out) {
  watermark_ = watermark;
  while (!due_.empty() && due_.begin()->at <= watermark) {
    const std::string& key = *due_.begin()->key;
    due_.erase(due_.begin());
    const auto at = groups_.find(key);
    TOCSIN_ASSERT(at != groups_.end());
    Kept& kept = at->second;
    kept.group.scheduled = kNever;
    kept.rules->settle(kept.group, watermark, out);
    if (GroupFold::forgettable(kept.group)) {
      groups_.erase(at);
    } else {
      schedule(at->first, kept);
    }
  }
}

}  // namespace tocsin::sigma
