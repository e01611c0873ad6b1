// peers.h: the measures of a baseline over all entities of a peer group: what is usual among those who do the same work.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "daemon/sigma/correlate/windows/exact.h"
#include "daemon/sigma/correlate/windows/window_rule.h"
#include "daemon/sigma/language/extension.h"

namespace tocsin::sigma {

/// One bucket's measure of an entity, in billionths.
struct PastMeasure {
  std::int64_t start = 0;
  windows::Int128 value = 0;
  auto operator<=>(const PastMeasure&) const = default;
};

/// What is usual, and from where on it is not.
struct Spread {
  std::size_t measures = 0;
  double median = 0, limit = 0;
};

/// Of the measures that may be compared with the bucket: those of `learn` before it, where the rule says so of the same hour.
Spread spread_of(const Baseline& kind, const std::deque<PastMeasure>& past, std::int64_t bucket);

/// Measures join while other entities are still asked about the same bucket, so they wait until somebody asks about a later
/// one: the answer is the same in whatever order the entities come. At most limits::kBaselineMeasuresMax are compared: the newest, and of the
/// oldest bucket that is not wholly there evenly its small and great ones.
class Peers {
 public:
  void add(const std::string& name, const PastMeasure& measure);
  /// Entities of the group may be asked about buckets from this one on; all before it have ended.
  const Spread& spread(const Baseline& kind, const std::string& name, std::int64_t bucket);
  /// No bucket before this one is asked about any more: groups without a measure that counts go, now and then.
  void forget(const Baseline& kind, std::int64_t bucket);
  /// Those who measured last longest ago go until at most half of `most` measures are left, if there are more than `most`. Returns how many went.
  std::int64_t shed(std::size_t most);

  std::size_t measures() const { return measures_; }
  void clear() { *this = {}; }
  /// visit(name, measures in order), by name. Added again they make the same state.
  template <typename Visit>
  void list(Visit&& visit) const {
    for (const auto& [name, group] : groups_) visit(name, group.all());
  }

 private:
  struct Group {
    std::deque<PastMeasure> past;        ///< Sorted; of buckets before `asked`.
    std::vector<PastMeasure> fresh;
    std::int64_t asked = windows::kLongAgo;
    Spread spread;                       ///< For that bucket.
    std::vector<PastMeasure> all() const;
    std::int64_t newest() const;
    std::size_t size() const { return past.size() + fresh.size(); }
  };

  std::map<std::string, Group> groups_;
  std::size_t measures_ = 0;
  std::size_t swept_ = 0;                ///< How many groups were left when those forgotten were last cleared.
};

}  // namespace tocsin::sigma
