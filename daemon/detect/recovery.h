// recovery.h: from what the disk holds to a stage 2 that stands at the end of the log.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/casebook/casebook.h"
#include "daemon/detect/snapshot.h"
#include "daemon/detect/stage_two.h"
#include "daemon/log/match_log.h"
#include "daemon/sigma/rule_set.h"
#include "daemon/store/store.h"

namespace tocsin::detect {

struct RecoverySettings {
  Microseconds lateness{};
};

/// What recovery did, for the log line and the tests.
struct Recovered {
  StageTwo stage_two;
  LogOffset from = 0;                   ///< Of the snapshot, or the log's beginning.
  std::int64_t frames = 0;
  std::int64_t compared = 0;            ///< Alerts derived again and found in the store.
  std::int64_t emitted = 0;             ///< Alerts of the log's tail that the store did not have.
};

/// Takes over the store (epoch + 1), then: the store must know this log and must not be ahead of it, else it was lost;
/// newest usable snapshot; the log up to `committed` with effects compared instead of stored (one that the store lacks stops
/// here with an alarm); the log's tail with effects stored. Errors that a person must see are refused.
Result<Recovered> recover(store::Store& store, casebook::Casebook& casebook, MatchLog& log, const Snapshots& snapshots,
                          const std::shared_ptr<const sigma::RuleSet>& rules, const RecoverySettings& settings, Log& say);

}  // namespace tocsin::detect
