// facts.h: what a law may ask about an incident; a question without an answer stays unanswered.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "tocsin/v1/incident.pb.h"

namespace tocsin::law {

/// A number, or a word such as `yes`, `no`, `high`, `cii_operator`.
using Fact = std::variant<std::int64_t, std::string>;

/// What people have answered, by fact: operator, risk, crime_clues, direct_loss_cny … A text of digits is a number.
/// Without an answer `operator` is `other_operator`; nothing else has a default.
using Answers = std::map<std::string, std::string, std::less<>>;

struct IncidentFacts {
  std::map<std::string, Fact, std::less<>> facts;
  std::map<std::string, Instant, std::less<>> clock;   ///< By kind; the earliest of a kind, since a clock cannot be wound back.
  v1::CountBasis count_basis = v1::COUNT_BASIS_UNSPECIFIED;

  std::optional<Fact> fact(std::string_view name) const;
  std::optional<Instant> at(std::string_view clock_event) const;
};

/// Counts, categories and clock events come from the incident; an answer overrules what was derived.
IncidentFacts facts_of(const v1::Incident& incident, const Answers& answers = {});

}  // namespace tocsin::law
