// fold.cpp: sorting frames to their groups, the watermark, and alerts that are events for the correlations above.
#include "daemon/sigma/correlate/fold.h"

#include "daemon/base/promise.h"
#include "daemon/sigma/correlate/alert_text.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kReach = std::chrono::microseconds(limits::kStragglerReach).count();

std::string key_of(const std::string& rule_id, std::string_view group) { return fmt::format("{}:{}{}", rule_id.size(), rule_id, group); }

/// What a limit has cost the rule, for whoever reads its alerts.
std::string told_of(std::string_view rule, std::int64_t dropped) {
  return dropped == 0 ? std::string() : fmt::format("; at least: {} dropped {} matches at its memory limit", rule, dropped);
}

/// Where in a key the group's text begins.
std::string_view text_in(const std::string& key, const std::string& rule_id) {
  return std::string_view(key).substr(std::to_string(rule_id.size()).size() + 1 + rule_id.size());
}

std::shared_ptr<const std::string> event_blob(const v1::MatchFrame& frame, const v1::MatchedEvent& event) {
  v1::FoldTouch out;
  out.set_source(frame.source());
  out.set_partition(frame.partition());
  out.set_offset(frame.offset());
  *out.mutable_subjects() = event.subjects();
  out.set_subject_count(event.subject_count());
  out.set_record_count(event.record_count());
  out.set_count_basis(event.count_basis());
  *out.mutable_categories() = event.categories();
  return std::make_shared<const std::string>(out.SerializeAsString());
}

std::string evidence_blob(const v1::RuleMatch& match) {
  v1::FoldTouch out;
  *out.mutable_evidence() = match.evidence();
  return out.SerializeAsString();
}

}  // namespace

Fold::Fold(std::shared_ptr<const RuleSet> rules, FoldSettings settings) : rules_(std::move(rules)), settings_(std::move(settings)) { build(); }

void Fold::build() {
  const auto rules = rules_->rules();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    by_id_[rules[i].id] = {&rules[i], nullptr};
    if (rules[i].correlation() != nullptr) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rules[a].correlation()->level < rules[b].correlation()->level; });
  std::vector<RuleFold*> at(rules.size());
  std::vector<std::int64_t> reach(rules.size());
  for (const std::size_t i : order) {
    const Correlation& correlation = *rules[i].correlation();
    std::int64_t delay = 0;
    for (const std::size_t base : correlation.bases) {
      if (at[base] == nullptr) continue;
      const Correlation& below = *rules[base].correlation();
      delay = std::max(delay, at[base]->delay + below.bucket().count());
      reach[i] = std::max(reach[i], below.timespan.count() + reach[base]);
    }
    RuleFold& fold = folds_.emplace_back(rules[i], settings_.tenant, Standing{!rules_->chains(i).empty(), reach[i], settings_.group_entries_max});
    fold.fingerprint = rules_->fingerprint(i);
    fold.delay = delay;
    std::set<const RuleFold*> below;
    for (const std::size_t base : correlation.bases) {
      if (at[base] == nullptr || !below.insert(at[base]).second) continue;
      below.insert(at[base]->below.begin(), at[base]->below.end());
    }
    for (const RuleFold& each : folds_) {
      if (below.contains(&each)) fold.below.push_back(&each);
    }
    if (const auto* absence = std::get_if<Absence>(&correlation.extension)) fold.delay += absence->within.count();
    if (const auto* baseline = std::get_if<Baseline>(&correlation.extension); baseline != nullptr && !baseline->peers.empty()) fold.step = baseline->every.count();
    for (std::size_t b = 0; b < correlation.bases.size(); ++b) fold.base_at[rules[correlation.bases[b]].id] = static_cast<std::uint8_t>(b);
    at[i] = &fold;
    by_id_[rules[i].id].second = &fold;
  }
  for (const std::size_t i : order) {
    for (const Chain& chain : rules_->chains(i)) at[i]->above.emplace_back(&chain, at[chain.correlation]);
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

std::size_t Fold::entries() const {
  std::size_t out = 0;
  for (const RuleFold& rule : folds_) out += rule.held();
  return out;
}

std::map<std::string, std::int64_t> Fold::dropped() const {
  std::map<std::string, std::int64_t> out;
  for (const RuleFold& rule : folds_) {
    if (rule.dropped > 0) out[rule.rule.id] = rule.dropped;
  }
  return out;
}

std::size_t Fold::remembered() const {
  std::size_t out = 0;
  for (const auto& [day, ids] : singles_) out += ids.size();
  return out;
}

void Fold::match(const v1::MatchFrame& frame, Effects& out) {
  // A partition that speaks is not idle; its own times now hold the watermark, until its next progress frame moves it.
  Partition& partition = partitions_[{frame.source(), frame.partition()}];
  if (partition.idle || partition.max_event_time == 0) {
    partition.idle = false;
    watermark_ = least();
  }
  std::vector<std::pair<RuleFold*, const v1::RuleMatch*>> counted;
  for (const v1::MatchedEvent& event : frame.events()) {
    if (!event.late() && !event.skewed() && event.time() < watermark_) ++stragglers_;
    counted.clear();
    for (const v1::RuleMatch& match : event.matches()) {
      const auto at = by_id_.find(match.rule_id());
      if (at == by_id_.end()) {
        ++unknown_rules_;
      } else if (at->second.second == nullptr) {
        single(frame, event, match, *at->second.first, out);
      } else if (!event.late() && !event.skewed()) {
        counted.emplace_back(at->second.second, &match);
      }
    }
    if (!counted.empty()) correlated(frame, event, counted, out);
  }
}

void Fold::single(const v1::MatchFrame& frame, const v1::MatchedEvent& event, const v1::RuleMatch& match, const Rule& rule, Effects& out) {
  const Id128 alert_id = identity({settings_.tenant, rule.id, event.event_id()});
  // The same event in another record. Remembered from its own time or from now on, whichever is later: old ones come again too.
  if (std::any_of(singles_.begin(), singles_.end(), [&](const auto& day) { return day.second.contains(alert_id); })) return;
  const bool skewed = event.skewed() && newest_watermark_ > kEver;
  singles_[(skewed ? newest_watermark_ : std::max(event.time(), newest_watermark_)) / kDay].insert(alert_id);
  Touch touch;
  touch.time = event.time();
  touch.id = id128_from_bytes(event.event_id());
  touch.event = event_blob(frame, event);
  touch.evidence = evidence_blob(match);
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
  add_evidence(alert, touch);
  std::set<std::string> categories(event.categories().begin(), event.categories().end());
  for (const std::string& category : categories) alert.add_categories(category);
  out.affected.push_back(affected_of(rule.id, {match.group().begin(), match.group().end()}, touch));
}

/// An event may meet several base rules of one correlation: it is one arrival, with what all of them bring.
void Fold::correlated(const v1::MatchFrame& frame, const v1::MatchedEvent& event,
                      const std::vector<std::pair<RuleFold*, const v1::RuleMatch*>>& matches, Effects& out) {
  struct Part {
    RuleFold* rule;
    std::string key;
    Arrival arrival;
  };
  const auto blob = event_blob(frame, event);
  const Id128 id = id128_from_bytes(event.event_id());
  const bool too_old = newest_watermark_ > kEver && event.time() < newest_watermark_ - kReach;  // Its alerts' ids are forgotten.
  std::vector<Part> parts;
  std::unordered_map<std::string_view, std::size_t> places;
  parts.reserve(matches.size());   // The keys must not move.
  for (const auto& [rule, match] : matches) {
    std::string key = key_of(rule->rule.id, group_text(match->group()));
    const auto known = matches.size() == 1 ? places.end() : places.find(key);
    Part* part = nullptr;
    if (known != places.end()) {
      part = &parts[known->second];
    } else {
      part = &parts.emplace_back(Part{rule, std::move(key), {}});
      if (matches.size() > 1) places.emplace(part->key, parts.size() - 1);
      part->arrival.peers = group_text(match->peers());
      part->arrival.touch = {event.time(), id, true, true, event.time(), blob, evidence_blob(*match)};
    }
    const auto base = rule->base_at.find(match->base_rule_id());
    if (!too_old && base != rule->base_at.end()) add_hits(*rule->rule.correlation(), event, *match, base->second, part->arrival.hits);
  }
  for (Part& part : parts) bring(*part.rule, part.key, std::move(part.arrival), out);
}

Fold::Entry& Fold::group_at(RuleFold& rule, const std::string& key) {
  const auto known = groups_.find(key);
  if (known != groups_.end()) return *known;
  const std::int64_t settled_to = watermark_ == kEver ? kEver : watermark_ - rule.delay;
  Entry& entry = *groups_.emplace(key, Kept{&rule, rule.fold.fresh_group(settled_to), {}}).first;
  entry.second.text = text_in(entry.first, rule.rule.id);
  return entry;
}

void Fold::bring(RuleFold& rule, const std::string& key, Arrival arrival, Effects& out) {
  Entry& entry = group_at(rule, key);
  Kept& kept = entry.second;
  const std::int64_t time = arrival.touch.time, dropped = kept.group.dropped;
  const bool counts = !arrival.hits.empty();
  const std::size_t before = weight(kept.group), alerts = out.alerts.size(), updates = out.updates.size();
  Outcome outcome{out, {}, {}};
  rule.fold.arrive(kept.text, kept.group, std::move(arrival), outcome);
  rule.entries += weight(kept.group) - before;
  rule.dropped += kept.group.dropped - dropped;
  if (rule.held() > settings_.rule_entries_max) make_room(entry, outcome);
  schedule(entry, rule.fold.deadline_of(kept.group, time, counts));
  rise(rule, kept.text, outcome, alerts, updates);
}

void Fold::settle(Entry& entry, std::int64_t watermark, Effects& out) {
  Kept& kept = entry.second;
  RuleFold& rule = *kept.rule;
  const std::size_t before = weight(kept.group), alerts = out.alerts.size(), updates = out.updates.size();
  const std::int64_t dropped = kept.group.dropped;
  kept.group.scheduled = kNever;
  Outcome outcome{out, {}, {}};
  rule.fold.settle(kept.text, kept.group, watermark, rule.peers, outcome);
  rule.entries += weight(kept.group) - before;
  rule.dropped += kept.group.dropped - dropped;
  rise(rule, kept.text, outcome, alerts, updates);
  if (GroupFold::forgettable(kept.group)) groups_.erase(groups_.find(entry.first));   // The groups that it rose to may have moved every iterator.
  else schedule(entry, rule.fold.deadline(kept.group));
}

/// Brings people and final alerts to the correlations that stand on this one.
void Fold::rise(RuleFold& rule, std::string_view text, Outcome& outcome, std::size_t alerts_before, std::size_t updates_before) {
  std::string told = told_of("this rule", rule.dropped);
  for (const RuleFold* below : rule.below) told += told_of(fmt::format("`{}` below", below->rule.id), below->dropped);
  if (!told.empty()) {
    for (std::size_t i = alerts_before; i < outcome.effects.alerts.size(); ++i) outcome.effects.alerts[i].mutable_explanation()->append(told);
    for (std::size_t i = updates_before; i < outcome.effects.updates.size(); ++i) outcome.effects.updates[i].mutable_explanation()->append(told);
  }
  if (outcome.people.empty() && outcome.finals.empty()) return;
  const std::vector<v1::FieldValue> group = group_of(text);
  for (const auto& [chain, above] : rule.above) {
    const Correlation& correlation = *above->rule.correlation();
    std::vector<v1::FieldValue> upper;
    for (std::size_t i = 0; i < chain->group.size(); ++i) {
      v1::FieldValue& part = upper.emplace_back(group[chain->group[i]]);
      part.set_field(correlation.group_by[i]);
    }
    const std::string key = key_of(above->rule.id, group_text(upper));
    for (const Touch& person : outcome.people) bring(*above, key, {person, {}, {}}, outcome.effects);
    for (const Touch& alert : outcome.finals) {
      Arrival arrival{alert, {}, {}};
      for (const std::size_t place : chain->peers) arrival.peers += group_text(std::vector<v1::FieldValue>{group[place]});
      add_hits(*chain, group, alert.time, alert.id, above->base_at.at(rule.rule.id), arrival.hits);
      bring(*above, key, std::move(arrival), outcome.effects);
    }
  }
}

/// Beyond the limit of a rule the groups go that would be forgotten first and have never alerted. Where there are none, the group that has
/// grown loses an eighth: so each arrival pays for itself, however many groups have alerted.
void Fold::make_room(Entry& grown, Outcome& out) {
  RuleFold& rule = *grown.second.rule;
  rule.dropped += rule.peers.shed(settings_.rule_entries_max / 2);
  for (auto due = rule.quiet.begin(); due != rule.quiet.end() && rule.held() > settings_.rule_entries_max;) {
    if (due->key == &grown.first) {
      ++due;
      continue;
    }
    const auto at = groups_.find(*due->key);
    due = rule.quiet.erase(due);
    const std::size_t gone = weight(at->second.group);
    rule.entries -= gone;
    rule.dropped += static_cast<std::int64_t>(std::max<std::size_t>(gone, 1));
    groups_.erase(at);
  }
  if (rule.held() <= settings_.rule_entries_max) return;
  Group& group = grown.second.group;
  const std::size_t before = weight(group);
  const std::int64_t dropped = group.dropped;
  rule.fold.shed(grown.second.text, group, std::max<std::size_t>(before - before / 8, 2) - 1, out);
  rule.entries += weight(group) - before;
  rule.dropped += group.dropped - dropped;
}

const Fold::Due* Fold::RuleFold::next() const {
  if (quiet.empty() || alerted.empty()) return !quiet.empty() ? &*quiet.begin() : !alerted.empty() ? &*alerted.begin() : nullptr;
  return *quiet.begin() < *alerted.begin() ? &*quiet.begin() : &*alerted.begin();
}

/// Entered again only where it comes sooner, or the group has alerted meanwhile: a deadline that moved away is found out when it comes up.
void Fold::schedule(Entry& entry, std::int64_t deadline) {
  Kept& kept = entry.second;
  const bool alerted = kept.group.fired != nullptr;
  if (deadline >= kept.group.scheduled && alerted == kept.alerted) return;
  (kept.alerted ? kept.rule->alerted : kept.rule->quiet).erase({kept.group.scheduled, &entry.first});
  kept.alerted = alerted;
  kept.group.scheduled = std::min(deadline, kept.group.scheduled);
  if (kept.group.scheduled < kNever) (alerted ? kept.rule->alerted : kept.rule->quiet).insert({kept.group.scheduled, &entry.first});
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
  newest_watermark_ = std::max(newest_watermark_, watermark);
  // Lower levels come first: what they give is an event for those above, before these settle.
  for (RuleFold& rule : folds_) {
    const std::int64_t mark = watermark == kEver || watermark == kNever ? watermark : watermark - rule.delay;
    for (const Due* first = rule.next(); first != nullptr && first->at <= mark; first = rule.next()) {
      // Whoever is compared with others must find their past complete: all go on together to the end of the bucket.
      const std::int64_t to = rule.step == 0 ? mark : std::min(mark, -windows::bucket_start(-first->at, rule.step));
      for (const Due* due = first; due != nullptr && due->at <= to; due = rule.next()) {
        const auto at = groups_.find(*due->key);
        TOCSIN_ASSERT(at != groups_.end());
        (at->second.alerted ? rule.alerted : rule.quiet).erase(Due(*due));
        settle(*at, to, out);
      }
      if (rule.step != 0 && to < kNever) rule.peers.forget(std::get<Baseline>(rule.rule.correlation()->extension), windows::bucket_start(to, rule.step));
    }
  }
  if (newest_watermark_ == kNever) return;
  const std::int64_t forgotten = (newest_watermark_ - kReach) / kDay;
  while (!singles_.empty() && singles_.begin()->first < forgotten) singles_.erase(singles_.begin());
}

}  // namespace tocsin::sigma
