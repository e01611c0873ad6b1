// window.h: the events of one group in order of time, and a measure that slides over them both ways.
#pragma once

#include <optional>

#include "daemon/sigma/correlate/windows/few_or.h"
#include "daemon/sigma/correlate/windows/prune.h"
#include "daemon/sigma/correlate/windows/ring.h"
#include "daemon/sigma/correlate/windows/window_rule.h"

namespace tocsin::sigma::windows {

/// `Type` is one correlation type: its Entry, the Inside that it keeps of a window's entries, and how an entry joins and leaves.
///
/// Arrival in any order gives the same answers. An event in order of time costs O(1) amortised (O(log n) for percentile and
/// median) whatever the timespan; one that is late by k events costs O(k): the measure slides back and forth from where it
/// stands. Few entries are walked; a window that grows beyond sixteen keeps its measure until it is empty.
///
/// Not thread-safe; asking moves the measure. The rule must be the same in every call.
template <typename Type>
class Window {
 public:
  using Entry = typename Type::Entry;

  /// False where this entry stands already. Moments before `final_to` will not be asked about again.
  bool insert(const WindowRule& rule, const Hit& hit, std::int64_t final_to = kLongAgo) { return insert_entry(rule, Type::entry(hit), final_to); }

  /// Over (moment − span, moment].
  Measure at(const WindowRule& rule, std::int64_t moment);
  /// visit(Moment) for every event moment in [from, to), in order, until it returns true.
  template <typename Visit>
  void each(const WindowRule& rule, std::int64_t from, std::int64_t to, Visit&& visit);
  /// Drops what can matter to no moment ≥ watermark. Returns how many entries went.
  std::size_t forget(const WindowRule& rule, std::int64_t watermark);
  /// Drops the oldest beyond `most`, which is above zero; the caller counts them and says so.
  std::size_t trim(const WindowRule& rule, std::size_t most);
  void clear() { state_.clear(); }

  bool empty() const { return size() == 0; }
  std::size_t size() const { return large() ? large()->entries.size() : state_.few().size(); }
  std::int64_t newest() const { return large() ? large()->entries.back().time() : state_.few().back().time(); }
  /// visit(Hit) for everything kept, in order: inserted into an empty window they make the same state.
  template <typename Visit>
  void list(Visit&& visit) const {
    for (std::uint32_t i = 0; i < size(); ++i) visit(Type::hit(large() ? large()->entries[i] : state_.few()[i]));
  }

 private:
  struct Large {
    Ring<Entry> entries{2 * FewOr<Entry, Large>::kFew};
    std::int64_t moment = kLongAgo;     ///< The measure stands here:
    std::uint32_t head = 0, tail = 0;   ///< entries [head, tail) are those of (moment − span, moment].
    typename Type::Inside inside;
  };

  Large* large() const { return state_.large(); }
  std::span<const Entry> between(std::int64_t after, std::int64_t to) const;
  bool insert_entry(const WindowRule& rule, const Entry& entry, std::int64_t final_to);
  void seek(const WindowRule& rule, Large& all, std::int64_t moment);
  void drop_oldest(const WindowRule& rule, Large& all, std::uint32_t count);
  void prune(const WindowRule& rule, Large& all, std::int64_t final_to);

  FewOr<Entry, Large> state_;
};

template <typename Type>
bool Window<Type>::insert_entry(const WindowRule& rule, const Entry& entry, std::int64_t final_to) {
  using Added = typename FewOr<Entry, Large>::Added;
  if (large() == nullptr) {
    if (const Added added = state_.insert(entry); added != Added::full) return added == Added::added;
    auto all = std::make_unique<Large>();
    Type::prepare(rule, all->inside);
    for (const Entry& few : state_.few()) all->entries.append(few);
    state_.become(std::move(all));
  }
  Large& all = *large();
  if constexpr (Type::kMembers) {
    if (all.entries.full()) prune(rule, all, final_to);
  }
  if (all.entries.back() < entry) {
    all.entries.append(entry);
  } else {
    const std::uint32_t place = all.entries.first_not([&](const Entry& other) { return other < entry; });
    if (all.entries[place] == entry) return false;
    all.entries.insert(place, entry);
  }
  if (entry.time() > all.moment) return true;  // The measure has not come here.
  ++all.tail;
  if (entry.time() <= all.moment - rule.span) ++all.head;
  else Type::add(rule, all.inside, entry);
  return true;
}

template <typename Type>
void Window<Type>::seek(const WindowRule& rule, Large& all, std::int64_t moment) {
  const std::int64_t after = moment - rule.span;
  if (moment >= all.moment) {
    for (; all.tail < all.entries.size() && all.entries[all.tail].time() <= moment; ++all.tail) {
      // What is too old to stand in the new window need not enter and leave, where nothing stands before it.
      if (all.head == all.tail && all.entries[all.tail].time() <= after) ++all.head;
      else Type::add(rule, all.inside, all.entries[all.tail]);
    }
    for (; all.head < all.tail && all.entries[all.head].time() <= after; ++all.head) Type::drop(rule, all.inside, all.entries[all.head]);
  } else {
    while (all.tail > 0 && all.entries[all.tail - 1].time() > moment) {
      --all.tail;
      if (all.tail >= all.head) Type::drop(rule, all.inside, all.entries[all.tail]);
      else all.head = all.tail;
    }
    while (all.head > 0 && all.entries[all.head - 1].time() > after) Type::add(rule, all.inside, all.entries[--all.head]);
  }
  all.moment = moment;
}

template <typename Type>
Measure Window<Type>::at(const WindowRule& rule, std::int64_t moment) {
  if (large() != nullptr) {
    Large& all = *large();
    seek(rule, all, moment);
    return Type::measure(rule, all.inside, all.tail - all.head);
  }
  return Type::measure_few(rule, between(moment - rule.span, moment));
}

/// Of few entries, those of (after, to].
template <typename Type>
std::span<const typename Type::Entry> Window<Type>::between(std::int64_t after, std::int64_t to) const {
  const std::span<const Entry> few = state_.few();
  std::size_t head = 0, tail = few.size();
  while (head < tail && few[head].time() <= after) ++head;
  while (tail > head && few[tail - 1].time() > to) --tail;
  return few.subspan(head, tail - head);
}

template <typename Type>
template <typename Visit>
void Window<Type>::each(const WindowRule& rule, std::int64_t from, std::int64_t to, Visit&& visit) {
  if (large() == nullptr) {
    const std::span<const Entry> few = state_.few();
    for (std::size_t i = 0; i < few.size(); ++i) {
      const std::int64_t time = few[i].time();
      if (time < from || time >= to || (i + 1 < few.size() && few[i + 1].time() == time)) continue;
      const Measure measure = at(rule, time);
      if (visit(Moment{time, measure.value, measure.holds})) return;
    }
    return;
  }
  Large& all = *large();
  std::uint32_t next = all.entries.first_not([&](const Entry& entry) { return entry.time() < from; });
  while (next < all.entries.size() && all.entries[next].time() < to) {
    const std::int64_t time = all.entries[next].time();
    seek(rule, all, time);
    next = all.tail;
    const Measure measure = Type::measure(rule, all.inside, all.tail - all.head);
    if (visit(Moment{time, measure.value, measure.holds})) return;
  }
}

template <typename Type>
void Window<Type>::drop_oldest(const WindowRule& rule, Large& all, std::uint32_t count) {
  for (std::uint32_t i = all.head; i < std::min(count, all.tail); ++i) Type::drop(rule, all.inside, all.entries[i]);
  all.head -= std::min(all.head, count);
  all.tail -= std::min(all.tail, count);
  all.entries.pop_front(count);
}

template <typename Type>
std::size_t Window<Type>::forget(const WindowRule& rule, std::int64_t watermark) {
  const std::int64_t after = watermark - rule.span;
  std::uint32_t gone = 0;
  if (large() == nullptr) {
    const std::span<const Entry> few = state_.few();
    while (gone < few.size() && few[gone].time() <= after) ++gone;
    state_.pop_front(gone);
    return gone;
  }
  Large& all = *large();
  while (gone < all.entries.size() && all.entries[gone].time() <= after) ++gone;
  if (gone == all.entries.size()) clear();
  else if (gone > 0) drop_oldest(rule, all, gone);
  return gone;
}

template <typename Type>
std::size_t Window<Type>::trim(const WindowRule& rule, std::size_t most) {
  if (size() <= most) return 0;
  const auto gone = static_cast<std::uint32_t>(size() - most);
  if (large() == nullptr) state_.pop_front(gone);
  else drop_oldest(rule, *large(), gone);
  return gone;
}

/// The measure starts anew: that costs what the pass cost, which is paid by the entries that filled the ring.
template <typename Type>
void Window<Type>::prune(const WindowRule& rule, Large& all, std::int64_t final_to) {
  if constexpr (Type::kMembers) {
    if (!drop_redundant<Type>(rule, all.entries, final_to)) return;
    all.head = all.tail = 0;
    all.inside = {};
    Type::prepare(rule, all.inside);
    seek(rule, all, std::exchange(all.moment, kLongAgo));
  }
}

/// The first moment in [from, to) at which the condition holds.
template <typename Windowed>
std::optional<Moment> earliest(Windowed& window, const WindowRule& rule, std::int64_t from, std::int64_t to) {
  std::optional<Moment> out;
  window.each(rule, from, to, [&](const Moment& moment) {
    if (moment.holds) out = moment;
    return moment.holds;
  });
  return out;
}

/// The greatest value of the moments in [from, to) at which the condition holds; of equal ones the first.
template <typename Windowed>
std::optional<Moment> greatest(Windowed& window, const WindowRule& rule, std::int64_t from, std::int64_t to) {
  std::optional<Moment> out;
  window.each(rule, from, to, [&](const Moment& moment) {
    if (moment.holds && (!out || out->value < moment.value)) out = moment;
    return false;
  });
  return out;
}

}  // namespace tocsin::sigma::windows
