// rows.h: rows of the store that have no generated type, because no outside surface shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/hash.h"
#include "daemon/base/secret.h"
#include "daemon/model/event.h"
#include "tocsin/v1/notice.pb.h"
#include "tocsin/v1/service.pb.h"

namespace tocsin::store {

/// Who acts: a Unix socket peer, a token's owner, or the daemon itself (`system`).
struct Principal {
  std::string name;            ///< `unix:alice`, `token:bob`, `system`.
  bool operator==(const Principal&) const = default;
};
inline const char* const kSystem = "system";

/// How far stage 2 has come. `log_id` is empty until the first log was met.
struct Progress {
  std::uint64_t epoch = 0;
  std::uint64_t committed = 0;
  std::string log_id;
};

/// One source partition. Totals, never deltas: applied + late + dead + gap = next − start.
struct PartitionRow {
  std::string source;
  std::int32_t partition = 0;
  std::int64_t start = 0, next = 0;
  std::int64_t applied = 0, late = 0, dead = 0, gap = 0, duplicate = 0, events = 0;
  std::int64_t max_event_time = 0;  ///< Microseconds UTC; 0 = none yet.
  std::uint64_t record_hash = 0;    ///< Of the record next−1, for the resume check.
  bool balanced() const { return applied + late + dead + gap == next - start; }
};

struct DeadLetterRow {
  std::string source;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string reason;
  std::string detail;
  std::string key;             ///< Sealed at rest, as is the value.
  std::string value;
  Instant record_time{};       ///< Epoch 0 where the source had none.
  Instant recorded_at{};
  bool replayed = false;
};

struct DeadLetterFilter {
  std::string source;          ///< Empty: all.
  std::string reason;          ///< Empty: all.
  bool one = false;            ///< Only (source, partition, offset).
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  bool unreplayed = false;     ///< Only those not yet replayed.
  bool with_value = false;
  std::uint32_t limit = 0;     ///< 0: all.
};

/// A fold state and the log offset it stands for. The body is sealed at rest: group keys name people.
struct SnapshotRow {
  std::uint64_t log_offset = 0;
  std::string ruleset;
  std::string body;
  Instant taken_at{};
};

/// A person as the system of record knows them. Addresses are sealed at rest under the store's seal key.
struct ContactRow {
  Subject subject;
  std::string locale;          ///< zh-CN | en; empty: the playbook's default.
  Pii email, phone, push_token;
  std::optional<Id128> guardian;  ///< Of a child.
};

/// One person of a round. A guardian stands beside the child, with a ref of the pair, so that each gets a notice.
struct RecipientRow {
  Id128 ref;
  Id128 contact;               ///< Whose address is used: the same as ref, but for guardians.
  std::string kind = "subject";  ///< subject | minor | guardian
  std::optional<Id128> ward;   ///< Of a guardian: the child's ref.
};

/// Where a round stands, counted from its rows and from nothing else.
struct RoundCount {
  std::int64_t recipients = 0;
  std::int64_t told = 0;         ///< A notice was accepted or delivered, or a minor without channels whose guardian was told.
  std::int64_t moving = 0;       ///< Not told, a notice may still arrive.
  std::int64_t unreachable = 0;  ///< Not told, and nothing moves.
  std::int64_t open_notices = 0; ///< Of people and of the announcement.
  bool announced = false;        ///< An announcement of the round is out.
  bool owed = false;             ///< An announcement was queued: the round is not done before it is out.
  bool finished() const { return open_notices == 0 && moving == 0 && ((unreachable == 0 && !owed) || announced); }
};

/// A rendered message, sealed with the incident's key. What was approved is what is sent: nothing is rendered twice.
struct TextRow {
  std::string text_id;         ///< identity({incident, purpose, round, channel, locale, kind}) hex.
  bool again = false;          ///< The wording for a second sending after doubt.
  std::string subject, text, html;
};

/// A message to be queued.
struct NoticeRow {
  v1::Notice notice;           ///< state QUEUED, notice_id set.
  std::string text_id;
  std::optional<Id128> contact;  ///< None for operations and announcement.
  std::string address;         ///< Which field of the contact: email | phone | push_token; empty where there is none.
};

/// A claimed message with everything that a notifier needs.
struct DueNotice {
  v1::Notice notice;
  std::string lease;           ///< Must be named to settle.
  Instant lease_until{};
  Pii to;                      ///< Of this channel; empty for operations and announcement, or where the contact is gone.
  std::string subject, text, html;
};

struct ClaimOrder {
  Instant now{};
  Instant lease_until{};
  std::string lease;                   ///< Any text unique to this claim.
  std::uint32_t limit = 1;
  std::vector<std::string> channels;   ///< Names of channels that may send now; hold passes none and gets none.
};

/// What became of a claimed notice.
struct Settlement {
  std::string notice_id;
  std::string lease;
  v1::NoticeState state = v1::NOTICE_STATE_UNSPECIFIED;  ///< ACCEPTED DELIVERED RETRY REFUSED IN_DOUBT
  std::string provider_ref;
  std::string detail;
  Instant now{};
  Instant next_attempt{};      ///< Of RETRY.
};

struct NoticeFilter {
  std::string incident_id;     ///< Empty: all.
  std::uint32_t round = 0;     ///< 0: all.
  v1::NoticeState state = v1::NOTICE_STATE_UNSPECIFIED;
  std::string purpose;         ///< Empty: all.
  std::uint32_t limit = 0;     ///< 0: all.
};

struct AuditRow {
  std::int64_t seq = 0;        ///< From 1, without holes.
  Instant at{};
  std::string principal, act, object, detail;  ///< detail: one JSON object, never personal data.
  std::string hash;            ///< 64 hex digits.
};

/// A statement about the chain kept outside the store: after `rows` rows its hash was `hash`.
struct Checkpoint {
  std::int64_t rows = 0;
  std::string hash;
};

struct AuditVerdict {
  std::int64_t rows = 0;
  bool intact = true;
  std::string problem;         ///< Which row, and what is wrong with it.
};

}  // namespace tocsin::store
