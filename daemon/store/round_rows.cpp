// round_rows.cpp: rounds, their frozen recipients and approvals, and the recount that proves a round finished.
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"
#include "daemon/store/times.h"

namespace tocsin::store {
namespace {

std::string facts_place(std::uint32_t number) { return fmt::format("facts of round {}", number); }

/// Notices that may still change by themselves or by a person's decision, and those that arrived as far as anyone can know.
constexpr char kOpen[] = "(1,2,3,6,8)";
constexpr char kOut[] = "(4,5)";
static_assert(v1::QUEUED == 1 && v1::CLAIMED == 2 && v1::POINT_OF_NO_RETURN == 3 && v1::RETRY == 6 && v1::IN_DOUBT == 8);
static_assert(v1::ACCEPTED == 4 && v1::DELIVERED == 5);

RecipientRow recipient_of(const Row& row) {
  RecipientRow person{id128_from_bytes(row.text(0)), id128_from_bytes(row.text(1)), row.text(2), {}};
  if (const std::string ward = row.text(3); !ward.empty()) person.ward = id128_from_bytes(ward);
  return person;
}

}  // namespace

Result<void> Transaction::insert_round(const v1::Round& round, const std::vector<RecipientRow>& recipients, std::string_view facts) {
  const std::string& id = round.incident_id();
  TOCSIN_ASSIGN(const std::string sealed, seal_for(id, facts_place(round.number()), facts));
  TOCSIN_TRY(connection_->run("INSERT INTO round VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                              {tenant(), id, round.number(), round.purpose(), static_cast<int>(round.state()), round.recipients(),
                               round.recipients_hash(), round.text_hash(), round.channels_hash(), round.binding(), round.proposed_by(),
                               instant_from(round.proposed_at()), round.approvals_needed(), Blob(sealed)}));
  for (const RecipientRow& person : recipients)
    TOCSIN_TRY(connection_->run("INSERT INTO recipient VALUES (?,?,?,?,?,?,?)",
                                {tenant(), id, round.number(), Blob(person.ref), Blob(person.contact), person.kind,
                                 Blob(person.ward ? person.ward->view() : std::string_view())}));
  return {};
}

Result<void> Transaction::update_round(const v1::Round& round) {
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE round SET state=?, text_hash=?, channels_hash=?, binding=? WHERE tenant=? AND incident_id=? AND number=?",
                                 {static_cast<int>(round.state()), round.text_hash(), round.channels_hash(), round.binding(), tenant(),
                                  round.incident_id(), round.number()}));
  if (changed != 1) return bad_input(fmt::format("incident {} has no round {}", round.incident_id(), round.number()));
  return {};
}

Result<void> Transaction::add_approval(std::string_view incident_id, std::uint32_t number, const v1::Approval& approval) {
  TOCSIN_TRY(connection_->run("INSERT INTO approval VALUES (?,?,?,?,?,?)",
                              {tenant(), incident_id, number, approval.by(), approval.binding(), instant_from(approval.at())}));
  return {};
}

Result<std::vector<v1::Round>> View::rounds(std::string_view incident_id) const {
  std::vector<v1::Round> found;
  TOCSIN_TRY(connection_->each(
      "SELECT number, purpose, state, recipients, recipients_hash, text_hash, channels_hash, binding, proposed_by, proposed_at, approvals_needed"
      " FROM round WHERE tenant=? AND incident_id=? ORDER BY number",
      {tenant(), incident_id}, [&](const Row& row) -> Result<void> {
        v1::Round& round = found.emplace_back();
        round.set_incident_id(std::string(incident_id));
        round.set_number(static_cast<std::uint32_t>(row.integer(0)));
        round.set_purpose(row.text(1));
        round.set_state(static_cast<v1::RoundState>(row.integer(2)));
        round.set_recipients(row.integer(3));
        round.set_recipients_hash(row.text(4));
        round.set_text_hash(row.text(5));
        round.set_channels_hash(row.text(6));
        round.set_binding(row.text(7));
        round.set_proposed_by(row.text(8));
        *round.mutable_proposed_at() = timestamp_of(row.instant(9));
        round.set_approvals_needed(static_cast<std::uint32_t>(row.integer(10)));
        return {};
      }));
  TOCSIN_TRY(connection_->each("SELECT number, by, at, binding FROM approval WHERE tenant=? AND incident_id=? ORDER BY at, by", {tenant(), incident_id},
                               [&](const Row& row) -> Result<void> {
                                 for (v1::Round& round : found) {
                                   if (round.number() != row.integer(0)) continue;
                                   v1::Approval& approval = *round.add_approvals();
                                   approval.set_by(row.text(1));
                                   *approval.mutable_at() = timestamp_of(row.instant(2));
                                   approval.set_binding(row.text(3));
                                 }
                                 return {};
                               }));
  return found;
}

Result<std::optional<v1::Round>> View::round(std::string_view incident_id, std::uint32_t number) const {
  TOCSIN_ASSIGN(auto all, rounds(incident_id));
  for (v1::Round& round : all)
    if (round.number() == number) return std::move(round);
  return std::nullopt;
}

Result<std::vector<RecipientRow>> View::recipients(std::string_view incident_id, std::uint32_t number) const {
  std::vector<RecipientRow> found;
  TOCSIN_TRY(connection_->each("SELECT ref, contact, kind, ward FROM recipient WHERE tenant=? AND incident_id=? AND number=? ORDER BY ref",
                               {tenant(), incident_id, number}, [&](const Row& row) -> Result<void> {
                                 found.push_back(recipient_of(row));
                                 return {};
                               }));
  return found;
}

Result<std::optional<RecipientRow>> View::recipient(std::string_view incident_id, std::uint32_t number, const Id128& ref) const {
  std::optional<RecipientRow> found;
  TOCSIN_TRY(connection_->each("SELECT ref, contact, kind, ward FROM recipient WHERE tenant=? AND incident_id=? AND number=? AND ref=?",
                               {tenant(), incident_id, number, Blob(ref)}, [&](const Row& row) -> Result<void> {
                                 found = recipient_of(row);
                                 return {};
                               }));
  return found;
}

Result<std::string> View::round_facts(std::string_view incident_id, std::uint32_t number) const {
  std::optional<std::string> sealed;
  TOCSIN_TRY(connection_->each("SELECT sealed_facts FROM round WHERE tenant=? AND incident_id=? AND number=?", {tenant(), incident_id, number},
                               [&](const Row& row) -> Result<void> {
                                 sealed = row.text(0);
                                 return {};
                               }));
  if (!sealed) return bad_input(fmt::format("incident {} has no round {}", incident_id, number));
  return unseal_for(incident_id, facts_place(number), *sealed);
}

Result<bool> View::has_open_notices(std::string_view incident_id, std::uint32_t number) const {
  TOCSIN_ASSIGN(const std::int64_t any,
                connection_->number(fmt::format("SELECT EXISTS (SELECT 1 FROM notice INDEXED BY notice_by_round WHERE tenant=? AND incident_id=? AND round=? AND state IN {}"
                                                " AND purpose<>'operations')", kOpen),
                                    {tenant(), incident_id, number}));
  return any != 0;
}

Result<RoundCount> View::recount(std::string_view incident_id, std::uint32_t number) const {
  RoundCount count;
  TOCSIN_ASSIGN(count.open_notices,
                connection_->number(fmt::format("SELECT count(*) FROM notice INDEXED BY notice_by_round WHERE tenant=? AND incident_id=? AND round=? AND state IN {}"
                                                " AND purpose<>'operations'", kOpen),
                                    {tenant(), incident_id, number}));
  TOCSIN_ASSIGN(const std::int64_t pages,
                connection_->number(fmt::format("SELECT count(*) FROM notice INDEXED BY notice_by_round WHERE tenant=? AND incident_id=? AND round=? AND state IN {}"
                                                " AND purpose='announcement'", kOut),
                                    {tenant(), incident_id, number}));
  count.announced = pages > 0;
  TOCSIN_ASSIGN(const std::int64_t owed,
                connection_->number("SELECT count(*) FROM notice INDEXED BY notice_by_round WHERE tenant=? AND incident_id=? AND round=?"
                                    " AND purpose='announcement'",
                                    {tenant(), incident_id, number}));
  count.owed = owed > 0;
  // Every person is looked at, with every notice that names them; nothing is taken from a counter. The index is named, since
  // the planner's guess (by state) reads a person's whole round and makes ten thousand people take minutes.
  const std::string own = "FROM notice n INDEXED BY notice_by_person WHERE n.tenant=?1 AND n.incident_id=?2 AND n.round=?3 AND n.purpose='individual_notice' AND n.ref=lower(hex({}.ref))";
  const std::string sql = fmt::format(
      "SELECT EXISTS (SELECT 1 {0} AND n.state IN {2}), EXISTS (SELECT 1 {0} AND n.state IN {3}), EXISTS (SELECT 1 {0}),"
      " EXISTS (SELECT 1 FROM recipient g WHERE g.tenant=?1 AND g.incident_id=?2 AND g.number=?3 AND g.ward=r.ref AND EXISTS (SELECT 1 {1} AND n.state IN {2})),"
      " EXISTS (SELECT 1 FROM recipient g WHERE g.tenant=?1 AND g.incident_id=?2 AND g.number=?3 AND g.ward=r.ref AND EXISTS (SELECT 1 {1} AND n.state IN {3}))"
      " FROM recipient r WHERE r.tenant=?1 AND r.incident_id=?2 AND r.number=?3",
      fmt::format(fmt::runtime(own), "r"), fmt::format(fmt::runtime(own), "g"), kOut, kOpen);
  TOCSIN_TRY(connection_->each(sql, {tenant(), incident_id, number}, [&count](const Row& row) -> Result<void> {
    const bool told = row.integer(0) != 0, moving = row.integer(1) != 0, tried = row.integer(2) != 0;
    const bool guardian_told = row.integer(3) != 0, guardian_moving = row.integer(4) != 0;
    ++count.recipients;
    // A child without an address of its own is told through the guardian.
    if (told || (!tried && guardian_told)) ++count.told;
    else if (moving || (!tried && guardian_moving)) ++count.moving;
    else ++count.unreachable;
    return {};
  }));
  return count;
}

}  // namespace tocsin::store
