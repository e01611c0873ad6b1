// measure.h: between a rule's words and the windows: what a correlation measures, and what a match brings to it.
#pragma once

#include <vector>

#include "daemon/sigma/correlate/windows/window_rule.h"
#include "daemon/sigma/rule_set.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin::sigma {

/// The rule as its windows see it. `correlation` must outlive it.
windows::WindowRule window_rule_of(const Rule& rule);

/// What one match brings; empty where the event does not count. `base` is the place of its base rule among the correlation's.
void add_hits(const Correlation& correlation, const v1::MatchedEvent& event, const v1::RuleMatch& match, std::uint8_t base,
              std::vector<windows::Hit>& out);
/// The same of an alert on which the correlation stands; `group` is the alert's.
void add_hits(const Chain& chain, const std::vector<v1::FieldValue>& group, std::int64_t time,
              const Id128& alert_id, std::uint8_t base, std::vector<windows::Hit>& out);

/// `61 distinct subjects`, `sum of bytes 5230.5`, `2 of 3 rules`.
std::string measured_text(const Correlation& correlation, const windows::Value& value);
/// For fields of a whole number: rounded, and within 64 bits.
std::int64_t whole_of(const windows::Value& value);

}  // namespace tocsin::sigma
