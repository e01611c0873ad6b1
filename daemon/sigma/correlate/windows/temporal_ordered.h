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
/// twice needs two events of it. An event that two rules match is a hit of each. More hits of a rule at one moment than the order
/// has places for it change nothing, so they are not kept: a flood that shares one time takes no memory.
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
  void clear() { state_.clear(); }

  bool empty() const { return large() == nullptr && state_.few().empty(); }
  std::size_t size() const { return large() ? large()->entries.size() : state_.few().size(); }
  std::int64_t newest() const { return large() ? large()->newest : state_.few().back().at; }
  template <typename Visit>
  void list(Visit&& visit) const {
    for (std::uint32_t i = 0; i < size(); ++i) visit((large() ? large()->entries[i] : state_.few()[i]).hit());
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
  /// Where a row stands: behind how many entries, and behind which moment.
  struct Mark {
    std::uint32_t tail = 0;
    std::int64_t moment = kLongAgo;
  };
  /// A row is the chain and, only for an extended condition, when each base rule was last seen.
  struct Large {
    Ring<Entry> entries{2 * FewOr<Entry, Large>::kFew};
    std::int64_t newest = kLongAgo;
    std::size_t width = 0;                 ///< Of a row.
    std::vector<std::int64_t> rows;        ///< Now; before the moment of now; then one per mark.
    Mark now;
    std::vector<Mark> marks;               ///< To go back to; the first is what was folded. Never empty.
    std::vector<std::uint32_t> hits;       ///< What the moment of now brought, per base rule.
    bool open = false;                     ///< The row before and `hits` are known.
    std::int64_t* row(std::size_t i) { return rows.data() + i * width; }
  };
  static constexpr std::size_t kNow = 0, kBefore = 1, kFirstMark = 2;
  enum class Known : std::uint8_t { fresh, there, needless };

  Known known(const WindowRule& rule, const Entry& entry) const;
  Large* large() const { return state_.large(); }
  Large& opened(const WindowRule& rule);
  static void step(const WindowRule& rule, Large& all);
  static void rewind(Large& all, std::int64_t time);
  static void seek(const WindowRule& rule, Large& all, std::int64_t moment);
  static void fold(const WindowRule& rule, Large& all, std::uint32_t count, std::int64_t before);
  static Measure measure(const WindowRule& rule, Large& all, std::int64_t moment);
  static void go_back(Large& all, std::size_t marks);
  Measure measure_few(const WindowRule& rule, std::int64_t moment) const;

  FewOr<Entry, Large> state_;
};

template <typename Visit>
void OrderedWindow::each(const WindowRule& rule, std::int64_t from, std::int64_t to, Visit&& visit) {
  const std::span<const Entry> few = state_.few();
  for (std::size_t i = 0; i < few.size(); ++i) {
    const std::int64_t time = few[i].at;
    if (time < from || time >= to || (i + 1 < few.size() && few[i + 1].at == time)) continue;
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
