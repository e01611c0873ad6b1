// window.h: events of one group in order of time, and how many different values stand in a window that slides over them.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "daemon/base/hash.h"
#include "tocsin/v1/snapshot.pb.h"

namespace tocsin::sigma {

// Far outside any calendar, and far enough from the ends that adding a timespan cannot overflow.
inline constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::min() / 4;
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max() / 4;

struct Entry {
  std::int64_t time = 0;
  Id128 id;
  std::vector<Id128> values;   ///< Empty: the event touches people, but does not count.
  std::shared_ptr<const v1::FoldTouch> touch;

  bool operator<(const Entry& other) const { return time != other.time ? time < other.time : id < other.id; }
};

struct HashOfId {
  std::size_t operator()(const Id128& id) const {
    std::size_t out = 0;
    std::memcpy(&out, id.bytes.data(), sizeof out);
    return out;
  }
};

/// Sorted by time. A tree, since events of a busy group come out of order by the thousand, and none may cost a shift of all.
using Entries = std::set<Entry>;

/// The first entry at or behind `time`.
inline Entries::const_iterator first_from(const Entries& entries, std::int64_t time) {
  return entries.lower_bound(Entry{time, {}, {}, {}});
}

/// For every moment t in [from, to) at which an event counts: visit(t, number of different values in (t − span, t]). Events
/// at the same moment are all in. Stops when visit returns true.
template <typename Visit>
void slide(const Entries& entries, std::int64_t span, std::int64_t from, std::int64_t to, Visit&& visit) {
  std::unordered_map<Id128, std::int64_t, HashOfId> inside;
  auto tail = first_from(entries, from - span + 1);  // The next to enter,
  auto head = tail;                                  // and the next to leave.
  while (tail != entries.end() && tail->time < to) {
    const std::int64_t t = tail->time;
    bool counts = false;
    for (; tail != entries.end() && tail->time == t; ++tail) {
      for (const Id128& value : tail->values) ++inside[value];
      counts = counts || !tail->values.empty();
    }
    for (; head->time <= t - span; ++head) {
      for (const Id128& value : head->values) {
        const auto at = inside.find(value);
        if (--at->second == 0) inside.erase(at);
      }
    }
    if (t >= from && counts && visit(t, static_cast<std::int64_t>(inside.size()))) return;
  }
}

}  // namespace tocsin::sigma
