// courier_rows.cpp: claim, point of no return, result: each step is on disk before the next one touches the network.
#include "daemon/base/failpoint.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"
#include "daemon/store/times.h"

namespace tocsin::store {
namespace {

constexpr int number(v1::NoticeState state) { return static_cast<int>(state); }

struct Candidate {
  std::string notice_id, incident_id, text_id, contact, address;
};

}  // namespace

Result<std::vector<DueNotice>> Transaction::claim(const ClaimOrder& order) {
  std::vector<Candidate> candidates;
  for (const std::string& channel : order.channels) {
    // One state at a time: then the index gives them in order, and the limit ends the reading.
    for (const v1::NoticeState state : {v1::RETRY, v1::QUEUED}) {
      const std::size_t room = order.limit > candidates.size() ? order.limit - candidates.size() : 0;
      if (room == 0) break;
      // Only what an approved round still wants: stop() takes the rows away, this guards against a row it never saw.
      TOCSIN_TRY(connection_->each(
          "SELECT notice_id, incident_id, text_id, contact, address FROM notice n INDEXED BY notice_due"
          " WHERE tenant=?1 AND channel=?2 AND state=?3 AND next_attempt<=?4"
          " AND (purpose='operations' OR EXISTS (SELECT 1 FROM round r WHERE r.tenant=n.tenant AND r.incident_id=n.incident_id"
          "   AND r.number=n.round AND r.state=?5))"
          " ORDER BY next_attempt, notice_id LIMIT ?6",
          {tenant(), channel, number(state), order.now, static_cast<int>(v1::ROUND_APPROVED), static_cast<std::int64_t>(room)},
          [&](const Row& row) -> Result<void> {
            candidates.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)});
            return {};
          }));
    }
  }
  std::vector<DueNotice> due;
  for (const Candidate& candidate : candidates) {
    TOCSIN_TRY(connection_->run("UPDATE notice SET state=?, lease=?, lease_until=?, attempts=attempts+1 WHERE tenant=? AND notice_id=?",
                                {number(v1::CLAIMED), order.lease, order.lease_until, tenant(), candidate.notice_id}));
    DueNotice one;
    TOCSIN_ASSIGN(const auto row, notice(candidate.notice_id));
    one.notice = *row;
    one.lease = order.lease;
    one.lease_until = order.lease_until;
    TOCSIN_ASSIGN(auto words, text(candidate.incident_id, candidate.text_id, one.notice.possible_duplicate()));
    if (!words) return refused(fmt::format("notice {} has no text", candidate.notice_id));
    one.subject = std::move(words->subject), one.text = std::move(words->text), one.html = std::move(words->html);
    if (!candidate.contact.empty()) {
      TOCSIN_ASSIGN(const auto person, contact(id128_from_bytes(candidate.contact)));
      // Resolved late: an address that has gone from the system of record since the approval is not used.
      if (person) one.to = candidate.address == "email" ? person->email : candidate.address == "phone" ? person->phone : person->push_token;
    }
    due.push_back(std::move(one));
  }
  return due;
}

Result<bool> Transaction::mark_point_of_no_return(std::string_view notice_id, std::string_view lease, Instant now) {
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE notice SET state=? WHERE tenant=? AND notice_id=? AND state=? AND lease=? AND lease_until>?",
                                 {number(v1::POINT_OF_NO_RETURN), tenant(), notice_id, number(v1::CLAIMED), lease, now}));
  return changed == 1;
}

Result<bool> Transaction::settle(const Settlement& s) {
  const bool later = s.state == v1::RETRY;
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE notice SET state=?, provider_ref=?, detail=?, next_attempt=?, settled_at=?, lease='', lease_until=0"
                                 " WHERE tenant=? AND notice_id=? AND lease=? AND state IN (?,?)",
                                 {number(s.state), s.provider_ref, s.detail, later ? s.next_attempt : s.now,
                                  later || s.state == v1::IN_DOUBT ? Instant{} : s.now, tenant(), s.notice_id, s.lease, number(v1::CLAIMED),
                                  number(v1::POINT_OF_NO_RETURN)}));
  if (changed != 1) return false;
  if (s.state == v1::IN_DOUBT)
    TOCSIN_TRY(connection_->run("INSERT INTO doubt SELECT tenant, channel, 1 FROM notice WHERE tenant=? AND notice_id=?"
                                " ON CONFLICT DO UPDATE SET times=times+1", {tenant(), s.notice_id}));
  TOCSIN_TRY(record_attempt(s.notice_id, s.state, s.provider_ref, s.detail, s.now));
  return true;
}

Result<void> Transaction::record_attempt(std::string_view notice_id, v1::NoticeState state, std::string_view provider_ref, std::string_view detail, Instant at) {
  TOCSIN_TRY(connection_->run("INSERT INTO attempt SELECT ?1, ?2, coalesce(max(number),0)+1, ?3, ?4, ?5, ?6 FROM attempt WHERE tenant=?1 AND notice_id=?2",
                              {tenant(), notice_id, at, number(state), provider_ref, detail}));
  return {};
}

/// CLAIMED is known unsent and goes back; what passed the point of no return is in doubt, recorded and counted.
Result<std::int64_t> Transaction::doubt_every(Instant lease_before, std::string_view why, Instant now) {
  std::vector<std::string> doubtful;
  TOCSIN_TRY(connection_->each("SELECT notice_id FROM notice INDEXED BY notice_by_state WHERE tenant=? AND state=? AND lease_until<=?",
                               {tenant(), number(v1::POINT_OF_NO_RETURN), lease_before}, [&](const Row& row) -> Result<void> {
                                 doubtful.push_back(row.text(0));
                                 return {};
                               }));
  for (const std::string& id : doubtful) {
    TOCSIN_TRY(connection_->run("INSERT INTO doubt SELECT tenant, channel, 1 FROM notice WHERE tenant=? AND notice_id=?"
                                " ON CONFLICT DO UPDATE SET times=times+1", {tenant(), id}));
    TOCSIN_TRY(connection_->run("UPDATE notice SET state=?, lease='', lease_until=0, detail=? WHERE tenant=? AND notice_id=?",
                                {number(v1::IN_DOUBT), why, tenant(), id}));
    TOCSIN_TRY(record_attempt(id, v1::IN_DOUBT, "", why, now));
  }
  // An attempt that never began is none: else crashes alone could use up all of them.
  TOCSIN_TRY(connection_->run("UPDATE notice INDEXED BY notice_by_state SET state=?, lease='', lease_until=0, next_attempt=?, attempts=max(attempts-1,0) WHERE tenant=? AND state=? AND lease_until<=?",
                              {number(v1::QUEUED), now, tenant(), number(v1::CLAIMED), lease_before}));
  return static_cast<std::int64_t>(doubtful.size());
}

Result<std::int64_t> Transaction::recover_after_crash(Instant now) {
  return doubt_every(Instant::max(), "the process ended between the point of no return and the result", now);
}

Result<std::int64_t> Transaction::expire_leases(Instant now) {
  return doubt_every(now, "the lease ran out between the point of no return and the result", now);
}

Result<bool> Transaction::requeue(std::string_view notice_id, Instant now, bool possible_duplicate, std::string_view detail) {
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE notice SET state=?, next_attempt=?, possible_duplicate=max(possible_duplicate,?), detail=?"
                                 " WHERE tenant=? AND notice_id=? AND state=? AND (purpose='operations' OR EXISTS (SELECT 1 FROM round r"
                                 " WHERE r.tenant=notice.tenant AND r.incident_id=notice.incident_id AND r.number=notice.round AND r.state=?))",
                                 {number(v1::QUEUED), now, possible_duplicate ? 1 : 0, detail, tenant(), notice_id, number(v1::IN_DOUBT),
                                  static_cast<int>(v1::ROUND_APPROVED)}));
  return changed == 1;
}

Result<bool> Transaction::resolve_doubt(std::string_view notice_id, v1::NoticeState state, std::string_view provider_ref, std::string_view detail, Instant now) {
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE notice SET state=?, provider_ref=?, detail=?, settled_at=? WHERE tenant=? AND notice_id=? AND state=?",
                                 {number(state), provider_ref, detail, now, tenant(), notice_id, number(v1::IN_DOUBT)}));
  if (changed != 1) return false;
  TOCSIN_TRY(record_attempt(notice_id, state, provider_ref, detail, now));
  return true;
}

Result<std::int64_t> Transaction::stop_notices(std::string_view incident_id, std::uint32_t round, std::string_view reason, Instant now) {
  // A claimed notice is known unsent: without its lease it cannot pass the point of no return. One in doubt may have arrived:
  // it stays so, or a later round would tell the person again under another key.
  return connection_->run("UPDATE notice INDEXED BY notice_by_round SET state=?, detail=?, lease='', lease_until=0, settled_at=?"
                          " WHERE tenant=? AND incident_id=? AND round=? AND state IN (?,?,?) AND purpose<>'operations'",
                          {number(v1::STOPPED), reason, now, tenant(), incident_id, round, number(v1::QUEUED), number(v1::CLAIMED), number(v1::RETRY)});
}

}  // namespace tocsin::store
