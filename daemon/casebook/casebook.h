// casebook.h: the only door to changing an incident.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/casebook/plan.h"
#include "daemon/model/effects.h"
#include "daemon/store/store.h"
#include "notifiers/notifier.h"
#include "tocsin/v1/config.pb.h"
#include "tocsin/v1/incident.pb.h"
#include "tocsin/v1/jurisdiction.pb.h"
#include "tocsin/v1/notice_facts.pb.h"
#include "tocsin/v1/playbook.pb.h"
#include "tocsin/v1/service.pb.h"

namespace tocsin::casebook {

using store::Principal;
using store::Store;
using store::Transaction;

/// What stage 2 should say out loud after a commit.
struct Absorbed {
  std::int64_t new_alerts = 0;
  std::int64_t known_alerts = 0;    ///< Ids that the store had already: behind `committed` this breaks an invariant.
  std::int64_t new_incidents = 0;
};

/// Shared by all threads. Every act writes its audit row in its own transaction and needs a principal; errors are
/// bad_input (no such incident, missing reason), refused (our policy says no: the text says which and what to do) or
/// unavailable (the store).
class Casebook {
 public:
  /// `config` gives channels, delivery and organisation. `checkpoint_file` may be empty (tests, replay). The duties of
  /// `jurisdictions` are shown with every incident.
  Casebook(Store& store, const Clock& clock, v1::Config config, v1::Playbook playbook, std::string checkpoint_file = {},
           std::vector<v1::Jurisdiction> jurisdictions = {});

  // ── from detection: inside stage 2's transaction ──
  Result<Absorbed> absorb(Transaction& tx, const Effects& effects);
  Result<bool> absorb_alert(Transaction& tx, v1::Alert alert, Absorbed& absorbed);
  Result<void> absorb_update(Transaction& tx, v1::Alert alert);
  Result<void> absorb_affected(Transaction& tx, const Affected& affected);

  // ── acts of people ──
  Result<v1::Incident> confirm(std::string_view incident_id, const Principal& by, std::optional<Instant> aware_at, std::string_view evidence);
  Result<v1::Incident> dismiss(std::string_view incident_id, const Principal& by, std::string_view reason);
  Result<v1::Incident> contain(std::string_view incident_id, const Principal& by, std::string_view reason);
  Result<v1::Incident> propose(std::string_view incident_id, const Principal& by);
  Result<v1::Incident> approve(std::string_view incident_id, std::uint32_t round, const Principal& by, std::string_view binding);
  Result<v1::StopNoticesResponse> stop(std::string_view incident_id, std::uint32_t round, const Principal& by, std::string_view reason);
  /// A report was handed to a regulator (`addressee`), who answered with `reference`.
  Result<v1::Incident> reported(std::string_view incident_id, const Principal& by, std::string_view addressee, std::string_view reference);
  Result<v1::Incident> close(std::string_view incident_id, const Principal& by, std::string_view reason);
  /// Any other act worth a chained row (dead letters shown or replayed, a report rendered). `detail`: JSON, no personal data.
  Result<void> note(const Principal& by, std::string_view act, std::string_view object, std::string_view detail = "{}");

  // ── looking ──
  Result<v1::Incident> incident(std::string_view incident_id) const;   ///< With obligations; bad_input where there is none.
  Result<std::vector<v1::Incident>> incidents(const std::vector<v1::IncidentState>& states = {}, std::uint32_t limit = 0) const;
  /// Round 0: the newest. Channel: name or type; empty: the first of the chain. Locale empty: the playbook's.
  Result<v1::PreviewNoticeResponse> preview(std::string_view incident_id, std::uint32_t round, std::string_view channel, std::string_view locale) const;
  Result<store::AuditVerdict> verify_audit() const;

  // ── the courier's side ──
  /// Nothing in hold; with redirect only channels that have a redirect address, which replaces the person's.
  /// `only`: the channel's name, since each channel is claimed for by a thread of its own; empty: every channel.
  Result<std::vector<store::DueNotice>> claim(std::string_view lease, Instant lease_until, std::uint32_t limit, std::string_view only = {});
  Result<bool> point_of_no_return(std::string_view notice_id, std::string_view lease);
  /// Records the outcome; after a refusal, or the last attempt, queues the next channel of the chain and tells operations
  /// in the same transaction; finishes the round when nobody is left. False where the lease was lost: nothing was written.
  Result<bool> settle(const store::DueNotice& due, const Delivery& delivery);
  Result<std::int64_t> recover_after_crash();   ///< At start, before the courier. How many notices are in doubt.
  Result<std::int64_t> expire_leases();
  /// A doubtful notice goes out again (key, upsert; none marks it as a possible duplicate).
  Result<bool> resend(std::string_view notice_id, bool possible_duplicate);
  /// A doubtful notice was looked up at the provider (Accepted, Delivered, Refused), or a person decided.
  Result<bool> resolve_doubt(std::string_view notice_id, const Delivery& found, const Principal& by);

  /// Destroys the key of a closed or dismissed incident: its personal data can never be read again, not even from backups.
  Result<v1::Incident> erase(std::string_view incident_id, const Principal& by, std::string_view reason);

  /// Writes the audit chain's present state outside the store, where it has grown since. Every act does; detection and the
  /// courier's loop may.
  Result<void> checkpoint();

  const v1::Playbook& playbook() const { return playbook_; }
  const Plan& plan() const { return plan_; }
  const std::vector<v1::Jurisdiction>& jurisdictions() const { return jurisdictions_; }
  Store& store() const { return store_; }

 private:
  /// A round as it would be approved now: text and ways may have changed since it was proposed.
  struct Present {
    v1::NoticeFacts facts;
    std::string recipients_hash, text_hash, channels_hash, binding;
    std::vector<std::string> problems;   ///< What blocks approval.
  };

  Result<v1::Incident> load(const store::View& view, std::string_view incident_id) const;
  void add_obligations(v1::Incident& incident) const;
  Result<v1::Round> newest_or(const store::View& view, const v1::Incident& incident, std::uint32_t number) const;
  Result<v1::Incident> done(Transaction& tx, std::string_view incident_id);

  Result<void> open_incident(Transaction& tx, const v1::Alert& alert, v1::Incident& incident);
  Result<void> confirm_in(Transaction& tx, std::string_view incident_id, const Principal& by, Instant aware_at, std::string_view evidence);
  Result<void> step(Transaction& tx, v1::Incident& incident, v1::IncidentState to) const;
  Result<void> note_clock(Transaction& tx, std::string_view incident_id, std::string_view kind, Instant at, std::string_view by, std::string_view evidence) const;
  Result<void> stop_round(Transaction& tx, v1::Round round, const Principal& by, std::string_view reason, v1::StopNoticesResponse* response);

  Result<std::vector<store::RecipientRow>> freeze(const store::View& view, std::string_view incident_id) const;
  Result<std::int64_t> without_channel(const store::View& view, const std::vector<store::RecipientRow>& people) const;
  Result<bool> open_round(Transaction& tx, const v1::Incident& incident, const Principal& by);
  Result<Present> present(const store::View& view, const v1::Incident& incident, const v1::Round& round) const;
  Result<void> release(Transaction& tx, const v1::Incident& incident, v1::Round& round, const v1::NoticeFacts& facts);

  Result<bool> queue_person(Transaction& tx, const v1::Round& round, const store::RecipientRow& person, std::string_view after);
  Result<void> queue_announcement(Transaction& tx, const v1::Round& round, v1::NoticeFacts facts);
  Result<void> tell_operations(Transaction& tx, std::string_view incident_id, std::uint32_t round);
  Result<void> put_words(Transaction& tx, const v1::NoticeFacts& facts, const PlannedChannel& channel, std::string_view kind);
  Result<void> went_wrong(Transaction& tx, const v1::Notice& notice);
  Result<void> finish_if_done(Transaction& tx, std::string_view incident_id, std::uint32_t round);

  Store& store_;
  const Clock& clock_;
  v1::Config config_;
  v1::Playbook playbook_;
  Plan plan_;
  std::string checkpoint_file_;
  std::vector<v1::Jurisdiction> jurisdictions_;
  std::mutex checkpoint_mutex_;
  std::int64_t checkpointed_ = 0;   ///< Rows of the newest checkpoint that this process wrote.
};

}  // namespace tocsin::casebook
