// correlator.h: the pure part of stage 2: log frames in order → effects and counters. Recovery, live running and file replay share it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/model/effects.h"
#include "daemon/sigma/correlate/fold.h"
#include "daemon/store/rows.h"
#include "tocsin/v1/checkpoint.pb.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin::detect {

using PartitionKey = std::pair<std::string, std::int32_t>;

/// A place in a source.
struct Place {
  std::string source;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// What a range of the log causes and the store does not know yet.
struct Pending {
  Effects effects;
  std::vector<store::DeadLetterRow> dead_letters;
  std::vector<Place> replayed;              ///< Dead letters that decoded at last.
  std::set<PartitionKey> touched;           ///< Partitions whose counters moved.
  /// Nothing that anybody waits for: counters alone may be stored a second later.
  bool only_progress() const { return effects.empty() && dead_letters.empty() && replayed.empty(); }
};

/// A batch counts when the progress frame of its partition follows: until then its matches and dead letters are held, and a
/// progress frame that does not move (the first of a run) forgets them, because their records are read again. So a batch
/// torn by a crash has no effect, and in every replay of the log has none again. Used from one thread.
class Correlator {
 public:
  Correlator(std::shared_ptr<const sigma::RuleSet> rules, sigma::FoldSettings settings);

  /// refused where a progress frame does not continue its partition's counters: a record was counted twice or never.
  Result<void> take(v1::LogFrame frame, Pending& pending);

  const std::map<PartitionKey, store::PartitionRow>& partitions() const { return partitions_; }
  /// No batch is torn open here: a snapshot, or a commit that a later start may begin at, is possible.
  bool at_batch_end() const { return held_.empty(); }
  /// True once a match of another rule set was seen: what follows may differ from what the store holds.
  bool met_another_ruleset() const { return met_another_ruleset_; }

  /// Fold and counters. Promises at_batch_end().
  Result<v1::Checkpoint> checkpoint() const;
  /// From a checkpoint of the same rule set.
  Result<void> restore(const v1::Checkpoint& checkpoint);

  /// Goes on with the store's counters, once the log was read up to where the store stands. With `whole`, ours must be the
  /// same (the log was read from its beginning, or from a snapshot); else only the places must be. refused where they are not.
  Result<void> adopt(const std::vector<store::PartitionRow>& stored, bool whole);

  /// Goes on with other rules: see Fold::inherit(). Between two frames.
  void follow(const std::shared_ptr<const sigma::RuleSet>& rules);

  const sigma::Fold& fold() const { return *fold_; }
  sigma::Fold& fold() { return *fold_; }

 private:
  Result<void> take_progress(const v1::LogFrame& frame, Pending& pending);

  std::unique_ptr<sigma::Fold> fold_;   ///< Its parts point at one another: it must not move.
  std::string ruleset_;
  std::map<PartitionKey, store::PartitionRow> partitions_;
  std::map<PartitionKey, std::vector<v1::LogFrame>> held_;
  bool met_another_ruleset_ = false;
};

}  // namespace tocsin::detect
