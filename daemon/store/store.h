// store.h: everything that must survive, behind one class: every SQL statement of the daemon stands in this folder.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/base/secret.h"
#include "daemon/model/effects.h"
#include "daemon/store/rows.h"
#include "tocsin/v1/alert.pb.h"
#include "tocsin/v1/incident.pb.h"
#include "tocsin/v1/notice.pb.h"

namespace tocsin::store {

class Connection;  // sqlite.h
class Row;
class Store;

struct StoreSettings {
  std::string path;              ///< A file, or `:memory:`.
  std::string tenant = "default";
  Secret seal_key;               ///< 32 bytes: wraps the incident keys, seals contacts and dead letters.
};

/// Group values as one text, so that ("ab","c") and ("a","bc") differ; hashed wherever it is a key.
std::string group_key(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group);
std::string group_key(const std::vector<v1::FieldValue>& group);
std::string group_hash(std::string_view key);   ///< What the columns hold: values of a group may name a person.

/// Reads, all from one moment. Used from one thread. Errors: unavailable (the disk), bad_input (a sealed field does not
/// open: another key, or the incident's key was destroyed). A row that is not there is an empty optional, no error.
class View {
 public:
  View(View&&) noexcept;
  View& operator=(View&&) = delete;
  virtual ~View();

  // ── detect ──
  Result<Progress> progress() const;
  Result<std::vector<PartitionRow>> partitions() const;
  Result<std::vector<DeadLetterRow>> dead_letters(const DeadLetterFilter& filter) const;
  Result<std::map<std::string, std::int64_t>> dead_letter_counts() const;   ///< By reason.
  Result<std::optional<SnapshotRow>> snapshot(std::string_view ruleset) const;  ///< The newest of this rule set.

  // ── alerts ──
  Result<std::optional<v1::Alert>> alert(std::string_view alert_id) const;
  Result<std::optional<std::string>> incident_of_alert(std::string_view alert_id) const;  ///< Empty: the alert is unknown.
  Result<std::vector<v1::Alert>> alerts(std::string_view incident_id = {}, std::uint32_t limit = 0) const;  ///< By id.
  Result<std::vector<std::string>> alert_ids() const;                       ///< Sorted.
  Result<std::int64_t> alert_count() const;

  // ── incidents ──
  /// With counts, clock events and rounds, without obligations.
  Result<std::optional<v1::Incident>> incident(std::string_view incident_id) const;
  Result<std::vector<v1::Incident>> incidents(const std::vector<v1::IncidentState>& states = {}, std::uint32_t limit = 0) const;
  /// Only what the incident itself holds: cheap, for the writer's path.
  Result<std::optional<v1::Incident>> bare_incident(std::string_view incident_id) const;
  Result<bool> grows(std::string_view incident_id) const;   ///< Neither contained, dismissed, closed nor erased.
  Result<std::int64_t> incident_count() const;
  /// Incidents of the group in any state, the one with the newest last event first.
  Result<std::vector<std::string>> incidents_of_group(std::string_view group_hash) const;
  /// Incidents that people touched at `time` join: those with an alert of the rule and group and first_event ≤ time whose set
  /// still grows, else those contained after `time`.
  Result<std::vector<std::string>> growing_incidents(std::string_view rule_id, std::string_view group_hash, Instant time) const;
  Result<std::vector<Subject>> affected(std::string_view incident_id) const;  ///< Sorted by ref.
  Result<std::vector<Subject>> not_in_a_round(std::string_view incident_id) const;  ///< Affected, and in no round so far.
  /// A recipient (a person, or the ref of a child and its guardian) whom a new round must leave out: in a round that was not
  /// stopped, or in a stopped one that may have told them.
  Result<bool> spoken_for(std::string_view incident_id, const Id128& ref) const;

  // ── rounds ──
  Result<std::vector<v1::Round>> rounds(std::string_view incident_id) const;   ///< With approvals, by number.
  Result<std::optional<v1::Round>> round(std::string_view incident_id, std::uint32_t number) const;
  Result<std::vector<RecipientRow>> recipients(std::string_view incident_id, std::uint32_t number) const;  ///< Sorted by ref.
  Result<std::optional<RecipientRow>> recipient(std::string_view incident_id, std::uint32_t number, const Id128& ref) const;
  Result<std::string> round_facts(std::string_view incident_id, std::uint32_t number) const;  ///< As given to insert_round.
  Result<bool> has_open_notices(std::string_view incident_id, std::uint32_t number) const;  ///< Cheap; asked before a recount.
  Result<RoundCount> recount(std::string_view incident_id, std::uint32_t number) const;

  // ── contacts ──
  Result<std::optional<ContactRow>> contact(const Id128& ref) const;
  Result<std::int64_t> contact_count() const;

  // ── notices ──
  Result<std::optional<v1::Notice>> notice(std::string_view notice_id) const;
  Result<std::vector<v1::Notice>> notices(const NoticeFilter& filter) const;   ///< By id.
  Result<std::map<std::string, std::int64_t>> notice_counts(const NoticeFilter& filter = {}) const;  ///< By state name.
  Result<std::optional<TextRow>> text(std::string_view incident_id, std::string_view text_id, bool again = false) const;
  Result<bool> has_text(std::string_view incident_id, std::string_view text_id) const;
  Result<std::vector<v1::Notice>> in_doubt() const;                            ///< Waiting for a decision by class.
  /// Crash doubts ever recorded, by channel: the bound of possible duplicates.
  Result<std::map<std::string, std::int64_t>> in_doubt_counts() const;
  /// When the next queued or retried notice is due; empty where none waits.
  Result<std::optional<Instant>> next_due() const;

  // ── audit ──
  Result<std::vector<AuditRow>> audit(std::int64_t after_seq = 0, std::uint32_t limit = 0) const;
  Result<Checkpoint> audit_head() const;
  /// Recomputes the whole chain; the checkpoints find a truncation that also edited the head row.
  Result<AuditVerdict> verify_audit(const std::vector<Checkpoint>& checkpoints = {}) const;
  Result<std::vector<std::string>> principals() const;

 protected:
  friend class Store;
  enum class Ends : std::uint8_t { nothing, snapshot, write };  ///< What the destructor has to end.
  View(Store& store, Connection& connection, Ends ends, std::unique_lock<std::recursive_mutex> lock);
  /// Empty where the key was destroyed.
  Result<std::optional<Secret>> incident_key(std::string_view incident_id) const;
  Result<std::string> seal_for(std::string_view incident_id, std::string_view what, std::string_view clear) const;
  Result<std::string> unseal_for(std::string_view incident_id, std::string_view what, std::string_view sealed) const;
  std::string sealed_here(std::string_view what, std::string_view clear) const;   ///< Under the seal key.
  Result<std::string> unsealed_here(std::string_view what, std::string_view sealed) const;
  v1::Notice notice_of(const Row& row) const;
  Result<v1::Incident> incident_of(const Row& row) const;
  Result<v1::Incident> assemble(v1::Incident bare) const;
  Result<std::vector<Subject>> subjects(const std::string& sql, std::string_view incident_id) const;
  const std::string& tenant() const;

  Store* store_;
  Connection* connection_;
  Ends ends_;
  std::unique_lock<std::recursive_mutex> lock_;
  bool shred_ = false;   ///< A key was destroyed: its bytes must leave the write-ahead log, too.
  mutable std::map<std::string, Secret, std::less<>> keys_;
};

/// One BEGIN IMMEDIATE. Sees its own writes. Destroyed without commit() it leaves nothing behind. While it lives no other
/// transaction of this Store begins; a thread must not begin a second one.
class Transaction final : public View {
 public:
  Transaction(Transaction&&) noexcept = default;
  ~Transaction() override = default;
  Result<void> commit();

  // ── detect ──
  Result<std::uint64_t> acquire_epoch();                       ///< epoch + 1.
  /// `committed` from → to under this epoch; refused where that does not change exactly one row.
  Result<void> advance(std::uint64_t epoch, std::uint64_t from, std::uint64_t to);
  Result<void> set_log_id(std::string_view id);
  Result<void> put_partition(const PartitionRow& row);         ///< Insert or replace by (source, partition).
  Result<void> add_dead_letter(const DeadLetterRow& row);      ///< Nothing where (source, partition, offset) is known.
  Result<void> mark_replayed(std::string_view source, std::int32_t partition, std::int64_t offset);
  Result<void> put_snapshot(const SnapshotRow& row);           ///< Keeps the newest two.

  // ── alerts (called by the casebook; alert.incident_id must name an incident of the store) ──
  Result<bool> insert_alert(const v1::Alert& alert);           ///< False where the id is known.
  Result<bool> update_alert(const v1::Alert& alert);           ///< False where the id is unknown or erased.

  // ── incidents ──
  Result<void> insert_incident(const v1::Incident& incident);  ///< Makes its key.
  Result<void> update_incident(const v1::Incident& incident);  ///< State, title, level, times, categories, decision.
  Result<void> add_clock_event(std::string_view incident_id, const v1::ClockEvent& event);
  Result<void> set_contained(std::string_view incident_id, Instant at);
  /// Adds people (once each) and the event's counts (once per event id). True where anything was new.
  Result<bool> add_affected(std::string_view incident_id, const Affected& affected);
  /// The deletion: nothing sealed for this incident can be read again. Its words go, and what is still queued is stopped.
  Result<void> destroy_incident_key(std::string_view incident_id);

  // ── rounds ──
  Result<void> insert_round(const v1::Round& round, const std::vector<RecipientRow>& recipients, std::string_view facts);
  Result<void> update_round(const v1::Round& round);           ///< State and hashes.
  Result<void> add_approval(std::string_view incident_id, std::uint32_t number, const v1::Approval& approval);

  // ── contacts ──
  Result<void> replace_contacts(const std::vector<ContactRow>& rows);

  // ── notices ──
  Result<void> put_text(std::string_view incident_id, const TextRow& text);
  Result<bool> insert_notice(const NoticeRow& row);            ///< False where the id is known.
  /// Claims due notices (QUEUED, RETRY at its time) of approved rounds, and of operations, oldest first.
  Result<std::vector<DueNotice>> claim(const ClaimOrder& order);
  /// False where the lease is gone or over, or the round was stopped: the request must not be completed.
  Result<bool> mark_point_of_no_return(std::string_view notice_id, std::string_view lease, Instant now);
  /// False where the lease is not ours any more. Writes an attempt row.
  Result<bool> settle(const Settlement& settlement);
  /// At start: CLAIMED → QUEUED (known unsent), POINT_OF_NO_RETURN → IN_DOUBT (counted). How many became doubtful.
  Result<std::int64_t> recover_after_crash(Instant now);
  /// The same for single notices whose lease ran out while the process lives.
  Result<std::int64_t> expire_leases(Instant now);
  /// Out of doubt: send again. False where it is not in doubt.
  Result<bool> requeue(std::string_view notice_id, Instant now, bool possible_duplicate, std::string_view detail);
  /// Out of doubt by a look-up or a person. False where it is not in doubt.
  Result<bool> resolve_doubt(std::string_view notice_id, v1::NoticeState state, std::string_view provider_ref, std::string_view detail, Instant now);
  /// QUEUED, RETRY, CLAIMED, IN_DOUBT → STOPPED; how many.
  Result<std::int64_t> stop_notices(std::string_view incident_id, std::uint32_t number, std::string_view reason, Instant now);

  // ── audit ──
  /// Chained in this transaction. `detail` is a JSON object without personal data.
  Result<void> append_audit(const Principal& principal, Instant at, std::string_view act, std::string_view object, std::string_view detail = "{}");

 private:
  friend class Store;
  using View::View;
  Result<std::int64_t> doubt_every(Instant lease_before, std::string_view why, Instant now);
  Result<void> record_attempt(std::string_view notice_id, v1::NoticeState state, std::string_view provider_ref, std::string_view detail, Instant at);
};

/// Shared by all threads of the process. SQLite in WAL mode, synchronous=FULL, foreign keys on.
class Store {
 public:
  /// Creates or migrates the database. refused where its schema is newer than this program, or belongs to another one.
  static Result<std::unique_ptr<Store>> open(StoreSettings settings);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Result<Transaction> begin();
  /// A consistent view of what is committed; while a thread holds a Transaction it reads through that instead.
  Result<View> read();

  const std::string& tenant() const { return settings_.tenant; }
  /// How SQLite would run every statement that the writer has used, for the test that none reads a whole table by accident.
  Result<std::vector<std::string>> plans();
  /// HMAC under the seal key, 64 hex digits: for checkpoints that stand outside the store.
  std::string mac(std::string_view text) const;

 private:
  friend class View;
  friend class Transaction;
  explicit Store(StoreSettings settings);
  void give_back(Connection& connection);

  StoreSettings settings_;
  std::recursive_mutex writer_mutex_;
  std::unique_ptr<Connection> writer_;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::vector<Connection*> idle_;
};

}  // namespace tocsin::store
