// facts.cpp: an incident as the phrase book sees it, and the identities of messages and words.
#include "daemon/casebook/facts.h"

#include "daemon/base/hash.h"
#include "daemon/casebook/act.h"
#include "daemon/casebook/states.h"

namespace tocsin::casebook {

v1::NoticeFacts facts_of(const v1::Incident& incident, const v1::Organisation& organisation, std::string_view purpose, std::uint32_t round, Instant now) {
  v1::NoticeFacts facts;
  facts.set_incident_id(incident.incident_id());
  facts.set_purpose(std::string(purpose));
  facts.set_round(round);
  *facts.mutable_organisation() = organisation;
  facts.set_title(incident.title());
  facts.set_title_zh(incident.title_zh());
  facts.set_level(incident.level());
  facts.set_state(word_for(incident.state()));
  *facts.mutable_rule_ids() = incident.rule_ids();
  *facts.mutable_categories() = incident.categories();
  *facts.mutable_first_event() = incident.first_event();
  *facts.mutable_last_event() = incident.last_event();
  for (const v1::ClockEvent& event : incident.clock_events()) {
    if (event.kind() == "detected") *facts.mutable_detected_at() = event.at();
    if (event.kind() == "aware") *facts.mutable_confirmed_at() = event.at();
    if (event.kind() == "contained") *facts.mutable_contained_at() = event.at();
  }
  *facts.mutable_drawn_up_at() = timestamp_of(now);
  facts.set_affected_count(incident.affected_count());
  facts.set_reported_count(incident.reported_count());
  facts.set_record_count(incident.record_count());
  facts.set_count_basis(incident.count_basis());
  return facts;
}

Result<std::string> words_hash(v1::NoticeFacts facts, const Plan& plan) {
  TOCSIN_ASSIGN(const std::string personal, text_hash(facts, plan.chain_types()));
  std::string page;
  if (!plan.announcement().empty()) {
    facts.set_purpose(kAnnouncement);
    const std::string types[] = {"announcement"};
    TOCSIN_ASSIGN(page, text_hash(facts, types));
  }
  return fingerprint(personal + "\n" + page);
}

Audience audience_of(std::string_view kind) {
  if (kind == "minor") return Audience::minor;
  if (kind == "guardian") return Audience::guardian;
  return Audience::person;
}

std::string notice_id(std::string_view incident_id, std::string_view purpose, std::uint32_t round, std::string_view recipient, std::string_view channel) {
  return identity({incident_id, purpose, std::to_string(round), recipient, channel}).hex();
}

std::string text_id(std::string_view incident_id, std::string_view purpose, std::uint32_t round, std::string_view channel, std::string_view locale,
                    std::string_view kind) {
  return identity({"text", incident_id, purpose, std::to_string(round), channel, locale, kind}).hex();
}

}  // namespace tocsin::casebook
