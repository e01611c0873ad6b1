// touch.h: what base matches of one group touched, in order of time: people for the affected, fields for the evidence.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/hash.h"
#include "daemon/model/effects.h"
#include "daemon/sigma/correlate/windows/window_rule.h"
#include "tocsin/v1/snapshot.pb.h"

namespace tocsin::sigma {

inline constexpr std::int64_t kEver = windows::kLongAgo;
inline constexpr std::int64_t kNever = windows::kNoMoment;

struct Touch {
  std::int64_t time = 0;
  Id128 id;
  bool counts = true;           ///< False: it touches people only.
  mutable bool shown = true;    ///< As evidence; taken back where a match turns out to be no part of a finding.
  std::int64_t began = 0;       ///< When what it stands for began: of an alert below its first event, else `time`.
  std::shared_ptr<const std::string> event;  ///< FoldTouch without evidence, serialised once for all rules that the event met.
  std::string evidence;                      ///< FoldTouch with its evidence alone, serialised.

  /// A busy group holds many thousands: they stay serialised until somebody asks.
  v1::FoldTouch whole() const;
  bool operator<(const Touch& other) const {
    if (time != other.time) return time < other.time;
    if (id != other.id) return id < other.id;
    return counts < other.counts;
  }
};

/// A tree, since events of a busy group come out of order by the thousand, and none may cost a shift of all.
using Touches = std::set<Touch>;

/// The first at or behind `time`.
Touches::const_iterator first_from(const Touches& touches, std::int64_t time);

/// A group as one text, each part behind its length, and back.
std::string group_text(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group);
std::string group_text(const std::vector<v1::FieldValue>& group);
std::vector<v1::FieldValue> group_of(std::string_view text);

/// People touched by one base match.
Affected affected_of(std::string rule_id, std::vector<v1::FieldValue> group, const Touch& touch);
void add_evidence(v1::Alert& alert, const Touch& touch);

}  // namespace tocsin::sigma
