// counters.h: correlations answered at each event as it arrives, over many groups.
#pragma once

#include <memory>
#include <span>

#include "daemon/base/limits.h"
#include "daemon/sigma/correlate/windows/any_window.h"
#include "daemon/sigma/correlate/windows/table.h"

namespace tocsin::sigma::windows {

struct CounterSettings {
  std::int64_t lateness = 0;    ///< Microseconds. What is older than the newest event of its rule by more is late.
  std::uint64_t seed = 0;       ///< Secret, so that nobody can choose keys or values that collide.
  std::size_t keys_most = limits::kWindowKeysMax;        ///< Per rule,
  std::size_t entries_most = limits::kWindowEntriesMax;  ///< over all its keys.
};

/// Of one rule since the start. What was given up for want of memory stands here and nowhere is it silent.
struct CounterCounts {
  std::size_t keys = 0, entries = 0;      ///< Now.
  std::uint64_t arrived = 0, duplicates = 0, late = 0;
  std::uint64_t keys_evicted = 0;         ///< The stalest ended early, since keys_most or entries_most was reached.
  std::uint64_t entries_dropped = 0;      ///< Of one key that filled entries_most alone: its oldest. Counts are then at least what is said.
};

enum class Outcome : std::uint8_t { counted, duplicate, late };

/// Of a duplicate the measure is what it was; of a late event there is none.
struct Answer {
  Outcome outcome = Outcome::counted;
  Measure measure;
};

/// Each arrival is answered from the events that came before it: over (its time − span, its time], whether the condition holds.
/// Conditions that later events might undo are answered as well, as of now: this is for streams that want a line at each
/// qualifying event. Alerts that must not depend on the order of arrival are the fold's.
///
/// value_count and temporal know no event: the same value at the same moment is simply there already, and counted.
/// One thread. Rules must have `bucket` 0; `seed` is set here.
class Counters {
 public:
  Counters(std::vector<WindowRule> rules, const CounterSettings& settings);
  Counters(Counters&&) noexcept;
  ~Counters();

  Answer arrive(std::size_t rule, const Key& group, const Hit& hit);

  CounterCounts counts(std::size_t rule) const;

 private:
  template <Kind K>
  struct Shelf;
  struct Shelves;
  std::unique_ptr<Shelves> shelves_;
};

}  // namespace tocsin::sigma::windows
