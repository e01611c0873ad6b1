// absorb.cpp: alerts become incidents, and matches become the exact set of affected people, inside stage 2's transaction.
#include "daemon/base/hash.h"
#include "daemon/base/promise.h"
#include "daemon/casebook/act.h"
#include "daemon/casebook/casebook.h"
#include "daemon/casebook/facts.h"

namespace tocsin::casebook {
namespace {

int rank(std::string_view level) {
  constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
  const auto* at = std::find(std::begin(kLevels), std::end(kLevels), level);
  return at == std::end(kLevels) ? -1 : static_cast<int>(at - std::begin(kLevels));
}

/// What an incident takes over from each of its alerts.
void widen(v1::Incident& incident, const v1::Alert& alert) {
  if (instant_from(alert.first_event()) < instant_from(incident.first_event())) *incident.mutable_first_event() = alert.first_event();
  if (instant_from(alert.last_event()) > instant_from(incident.last_event())) *incident.mutable_last_event() = alert.last_event();
  if (rank(alert.level()) > rank(incident.level())) incident.set_level(alert.level());
  *incident.mutable_categories() = alert.categories();  // The store adds what is new.
}

}  // namespace

Result<Absorbed> Casebook::absorb(Transaction& tx, const Effects& effects) {
  Absorbed absorbed;
  std::vector<std::pair<std::string, std::string>> opened;   // Incident and its opening rule.
  for (const v1::Alert& alert : effects.alerts) {
    const std::int64_t before = absorbed.new_incidents;
    TOCSIN_TRY(absorb_alert(tx, alert, absorbed));
    if (absorbed.new_incidents > before) opened.emplace_back(alert.alert_id(), alert.rule_id());
  }
  for (const v1::Alert& alert : effects.updates) TOCSIN_TRY(absorb_update(tx, alert));
  for (const Affected& affected : effects.affected) TOCSIN_TRY(absorb_affected(tx, affected));
  // Last, so that the round that an automatic confirmation freezes holds the people of this batch.
  for (const auto& [incident_id, rule_id] : opened) {
    const std::string reason = plan_.auto_confirm(rule_id);
    if (!reason.empty()) TOCSIN_TRY(confirm_in(tx, incident_id, {std::string(kPlaybook)}, clock_.now(), reason));
  }
  return absorbed;
}

Result<bool> Casebook::absorb_alert(Transaction& tx, v1::Alert alert, Absorbed& absorbed) {
  TOCSIN_ASSIGN(const auto known, tx.incident_of_alert(alert.alert_id()));
  if (known) {
    ++absorbed.known_alerts;
    return false;
  }
  const Instant first = instant_from(alert.first_event());
  const Instant last = instant_from(alert.last_event());
  TOCSIN_ASSIGN(const auto candidates, tx.incidents_of_group(store::group_hash(store::group_key(plan_.incident_group(alert)))));
  v1::Incident incident;
  for (const std::string& id : candidates) {
    // A contained or closed incident takes no more people, so what comes after it needs an incident of its own.
    TOCSIN_ASSIGN(const bool grows, tx.grows(id));
    if (!grows) continue;
    TOCSIN_ASSIGN(const auto open, tx.bare_incident(id));
    if (first > instant_from(open->last_event()) + plan_.quiet() || last + plan_.quiet() < instant_from(open->first_event())) continue;
    incident = *open;
    break;
  }
  const bool fresh = incident.incident_id().empty();
  if (fresh) TOCSIN_TRY(open_incident(tx, alert, incident));
  alert.set_incident_id(incident.incident_id());
  TOCSIN_ASSIGN(const bool inserted, tx.insert_alert(alert));
  TOCSIN_ASSERT(inserted);  // It was unknown a moment ago, in this transaction.
  ++absorbed.new_alerts;
  if (!fresh) {
    widen(incident, alert);
    TOCSIN_TRY(tx.update_incident(incident));
    return true;
  }
  ++absorbed.new_incidents;
  TOCSIN_TRY(tell_operations(tx, incident.incident_id(), 0));
  return true;
}

Result<void> Casebook::open_incident(Transaction& tx, const v1::Alert& alert, v1::Incident& incident) {
  const Instant now = clock_.now();
  incident.set_incident_id(alert.alert_id());
  incident.set_tenant(store_.tenant());
  incident.set_state(v1::SUSPECTED);
  incident.set_title(alert.rule_title());
  incident.set_title_zh(alert.rule_title_zh());
  incident.set_level(alert.level());
  for (const v1::FieldValue& field : plan_.incident_group(alert)) *incident.add_group() = field;
  *incident.mutable_opened_at() = timestamp_of(now);
  *incident.mutable_first_event() = alert.first_event();
  *incident.mutable_last_event() = alert.last_event();
  *incident.mutable_categories() = alert.categories();
  TOCSIN_TRY(tx.insert_incident(incident));
  TOCSIN_TRY(note_clock(tx, incident.incident_id(), "detected", now, store::kSystem, fmt::format("alert {} of rule {}", alert.alert_id(), alert.rule_id())));
  return tx.append_audit({store::kSystem}, now, "incident.opened", incident.incident_id(), json_object({{"rule", alert.rule_id()}, {"level", alert.level()}}));
}

Result<void> Casebook::absorb_update(Transaction& tx, v1::Alert alert) {
  TOCSIN_ASSIGN(const auto incident_id, tx.incident_of_alert(alert.alert_id()));
  if (!incident_id) return refused(fmt::format("alert {} is updated but was never stored", alert.alert_id()));
  alert.set_incident_id(*incident_id);
  TOCSIN_ASSIGN(const bool updated, tx.update_alert(alert));
  if (!updated) return {};  // Erased: better numbers must not bring its personal data back.
  TOCSIN_ASSIGN(auto incident, tx.bare_incident(*incident_id));
  widen(*incident, alert);
  return tx.update_incident(*incident);
}

Result<void> Casebook::absorb_affected(Transaction& tx, const Affected& affected) {
  TOCSIN_ASSIGN(const auto incidents, tx.growing_incidents(affected.rule_id, store::group_hash(store::group_key(affected.group)), affected.time));
  for (const std::string& id : incidents) {
    TOCSIN_TRY(tx.add_affected(id, affected));
  }
  return {};
}

}  // namespace tocsin::casebook
