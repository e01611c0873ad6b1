// audit_rows.cpp: who did what, as a chain in which every row names the one before.
#include "daemon/store/packed.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"

namespace tocsin::store {
namespace {

/// Each field behind its length, so that no edit can move a border between two fields.
std::string link(std::string_view before, std::string_view tenant, const AuditRow& row) {
  return fingerprint(pack({before, tenant, std::to_string(row.seq), std::to_string(micros_of(row.at)), row.principal, row.act, row.object, row.detail}));
}

AuditRow audit_row(const Row& row) {
  return {row.integer(0), row.instant(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6)};
}

constexpr const char* kColumns = "SELECT seq, at, principal, act, object, detail, hash FROM audit";

}  // namespace

Result<Checkpoint> View::audit_head() const {
  Checkpoint head;
  TOCSIN_TRY(connection_->each("SELECT rows, hash FROM audit_head WHERE tenant=?", {tenant()}, [&](const Row& row) -> Result<void> {
    head = {row.integer(0), row.text(1)};
    return {};
  }));
  return head;
}

Result<void> Transaction::append_audit(const Principal& principal, Instant at, std::string_view act, std::string_view object, std::string_view detail) {
  if (principal.name.empty()) return refused(fmt::format("`{}` needs to know who asks for it", act));
  TOCSIN_ASSIGN(const Checkpoint head, audit_head());
  AuditRow row{head.rows + 1, at, principal.name, std::string(act), std::string(object), std::string(detail), {}};
  row.hash = link(head.hash, tenant(), row);
  TOCSIN_TRY(connection_->run("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?)",
                              {tenant(), row.seq, row.at, row.principal, row.act, row.object, row.detail, row.hash}));
  TOCSIN_TRY(connection_->run("INSERT INTO audit_head VALUES (?,?,?) ON CONFLICT DO UPDATE SET rows=excluded.rows, hash=excluded.hash",
                              {tenant(), row.seq, row.hash}));
  TOCSIN_TRY(connection_->run("INSERT INTO principal VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET last_at=max(last_at, excluded.last_at)",
                              {tenant(), row.principal, row.at, row.at}));
  return {};
}

Result<std::vector<AuditRow>> View::audit(std::int64_t after_seq, std::uint32_t limit) const {
  std::vector<AuditRow> rows;
  TOCSIN_TRY(connection_->each(fmt::format("{} WHERE tenant=? AND seq>? ORDER BY seq LIMIT ?", kColumns),
                               {tenant(), after_seq, limit == 0 ? std::int64_t{-1} : std::int64_t{limit}}, [&](const Row& row) -> Result<void> {
                                 rows.push_back(audit_row(row));
                                 return {};
                               }));
  return rows;
}

Result<AuditVerdict> View::verify_audit(const std::vector<Checkpoint>& checkpoints) const {
  AuditVerdict verdict;
  const auto broken = [&verdict](std::string problem) {
    if (verdict.intact) verdict.problem = std::move(problem);
    verdict.intact = false;
  };
  std::map<std::int64_t, std::string> outside;
  for (const Checkpoint& checkpoint : checkpoints) {
    const auto [known, fresh] = outside.emplace(checkpoint.rows, checkpoint.hash);
    if (!fresh && known->second != checkpoint.hash)
      broken(fmt::format("two checkpoints disagree about row {}: the rows were replaced since the first of them", checkpoint.rows));
  }
  std::string before;
  TOCSIN_TRY(connection_->each(fmt::format("{} WHERE tenant=? ORDER BY seq", kColumns), {tenant()}, [&](const Row& stored) -> Result<void> {
    const AuditRow row = audit_row(stored);
    ++verdict.rows;
    if (!verdict.intact) return {};
    if (row.seq != verdict.rows) {
      broken(fmt::format("row {} is missing", verdict.rows));
    } else if (link(before, tenant(), row) != row.hash) {
      broken(fmt::format("row {} ({} by {}) is not what was written: it was edited, moved or replaced", row.seq, row.act, row.principal));
    } else if (const auto at = outside.find(row.seq); at != outside.end() && at->second != row.hash) {
      broken(fmt::format("row {} differs from the checkpoint outside the store: the chain was rewritten at or before it", row.seq));
    }
    before = row.hash;
    return {};
  }));
  TOCSIN_ASSIGN(const Checkpoint head, audit_head());
  if (verdict.intact && head.rows != verdict.rows)
    broken(head.rows > verdict.rows ? fmt::format("rows {} to {} are missing from the end", verdict.rows + 1, head.rows)
                                    : fmt::format("row {} was added past the head of the chain", head.rows + 1));
  if (verdict.intact && head.hash != before) broken(fmt::format("the head names another hash than row {}", verdict.rows));
  if (verdict.intact && !outside.empty() && outside.rbegin()->first > verdict.rows)
    broken(fmt::format("rows {} to {} are missing from the end: a checkpoint outside the store has seen them", verdict.rows + 1, outside.rbegin()->first));
  return verdict;
}

Result<std::vector<std::string>> View::principals() const {
  std::vector<std::string> names;
  TOCSIN_TRY(connection_->each("SELECT name FROM principal WHERE tenant=? ORDER BY name", {tenant()}, [&](const Row& row) -> Result<void> {
    names.push_back(row.text(0));
    return {};
  }));
  return names;
}

}  // namespace tocsin::store
