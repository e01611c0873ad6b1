// temporal_ordered.h: whether several rules were seen one after another in the window.
#pragma once

#include <vector>

#include "daemon/sigma/correlate/windows/few_or.h"
#include "daemon/sigma/correlate/windows/ring.h"
#include "daemon/sigma/correlate/windows/window_rule.h"

namespace tocsin::sigma::windows {

/// Kept is a chain: of each beginning of the order, the latest time at which it could have begun. The order stands in
/// (t − span, t] where the whole of it began after t − span. So one event moment costs O(rules), whatever the window holds.
///
/// Events at one moment count as ordered whichever way satisfies the rule. Each hit is used once: an order that names a rule
/// twice needs two events of it. An event that two rules match is a hit of each.
///
/// The promises are those of a Window. What lies before the watermark is folded into one Chain, however much it was.
/// The value is the length of the order where the whole of it stands in the window, else 0. An extended condition must hold as
/// well, where there is one (then the `condition` is not asked).
class OrderedWindow {
 public:
  bool insert(const WindowRule& rule, const Hit& hit, std::int64_t final_to = kLongAgo);
  Measure at(const WindowRule& rule, std::int64_t moment);
  template <typename Visit>
  void each(const WindowRule& rule, std::int64_t from, std::int64_t to, Visit&& visit);
  /// Moments before the watermark cannot be asked about afterwards. Folding waits until it pays.
  std::size_t forget(const WindowRule& rule, std::int64_t watermark);
  std::size_t trim(const WindowRule& rule, std::size_t most);
  void shrink() {}
  void clear() { state_.clear(); }

  bool empty() const { return large() == nullptr && state_.count() == 0; }
  std::size_t size() const { return large() ? large()->entries.size() : state_.count(); }
  std::int64_t newest() const { return large() ? large()->newest : state_[state_.count() - 1].at; }
  template <typename Visit>
  void list(Visit&& visit) const {
    for (std::uint32_t i = 0; i < size(); ++i) visit((large() ? large()->entries[i] : state_[i]).hit());
  }
  /// What forget() folded, for snapshots: restore() comes before the hits of list(). Empty where nothing was folded.
  std::vector<std::int64_t> folded() const;
  void restore(const WindowRule& rule, const std::vector<std::int64_t>& folded);

 private:
  struct Entry {
    std::int64_t at = 0;
    std::uint64_t event_and_base = 0;   ///< The base in the low six bits.
    auto operator<=>(const Entry&) const = default;
    std::int64_t time() const { return at; }
    std::uint8_t base() const { return static_cast<std::uint8_t>(event_and_base % kBasesMax); }
    Hit hit() const { return {.time = at, .event = event_and_base - base(), .base = base()}; }
  };
  /// How things stand behind whole moments.
  struct Stand {
    std::vector<std::int64_t> began;       ///< The chain.
    std::vector<std::int64_t> seen;        ///< When each base rule was last; only for an extended condition.
    std::uint32_t tail = 0;                ///< Entries that went in.
    std::int64_t moment = kLongAgo;        ///< Of the last of them.
  };
  struct Large {
    Ring<Entry> entries;
    std::int64_t newest = kLongAgo;
    std::vector<Stand> stands;             ///< To go back to; the first is what was folded. Never empty.
    Stand before, now;                     ///< Before and behind the moment of `now`.
    std::vector<std::uint32_t> hits;       ///< What that moment brought, per base rule.
    bool open = false;                     ///< `before` and `hits` are known.
  };

  Large* large() const { return state_.large(); }
  Large& opened(const WindowRule& rule);
  static void step(const WindowRule& rule, Large& all);
  static void rewind(Large& all, std::int64_t time);
  static void seek(const WindowRule& rule, Large& all, std::int64_t moment);
  static void fold(const WindowRule& rule, Large& all, std::uint32_t count, std::int64_t before);
  static Measure measure(const WindowRule& rule, const Large& all, std::int64_t moment);
  Measure measure_few(const WindowRule& rule, std::int64_t moment) const;

  FewOr<Entry, Large> state_;
};

template <typename Visit>
void OrderedWindow::each(const WindowRule& rule, std::int64_t from, std::int64_t to, Visit&& visit) {
  for (std::uint32_t i = 0; large() == nullptr && i < state_.count(); ++i) {
    const std::int64_t time = state_[i].at;
    if (time < from || time >= to || (i + 1 < state_.count() && state_[i + 1].at == time)) continue;
    const Measure answer = measure_few(rule, time);
    if (visit(Moment{time, answer.value, answer.holds})) return;
  }
  if (large() == nullptr) return;
  Large& all = *large();
  std::uint32_t next = all.entries.first_not([&](const Entry& entry) { return entry.at < from; });
  while (next < all.entries.size() && all.entries[next].at < to) {
    const std::int64_t time = all.entries[next].at;
    seek(rule, all, time);
    next = all.now.tail;
    const Measure answer = measure(rule, all, time);
    if (visit(Moment{time, answer.value, answer.holds})) return;
  }
}

}  // namespace tocsin::sigma::windows
