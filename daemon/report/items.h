// items.h: the values of single content items, taken from the incident.
#pragma once

#include "daemon/report/facts.h"
#include "daemon/report/words.h"

namespace tocsin::report {

/// What every item is made from.
struct Case {
  const v1::Incident& incident;
  const v1::Organisation& organisation;
  const v1::Jurisdiction& jurisdiction;
  const law::IncidentFacts& facts;
  const std::vector<v1::Obligation>& obligations;
  Language language;
  std::string zone;
  Instant drawn_up_at;

  /// The text of this report's language.
  std::string say(std::string_view en, std::string_view zh) const { return std::string(language == Language::zh ? zh : en); }
};

struct Value {
  v1::Certainty certainty = v1::UNKNOWN_YET;
  std::string text;
};

/// By canonical field, for example subjects.count. A field that the incident record cannot answer is unknown_yet.
Value value_of(std::string_view field, const Case& about);

}  // namespace tocsin::report
