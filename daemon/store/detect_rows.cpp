// detect_rows.cpp: progress, partitions, dead letters and snapshots.
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"

namespace tocsin::store {
namespace {

std::string dead_letter_place(const DeadLetterRow& row, std::string_view field) {
  return fmt::format("dead_letter\n{}\n{}\n{}\n{}", row.source, row.partition, row.offset, field);
}

}  // namespace

Result<Progress> View::progress() const {
  Progress found;
  TOCSIN_TRY(connection_->each("SELECT epoch, committed, log_id FROM writer WHERE tenant=?", {tenant()}, [&](const Row& row) -> Result<void> {
    found = {static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)), row.text(2)};
    return {};
  }));
  return found;
}

Result<std::uint64_t> Transaction::acquire_epoch() {
  TOCSIN_TRY(connection_->run("INSERT INTO writer VALUES (?, 1, 0, '') ON CONFLICT DO UPDATE SET epoch=epoch+1", {tenant()}));
  TOCSIN_ASSIGN(const Progress now, progress());
  return now.epoch;
}

Result<void> Transaction::advance(std::uint64_t epoch, std::uint64_t from, std::uint64_t to) {
  if (to < from) return refused(fmt::format("the log cannot go back from {} to {}", from, to));
  TOCSIN_ASSIGN(const std::int64_t changed,
                connection_->run("UPDATE writer SET committed=? WHERE tenant=? AND epoch=? AND committed=?", {to, tenant(), epoch, from}));
  if (changed == 1) return {};
  TOCSIN_ASSIGN(const Progress now, progress());
  return refused(fmt::format("another process has taken over: we hold epoch {} at {}, the store says epoch {} at {}", epoch, from, now.epoch, now.committed));
}

Result<void> Transaction::set_log_id(std::string_view id) {
  TOCSIN_ASSIGN(const std::int64_t changed, connection_->run("UPDATE writer SET log_id=? WHERE tenant=?", {id, tenant()}));
  if (changed != 1) return refused("no epoch was acquired before the log's identity");
  return {};
}

Result<std::vector<PartitionRow>> View::partitions() const {
  std::vector<PartitionRow> rows;
  TOCSIN_TRY(connection_->each(
      "SELECT source, part, start, next, applied, late, dead, gap, duplicate, events, max_event_time, record_hash"
      " FROM source_partition WHERE tenant=? ORDER BY source, part",
      {tenant()}, [&](const Row& row) -> Result<void> {
        PartitionRow p;
        p.source = row.text(0);
        p.partition = static_cast<std::int32_t>(row.integer(1));
        p.start = row.integer(2), p.next = row.integer(3), p.applied = row.integer(4), p.late = row.integer(5);
        p.dead = row.integer(6), p.gap = row.integer(7), p.duplicate = row.integer(8), p.events = row.integer(9);
        p.max_event_time = row.integer(10), p.record_hash = static_cast<std::uint64_t>(row.integer(11));
        rows.push_back(std::move(p));
        return {};
      }));
  return rows;
}

Result<void> Transaction::put_partition(const PartitionRow& p) {
  if (!p.balanced())
    return refused(fmt::format("{}/{}: applied {} + late {} + dead {} + gap {} is not next {} − start {}", p.source, p.partition, p.applied, p.late,
                               p.dead, p.gap, p.next, p.start));
  TOCSIN_TRY(connection_->run("INSERT OR REPLACE INTO source_partition VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                              {tenant(), p.source, p.partition, p.start, p.next, p.applied, p.late, p.dead, p.gap, p.duplicate, p.events,
                               p.max_event_time, p.record_hash}));
  return {};
}

Result<void> Transaction::add_dead_letter(const DeadLetterRow& row) {
  TOCSIN_TRY(connection_->run("INSERT INTO dead_letter VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                              {tenant(), row.source, row.partition, row.offset, row.reason, row.detail,
                               Blob(sealed_here(dead_letter_place(row, "key"), row.key)), Blob(sealed_here(dead_letter_place(row, "value"), row.value)),
                               row.record_time, row.recorded_at, row.replayed ? 1 : 0}));
  return {};
}

Result<void> Transaction::mark_replayed(std::string_view source, std::int32_t partition, std::int64_t offset) {
  TOCSIN_ASSIGN(const std::int64_t changed, connection_->run("UPDATE dead_letter SET replayed=1 WHERE tenant=? AND source=? AND part=? AND offset=?",
                                                             {tenant(), source, partition, offset}));
  if (changed != 1) return bad_input(fmt::format("no dead letter at {}/{}/{}", source, partition, offset));
  return {};
}

Result<std::vector<DeadLetterRow>> View::dead_letters(const DeadLetterFilter& filter) const {
  std::vector<DeadLetterRow> rows;
  const std::int64_t limit = filter.limit == 0 ? -1 : filter.limit;
  TOCSIN_TRY(connection_->each(
      "SELECT source, part, offset, reason, detail, sealed_key, sealed_value, record_time, recorded_at, replayed FROM dead_letter"
      " WHERE tenant=?1 AND (?2='' OR source=?2) AND (?3='' OR reason=?3) AND (?4=0 OR (part=?5 AND offset=?6)) AND (?7=0 OR replayed=0)"
      " ORDER BY source, part, offset LIMIT ?8",
      {tenant(), filter.source, filter.reason, filter.one ? 1 : 0, filter.partition, filter.offset, filter.unreplayed ? 1 : 0, limit},
      [&](const Row& row) -> Result<void> {
        DeadLetterRow d;
        d.source = row.text(0);
        d.partition = static_cast<std::int32_t>(row.integer(1));
        d.offset = row.integer(2);
        d.reason = row.text(3), d.detail = row.text(4);
        d.record_time = row.instant(7), d.recorded_at = row.instant(8);
        d.replayed = row.integer(9) != 0;
        if (filter.with_value) {
          TOCSIN_ASSIGN(d.key, unsealed_here(dead_letter_place(d, "key"), row.text(5)));
          TOCSIN_ASSIGN(d.value, unsealed_here(dead_letter_place(d, "value"), row.text(6)));
        }
        rows.push_back(std::move(d));
        return {};
      }));
  return rows;
}

Result<std::map<std::string, std::int64_t>> View::dead_letter_counts() const {
  std::map<std::string, std::int64_t> counts;
  TOCSIN_TRY(connection_->each("SELECT reason, count(*) FROM dead_letter WHERE tenant=? GROUP BY reason", {tenant()},
                               [&](const Row& row) -> Result<void> {
                                 counts[row.text(0)] = row.integer(1);
                                 return {};
                               }));
  return counts;
}

Result<std::optional<SnapshotRow>> View::snapshot(std::string_view ruleset) const {
  std::optional<SnapshotRow> found;
  TOCSIN_TRY(connection_->each(
      "SELECT log_offset, taken_at, sealed_body FROM snapshot WHERE tenant=? AND ruleset=? ORDER BY log_offset DESC LIMIT 1", {tenant(), ruleset},
      [&](const Row& row) -> Result<void> {
        const auto offset = static_cast<std::uint64_t>(row.integer(0));
        TOCSIN_ASSIGN(std::string body, unsealed_here(fmt::format("snapshot\n{}\n{}", ruleset, offset), row.text(2)));
        found = SnapshotRow{offset, std::string(ruleset), std::move(body), row.instant(1)};
        return {};
      }));
  return found;
}

Result<void> Transaction::put_snapshot(const SnapshotRow& row) {
  TOCSIN_TRY(connection_->run("INSERT OR REPLACE INTO snapshot VALUES (?,?,?,?,?)",
                              {tenant(), row.ruleset, row.log_offset, row.taken_at,
                               Blob(sealed_here(fmt::format("snapshot\n{}\n{}", row.ruleset, row.log_offset), row.body))}));
  // Two, so that one that does not open is no disaster.
  TOCSIN_TRY(connection_->run("DELETE FROM snapshot WHERE tenant=?1 AND log_offset NOT IN"
                              " (SELECT log_offset FROM snapshot WHERE tenant=?1 ORDER BY log_offset DESC LIMIT 2)",
                              {tenant()}));
  return {};
}

}  // namespace tocsin::store
