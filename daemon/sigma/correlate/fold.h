// fold.h: stage two's heart: state × frame → state × effects. No clock, no disk, no randomness.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "daemon/base/limits.h"
#include "daemon/sigma/correlate/group.h"
#include "daemon/sigma/rule_set.h"
#include "tocsin/v1/snapshot.pb.h"

namespace tocsin::sigma {

struct FoldSettings {
  std::string tenant = "default";
  Microseconds lateness = std::chrono::minutes(10);  ///< As stage one judges late records.
  std::size_t group_entries_max = limits::kGroupEntriesMax;
  std::size_t rule_entries_max = limits::kRuleEntriesMax;
};

struct HashOfId {
  std::size_t operator()(const Id128& id) const {
    std::size_t out = 0;
    std::memcpy(&out, id.bytes.data(), sizeof out);
    return out;
  }
};

/// Used from one thread. The same frames in the same order give the same effects; within the lateness any order of arrival
/// gives the same alerts, groups and affected people once close() or the watermark has passed.
///
/// The watermark is the least of `max_event_time − lateness` over the partitions that are not idle. A partition without a
/// time yet holds it back, so stage one announces every partition by a progress frame before it logs the first match. A match
/// from an idle partition wakes it.
///
/// A correlation that stands on others waits for their final alerts, so its own watermark lies as far back as their buckets
/// are long.
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
  /// Matches that are kept for windows, evidence and people, and things learnt, over all groups.
  std::size_t entries() const;
  /// Events behind the watermark that were not late in their own partition: they count as far as state is left.
  std::int64_t stragglers() const { return stragglers_; }
  /// Matches of rules that this rule set does not have.
  std::int64_t unknown_rules() const { return unknown_rules_; }
  /// Of each rule that met a memory limit, the matches that were dropped: its counts may be too small since.
  std::map<std::string, std::int64_t> dropped() const;
  /// Ids of single-event alerts that are remembered.
  std::size_t remembered() const;

  /// Goes on where `before`, which is of no use afterwards, stood: with the state of every correlation whose fingerprint is the
  /// same, and with empty windows where a rule is new or has changed, since what another rule counted proves nothing for it, or
  /// where it alerts no longer only for another one.
  /// Before the first frame.
  void inherit(Fold&& before);
  const FoldSettings& settings() const { return settings_; }

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
  /// One correlation and its groups' deadlines.
  struct RuleFold {
    RuleFold(const Rule& of, const std::string& tenant, Standing standing) : rule(of), fold(of, tenant, standing) {}
    const Rule& rule;
    GroupFold fold;
    Id128 fingerprint;                             ///< Of the rule.
    std::int64_t delay = 0;                        ///< How far its watermark lies behind the fold's.
    std::map<std::string, std::uint8_t> base_at;   ///< Base rule id → its place.
    std::vector<std::pair<const Chain*, RuleFold*>> above;
    std::vector<const RuleFold*> below;            ///< All that it stands on, however far down.
    std::set<Due> quiet, alerted;                  ///< Deadlines of groups that never alerted, which may be evicted, and of those that did.
    std::int64_t step = 0;                         ///< Length of the buckets in which its groups go on together; 0: each on its own.
    Peers peers;
    std::size_t entries = 0;                       ///< Weights of its groups.
    std::int64_t dropped = 0;

    const Due* next() const;                       ///< Its earliest deadline.
    std::size_t held() const { return entries + peers.measures(); }
  };
  struct Kept {
    RuleFold* rule;
    Group group;
    std::string_view text;                         ///< Of the group, within its own key.
    bool alerted = false;                          ///< Among these its deadline stands.
  };
  using Groups = std::unordered_map<std::string, Kept>;
  using Entry = Groups::value_type;                ///< Stays where it is while others come and go.

  void build();
  void match(const v1::MatchFrame& frame, Effects& out);
  void single(const v1::MatchFrame& frame, const v1::MatchedEvent& event, const v1::RuleMatch& match, const Rule& rule, Effects& out);
  void correlated(const v1::MatchFrame& frame, const v1::MatchedEvent& event, const std::vector<std::pair<RuleFold*, const v1::RuleMatch*>>& matches, Effects& out);
  void bring(RuleFold& rule, const std::string& key, Arrival arrival, Effects& out);
  void settle(Entry& entry, std::int64_t watermark, Effects& out);
  void rise(RuleFold& rule, std::string_view text, Outcome& outcome, std::size_t alerts_before, std::size_t updates_before);
  void make_room(Entry& grown, Outcome& out);
  void advance(std::int64_t watermark, Effects& out);
  void schedule(Entry& entry, std::int64_t deadline);
  std::int64_t least() const;
  Entry& group_at(RuleFold& rule, const std::string& key);

  std::shared_ptr<const RuleSet> rules_;
  FoldSettings settings_;
  std::deque<RuleFold> folds_;                               ///< Lower levels first. They must not move.
  std::unordered_map<std::string_view, std::pair<const Rule*, RuleFold*>> by_id_;
  std::map<std::pair<std::string, std::int32_t>, Partition> partitions_;
  Groups groups_;                                            ///< By rule and group.
  std::map<std::int64_t, std::unordered_set<Id128, HashOfId>> singles_;  ///< Single-event alerts given, by day.
  std::int64_t watermark_ = kEver;
  std::int64_t newest_watermark_ = kEver;                    ///< A partition that wakes can take the watermark back.
  std::int64_t stragglers_ = 0, unknown_rules_ = 0;
};

}  // namespace tocsin::sigma
