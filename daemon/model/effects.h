// effects.h: what folding the match log causes, before anything is stored.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "tocsin/v1/alert.pb.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin {

/// People touched by a base match that belongs to an alert's group. It goes to every open incident that holds an alert of
/// this rule and group whose first_event is not after `time`.
struct Affected {
  std::string rule_id;
  std::vector<v1::FieldValue> group;
  Instant time{};
  std::string event_id;                     ///< 32 hex digits: counts of one event are added once.
  std::vector<v1::SubjectRef> subjects;
  std::int64_t subject_count = 0;
  std::int64_t record_count = 0;
  v1::CountBasis count_basis = v1::COUNT_BASIS_UNSPECIFIED;
  std::vector<std::string> categories;
};

struct Effects {
  std::vector<v1::Alert> alerts;            ///< New: this id was never given before.
  std::vector<v1::Alert> updates;           ///< Known id, better numbers (count, first_event, evidence, final).
  std::vector<Affected> affected;
  bool empty() const { return alerts.empty() && updates.empty() && affected.empty(); }
};

}  // namespace tocsin
