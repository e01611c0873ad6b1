// notice_rows.cpp: the outbox as people look at it, and how messages get into it.
#include "daemon/store/packed.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"
#include "daemon/store/times.h"

namespace tocsin::store {
namespace {

constexpr const char* kColumns =
    "SELECT notice_id, incident_id, purpose, round, ref, channel, locale, state, attempts, next_attempt, provider_ref, detail, possible_duplicate,"
    " created_at, settled_at FROM notice";

std::string text_place(std::string_view text_id, bool again) { return fmt::format("text {} {}", text_id, again ? 1 : 0); }

}  // namespace

v1::Notice View::notice_of(const Row& row) const {
  v1::Notice n;
  n.set_notice_id(row.text(0));
  n.set_tenant(tenant());
  n.set_incident_id(row.text(1));
  n.set_purpose(row.text(2));
  n.set_round(static_cast<std::uint32_t>(row.integer(3)));
  n.set_recipient_ref(row.text(4));
  n.set_channel(row.text(5));
  n.set_locale(row.text(6));
  n.set_state(static_cast<v1::NoticeState>(row.integer(7)));
  n.set_attempts(static_cast<std::uint32_t>(row.integer(8)));
  if (n.state() == v1::RETRY || n.state() == v1::QUEUED) *n.mutable_next_attempt() = timestamp_of(row.instant(9));
  n.set_provider_ref(row.text(10));
  n.set_detail(row.text(11));
  n.set_possible_duplicate(row.integer(12) != 0);
  *n.mutable_created_at() = timestamp_of(row.instant(13));
  if (row.integer(14) != 0) *n.mutable_settled_at() = timestamp_of(row.instant(14));
  return n;
}

Result<void> Transaction::put_text(std::string_view incident_id, const TextRow& text) {
  TOCSIN_ASSIGN(const std::string sealed, seal_for(incident_id, text_place(text.text_id, text.again), pack({text.subject, text.text, text.html})));
  TOCSIN_TRY(connection_->run("INSERT OR REPLACE INTO notice_text VALUES (?,?,?,?,?)", {tenant(), incident_id, text.text_id, text.again ? 1 : 0, Blob(sealed)}));
  return {};
}

Result<std::optional<TextRow>> View::text(std::string_view incident_id, std::string_view text_id, bool again) const {
  std::optional<TextRow> found;
  TOCSIN_TRY(connection_->each("SELECT sealed FROM notice_text WHERE tenant=? AND incident_id=? AND text_id=? AND again=?",
                               {tenant(), incident_id, text_id, again ? 1 : 0}, [&](const Row& row) -> Result<void> {
                                 TextRow text;
                                 text.text_id = text_id;
                                 text.again = again;
                                 TOCSIN_ASSIGN(const std::string clear, unseal_for(incident_id, text_place(text_id, again), row.text(0)));
                                 TOCSIN_ASSIGN(std::vector<std::string> parts, unpack(clear, 3));
                                 text.subject = std::move(parts[0]), text.text = std::move(parts[1]), text.html = std::move(parts[2]);
                                 found = std::move(text);
                                 return {};
                               }));
  return found;
}

Result<bool> View::has_text(std::string_view incident_id, std::string_view text_id) const {
  TOCSIN_ASSIGN(const std::int64_t any, connection_->number("SELECT EXISTS (SELECT 1 FROM notice_text WHERE tenant=? AND incident_id=? AND text_id=? AND again=0)",
                                                            {tenant(), incident_id, text_id}));
  return any != 0;
}

Result<bool> Transaction::insert_notice(const NoticeRow& row) {
  const v1::Notice& n = row.notice;
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("INSERT INTO notice (tenant, notice_id, incident_id, purpose, round, ref, contact, channel, address, locale, text_id, state,"
                                 " next_attempt, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                                 {tenant(), n.notice_id(), n.incident_id(), n.purpose(), n.round(), n.recipient_ref(),
                                  Blob(row.contact ? row.contact->view() : std::string_view()), n.channel(), row.address, n.locale(), row.text_id,
                                  static_cast<int>(v1::QUEUED), instant_from(n.created_at()), instant_from(n.created_at())}));
  return changed == 1;
}

Result<std::optional<v1::Notice>> View::notice(std::string_view notice_id) const {
  std::optional<v1::Notice> found;
  TOCSIN_TRY(connection_->each(fmt::format("{} WHERE tenant=? AND notice_id=?", kColumns), {tenant(), notice_id}, [&](const Row& row) -> Result<void> {
    found = notice_of(row);
    return {};
  }));
  return found;
}

Result<std::vector<v1::Notice>> View::notices(const NoticeFilter& filter) const {
  std::vector<v1::Notice> found;
  TOCSIN_TRY(connection_->each(
      // Texts of their own for the common questions, each with the index that answers it.
      fmt::format("{} {} AND (?3=0 OR round=?3) AND (?5='' OR purpose=?5) ORDER BY notice_id LIMIT ?6", kColumns,
                  !filter.incident_id.empty()     ? "INDEXED BY notice_by_round WHERE tenant=?1 AND incident_id=?2 AND (?4=0 OR state=?4)"
                  : filter.state != v1::NOTICE_STATE_UNSPECIFIED ? "INDEXED BY notice_by_state WHERE tenant=?1 AND ?2='' AND state=?4"
                                                                 : "WHERE tenant=?1 AND ?2='' AND ?4=0"),
      {tenant(), filter.incident_id, filter.round, static_cast<int>(filter.state), filter.purpose,
       filter.limit == 0 ? std::int64_t{-1} : std::int64_t{filter.limit}},
      [&](const Row& row) -> Result<void> {
        found.push_back(notice_of(row));
        return {};
      }));
  return found;
}

Result<std::map<std::string, std::int64_t>> View::notice_counts(const NoticeFilter& filter) const {
  std::map<std::string, std::int64_t> counts;
  TOCSIN_TRY(connection_->each(
      fmt::format("SELECT state, count(*) FROM notice {} AND (?3=0 OR round=?3) AND (?4='' OR purpose=?4) GROUP BY state",
                  filter.incident_id.empty() ? "WHERE tenant=?1 AND ?2=''" : "INDEXED BY notice_by_round WHERE tenant=?1 AND incident_id=?2"),
      {tenant(), filter.incident_id, filter.round, filter.purpose}, [&](const Row& row) -> Result<void> {
        counts[v1::NoticeState_Name(static_cast<v1::NoticeState>(row.integer(0)))] = row.integer(1);
        return {};
      }));
  return counts;
}

Result<std::vector<v1::Notice>> View::in_doubt() const {
  NoticeFilter filter;
  filter.state = v1::IN_DOUBT;
  return notices(filter);
}

Result<std::map<std::string, std::int64_t>> View::in_doubt_counts() const {
  std::map<std::string, std::int64_t> counts;
  TOCSIN_TRY(connection_->each("SELECT channel, times FROM doubt WHERE tenant=?", {tenant()}, [&](const Row& row) -> Result<void> {
    counts[row.text(0)] = row.integer(1);
    return {};
  }));
  return counts;
}

Result<std::optional<Instant>> View::next_due() const {
  std::optional<Instant> due;
  TOCSIN_TRY(connection_->each("SELECT min(next_attempt) FROM notice INDEXED BY notice_by_state WHERE tenant=? AND state IN (?,?)",
                               {tenant(), static_cast<int>(v1::QUEUED), static_cast<int>(v1::RETRY)}, [&](const Row& row) -> Result<void> {
                                 if (!row.is_null(0)) due = row.instant(0);
                                 return {};
                               }));
  return due;
}

}  // namespace tocsin::store
