// incident_rows.cpp: incidents, their keys, affected people and clock events.
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"
#include "daemon/store/times.h"

namespace tocsin::store {
namespace {

constexpr const char* kBody = "the incident";

/// What is sealed: everything but what other tables hold, so that nothing stands twice.
std::string body_of(v1::Incident incident) {
  incident.clear_alert_ids();
  incident.clear_rule_ids();
  incident.clear_affected_count();
  incident.clear_reported_count();
  incident.clear_record_count();
  incident.clear_count_basis();
  incident.clear_categories();
  incident.clear_clock_events();
  incident.clear_rounds();
  incident.clear_obligations();
  return incident.SerializeAsString();
}

constexpr const char* kColumns = "SELECT incident_id, state, level, opened_at, first_event, last_event, sealed_body FROM incident";

}  // namespace

Result<void> Transaction::insert_incident(const v1::Incident& incident) {
  const std::string& id = incident.incident_id();
  TOCSIN_TRY(connection_->run("INSERT INTO incident_key VALUES (?,?,?)",
                              {tenant(), id, Blob(sealed_here(fmt::format("incident_key\n{}", id), random_bytes(32)))}));
  TOCSIN_ASSIGN(const std::string body, seal_for(id, kBody, body_of(incident)));
  TOCSIN_TRY(connection_->run("INSERT INTO incident VALUES (?,?,?,?,?,?,?,?,0,?)",
                              {tenant(), id, static_cast<int>(incident.state()), group_hash(group_key(incident.group())), incident.level(),
                               instant_from(incident.opened_at()), instant_from(incident.first_event()), instant_from(incident.last_event()),
                               Blob(body)}));
  for (const std::string& category : incident.categories())
    TOCSIN_TRY(connection_->run("INSERT INTO category VALUES (?,?,?) ON CONFLICT DO NOTHING", {tenant(), id, category}));
  return {};
}

Result<void> Transaction::update_incident(const v1::Incident& incident) {
  const std::string& id = incident.incident_id();
  TOCSIN_ASSIGN(const std::string body, seal_for(id, kBody, body_of(incident)));
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE incident SET state=?, level=?, first_event=?, last_event=?, sealed_body=? WHERE tenant=? AND incident_id=?",
                                 {static_cast<int>(incident.state()), incident.level(), instant_from(incident.first_event()),
                                  instant_from(incident.last_event()), Blob(body), tenant(), id}));
  if (changed != 1) return bad_input(fmt::format("no incident {}", id));
  for (const std::string& category : incident.categories())
    TOCSIN_TRY(connection_->run("INSERT INTO category VALUES (?,?,?) ON CONFLICT DO NOTHING", {tenant(), id, category}));
  return {};
}

Result<void> Transaction::set_contained(std::string_view incident_id, Instant at) {
  TOCSIN_TRY(connection_->run("UPDATE incident SET contained_at=? WHERE tenant=? AND incident_id=?", {at, tenant(), incident_id}));
  return {};
}

Result<void> Transaction::add_clock_event(std::string_view incident_id, const v1::ClockEvent& event) {
  TOCSIN_ASSIGN(const std::string evidence, seal_for(incident_id, fmt::format("evidence of {}", event.kind()), event.evidence()));
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("INSERT INTO clock_event VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                                 {tenant(), incident_id, event.kind(), instant_from(event.at()), event.by(), Blob(evidence),
                                  event.evidence_hash(), instant_from(event.recorded_at())}));
  if (changed != 1) return refused(fmt::format("the clock event `{}` of incident {} is already set", event.kind(), incident_id));
  return {};
}

Result<bool> Transaction::add_affected(std::string_view incident_id, const Affected& affected) {
  bool fresh = false;
  for (const v1::SubjectRef& subject : affected.subjects) {
    TOCSIN_ASSIGN(const std::int64_t changed,
                  connection_->run("INSERT INTO affected VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
                                   {tenant(), incident_id, Blob(subject.ref()), subject.id_type(), subject.key_version()}));
    fresh = fresh || changed == 1;
  }
  TOCSIN_ASSIGN(const std::int64_t counted,
                connection_->run("INSERT INTO affected_event VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                                 {tenant(), incident_id, affected.event_id, affected.subject_count, affected.record_count,
                                  static_cast<int>(affected.count_basis)}));
  if (counted == 1) {
    for (const std::string& category : affected.categories)
      TOCSIN_TRY(connection_->run("INSERT INTO category VALUES (?,?,?) ON CONFLICT DO NOTHING", {tenant(), incident_id, category}));
  }
  return fresh || counted == 1;
}

Result<void> Transaction::destroy_incident_key(std::string_view incident_id) {
  TOCSIN_ASSIGN(const std::int64_t changed, connection_->run("DELETE FROM incident_key WHERE tenant=? AND incident_id=?", {tenant(), incident_id}));
  if (changed != 1) return bad_input(fmt::format("incident {} has no key: it is unknown, or was erased before", incident_id));
  // A queued message without words would hold up every claim of its channel.
  TOCSIN_TRY(connection_->run("UPDATE notice INDEXED BY notice_by_round SET state=?, detail='the incident was erased', lease='', lease_until=0"
                              " WHERE tenant=? AND incident_id=? AND state NOT IN (?,?,?,?)",
                              {static_cast<int>(v1::STOPPED), tenant(), incident_id, static_cast<int>(v1::ACCEPTED), static_cast<int>(v1::DELIVERED),
                               static_cast<int>(v1::REFUSED), static_cast<int>(v1::STOPPED)}));
  TOCSIN_TRY(connection_->run("DELETE FROM notice_text WHERE tenant=? AND incident_id=?", {tenant(), incident_id}));
  keys_.erase(std::string(incident_id));
  shred_ = true;
  return {};
}

Result<std::optional<v1::Incident>> View::bare_incident(std::string_view incident_id) const {
  std::optional<v1::Incident> found;
  TOCSIN_TRY(connection_->each(fmt::format("{} WHERE tenant=? AND incident_id=?", kColumns), {tenant(), incident_id},
                               [&](const Row& row) -> Result<void> {
                                 TOCSIN_ASSIGN(found, incident_of(row));
                                 return {};
                               }));
  return found;
}

Result<std::optional<v1::Incident>> View::incident(std::string_view incident_id) const {
  TOCSIN_ASSIGN(auto found, bare_incident(incident_id));
  if (!found) return std::nullopt;
  return assemble(std::move(*found));
}

Result<bool> View::grows(std::string_view incident_id) const {
  TOCSIN_ASSIGN(const std::int64_t any,
                connection_->number("SELECT EXISTS (SELECT 1 FROM incident i WHERE tenant=? AND incident_id=? AND contained_at=0 AND state NOT IN (?,?)"
                                    " AND EXISTS (SELECT 1 FROM incident_key k WHERE k.tenant=i.tenant AND k.incident_id=i.incident_id))",
                                    {tenant(), incident_id, static_cast<int>(v1::CLOSED), static_cast<int>(v1::DISMISSED)}));
  return any != 0;
}

Result<v1::Incident> View::incident_of(const Row& row) const {
  const std::string id = row.text(0);
  v1::Incident incident;
  TOCSIN_ASSIGN(const auto key, incident_key(id));
  if (key) {
    TOCSIN_ASSIGN(const std::string body, unseal_for(id, kBody, row.text(6)));
    if (!incident.ParseFromString(body)) return bad_input(fmt::format("incident {} does not parse", id));
  } else {
    incident.set_title("erased"), incident.set_title_zh("已删除");
    incident.set_tenant(tenant());
    incident.set_incident_id(id);
    incident.set_level(row.text(2));
    *incident.mutable_opened_at() = timestamp_of(row.instant(3));
    *incident.mutable_first_event() = timestamp_of(row.instant(4));
    *incident.mutable_last_event() = timestamp_of(row.instant(5));
  }
  incident.set_state(static_cast<v1::IncidentState>(row.integer(1)));
  return incident;
}

Result<std::vector<v1::Incident>> View::incidents(const std::vector<v1::IncidentState>& states, std::uint32_t limit) const {
  std::vector<v1::Incident> bare;
  TOCSIN_TRY(connection_->each(fmt::format("{} WHERE tenant=? ORDER BY opened_at DESC, incident_id", kColumns), {tenant()},
                               [&](const Row& row) -> Result<void> {
                                 const auto state = static_cast<v1::IncidentState>(row.integer(1));
                                 const bool wanted = states.empty() || std::find(states.begin(), states.end(), state) != states.end();
                                 if (!wanted || (limit != 0 && bare.size() >= limit)) return {};
                                 TOCSIN_ASSIGN(v1::Incident incident, incident_of(row));
                                 bare.push_back(std::move(incident));
                                 return {};
                               }));
  for (v1::Incident& incident : bare) {
    TOCSIN_ASSIGN(incident, assemble(std::move(incident)));
  }
  return bare;
}

Result<std::int64_t> View::incident_count() const { return connection_->number("SELECT count(*) FROM incident WHERE tenant=?", {tenant()}); }

/// Adds what other tables hold.
Result<v1::Incident> View::assemble(v1::Incident incident) const {
  const std::string id = incident.incident_id();
  const auto texts = [&](const char* sql, auto* field) {
    return connection_->each(sql, {tenant(), id}, [field](const Row& row) -> Result<void> {
      field->Add(row.text(0));
      return {};
    });
  };
  TOCSIN_TRY(texts("SELECT alert_id FROM alert INDEXED BY alert_by_incident WHERE tenant=? AND incident_id=? ORDER BY first_event, alert_id", incident.mutable_alert_ids()));
  TOCSIN_TRY(texts("SELECT DISTINCT rule_id FROM alert INDEXED BY alert_by_incident WHERE tenant=? AND incident_id=? ORDER BY rule_id", incident.mutable_rule_ids()));
  TOCSIN_TRY(texts("SELECT name FROM category WHERE tenant=? AND incident_id=? ORDER BY name", incident.mutable_categories()));
  TOCSIN_ASSIGN(const std::int64_t people, connection_->number("SELECT count(*) FROM affected WHERE tenant=? AND incident_id=?", {tenant(), id}));
  incident.set_affected_count(people);
  TOCSIN_TRY(connection_->each(
      // total() cannot overflow as sum() does, and is exact up to 2^53, where it stops.
      "SELECT CAST(min(total(subject_count),9007199254740992) AS INTEGER), CAST(min(total(record_count),9007199254740992) AS INTEGER),"
      " coalesce(max(count_basis),0) FROM affected_event"
      " WHERE tenant=? AND incident_id=?",
      {tenant(), id}, [&](const Row& row) -> Result<void> {
        incident.set_reported_count(row.integer(0));
        incident.set_record_count(row.integer(1));
        // The weakest basis of any event is the basis of the whole; people without names are at best reported.
        const auto weakest = std::max<std::int64_t>(row.integer(2), row.integer(0) > 0 ? v1::COUNT_BASIS_REPORTED : v1::COUNT_BASIS_EXACT);
        incident.set_count_basis(static_cast<v1::CountBasis>(weakest));
        return {};
      }));
  TOCSIN_TRY(connection_->each(
      "SELECT kind, at, by, sealed_evidence, evidence_hash, recorded_at FROM clock_event WHERE tenant=? AND incident_id=? ORDER BY recorded_at, kind",
      {tenant(), id}, [&](const Row& row) -> Result<void> {
        v1::ClockEvent& event = *incident.add_clock_events();
        event.set_kind(row.text(0));
        *event.mutable_at() = timestamp_of(row.instant(1));
        event.set_by(row.text(2));
        event.set_evidence_hash(row.text(4));
        *event.mutable_recorded_at() = timestamp_of(row.instant(5));
        TOCSIN_ASSIGN(const auto key, incident_key(id));
        if (!key) return {};
        TOCSIN_ASSIGN(std::string evidence, unseal_for(id, fmt::format("evidence of {}", event.kind()), row.text(3)));
        event.set_evidence(std::move(evidence));
        return {};
      }));
  TOCSIN_ASSIGN(const auto all, rounds(id));
  for (const v1::Round& round : all) *incident.add_rounds() = round;
  return incident;
}

Result<std::vector<std::string>> View::incidents_of_group(std::string_view hash) const {
  std::vector<std::string> ids;
  TOCSIN_TRY(connection_->each("SELECT incident_id FROM incident INDEXED BY incident_by_group WHERE tenant=? AND group_hash=? ORDER BY last_event DESC, incident_id",
                               {tenant(), hash}, [&](const Row& row) -> Result<void> {
                                 ids.push_back(row.text(0));
                                 return {};
                               }));
  return ids;
}

Result<std::vector<std::string>> View::growing_incidents(std::string_view rule_id, std::string_view hash, Instant time) const {
  // People touched before containment belong to the contained incident also where we read of them late, but only where no open
  // one takes them: nobody is lost, nobody is told twice.
  std::vector<std::string> growing, contained;
  TOCSIN_TRY(connection_->each(
      "SELECT DISTINCT a.incident_id, i.contained_at FROM alert a JOIN incident i ON i.tenant=a.tenant AND i.incident_id=a.incident_id"
      " WHERE a.tenant=?1 AND a.rule_id=?2 AND a.group_hash=?3 AND a.first_event<=?4 AND (i.contained_at=0 OR ?4<i.contained_at) AND i.state NOT IN (?5, ?6)"
      " ORDER BY a.incident_id",
      {tenant(), rule_id, hash, time, static_cast<int>(v1::CLOSED), static_cast<int>(v1::DISMISSED)}, [&](const Row& row) -> Result<void> {
        (row.integer(1) == 0 ? growing : contained).push_back(row.text(0));
        return {};
      }));
  return growing.empty() ? contained : growing;
}

Result<std::vector<Subject>> View::subjects(const std::string& sql, std::string_view incident_id) const {
  std::vector<Subject> found;
  TOCSIN_TRY(connection_->each(sql, {tenant(), incident_id}, [&](const Row& row) -> Result<void> {
    found.push_back({id128_from_bytes(row.text(0)), row.text(1), static_cast<std::uint32_t>(row.integer(2))});
    return {};
  }));
  return found;
}

Result<std::vector<Subject>> View::affected(std::string_view incident_id) const {
  return subjects("SELECT ref, id_type, key_version FROM affected WHERE tenant=?1 AND incident_id=?2 ORDER BY ref", incident_id);
}

Result<bool> View::spoken_for(std::string_view incident_id, const Id128& ref) const {
  // What passed the point of no return, or is in doubt, may have arrived: such a person is left to whoever stopped the round.
  static_assert(v1::POINT_OF_NO_RETURN == 3 && v1::ACCEPTED == 4 && v1::DELIVERED == 5 && v1::IN_DOUBT == 8 && v1::ROUND_STOPPED == 3);
  TOCSIN_ASSIGN(const std::int64_t any, connection_->number(
      "SELECT EXISTS (SELECT 1 FROM recipient r JOIN round o ON o.tenant=r.tenant AND o.incident_id=r.incident_id AND o.number=r.number"
      " WHERE r.tenant=?1 AND r.incident_id=?2 AND r.ref=?3 AND (o.state<>3 OR EXISTS (SELECT 1 FROM notice n INDEXED BY notice_by_person"
      "  WHERE n.tenant=?1 AND n.incident_id=?2 AND n.round=o.number AND n.ref=lower(hex(r.ref)) AND n.state IN (3,4,5,8))))",
      {tenant(), incident_id, Blob(ref)}));
  return any != 0;
}

Result<std::vector<Subject>> View::not_in_a_round(std::string_view incident_id) const {
  return subjects("SELECT ref, id_type, key_version FROM affected a WHERE tenant=?1 AND incident_id=?2 AND NOT EXISTS"
                  " (SELECT 1 FROM recipient r WHERE r.tenant=?1 AND r.incident_id=?2 AND r.ref=a.ref) ORDER BY ref",
                  incident_id);
}

}  // namespace tocsin::store
