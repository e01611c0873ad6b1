// stage_two.h: effects and progress of a log range, committed together in one fenced transaction.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/casebook/casebook.h"
#include "daemon/detect/correlator.h"
#include "daemon/log/match_log.h"
#include "daemon/store/store.h"

namespace tocsin::detect {

/// Where this process stands in the store.
struct Fence {
  std::uint64_t epoch = 0;
  LogOffset committed = 0;
};

/// What stage 2 has done since the process began: for metrics and status.
struct StageTwoCounts {
  std::int64_t commits = 0;
  std::int64_t alerts = 0;             ///< New ones.
  std::int64_t incidents = 0;
  std::int64_t known_alerts = 0;       ///< Found in the store although never given: an invariant is broken.
  std::int64_t unbalanced = 0;         ///< Partitions whose counters did not add up at a commit.
};

/// Used from one thread.
class StageTwo {
 public:
  StageTwo(store::Store& store, casebook::Casebook& casebook, Correlator correlator, Fence fence);

  /// Folds durable frames; nothing reaches the store before commit.
  Result<void> take(std::vector<v1::LogFrame>&& frames);
  Result<void> take(v1::LogFrame frame) { return correlator_.take(std::move(frame), pending_); }

  /// Stores everything taken; `after` is the log's offset behind the last frame. unavailable: nothing is lost, call again;
  /// refused: another process has taken over, or an invariant is broken, and this one must stop.
  Result<void> commit(LogOffset after);
  /// True where effects wait; counters alone may wait a second.
  bool has_effects() const { return !pending_.only_progress(); }
  bool has_pending() const { return has_effects() || !pending_.touched.empty(); }

  LogOffset committed() const { return fence_.committed; }
  const Correlator& correlator() const { return correlator_; }
  Correlator& correlator() { return correlator_; }
  Pending& pending() { return pending_; }
  const StageTwoCounts& counts() const { return counts_; }

 private:
  Result<casebook::Absorbed> store_pending(store::Transaction& tx, LogOffset after);
  /// A commit whose answer got lost may have happened: the store knows.
  Result<void> look_whether_committed(Error error, LogOffset after);

  store::Store& store_;
  casebook::Casebook& casebook_;
  Correlator correlator_;
  Fence fence_;
  Pending pending_;
  StageTwoCounts counts_;
};

}  // namespace tocsin::detect
