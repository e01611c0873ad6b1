// fold.h: stage two's heart: state × frame → state × effects. No clock, no disk, no randomness.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "daemon/sigma/correlate/group.h"
#include "daemon/sigma/rule_set.h"
#include "tocsin/v1/snapshot.pb.h"

namespace tocsin::sigma {

struct FoldSettings {
  std::string tenant = "default";
  Microseconds lateness = std::chrono::minutes(10);  ///< As stage one judges late records.
};

/// Used from one thread. The same frames in the same order give the same effects; within the lateness any order of arrival
/// gives the same alerts, groups and affected people once close() or the watermark has passed.
///
/// The watermark is the least of `max_event_time − lateness` over the partitions that are not idle. A partition without a
/// time yet holds it back, so stage one announces every partition by a progress frame before it logs the first match. A match
/// from an idle partition wakes it.
class Fold {
 public:
  Fold(std::shared_ptr<const RuleSet> rules, FoldSettings settings);
  Fold(const Fold&) = delete;  ///< Its parts point at one another.
  Fold& operator=(const Fold&) = delete;

  Effects apply(const v1::LogFrame& frame);
  /// Nothing more will come (end of a replay, of a test): everything becomes final.
  Effects close();

  /// Empty as long as a partition has no time yet.
  std::optional<Instant> watermark() const;
  std::size_t groups() const { return groups_.size(); }
  /// Events behind the watermark that were not late in their own partition: they count as far as state is left.
  std::int64_t stragglers() const { return stragglers_; }
  /// Matches of rules that this rule set does not have.
  std::int64_t unknown_rules() const { return unknown_rules_; }

  v1::FoldSnapshot save() const;
  /// Replaces the state. bad_input where the snapshot is damaged or belongs to other rules or settings.
  Result<void> load(const v1::FoldSnapshot& snapshot);

 private:
  struct Partition {
    std::int64_t max_event_time = 0;
    bool idle = false;
  };
  struct Due {
    std::int64_t at;
    const std::string* key;
    bool operator<(const Due& other) const { return at != other.at ? at < other.at : *key < *other.key; }
  };
  struct Kept {
    const GroupFold* rules = nullptr;
    std::string rule_id;
    Group group;
  };

  void match(const v1::MatchFrame& frame, Effects& out);
  void single(const v1::MatchFrame& frame, const v1::MatchedEvent& event, const v1::RuleMatch& match, const Rule& rule, Effects& out);
  void correlated(const v1::MatchFrame& frame, const v1::MatchedEvent& event, int index, const Rule& rule, Effects& out);
  void advance(std::int64_t watermark, Effects& out);
  void schedule(const std::string& key, Kept& kept);
  std::int64_t least() const;

  std::shared_ptr<const RuleSet> rules_;
  FoldSettings settings_;
  std::map<std::string, GroupFold, std::less<>> folds_;      ///< By rule id.
  std::map<std::pair<std::string, std::int32_t>, Partition> partitions_;
  std::unordered_map<std::string, Kept> groups_;             ///< By rule and group.
  std::set<Due> due_;
  std::unordered_set<Id128, HashOfId> singles_;              ///< Single-event alerts given.
  std::int64_t watermark_ = kEver;
  std::int64_t stragglers_ = 0, unknown_rules_ = 0;
};

}  // namespace tocsin::sigma
