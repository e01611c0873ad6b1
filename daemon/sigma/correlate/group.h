// group.h: the state of one correlation for one group, and the pure rules by which it grows, fires and forgets.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/model/effects.h"
#include "daemon/sigma/correlate/window.h"
#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

/// An alert whose numbers may still change. Settled numbers stand here; those of events that are still in the window are
/// counted anew each time they are asked for.
struct Bucket {
  std::int64_t start = 0;
  std::int64_t triggered_at = 0;
  std::int64_t first_event = 0;
  std::int64_t collected_to = kEver;  ///< Before this moment, the members below hold all there is.
  std::int64_t last_event = kEver;
  std::int64_t count = 0;
  std::vector<Entry> evidence;
  std::vector<std::string> categories;
  std::int64_t shown = 0;             ///< Entries when the alert was last given,
  std::int64_t grown = 0;             ///< and since then.
};

struct Group {
  std::vector<v1::FieldValue> key;
  std::int64_t settled_to = kEver;    ///< Everything before this moment is final and has been looked at.
  std::int64_t armed_from = kNever;   ///< Earliest first_event of any alert: from here on, people are affected.
  std::vector<std::int64_t> given;    ///< Starts of the buckets that have an alert, sorted. Kept for ever: an id is given once.
  std::vector<Bucket> open;
  Entries entries;
  /// Of each value among the entries, how often it stands there and when last: for a quick no.
  struct Seen {
    std::int64_t entries = 0, newest = kEver;
  };
  std::unordered_map<Id128, Seen, HashOfId> distinct;
  std::size_t values_most = 1;        ///< Of one entry.
  std::int64_t scheduled = kNever;    ///< Fold's own: when the watermark must look here.
};

/// The group as one text, each part behind its length.
std::string group_text(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group);
std::string group_text(const std::vector<v1::FieldValue>& group);

/// People touched by one base match.
Affected affected_of(std::string rule_id, std::vector<v1::FieldValue> group, std::int64_t time, const Id128& event,
                     const v1::FoldTouch& touch);
void add_evidence(v1::Alert& alert, std::int64_t time, const Id128& event, const v1::FoldTouch& touch);

/// The rules of one correlation over any of its groups. Pure: the same calls give the same effects.
class GroupFold {
 public:
  GroupFold(const Rule& rule, const std::string& tenant);

  /// A base match arrives, in any order of time. One that is already there changes nothing.
  void arrive(Group& group, Entry entry, Effects& out) const;
  /// No event before `watermark` will come: conditions that had to wait are answered, alerts become final, state is dropped.
  void settle(Group& group, std::int64_t watermark, Effects& out) const;
  /// The watermark at which settle has something to do; kNever where nothing is left to do.
  std::int64_t deadline(const Group& group) const;
  /// Nothing left that could matter.
  static bool forgettable(const Group& group) {
    return group.entries.empty() && group.open.empty() && group.armed_from == kNever;
  }

  /// Adds an entry's values to the group's quick counts: also when state is loaded.
  void note(Group& group, const Entry& entry) const;

 private:
  std::int64_t bucket_of(std::int64_t time) const;
  void evaluate(Group& group, std::int64_t time, const Entry* skip, Effects& out) const;
  void fire(Group& group, std::int64_t start, std::int64_t at, std::int64_t count, const Entry* skip, Effects& out) const;
  void lower(Group& group, Bucket& bucket, std::int64_t triggered_at, const Entry* skip, Effects& out) const;
  void refresh(Group& group, Effects& out) const;
  void touch_people(const Group& group, std::int64_t from, std::int64_t to, const Entry* skip, Effects& out) const;
  bool cannot_hold(const Group& group, std::int64_t from, std::int64_t to) const;
  std::int64_t first_counted(const Group& group, std::int64_t at) const;
  void collect(const Group& group, Bucket& bucket, std::int64_t to) const;
  void recount(const Group& group, Bucket& bucket, std::int64_t from, std::int64_t to) const;
  v1::Alert alert_of(const Group& group, Bucket bucket, bool final) const;

  const Rule& rule_;
  const Correlation& correlation_;
  const std::string& tenant_;
  std::int64_t span_, length_;
  bool monotone_;
};

}  // namespace tocsin::sigma
