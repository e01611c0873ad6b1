// recovery.cpp: taking over after a stop of any kind, with a self-check of everything that was done before.
#include "daemon/detect/recovery.h"

#include <set>

namespace tocsin::detect {
namespace {

/// How much of the log's tail is stored at once: the store's writer is not held for long.
constexpr std::size_t kFramesPerCommit = 20'000;

struct Takeover {
  store::Progress progress;
  std::vector<store::PartitionRow> partitions;
  std::set<std::string, std::less<>> alerts;
};

Result<Takeover> take_over(store::Store& store, const MatchLog& log) {
  Takeover out;
  TOCSIN_ASSIGN(store::Transaction tx, store.begin());
  TOCSIN_ASSIGN(out.progress.epoch, tx.acquire_epoch());
  TOCSIN_ASSIGN(out.progress, tx.progress());
  if (out.progress.log_id.empty()) {
    TOCSIN_TRY(tx.set_log_id(log.id()));
  } else if (out.progress.log_id != log.id()) {
    return refused(fmt::format("log lost: the store was written from match log {}, but the state folder holds {}. Restore store and log from "
                               "the same backup",
                               out.progress.log_id, log.id()));
  }
  if (log.end() < out.progress.committed) {
    return refused(fmt::format("log lost: the store stands at {} of the match log, but the log ends at {}. Restore the log, or store and log "
                               "from the same backup",
                               out.progress.committed, log.end()));
  }
  TOCSIN_ASSIGN(out.partitions, tx.partitions());
  TOCSIN_ASSIGN(const std::vector<std::string> ids, tx.alert_ids());
  out.alerts.insert(ids.begin(), ids.end());
  TOCSIN_TRY(tx.commit());
  return out;
}

/// Effects that were stored once are derived again here, and only looked at.
class Comparison {
 public:
  explicit Comparison(const std::set<std::string, std::less<>>& stored) : stored_(stored) {}

  Result<void> check(Pending& pending, bool same_rules) {
    for (v1::Alert& alert : pending.effects.alerts) {
      if (stored_.contains(alert.alert_id())) {
        ++compared;
      } else if (same_rules) {
        return refused(fmt::format("self-check failed: the match log proves alert {} of rule {}, but the store, which says it has stored "
                                   "everything of that part of the log, does not hold it. The store was changed or restored by other hands",
                                   alert.alert_id(), alert.rule_id()));
      } else {
        // Rules have changed: what the old matches prove under the new ones is new.
        missing_.insert(alert.alert_id());
        owners_.insert(owner(alert.rule_id(), store::group_key(alert.group())));
        fresh.effects.alerts.push_back(std::move(alert));
      }
    }
    for (v1::Alert& alert : pending.effects.updates) {
      if (missing_.contains(alert.alert_id())) fresh.effects.updates.push_back(std::move(alert));
    }
    for (Affected& affected : pending.effects.affected) {
      if (!owners_.empty() && owners_.contains(owner(affected.rule_id, store::group_key(affected.group)))) {
        fresh.effects.affected.push_back(std::move(affected));
      }
    }
    pending = {};
    return {};
  }

  std::int64_t compared = 0;
  Pending fresh;   ///< To be stored after all.

 private:
  static std::string owner(const std::string& rule, const std::string& group) { return fmt::format("{}:{}{}", rule.size(), rule, group); }
  const std::set<std::string, std::less<>>& stored_;
  std::set<std::string, std::less<>> missing_;
  std::set<std::string, std::less<>> owners_;
};

struct Beginning {
  Correlator correlator;
  LogOffset from = 0;
  bool whole = true;        ///< Nothing of the state is missing.
  bool same_rules = true;
};

Result<Beginning> find_beginning(const store::Store& store, const MatchLog& log, const Snapshots& snapshots, const std::shared_ptr<const sigma::RuleSet>& rules,
                                 const RecoverySettings& settings, LogOffset committed, Log& say) {
  const auto empty = [&] {
    return Correlator(rules, {.tenant = store.tenant(), .lateness = settings.lateness});
  };
  Beginning out{.correlator = empty()};
  TOCSIN_ASSIGN(const FoundSnapshot found, snapshots.find({.tenant = store.tenant(), .log_id = log.id(), .begin = log.begin(), .committed = committed}));
  for (const std::string& why : found.unusable) say.warn("a snapshot is not used", {{"why", why}});
  if (found.newest && found.newest->ruleset() == rules->fingerprint()) {
    if (Result<void> restored = out.correlator.restore(*found.newest); restored) {
      out.from = found.newest->log_offset();
      return out;
    } else {
      say.warn("a snapshot is not used", {{"why", restored.error().text}});
      out.correlator = empty();
    }
  }
  out.same_rules = !found.newest || found.newest->ruleset() == rules->fingerprint();
  out.from = log.begin();
  out.whole = log.begin() == 0;
  if (!out.same_rules) {
    say.warn("rules have changed: the windows are built again from the match log", {{"from", log.begin()}});
  } else if (!out.whole && !found.unusable.empty()) {
    return refused(fmt::format("no snapshot can be used ({}), and the match log begins only at {}. Restore the snapshots from a backup. Or "
                               "remove them to begin with empty windows: correlations over events before that place are then missed",
                               found.unusable.front(), log.begin()));
  } else if (!out.whole) {
    say.error("there is no snapshot and the match log begins late: correlations over older events are missed", {{"from", log.begin()}});
  }
  return out;
}

}  // namespace

Result<Recovered> recover(store::Store& store, casebook::Casebook& casebook, MatchLog& log, const Snapshots& snapshots,
                          const std::shared_ptr<const sigma::RuleSet>& rules, const RecoverySettings& settings, Log& say) {
  // What an earlier detector of this process appended must not become durable behind our back, after we have read the log.
  if (const Result<LogOffset> synced = log.sync(); !synced) return Failure(synced.error());
  TOCSIN_ASSIGN(const Takeover takeover, take_over(store, log));
  const LogOffset committed = takeover.progress.committed;
  TOCSIN_ASSIGN(Beginning beginning, find_beginning(store, log, snapshots, rules, settings, committed, say));
  Recovered out{.stage_two = StageTwo(store, casebook, std::move(beginning.correlator), {takeover.progress.epoch, committed}), .from = beginning.from};
  StageTwo& two = out.stage_two;
  Comparison comparison(takeover.alerts);
  bool suppressed = true;
  std::size_t waiting = 0;
  // Behind `committed` effects are new. The store's counters are taken over exactly at that place.
  const auto arrive = [&]() -> Result<void> {
    suppressed = false;
    TOCSIN_TRY(two.correlator().adopt(takeover.partitions, beginning.whole));
    two.pending() = std::move(comparison.fresh);
    return {};
  };
  if (beginning.from == committed) TOCSIN_TRY(arrive());
  Result<void> read = log.read(beginning.from, [&](std::string_view bytes, LogOffset after) -> Result<void> {
    v1::LogFrame frame;
    if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return refused(fmt::format("the match log holds a frame before {} that does not parse: was it written by a later version?", after));
    }
    ++out.frames;
    TOCSIN_TRY(two.take(std::move(frame)));
    if (suppressed) {
      TOCSIN_TRY(comparison.check(two.pending(), beginning.same_rules && !two.correlator().met_another_ruleset()));
      if (after >= committed) TOCSIN_TRY(arrive());
    } else if (++waiting >= kFramesPerCommit) {
      waiting = 0;
      TOCSIN_TRY(two.commit(after));
    }
    return {};
  });
  if (!read) return Failure(std::move(read).error());
  if (suppressed) return refused("the match log has no frame that ends where the store stands: they do not belong together");
  if (two.has_pending()) TOCSIN_TRY(two.commit(log.end()));
  out.compared = comparison.compared;
  out.emitted = two.counts().alerts;
  return out;
}

}  // namespace tocsin::detect
