// decide.cpp: what people decide about an incident: confirm, dismiss, contain, report, close, erase.
#include "daemon/base/hash.h"
#include "daemon/casebook/act.h"
#include "daemon/casebook/casebook.h"
#include "daemon/casebook/states.h"

namespace tocsin::casebook {

Result<void> Casebook::step(Transaction& tx, v1::Incident& incident, v1::IncidentState to) const {
  if (!may_become(incident.state(), to))
    return refused(fmt::format("incident {} is {} and cannot become {}; {}", incident.incident_id(), word_for(incident.state()), word_for(to),
                               ways_from(incident.state())));
  incident.set_state(to);
  return tx.update_incident(incident);
}

Result<void> Casebook::note_clock(Transaction& tx, std::string_view incident_id, std::string_view kind, Instant at, std::string_view by,
                                  std::string_view evidence) const {
  v1::ClockEvent event;
  event.set_kind(std::string(kind));
  *event.mutable_at() = timestamp_of(at);
  event.set_by(std::string(by));
  event.set_evidence(std::string(evidence));
  event.set_evidence_hash(sha256_hex(evidence));
  *event.mutable_recorded_at() = timestamp_of(clock_.now());
  return tx.add_clock_event(incident_id, event);
}

Result<v1::Incident> Casebook::confirm(std::string_view incident_id, const Principal& by, std::optional<Instant> aware_at, std::string_view evidence) {
  if (!aware_at)
    return bad_input("say when you became aware of the breach (--aware-at): legal clocks run from that moment, and nobody else may choose it");
  TOCSIN_TRY(demand_words(evidence, "the evidence (what you relied on)"));
  if (*aware_at > clock_.now()) return bad_input(fmt::format("aware at {} lies in the future", rfc3339(*aware_at)));
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_TRY(confirm_in(tx, incident_id, by, *aware_at, trimmed(evidence)));
  return done(tx, incident_id);
}

Result<void> Casebook::confirm_in(Transaction& tx, std::string_view incident_id, const Principal& by, Instant aware_at, std::string_view evidence) {
  TOCSIN_ASSIGN(v1::Incident incident, load(tx, incident_id));
  // A producer's clock may run ahead of ours: we can be aware of what it dates in the future.
  const Instant earliest = std::min(instant_from(incident.first_event()), instant_from(incident.opened_at()));
  if (aware_at < earliest && by.name != kPlaybook)
    return bad_input(fmt::format("aware at {} is before the incident's first event at {}", rfc3339(aware_at), rfc3339(earliest)));
  incident.set_decided_by(by.name);
  TOCSIN_TRY(step(tx, incident, v1::CONFIRMED));
  TOCSIN_TRY(note_clock(tx, incident_id, "aware", aware_at, by.name, evidence));
  TOCSIN_TRY(tx.append_audit(by, clock_.now(), "incident.confirmed", incident_id,
                             json_object({{"aware_at", rfc3339(aware_at)}, {"evidence_sha256", sha256_hex(evidence)}})));
  TOCSIN_ASSIGN(incident, load(tx, incident_id));
  TOCSIN_TRY(open_round(tx, incident, by));
  return {};
}

Result<v1::Incident> Casebook::dismiss(std::string_view incident_id, const Principal& by, std::string_view reason) {
  TOCSIN_TRY(demand_words(reason, "the reason"));
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(v1::Incident incident, load(tx, incident_id));
  incident.set_decided_by(by.name);
  incident.set_decision_reason(std::string(trimmed(reason)));
  TOCSIN_TRY(step(tx, incident, v1::DISMISSED));
  for (const v1::Round& round : incident.rounds())
    if (round.state() == v1::ROUND_AWAITING_APPROVAL) TOCSIN_TRY(stop_round(tx, round, by, "the incident was dismissed", nullptr));
  TOCSIN_TRY(tx.append_audit(by, clock_.now(), "incident.dismissed", incident_id, json_object({{"reason_sha256", sha256_hex(trimmed(reason))}})));
  return done(tx, incident_id);
}

Result<v1::Incident> Casebook::contain(std::string_view incident_id, const Principal& by, std::string_view reason) {
  TOCSIN_TRY(demand_words(reason, "what was done to contain it"));
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(v1::Incident incident, load(tx, incident_id));
  for (const v1::ClockEvent& event : incident.clock_events())
    if (event.kind() == "contained")
      return refused(fmt::format("incident {} was contained at {} by {}", incident_id, rfc3339(instant_from(event.at())), event.by()));
  const bool telling = incident.state() == v1::NOTIFYING || incident.state() == v1::REPORTED;
  // Containment while people are being told is a fact like any other, and no step back.
  if (!telling) TOCSIN_TRY(step(tx, incident, v1::CONTAINED));
  const Instant now = clock_.now();
  TOCSIN_TRY(tx.set_contained(incident_id, now));
  TOCSIN_TRY(note_clock(tx, incident_id, "contained", now, by.name, trimmed(reason)));
  TOCSIN_TRY(tx.append_audit(by, now, "incident.contained", incident_id, json_object({{"reason_sha256", sha256_hex(trimmed(reason))}})));
  return done(tx, incident_id);
}

Result<v1::Incident> Casebook::reported(std::string_view incident_id, const Principal& by, std::string_view addressee, std::string_view reference) {
  TOCSIN_TRY(demand_words(addressee, "to whom it was reported"));
  TOCSIN_TRY(demand_words(reference, "the regulator's reference, or how it was handed in"));
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(v1::Incident incident, load(tx, incident_id));
  const bool again = incident.state() == v1::REPORTED;   // A second regulator, or a supplement.
  if (!again) TOCSIN_TRY(step(tx, incident, v1::REPORTED));
  const Instant now = clock_.now();
  const bool first = std::none_of(incident.clock_events().begin(), incident.clock_events().end(),
                                  [](const v1::ClockEvent& event) { return event.kind() == "regulator_initial_sent"; });
  if (first) TOCSIN_TRY(note_clock(tx, incident_id, "regulator_initial_sent", now, by.name, fmt::format("{}: {}", trimmed(addressee), trimmed(reference))));
  TOCSIN_TRY(tx.append_audit(by, now, "incident.reported", incident_id, json_object({{"addressee", trimmed(addressee)}, {"reference", trimmed(reference)}})));
  return done(tx, incident_id);
}

Result<v1::Incident> Casebook::close(std::string_view incident_id, const Principal& by, std::string_view reason) {
  TOCSIN_TRY(demand_words(reason, "the reason"));
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(v1::Incident incident, load(tx, incident_id));
  for (const v1::Round& round : incident.rounds()) {
    if (round.state() == v1::ROUND_FINISHED || round.state() == v1::ROUND_STOPPED) continue;
    TOCSIN_ASSIGN(const store::RoundCount count, tx.recount(incident_id, round.number()));
    return refused(fmt::format("round {} is not finished: of {} people {} are told, {} notices are on their way, {} cannot be reached and are not announced to; "
                               "finish it or stop it first", round.number(), count.recipients, count.told, count.open_notices, count.announced ? 0 : count.unreachable));
  }
  TOCSIN_ASSIGN(const auto left, tx.not_in_a_round(incident_id));
  if (!left.empty() && incident.state() != v1::SUSPECTED)
    return refused(fmt::format("{} affected people are in no round yet: propose one, then approve or stop it", left.size()));
  incident.set_decision_reason(std::string(trimmed(reason)));
  TOCSIN_TRY(step(tx, incident, v1::CLOSED));
  const Instant now = clock_.now();
  TOCSIN_TRY(note_clock(tx, incident_id, "handling_closed", now, by.name, trimmed(reason)));
  TOCSIN_TRY(tx.append_audit(by, now, "incident.closed", incident_id, json_object({{"reason_sha256", sha256_hex(trimmed(reason))}})));
  return done(tx, incident_id);
}

Result<v1::Incident> Casebook::erase(std::string_view incident_id, const Principal& by, std::string_view reason) {
  TOCSIN_TRY(demand_words(reason, "the reason"));
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const v1::Incident incident, load(tx, incident_id));
  if (incident.state() != v1::CLOSED && incident.state() != v1::DISMISSED)
    return refused(fmt::format("incident {} is {}: only what is closed or dismissed can be erased", incident_id, word_for(incident.state())));
  TOCSIN_TRY(tx.append_audit(by, clock_.now(), "incident.erased", incident_id, json_object({{"reason_sha256", sha256_hex(trimmed(reason))}})));
  TOCSIN_TRY(tx.destroy_incident_key(incident_id));
  return done(tx, incident_id);
}

}  // namespace tocsin::casebook
