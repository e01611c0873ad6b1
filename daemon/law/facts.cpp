// facts.cpp: an incident's counts, categories and clock events as the facts that laws ask about.
#include "daemon/law/facts.h"

#include <charconv>

namespace tocsin::law {
namespace {

Instant instant_from(const google::protobuf::Timestamp& at) { return instant_of(at.seconds() * 1'000'000 + at.nanos() / 1'000); }

Fact fact_from(const std::string& answer) {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
  if (fault == std::errc() && end == answer.data() + answer.size()) return number;
  return answer;
}

}  // namespace

std::optional<Fact> IncidentFacts::fact(std::string_view name) const {
  const auto at = facts.find(name);
  return at == facts.end() ? std::nullopt : std::optional(at->second);
}

std::optional<Instant> IncidentFacts::at(std::string_view clock_event) const {
  const auto found = clock.find(clock_event);
  return found == clock.end() ? std::nullopt : std::optional(found->second);
}

IncidentFacts facts_of(const v1::Incident& incident, const Answers& answers) {
  IncidentFacts known;
  known.count_basis = incident.count_basis();
  known.facts["operator"] = std::string("other_operator");
  // People in the affected set and people reported as a number alone are different people as far as anyone knows.
  known.facts["persons_leaked"] = incident.affected_count() + incident.reported_count();
  for (const std::string& category : incident.categories()) {
    if (category == "minor" || category == "14_17") known.facts["minors"] = std::string("yes");
    if (category == "under_14") known.facts["minors"] = known.facts["children_under_14"] = std::string("yes");
  }
  for (const auto& [name, answer] : answers) known.facts[name] = fact_from(answer);
  for (const v1::ClockEvent& event : incident.clock_events()) {
    const Instant at = instant_from(event.at());
    const auto [place, fresh] = known.clock.try_emplace(event.kind(), at);
    if (!fresh && at < place->second) place->second = at;
  }
  return known;
}

}  // namespace tocsin::law
