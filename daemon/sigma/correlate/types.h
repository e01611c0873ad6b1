// types.h: the kinds of correlation, one table row and one file each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/hash.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin::sigma {

struct Correlation;

/// A correlation counts the distinct values that its matches bring within the window.
struct CorrelationType {
  std::string_view name;
  bool needs_field;
  /// What one match brings, sorted and without duplicates; empty where the event does not count.
  std::vector<Id128> (*values)(const Correlation& rule, const v1::MatchedEvent& event, const v1::RuleMatch& match);
  /// What is counted, for people: `events`, `distinct subjects`.
  std::string (*what)(const Correlation& rule, std::int64_t count);
};

/// Sorted by name.
std::span<const CorrelationType> correlation_types();
const CorrelationType* find_correlation_type(std::string_view name);

}  // namespace tocsin::sigma
