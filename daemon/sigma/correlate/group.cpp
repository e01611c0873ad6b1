// group.cpp: firing on arrival where that is safe, settling behind the watermark where it is not.
#include "daemon/sigma/correlate/group.h"

#include "daemon/base/limits.h"
#include "daemon/base/promise.h"
#include "daemon/sigma/correlate/alert_text.h"

namespace tocsin::sigma {
namespace {

using windows::Moment;

// A live alert is given again when its group has grown by a quarter: its numbers stay useful and the work amortised constant.
constexpr std::int64_t kRefreshLeast = 8;
// In a small group it is given again as soon as it holds earlier: that costs little.
constexpr std::int64_t kSmall = 64;

bool was_given(const Group& group, std::int64_t start) {
  return group.fired != nullptr && std::binary_search(group.fired->given.begin(), group.fired->given.end(), start);
}

Bucket* open_bucket(Group& group, std::int64_t start) {
  if (group.fired == nullptr) return nullptr;
  for (Bucket& bucket : group.fired->open) {
    if (bucket.start == start) return &bucket;
  }
  return nullptr;
}

}  // namespace

std::size_t weight(const Group& group) {
  if (group.learnt == nullptr) return std::max(group.touches.size(), group.window.size());
  return std::max(group.touches.size(), group.learnt->waiting.size()) + group.learnt->known();
}

GroupFold::GroupFold(const Rule& rule, const std::string& tenant, Standing standing)
    : rule_(rule), correlation_(*rule.correlation()), tenant_(tenant), standing_(standing), window_(window_rule_of(rule)), span_(window_.span),
      length_(window_.bucket), horizon_(span_ + standing.reach), on_arrival_(windows::decides_on_arrival(window_)),
      learns_(!std::holds_alternative<std::monostate>(correlation_.extension)) {
  if (learns_) on_arrival_ = false;
  if (const auto* baseline = std::get_if<Baseline>(&correlation_.extension)) {
    every_ = baseline->every.count();
    horizon_ = every_ + standing.reach;
  }
  TOCSIN_ASSERT(span_ > 0);
}

Group GroupFold::fresh_group(std::int64_t watermark) const {
  Group out(window_.kind);
  out.settled_to = watermark;
  if (learns_) out.learnt = std::make_unique<Learnt>();
  return out;
}

void GroupFold::arrive(std::string_view text, Group& group, Arrival arrival, Outcome& out) const {
  if (learns_) return await(text, group, std::move(arrival), out);
  arrival.touch.counts = !arrival.hits.empty();
  const auto [place, fresh] = group.touches.insert(std::move(arrival.touch));
  if (!fresh) return;
  const Touch& added = *place;
  const Touch* said = nullptr;
  if (group.fired != nullptr && added.time >= group.fired->armed_from) {
    tell(text, added, out);
    said = &added;
  }
  if (!added.counts) return shed(text, group, standing_.entries_max, out);
  for (const windows::Hit& hit : arrival.hits) group.window.insert(window_, hit, group.settled_to);
  if (group.fired != nullptr) {
    for (Bucket& bucket : group.fired->open) {
      if (added.time >= bucket.first_event && added.time < bucket.start + length_) ++bucket.grown;
    }
  }
  if (on_arrival_) evaluate(text, group, added, said, out);
  refresh(text, group, said, out);
  shed(text, group, standing_.entries_max, out);
}

/// What an extension counts it looks at behind the watermark. What comes after that touches people and teaches nothing: it
/// would have to be told apart from what was counted and forgotten.
void GroupFold::await(std::string_view text, Group& group, Arrival arrival, Outcome& out) const {
  if (arrival.touch.time < group.settled_to) arrival.hits.clear();
  arrival.touch.counts = !arrival.hits.empty();
  if (group.touches.contains(arrival.touch)) return;
  if (arrival.touch.counts && !wait(correlation_, *group.learnt, arrival.hits, arrival.peers)) return;
  const Touch& added = *group.touches.insert(std::move(arrival.touch)).first;
  if (group.fired != nullptr && added.time >= group.fired->armed_from) tell(text, added, out);
  shed(text, group, standing_.entries_max, out);
}

void GroupFold::answer(std::string_view text, Group& group, std::int64_t watermark, Peers& peers, Outcome& out) const {
  const std::vector<Answer> answers = learn(correlation_, *group.learnt, watermark, peers, group.dropped);
  group.settled_to = watermark;
  for (const Answer& answer : answers) {
    if (answer.shows) continue;
    for (auto touch = first_from(group.touches, answer.time); touch != group.touches.end() && touch->time == answer.time; ++touch) touch->shown = false;
  }
  for (const Answer& answer : answers) {
    if (!answer.holds) continue;
    const std::int64_t start = windows::bucket_start(answer.time, length_);
    if (Bucket* open = open_bucket(group, start)) {
      open->value = answer.value;
      open->why = answer.why;
      open->stale = true;
      ++open->grown;
    } else if (!was_given(group, start)) {
      fire(text, group, {answer.time, answer.value, true}, answer.why, nullptr, out);
    }
  }
  refresh(text, group, nullptr, out);
}

/// An event at time t changes the measure of the moments [t, t + span), which lie in at most two buckets.
void GroupFold::evaluate(std::string_view text, Group& group, const Touch& added, const Touch* said, Outcome& out) const {
  const std::int64_t time = added.time, end = time + span_;
  for (std::int64_t start = windows::bucket_start(time, length_); start < end; start += length_) {
    Bucket* open = open_bucket(group, start);
    if (open == nullptr && was_given(group, start)) continue;  // Final.
    const std::int64_t from = std::max(time, start);
    const std::int64_t to = std::min({start + length_, end, open ? open->triggered_at : kNever});
    std::optional<Moment> found;
    if (from < to) found = windows::earliest(group.window, window_, from, to);
    if (open == nullptr) {
      if (found) fire(text, group, *found, {}, said, out);
    } else if (found) {
      lower(group, *open, found->time);
    } else if (added.began < open->first_event && time <= open->triggered_at && time > open->triggered_at - span_) {
      lower(group, *open, open->triggered_at);
    }
  }
}

void GroupFold::fire(std::string_view text, Group& group, const Moment& moment, std::string why, const Touch* said, Outcome& out) const {
  if (group.fired == nullptr) group.fired = std::make_unique<Fired>();
  const std::int64_t start = windows::bucket_start(moment.time, length_);
  std::vector<std::int64_t>& given = group.fired->given;
  given.insert(std::upper_bound(given.begin(), given.end(), start), start);
  Bucket& bucket = group.fired->open.emplace_back();
  bucket.start = start;
  bucket.triggered_at = moment.time;
  bucket.first_event = first_counted(group, moment.time);
  bucket.value = moment.value;
  bucket.why = std::move(why);
  bucket.shown = static_cast<std::int64_t>(group.touches.size());
  if (correlation_.alerts) out.effects.alerts.push_back(alert_of(text, group, bucket, false));
  // Also people of events that came before this alert, and whose incident may be a new one.
  tell_people(text, group, bucket, kNever, said, out);
}

void GroupFold::lower(Group& group, Bucket& bucket, std::int64_t triggered_at) const {
  const std::int64_t before = bucket.first_event;
  bucket.triggered_at = triggered_at;
  bucket.first_event = std::min(before, first_counted(group, triggered_at));
  if (bucket.first_event < before && bucket.collected_to > kEver) {
    // Only an event behind the watermark gets here: collect again from what is left.
    bucket.evidence.clear();
    bucket.collected_to = kEver;
  }
  bucket.stale = true;
}

void GroupFold::refresh(std::string_view text, Group& group, const Touch* said, Outcome& out) const {
  if (group.fired == nullptr) return;
  for (Bucket& bucket : group.fired->open) {
    const bool grown = bucket.grown >= kRefreshLeast && bucket.grown * 4 >= bucket.shown;
    if (grown || (bucket.stale && bucket.shown < kSmall)) give_again(text, group, bucket, said, out);
  }
}

void GroupFold::give_again(std::string_view text, Group& group, Bucket& bucket, const Touch* said, Outcome& out) const {
  bucket.shown += std::max<std::int64_t>(bucket.grown, 1);
  bucket.grown = 0;
  bucket.stale = false;
  if (correlation_.alerts) out.effects.updates.push_back(alert_of(text, group, bucket, false));
  tell_people(text, group, bucket, bucket.told_from, said, out);
}

/// An alert that has moved back to before `time` is given again, as long as the people that it now names are remembered.
void GroupFold::tell_before(std::string_view text, Group& group, std::int64_t time, Outcome& out) const {
  if (group.fired == nullptr) return;
  for (Bucket& bucket : group.fired->open) {
    if (bucket.first_event < std::min(bucket.told_from, time)) give_again(text, group, bucket, nullptr, out);
  }
}

/// People from the bucket's first event up to `to`; `said` was told already.
void GroupFold::tell_people(std::string_view text, Group& group, Bucket& bucket, std::int64_t to, const Touch* said, Outcome& out) const {
  for (auto touch = first_from(group.touches, bucket.first_event); touch != group.touches.end() && touch->time < to; ++touch) {
    if (&*touch != said) tell(text, *touch, out);
  }
  bucket.told_from = bucket.first_event;
  group.fired->armed_from = std::min(group.fired->armed_from, bucket.first_event);
}

void GroupFold::tell(std::string_view text, const Touch& touch, Outcome& out) const {
  if (touch.event == nullptr) return;  // An alert below; its people came with it.
  if (correlation_.alerts) out.effects.affected.push_back(affected_of(rule_.id, group_of(text), touch));
  if (!standing_.chained) return;
  Touch& person = out.people.emplace_back(touch);
  person.counts = false;
  person.evidence.clear();
}

/// What is measured at this moment came no earlier.
std::int64_t GroupFold::counted_from(std::int64_t at) const { return every_ > 0 ? windows::bucket_start(at, every_) : at - span_ + 1; }

/// The first event of what is measured at this moment. An alert below began before its own time.
std::int64_t GroupFold::first_counted(const Group& group, std::int64_t at) const {
  std::int64_t out = at;
  for (auto touch = first_from(group.touches, counted_from(at)); touch != group.touches.end() && touch->time <= at; ++touch) {
    if (!touch->counts) continue;
    out = std::min(out, touch->began);
    if (standing_.reach == 0) break;
  }
  return out;
}

void GroupFold::settle(std::string_view text, Group& group, std::int64_t watermark, Peers& peers, Outcome& out) const {
  // A straggler can open a bucket that has long ended: it ends now, wherever the watermark went meanwhile.
  watermark = std::max(watermark, group.settled_to);
  if (learns_) {
    answer(text, group, watermark, peers, out);
  } else if (!on_arrival_) {
    std::vector<Moment> found;
    group.window.each(window_, group.settled_to, watermark, [&](const Moment& moment) {
      const std::int64_t start = windows::bucket_start(moment.time, length_);
      const bool first = found.empty() || windows::bucket_start(found.back().time, length_) != start;
      if (moment.holds && first && !was_given(group, start)) found.push_back(moment);
      return false;
    });
    for (const Moment& moment : found) fire(text, group, moment, {}, nullptr, out);
  }
  if (group.fired != nullptr) {
    std::vector<Bucket>& open = group.fired->open;
    for (Bucket& bucket : open) {
      measure(group, bucket, group.settled_to, watermark);
      if (bucket.triggered_at < watermark) collect(group, bucket, watermark);
    }
    group.settled_to = watermark;
    for (Bucket& bucket : open) {
      if (bucket.start + length_ <= watermark) finish(text, group, bucket, out);
    }
    std::erase_if(open, [&](const Bucket& bucket) { return bucket.start + length_ <= watermark; });
  }
  group.settled_to = watermark;
  forget(text, group, watermark, out);
}

void GroupFold::finish(std::string_view text, Group& group, Bucket& bucket, Outcome& out) const {
  const v1::Alert alert = alert_of(text, group, bucket, true);
  if (correlation_.alerts) out.effects.updates.push_back(alert);
  if (bucket.first_event < bucket.told_from) tell_people(text, group, bucket, bucket.told_from, nullptr, out);
  if (!standing_.chained) return;
  v1::FoldTouch shown;
  *shown.mutable_evidence() = alert.group();
  v1::FieldValue& what = *shown.add_evidence();
  what.set_field(rule_.title);
  what.set_value(alert.explanation());
  Touch& up = out.finals.emplace_back();
  up.time = bucket.triggered_at;
  up.began = bucket.first_event;
  up.id = identity({tenant_, rule_.id, text, std::to_string(bucket.start)});
  up.evidence = shown.SerializeAsString();
}

void GroupFold::forget(std::string_view text, Group& group, std::int64_t watermark, Outcome& out) const {
  tell_before(text, group, watermark - horizon_ + 1, out);
  group.window.forget(window_, watermark);
  group.touches.erase(group.touches.begin(), first_from(group.touches, watermark - horizon_ + 1));
  if (learns_) unlearn(correlation_, *group.learnt, watermark);
  if (group.fired == nullptr) return;
  // Nothing as far behind as this is counted any more, so nothing can ask for the bucket again.
  const std::int64_t asked_for = watermark - std::chrono::microseconds(limits::kStragglerReach).count();
  std::erase_if(group.fired->given, [&](std::int64_t start) { return start + length_ <= asked_for; });
}

void GroupFold::shed(std::string_view text, Group& group, std::size_t most, Outcome& out) const {
  const std::size_t before = weight(group);
  if (before <= most) return;
  // Matches go first: what was learnt is dearer.
  const std::size_t known = group.learnt == nullptr ? 0 : group.learnt->known();
  const std::size_t room = std::max({most - std::min(most, known), most / 2, std::size_t{1}});
  if (group.touches.size() > room) {
    const auto end = std::next(group.touches.begin(), static_cast<std::ptrdiff_t>(group.touches.size() - room));
    tell_before(text, group, std::prev(end)->time + 1, out);
    group.touches.erase(group.touches.begin(), end);
  }
  if (group.learnt == nullptr) group.window.trim(window_, room);
  else tocsin::sigma::shed(*group.learnt, room, most);
  group.dropped += static_cast<std::int64_t>(before - std::min(before, weight(group)));
}

std::int64_t GroupFold::deadline_of(const Group& group, std::int64_t time, bool counts) const {
  std::int64_t out = group.touches.empty() ? kNever : group.touches.rbegin()->time + horizon_;
  if (group.fired != nullptr) {
    for (const Bucket& bucket : group.fired->open) out = std::min(out, bucket.start + length_);
  }
  if (learns_) return std::min(out, learn_deadline(correlation_, *group.learnt));
  if (!on_arrival_ && counts && time >= group.settled_to) out = std::min(out, time + 1);
  return out;
}

std::int64_t GroupFold::deadline(const Group& group) const {
  if (on_arrival_ || learns_) return deadline_of(group, kEver, false);
  const auto waiting = std::find_if(first_from(group.touches, group.settled_to), group.touches.end(), [](const Touch& touch) { return touch.counts; });
  const bool waits = waiting != group.touches.end();
  return deadline_of(group, waits ? waiting->time : kEver, waits);
}

/// The greatest measure of the moments [from, to) of the bucket at which the rule holds. Where a greater one is not a stronger
/// finding, it stays what it was when the rule held first.
void GroupFold::measure(Group& group, Bucket& bucket, std::int64_t from, std::int64_t to) const {
  if (!on_arrival_) return;
  const auto found = windows::greatest(group.window, window_, std::max(from, bucket.triggered_at), std::min(to, bucket.start + length_));
  if (found && bucket.value < found->value) bucket.value = found->value;
}

void GroupFold::collect(const Group& group, Bucket& bucket, std::int64_t to) const {
  const std::int64_t end = std::min(to, bucket.start + length_);
  const std::int64_t from = std::max({bucket.first_event, bucket.collected_to, counted_from(bucket.triggered_at)});
  for (auto touch = first_from(group.touches, from); touch != group.touches.end() && touch->time < end; ++touch) {
    if (!touch->counts || !touch->shown) continue;
    bucket.last_event = std::max(bucket.last_event, touch->time);
    if (bucket.evidence.size() < limits::kEvidenceEventsMax) bucket.evidence.push_back(*touch);
    const v1::FoldTouch whole = touch->whole();
    for (const std::string& category : whole.categories()) {
      const auto at = std::lower_bound(bucket.categories.begin(), bucket.categories.end(), category);
      if (at == bucket.categories.end() || *at != category) bucket.categories.insert(at, category);
    }
  }
  bucket.collected_to = std::max(bucket.collected_to, to);
}

/// Takes the bucket by value: what the open window adds is shown, not kept.
v1::Alert GroupFold::alert_of(std::string_view text, Group& group, Bucket bucket, bool final) const {
  measure(group, bucket, group.settled_to, kNever);
  collect(group, bucket, learns_ ? group.settled_to : kNever);
  v1::Alert out;
  out.set_alert_id(identity({tenant_, rule_.id, text, std::to_string(bucket.start)}).hex());
  describe_rule(rule_, tenant_, out);
  const std::vector<v1::FieldValue> key = group_of(text);
  for (const v1::FieldValue& part : key) *out.add_group() = part;
  set_time(*out.mutable_bucket_start(), bucket.start);
  set_time(*out.mutable_bucket_end(), bucket.start + length_);
  set_time(*out.mutable_first_event(), bucket.first_event);
  set_time(*out.mutable_last_event(), bucket.last_event);
  set_time(*out.mutable_triggered_at(), bucket.triggered_at);
  out.set_count(whole_of(bucket.value));
  out.set_threshold(correlation_.threshold.number());
  out.set_final(final);
  std::string explanation = learns_ ? explain(bucket.why, key) : explain(correlation_, bucket.value, key);
  if (group.dropped > 0) explanation += fmt::format("; at least: the oldest {} matches of this group were dropped at its limit", group.dropped);
  out.set_explanation(explanation);
  for (const Touch& touch : bucket.evidence) add_evidence(out, touch);
  for (const std::string& category : bucket.categories) out.add_categories(category);
  return out;
}

}  // namespace tocsin::sigma
