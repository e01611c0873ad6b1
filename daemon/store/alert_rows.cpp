// alert_rows.cpp: alerts, sealed with the key of their incident from the first row.
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"
#include "daemon/store/times.h"

namespace tocsin::store {
namespace {

std::string alert_place(std::string_view alert_id) { return fmt::format("alert {}", alert_id); }

Result<v1::Alert> parsed(std::string_view alert_id, const std::string& body) {
  v1::Alert alert;
  if (!alert.ParseFromString(body)) return bad_input(fmt::format("alert {} does not parse", alert_id));
  return alert;
}

}  // namespace

Result<bool> Transaction::insert_alert(const v1::Alert& alert) {
  TOCSIN_ASSIGN(const std::string body, seal_for(alert.incident_id(), alert_place(alert.alert_id()), alert.SerializeAsString()));
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("INSERT INTO alert VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                                 {tenant(), alert.alert_id(), alert.incident_id(), alert.rule_id(), group_hash(group_key(alert.group())),
                                  instant_from(alert.first_event()), Blob(body)}));
  return changed == 1;
}

Result<bool> Transaction::update_alert(const v1::Alert& alert) {
  // An alert whose incident was erased stays erased: better numbers would bring its personal data back.
  TOCSIN_ASSIGN(const auto key, incident_key(alert.incident_id()));
  if (!key) return false;
  TOCSIN_ASSIGN(const std::string body, seal_for(alert.incident_id(), alert_place(alert.alert_id()), alert.SerializeAsString()));
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE alert SET first_event=?, sealed_body=? WHERE tenant=? AND alert_id=? AND incident_id=?",
                                 {instant_from(alert.first_event()), Blob(body), tenant(), alert.alert_id(), alert.incident_id()}));
  return changed == 1;
}

Result<std::optional<v1::Alert>> View::alert(std::string_view alert_id) const {
  std::optional<v1::Alert> found;
  TOCSIN_TRY(connection_->each("SELECT incident_id, sealed_body FROM alert WHERE tenant=? AND alert_id=?", {tenant(), alert_id},
                               [&](const Row& row) -> Result<void> {
                                 TOCSIN_ASSIGN(const std::string body, unseal_for(row.text(0), alert_place(alert_id), row.text(1)));
                                 TOCSIN_ASSIGN(found, parsed(alert_id, body));
                                 return {};
                               }));
  return found;
}

Result<std::optional<std::string>> View::incident_of_alert(std::string_view alert_id) const {
  std::optional<std::string> found;
  TOCSIN_TRY(connection_->each("SELECT incident_id FROM alert WHERE tenant=? AND alert_id=?", {tenant(), alert_id}, [&](const Row& row) -> Result<void> {
    found = row.text(0);
    return {};
  }));
  return found;
}

Result<std::vector<v1::Alert>> View::alerts(std::string_view incident_id, std::uint32_t limit) const {
  std::vector<v1::Alert> found;
  TOCSIN_TRY(connection_->each(
      fmt::format("SELECT alert_id, incident_id, rule_id, sealed_body FROM alert {} ORDER BY alert_id LIMIT ?3",
                  incident_id.empty() ? "WHERE tenant=?1 AND ?2=''" : "INDEXED BY alert_by_incident WHERE tenant=?1 AND incident_id=?2"),
      {tenant(), incident_id, limit == 0 ? std::int64_t{-1} : std::int64_t{limit}}, [&](const Row& row) -> Result<void> {
        const std::string id = row.text(0);
        const std::string incident = row.text(1);
        TOCSIN_ASSIGN(const auto key, incident_key(incident));
        if (!key) {  // Its incident was erased: that it existed may still be shown.
          v1::Alert bare;
          bare.set_alert_id(id), bare.set_incident_id(incident), bare.set_rule_id(row.text(2)), bare.set_tenant(tenant());
          found.push_back(std::move(bare));
          return {};
        }
        TOCSIN_ASSIGN(const std::string body, unseal_for(incident, alert_place(id), row.text(3)));
        TOCSIN_ASSIGN(v1::Alert alert, parsed(id, body));
        found.push_back(std::move(alert));
        return {};
      }));
  return found;
}

Result<std::vector<std::string>> View::alert_ids() const {
  std::vector<std::string> ids;
  TOCSIN_TRY(connection_->each("SELECT alert_id FROM alert WHERE tenant=? ORDER BY alert_id", {tenant()}, [&](const Row& row) -> Result<void> {
    ids.push_back(row.text(0));
    return {};
  }));
  return ids;
}

Result<std::int64_t> View::alert_count() const { return connection_->number("SELECT count(*) FROM alert WHERE tenant=?", {tenant()}); }

}  // namespace tocsin::store
