// casebook.cpp: what all acts share: loading, committing with a checkpoint, looking.
#include "daemon/casebook/casebook.h"

#include <filesystem>

#include "daemon/casebook/act.h"
#include "daemon/casebook/checkpoint.h"
#include "daemon/law/obligations.h"

namespace tocsin::casebook {

Casebook::Casebook(Store& store, const Clock& clock, v1::Config config, v1::Playbook playbook, std::string checkpoint_file,
                   std::vector<v1::Jurisdiction> jurisdictions)
    : store_(store),
      clock_(clock),
      config_(std::move(config)),
      playbook_(std::move(playbook)),
      plan_(playbook_, config_),
      checkpoint_file_(std::move(checkpoint_file)),
      jurisdictions_(std::move(jurisdictions)) {}

Result<v1::Incident> Casebook::load(const store::View& view, std::string_view incident_id) const {
  TOCSIN_ASSIGN(auto found, view.incident(incident_id));
  if (!found) return bad_input(fmt::format("there is no incident `{}`: `tocsin incident list` shows them", incident_id));
  return std::move(*found);
}

Result<v1::Round> Casebook::newest_or(const store::View& view, const v1::Incident& incident, std::uint32_t number) const {
  const std::uint32_t wanted = number == 0 ? static_cast<std::uint32_t>(incident.rounds_size()) : number;
  TOCSIN_ASSIGN(auto round, view.round(incident.incident_id(), wanted));
  if (round) return std::move(*round);
  if (incident.rounds_size() == 0)
    return bad_input(fmt::format("incident {} has no round of notices: confirm it first, or propose one when people are affected", incident.incident_id()));
  return bad_input(fmt::format("incident {} has no round {}: its newest is {}", incident.incident_id(), number, incident.rounds_size()));
}

Result<v1::Incident> Casebook::done(Transaction& tx, std::string_view incident_id) {
  TOCSIN_TRY(tx.commit());
  if (auto written = checkpoint(); !written)
    return while_doing("what you asked for is done and recorded, but the checkpoint outside the store is not written", std::move(written).error());
  return incident(incident_id);
}

Result<void> Casebook::checkpoint() {
  if (checkpoint_file_.empty()) return {};
  // One at a time, and read under the lock: lines must not go back.
  const std::lock_guard lock(checkpoint_mutex_);
  TOCSIN_ASSIGN(const auto view, store_.read());
  TOCSIN_ASSIGN(const store::Checkpoint head, view.audit_head());
  if (head.rows <= checkpointed_) return {};
  TOCSIN_TRY(append_checkpoint(checkpoint_file_, head, clock_.now(), store_));
  checkpointed_ = head.rows;
  return {};
}

Result<void> Casebook::note(const Principal& by, std::string_view act, std::string_view object, std::string_view detail) {
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_TRY(tx.append_audit(by, clock_.now(), act, object, detail));
  TOCSIN_TRY(tx.commit());
  return checkpoint();
}

void Casebook::add_obligations(v1::Incident& incident) const {
  const law::IncidentFacts facts = law::facts_of(incident);
  for (const v1::Jurisdiction& jurisdiction : jurisdictions_)
    for (v1::Obligation& obligation : law::obligations(jurisdiction, facts)) *incident.add_obligations() = std::move(obligation);
}

Result<v1::Incident> Casebook::incident(std::string_view incident_id) const {
  TOCSIN_ASSIGN(const auto view, store_.read());
  TOCSIN_ASSIGN(v1::Incident found, load(view, incident_id));
  add_obligations(found);
  return found;
}

Result<std::vector<v1::Incident>> Casebook::incidents(const std::vector<v1::IncidentState>& states, std::uint32_t limit) const {
  TOCSIN_ASSIGN(const auto view, store_.read());
  TOCSIN_ASSIGN(auto found, view.incidents(states, limit));
  for (v1::Incident& incident : found) add_obligations(incident);
  return found;
}

Result<store::AuditVerdict> Casebook::verify_audit() const {
  Checkpoints outside;
  if (!checkpoint_file_.empty()) {
    TOCSIN_ASSIGN(outside, read_checkpoints(checkpoint_file_, store_));
  }
  TOCSIN_ASSIGN(const auto view, store_.read());
  TOCSIN_ASSIGN(store::AuditVerdict verdict, view.verify_audit(outside.rows));
  if (verdict.intact && !outside.problem.empty()) verdict.intact = false, verdict.problem = outside.problem;
  if (verdict.intact && !checkpoint_file_.empty() && outside.rows.empty()) {
    // Acts of people write one, so its absence means that somebody took it away.
    TOCSIN_ASSIGN(const auto names, view.principals());
    for (const std::string& name : names) {
      if (is_machine(name)) continue;
      verdict.intact = false;
      verdict.problem = fmt::format("{} is missing or empty although people have acted: rows missing from the end could not be noticed", checkpoint_file_);
      break;
    }
  }
  return verdict;
}

}  // namespace tocsin::casebook
