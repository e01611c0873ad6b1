// fold.cpp: sorting frames to their groups, the watermark, and alerts that are events for the correlations above.
#include "daemon/sigma/correlate/fold.h"

#include "daemon/base/promise.h"
#include "daemon/sigma/correlate/alert_text.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kReach = std::chrono::microseconds(limits::kStragglerReach).count();

std::string key_of(const std::string& rule_id, std::string_view group) { return fmt::format("{}:{}{}", rule_id.size(), rule_id, group); }

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
    fold.delay = delay;
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
  for (const RuleFold& rule : folds_) out += rule.entries;
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

Fold::Groups::iterator Fold::group_at(RuleFold& rule, const std::string& key) {
  const auto known = groups_.find(key);
  if (known != groups_.end()) return known;
  const std::int64_t settled_to = watermark_ == kEver ? kEver : watermark_ - rule.delay;
  const auto at = groups_.emplace(key, Kept{&rule, rule.fold.fresh_group(settled_to), {}}).first;
  at->second.text = text_in(at->first, rule.rule.id);
  return at;
}

void Fold::bring(RuleFold& rule, const std::string& key, Arrival arrival, Effects& out) {
  const auto at = group_at(rule, key);
  Kept& kept = at->second;
  const std::int64_t time = arrival.touch.time;
  const bool counts = !arrival.hits.empty();
  const std::size_t before = kept.group.touches.size(), alerts = out.alerts.size(), updates = out.updates.size();
  const std::int64_t dropped = kept.group.dropped;
  Outcome outcome{out, {}, {}};
  rule.fold.arrive(kept.text, kept.group, std::move(arrival), outcome);
  rule.entries += kept.group.touches.size() - before;
  rule.dropped += kept.group.dropped - dropped;
  schedule(at, rule.fold.deadline_of(kept.group, time, counts));
  rise(rule, kept.text, outcome, alerts, updates);
  if (rule.entries > settings_.rule_entries_max) evict(rule);
}

void Fold::settle(Groups::iterator at, std::int64_t watermark, Effects& out) {
  Kept& kept = at->second;
  RuleFold& rule = *kept.rule;
  const std::size_t before = kept.group.touches.size(), alerts = out.alerts.size(), updates = out.updates.size();
  const std::int64_t dropped = kept.group.dropped;
  kept.group.scheduled = kNever;
  Outcome outcome{out, {}, {}};
  rule.fold.settle(kept.text, kept.group, watermark, rule.peers, outcome);
  rule.entries -= before - kept.group.touches.size();
  rule.dropped += kept.group.dropped - dropped;
  rise(rule, kept.text, outcome, alerts, updates);
  if (GroupFold::forgettable(kept.group)) groups_.erase(at);
  else schedule(at, rule.fold.deadline(kept.group));
}

/// Brings people and final alerts to the correlations that stand on this one.
void Fold::rise(RuleFold& rule, std::string_view text, Outcome& outcome, std::size_t alerts_before, std::size_t updates_before) {
  if (rule.dropped > 0) {
    const std::string told = fmt::format("; at least: this rule dropped {} matches at its memory limit", rule.dropped);
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

/// Beyond the limit of a rule the groups go that would be forgotten first and have never alerted.
void Fold::evict(RuleFold& rule) {
  for (auto due = rule.due.begin(); due != rule.due.end() && rule.entries > settings_.rule_entries_max;) {
    const auto at = groups_.find(*due->key);
    if (at->second.group.fired != nullptr) {
      ++due;
      continue;
    }
    due = rule.due.erase(due);
    rule.entries -= at->second.group.touches.size();
    rule.dropped += static_cast<std::int64_t>(at->second.group.touches.size());
    groups_.erase(at);
  }
}

/// Entered again only where it comes sooner: a deadline that moved away is found out when it comes up.
void Fold::schedule(Groups::iterator at, std::int64_t deadline) {
  Kept& kept = at->second;
  if (deadline >= kept.group.scheduled) return;
  kept.rule->due.erase({kept.group.scheduled, &at->first});
  kept.group.scheduled = deadline;
  kept.rule->due.insert({deadline, &at->first});
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
    while (!rule.due.empty() && rule.due.begin()->at <= mark) {
      // Whoever is compared with others must find their past complete: all go on together to the end of the bucket.
      const std::int64_t to = rule.step == 0 ? mark : std::min(mark, -windows::bucket_start(-rule.due.begin()->at, rule.step));
      while (!rule.due.empty() && rule.due.begin()->at <= to) {
        const auto at = groups_.find(*rule.due.begin()->key);
        TOCSIN_ASSERT(at != groups_.end());
        rule.due.erase(rule.due.begin());
        settle(at, to, out);
      }
    }
  }
  if (newest_watermark_ == kNever) return;
  const std::int64_t forgotten = (newest_watermark_ - kReach) / kDay;
  while (!singles_.empty() && singles_.begin()->first < forgotten) singles_.erase(singles_.begin());
}

}  // namespace tocsin::sigma
