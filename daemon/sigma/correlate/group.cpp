// group.cpp: firing on arrival where that is safe, settling behind the watermark where it is not.
#include "daemon/sigma/correlate/group.h"

#include <fmt/ranges.h>

#include "daemon/base/limits.h"
#include "daemon/base/promise.h"
#include "daemon/sigma/correlate/alert_text.h"

namespace tocsin::sigma {
namespace {

// A live alert is given again when its group has grown by a quarter: its numbers stay useful and the work amortised constant.
constexpr std::int64_t kRefreshLeast = 8;

bool was_given(const Group& group, std::int64_t start) {
  return std::binary_search(group.given.begin(), group.given.end(), start);
}

Bucket* open_bucket(Group& group, std::int64_t start) {
  for (Bucket& bucket : group.open) {
    if (bucket.start == start) return &bucket;
  }
  return nullptr;
}

}  // namespace

GroupFold::GroupFold(const Rule& rule, const std::string& tenant)
    : rule_(rule), correlation_(*rule.correlation()), tenant_(tenant), span_(correlation_.timespan.count()),
      length_(correlation_.bucket().count()), monotone_(correlation_.threshold.monotone()) {
  TOCSIN_ASSERT(span_ > 0);
}

std::int64_t GroupFold::bucket_of(std::int64_t time) const {
  const std::int64_t rest = time % length_;
  return time - (rest < 0 ? rest + length_ : rest);
}

void GroupFold::note(Group& group, const Entry& entry) const {
  group.values_most = std::max(group.values_most, entry.values.size());
  if (!correlation_.type->needs_field) return;  // Events are as many as the entries.
  for (const Id128& value : entry.values) {
    Group::Seen& seen = group.distinct[value];
    ++seen.entries;
    seen.newest = std::max(seen.newest, entry.time);
  }
}

void GroupFold::arrive(Group& group, Entry entry, Effects& out) const {
  const auto [place, fresh] = group.entries.insert(std::move(entry));
  if (!fresh) return;
  const Entry& added = *place;
  note(group, added);
  const Entry* said = nullptr;
  if (added.time >= group.armed_from) {
    out.affected.push_back(affected_of(rule_.id, group.key, added.time, added.id, *added.touch));
    said = &added;
  }
  if (added.values.empty()) return;
  for (Bucket& bucket : group.open) {
    if (added.time >= bucket.first_event && added.time < bucket.start + length_) ++bucket.grown;
  }
  if (monotone_) evaluate(group, added.time, said, out);
  refresh(group, out);
}

/// An event at `time` changes the count of the moments [time, time + span), which lie in at most two buckets.
void GroupFold::evaluate(Group& group, std::int64_t time, const Entry* skip, Effects& out) const {
  const std::int64_t end = time + span_;
  for (std::int64_t start = bucket_of(time); start < end; start += length_) {
    Bucket* open = open_bucket(group, start);
    if (open == nullptr && was_given(group, start)) continue;  // Final.
    const std::int64_t from = std::max(time, start);
    const std::int64_t to = std::min({start + length_, end, open ? open->triggered_at : kNever});
    std::int64_t at = kNever, count = 0;
    if (from < to && !cannot_hold(group, from, to)) {
      slide(group.entries, span_, from, to, [&](std::int64_t t, std::int64_t n) {
        if (!correlation_.threshold.holds(n)) return false;
        at = t;
        count = n;
        return true;
      });
    }
    if (open == nullptr) {
      if (at != kNever) fire(group, start, at, count, skip, out);
    } else if (at != kNever) {
      lower(group, *open, at, skip, out);
    } else if (time < open->first_event && time > open->triggered_at - span_) {
      lower(group, *open, open->triggered_at, skip, out);
    }
  }
}

void GroupFold::fire(Group& group, std::int64_t start, std::int64_t at, std::int64_t count, const Entry* skip,
                     Effects& out) const {
  group.given.insert(std::upper_bound(group.given.begin(), group.given.end(), start), start);
  Bucket& bucket = group.open.emplace_back();
  bucket.start = start;
  bucket.triggered_at = at;
  bucket.first_event = first_counted(group, at);
  bucket.count = count;
  bucket.shown = static_cast<std::int64_t>(group.entries.size());
  group.armed_from = std::min(group.armed_from, bucket.first_event);
  out.alerts.push_back(alert_of(group, bucket, false));
  // Also people of events that came before this alert, and whose incident may be a new one.
  touch_people(group, bucket.first_event, kNever, skip, out);
}

void GroupFold::lower(Group& group, Bucket& bucket, std::int64_t triggered_at, const Entry* skip, Effects& out) const {
  const std::int64_t before = bucket.first_event;
  bucket.triggered_at = triggered_at;
  bucket.first_event = std::min(before, first_counted(group, triggered_at));
  if (bucket.first_event < before && bucket.collected_to > kEver) {
    // Only an event behind the watermark gets here: collect again from what is left.
    bucket.evidence.clear();
    bucket.collected_to = kEver;
  }
  group.armed_from = std::min(group.armed_from, bucket.first_event);
  out.updates.push_back(alert_of(group, bucket, false));
  bucket.shown += bucket.grown;
  bucket.grown = 0;
  touch_people(group, bucket.first_event, before, skip, out);
}

void GroupFold::refresh(Group& group, Effects& out) const {
  for (Bucket& bucket : group.open) {
    if (bucket.grown < kRefreshLeast || bucket.grown * 4 < bucket.shown) continue;
    bucket.shown += bucket.grown;
    bucket.grown = 0;
    out.updates.push_back(alert_of(group, bucket, false));
  }
}

void GroupFold::touch_people(const Group& group, std::int64_t from, std::int64_t to, const Entry* skip, Effects& out) const {
  for (auto entry = first_from(group.entries, from); entry != group.entries.end() && entry->time < to; ++entry) {
    if (&*entry == skip) continue;
    out.affected.push_back(affected_of(rule_.id, group.key, entry->time, entry->id, *entry->touch));
  }
}

/// A quick no that never lies: fewer values than the threshold needs were seen since the earliest window began. For events in
/// order of time it is exact, and costs as much as the group has values, not events: one record read a million times is cheap.
bool GroupFold::cannot_hold(const Group& group, std::int64_t from, std::int64_t to) const {
  const auto least = static_cast<std::size_t>(correlation_.threshold.least());
  if (group.entries.size() * group.values_most < least) return true;
  if (!correlation_.type->needs_field) {
    std::size_t near = 0;
    for (auto entry = first_from(group.entries, from - span_ + 1); entry != group.entries.end() && entry->time < to; ++entry) {
      if (++near == least) return false;
    }
    return true;
  }
  if (group.distinct.size() < least) return true;
  std::size_t recent = 0;
  for (const auto& [value, seen] : group.distinct) {
    if (seen.newest > from - span_ && ++recent == least) return false;
  }
  return true;
}

std::int64_t GroupFold::first_counted(const Group& group, std::int64_t at) const {
  const auto entry = std::find_if(first_from(group.entries, at - span_ + 1), group.entries.end(),
                                  [](const Entry& e) { return !e.values.empty(); });
  return entry == group.entries.end() ? at : entry->time;
}

void GroupFold::settle(Group& group, std::int64_t watermark, Effects& out) const {
  if (watermark <= group.settled_to) return;
  if (!monotone_) {
    slide(group.entries, span_, group.settled_to, watermark, [&](std::int64_t t, std::int64_t n) {
      const std::int64_t start = bucket_of(t);
      if (correlation_.threshold.holds(n) && !was_given(group, start)) fire(group, start, t, n, nullptr, out);
      return false;
    });
  }
  for (Bucket& bucket : group.open) {
    recount(group, bucket, group.settled_to, watermark);
    if (bucket.triggered_at < watermark) collect(group, bucket, watermark);
  }
  group.settled_to = watermark;
  for (const Bucket& bucket : group.open) {
    if (bucket.start + length_ <= watermark) out.updates.push_back(alert_of(group, bucket, true));
  }
  std::erase_if(group.open, [&](const Bucket& bucket) { return bucket.start + length_ <= watermark; });

  const auto keep = first_from(group.entries, watermark - span_ + 1);
  if (correlation_.type->needs_field) {
    for (auto entry = group.entries.begin(); entry != keep; ++entry) {
      for (const Id128& value : entry->values) {
        const auto at = group.distinct.find(value);
        if (--at->second.entries == 0) group.distinct.erase(at);
      }
    }
  }
  group.entries.erase(group.entries.begin(), keep);
}

std::int64_t GroupFold::deadline(const Group& group) const {
  std::int64_t out = group.entries.empty() ? kNever : group.entries.rbegin()->time + span_;
  for (const Bucket& bucket : group.open) out = std::min(out, bucket.start + length_);
  if (!monotone_) {
    const auto waiting = std::find_if(first_from(group.entries, group.settled_to), group.entries.end(),
                                      [](const Entry& e) { return !e.values.empty(); });
    if (waiting != group.entries.end()) out = std::min(out, waiting->time + 1);
  }
  return out;
}

/// The greatest count of the moments [from, to) of the bucket. Where a greater count is not a stronger finding, the count
/// stays what it was when the rule held.
void GroupFold::recount(const Group& group, Bucket& bucket, std::int64_t from, std::int64_t to) const {
  if (!monotone_) return;
  slide(group.entries, span_, std::max(from, bucket.start), std::min(to, bucket.start + length_),
        [&](std::int64_t, std::int64_t n) {
          bucket.count = std::max(bucket.count, n);
          return false;
        });
}

void GroupFold::collect(const Group& group, Bucket& bucket, std::int64_t to) const {
  const std::int64_t end = std::min(to, bucket.start + length_);
  for (auto entry = first_from(group.entries, std::max(bucket.first_event, bucket.collected_to));
       entry != group.entries.end() && entry->time < end; ++entry) {
    if (entry->values.empty()) continue;
    bucket.last_event = std::max(bucket.last_event, entry->time);
    if (bucket.evidence.size() < limits::kEvidenceEventsMax) bucket.evidence.push_back(*entry);
    for (const std::string& category : entry->touch->categories()) {
      const auto at = std::lower_bound(bucket.categories.begin(), bucket.categories.end(), category);
      if (at == bucket.categories.end() || *at != category) bucket.categories.insert(at, category);
    }
  }
  bucket.collected_to = std::max(bucket.collected_to, to);
}

/// Takes the bucket by value: what the open window adds is shown, not kept.
v1::Alert GroupFold::alert_of(const Group& group, Bucket bucket, bool final) const {
  recount(group, bucket, group.settled_to, kNever);
  collect(group, bucket, kNever);
  v1::Alert out;
  out.set_alert_id(identity({tenant_, rule_.id, group_text(group.key), std::to_string(bucket.start)}).hex());
  describe_rule(rule_, tenant_, out);
  for (const v1::FieldValue& part : group.key) *out.add_group() = part;
  set_time(*out.mutable_bucket_start(), bucket.start);
  set_time(*out.mutable_bucket_end(), bucket.start + length_);
  set_time(*out.mutable_first_event(), bucket.first_event);
  set_time(*out.mutable_last_event(), bucket.last_event);
  set_time(*out.mutable_triggered_at(), bucket.triggered_at);
  out.set_count(bucket.count);
  out.set_threshold(correlation_.threshold.number());
  out.set_final(final);
  out.set_explanation(explain(correlation_, bucket.count, group.key));
  for (const Entry& entry : bucket.evidence) add_evidence(out, entry.time, entry.id, *entry.touch);
  for (const std::string& category : bucket.categories) out.add_categories(category);
  return out;
}

}  // namespace tocsin::sigma
