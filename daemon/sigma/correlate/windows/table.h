// table.h: the states of one correlation by group: few bytes beside the state, and no scan to find what is stale.
#pragma once

#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "daemon/sigma/correlate/windows/tally.h"

namespace tocsin::sigma::windows {

/// A group, as 128 bits of hash over its values: no two groups share one.
struct Key {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Key&) const = default;
};

/// States never move while they live. An index of eight bytes a cell finds them; the index alone grows, by the hash that it
/// keeps, so growing reads no state. The hash is keyed: who chooses groups cannot choose where they lie.
///
/// With each state stands when it becomes stale. A wheel of event time lists every state under the tick in which it was to become
/// so when it was filed. Touching a state does not move it: after its tick it is filed anew or ends. So each state is looked at
/// about once in its lifetime, a few per call, and the stalest is at hand.
template <typename State>
class Table {
 public:
  /// `lifetime` is about how far ahead of the watermark states become stale, in the unit of their times.
  Table(std::uint64_t seed, std::int64_t lifetime) : seed_(seed), width_(std::max<std::int64_t>(1, lifetime / (kTicks / 2))) {}
  Table(Table&&) noexcept = default;
  Table& operator=(Table&&) = delete;
  ~Table() {
    for (const Cell& cell : cells_)
      if (cell.slot != kNone) at(cell.slot).~Slot();
  }

  std::size_t size() const { return size_; }
  /// The state, new or not, is of no use from `stale` on, or later if it was said so before.
  State& touch(const Key& key, std::int64_t stale) {
    if ((size_ + 1) * 4 > cells_.size() * 3) grow();
    const std::uint32_t tag = hash(key);
    const std::uint32_t cell = find_cell(key, tag);
    if (cells_[cell].slot != kNone) {
      Slot& slot = at(cells_[cell].slot);
      slot.stale(std::max(slot.stale(), stale), true);
      return slot.state;
    }
    const std::uint32_t slot = take_slot();
    new (&at(slot)) Slot{key, stale * 2, {}};
    cells_[cell] = {tag, slot};
    if (size_++ == 0) start_at(tick_of(stale) - kTicks / 2);
    file(slot);
    return at(slot).state;
  }
  /// Ends states that are stale at `watermark`, looking at no more than `looks` now. gone(State&) sees each first.
  template <typename Gone>
  void expire(std::int64_t watermark, std::size_t looks, Gone&& gone) {
    if (watermark >= due_) turn_to(tick_of(watermark));
    for (; looks > 0 && !ended_.empty(); --looks) {
      const std::uint32_t slot = take(ended_);
      if (at(slot).stale() <= watermark) remove(slot, gone);
      else file(slot);
    }
  }
  /// Ends the state that would be stale first, within a tick, of those that were not touched meanwhile; not `keep`. False where
  /// there is no other.
  template <typename Gone>
  bool evict(const State* keep, Gone&& gone) {
    std::uint32_t kept = kNone;
    const auto from = [&](List& list) {
      while (!list.empty()) {
        const std::uint32_t slot = take(list);
        if (&at(slot).state == keep) kept = slot;
        else if (at(slot).touched()) file(slot);   // Once again behind the others, though it be in this tick.
        else return remove(slot, gone), true;
      }
      return false;
    };
    bool found = from(ended_);
    for (std::int64_t tick = now_; !found && tick < now_ + kTicks; ++tick) found = from(list_of(tick));
    if (kept != kNone) file(kept);
    return found;
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr int kTicks = 64;

  struct Slot {
    Key key;
    std::int64_t times_two;   ///< When it becomes stale, and whether it was touched since it was filed.
    State state;
    std::int64_t stale() const { return times_two >> 1; }
    bool touched() const { return (times_two & 1) != 0; }
    void stale(std::int64_t at, bool touched) { times_two = at * 2 + touched; }
  };
  struct Cell {
    std::uint32_t tag = 0, slot = kNone;
  };
  struct List {
    std::vector<std::uint32_t> slots;
    std::size_t head = 0;
    bool empty() const { return head == slots.size(); }
  };
  // A state of one cache line is aligned to it: one miss finds the whole.
  struct alignas(sizeof(Slot) <= 64 ? 64 : 8) Place {
    std::byte bytes[sizeof(Slot)];
  };

  // Pages of 64, 64, 128, … slots up to 2¹², then all of 2¹²: few rules have many groups.
  static constexpr std::uint32_t kFirstPage = 64, kFullPage = 1U << 12U, kFullFrom = 6;
  static std::uint32_t page_of(std::uint32_t slot) {
    return slot < kFullPage ? static_cast<std::uint32_t>(std::bit_width(slot / kFirstPage)) : slot / kFullPage + kFullFrom;
  }
  static std::uint32_t page_start(std::uint32_t page) {
    return page == 0 ? 0 : page <= kFullFrom ? kFirstPage << (page - 1) : (page - kFullFrom) * kFullPage;
  }
  Slot& at(std::uint32_t slot) const {
    const std::uint32_t page = page_of(slot);
    return *reinterpret_cast<Slot*>(pages_[page][slot - page_start(page)].bytes);
  }

  /// g++ 12 takes a function that only prefetches for one without effect, and drops the call; not so with the empty assembly.
  static void fetch_line(const void* at) {
    __builtin_prefetch(at);
    asm volatile("");
  }
  std::uint32_t mask() const { return static_cast<std::uint32_t>(cells_.size() - 1); }
  std::uint32_t hash(const Key& key) const { return static_cast<std::uint32_t>(mix(key.high + key.low * 0x9e3779b97f4a7c15U, seed_) >> 32U); }
  std::uint32_t find_cell(const Key& key, std::uint32_t tag) const {
    std::uint32_t cell = tag & mask();
    while (cells_[cell].slot != kNone && !(cells_[cell].tag == tag && at(cells_[cell].slot).key == key)) cell = (cell + 1) & mask();
    return cell;
  }
  void grow() {
    std::vector<Cell> old(std::max<std::size_t>(16, cells_.size() * 2));
    old.swap(cells_);
    for (const Cell& cell : old) {
      if (cell.slot == kNone) continue;
      std::uint32_t to = cell.tag & mask();
      while (cells_[to].slot != kNone) to = (to + 1) & mask();
      cells_[to] = cell;
    }
  }
  std::uint32_t take_slot() {
    if (!free_.empty()) {
      const std::uint32_t slot = free_.back();
      free_.pop_back();
      return slot;
    }
    const std::uint32_t page = page_of(used_);
    if (page == pages_.size()) pages_.push_back(std::make_unique_for_overwrite<Place[]>(page_start(page + 1) - used_));
    return used_++;
  }
  template <typename Gone>
  void remove(std::uint32_t slot, Gone&& gone) {
    Slot& place = at(slot);
    gone(place.state);
    std::uint32_t gap = find_cell(place.key, hash(place.key));
    // Closes the gap, so that no search meets a tombstone.
    for (std::uint32_t cell = (gap + 1) & mask(); cells_[cell].slot != kNone; cell = (cell + 1) & mask()) {
      if (((cell - cells_[cell].tag) & mask()) < ((cell - gap) & mask())) continue;
      cells_[gap] = cells_[cell];
      gap = cell;
    }
    cells_[gap] = {};
    --size_;
    place.~Slot();
    free_.push_back(slot);
  }

  std::int64_t tick_of(std::int64_t time) const { return time / width_ - (time % width_ < 0); }
  List& list_of(std::int64_t tick) { return wheel_[static_cast<std::size_t>(tick & (kTicks - 1))]; }
  void start_at(std::int64_t tick) {
    if (now_ != kUnset && tick <= now_) return;
    now_ = tick;
    due_ = (now_ + 1) * width_;
  }
  /// The lists of the ticks before `tick` have ended.
  void turn_to(std::int64_t tick) {
    if (now_ == kUnset) return;
    for (std::int64_t passed = now_; passed < std::min(tick, now_ + kTicks); ++passed) {
      List& list = list_of(passed);
      if (ended_.empty()) std::swap(ended_, list);
      else ended_.slots.insert(ended_.slots.end(), list.slots.begin() + static_cast<std::ptrdiff_t>(list.head), list.slots.end());
      list.slots.clear();
      list.head = 0;
    }
    start_at(tick);
  }
  std::uint32_t take(List& list) {
    constexpr std::size_t kAhead = 8;
    const std::uint32_t slot = list.slots[list.head++];
    if (list.head + kAhead < list.slots.size()) fetch_line(&at(list.slots[list.head + kAhead]));
    if (list.empty()) list = {};
    return slot;
  }
  /// What lies beyond the wheel comes up with its last tick and is filed again.
  void file(std::uint32_t slot) {
    const std::int64_t stale = at(slot).stale();
    at(slot).stale(stale, false);
    list_of(std::clamp(tick_of(stale), now_, now_ + kTicks - 1)).slots.push_back(slot);
  }

  static constexpr std::int64_t kUnset = INT64_MIN;

  std::uint64_t seed_;
  std::int64_t width_, now_ = kUnset;   ///< The tick that has not ended yet,
  std::int64_t due_ = kUnset;           ///< and when it ends.
  std::vector<Cell> cells_;
  std::vector<std::unique_ptr<Place[]>> pages_;
  std::array<List, kTicks> wheel_;      ///< By tick,
  List ended_;                          ///< and those of ticks that have ended.
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
  std::size_t size_ = 0;
};

}  // namespace tocsin::sigma::windows
