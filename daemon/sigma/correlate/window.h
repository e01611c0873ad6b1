// window.h: events of one group in order of time, and how many different values stand in a window that slides over them.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
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

/// Index of the first entry at or behind `time`.
inline std::size_t first_from(const std::vector<Entry>& entries, std::int64_t time) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), time, [](const Entry& e, std::int64_t t) { return e.time < t; });
  return static_cast<std::size_t>(at - entries.begin());
}

/// For every moment t in [from, to) at which an event counts: visit(t, number of different values in (t − span, t]). Events
/// at the same moment are all in. Stops when visit returns true.
template <typename Visit>
void slide(const std::vector<Entry>& entries, std::int64_t span, std::int64_t from, std::int64_t to, Visit&& visit) {
  std::unordered_map<Id128, std::int64_t, HashOfId> inside;
  std::size_t tail = first_from(entries, from - span + 1);  // The next to enter,
  std::size_t head = tail;                                  // and the next to leave.
  while (tail < entries.size() && entries[tail].time < to) {
    const std::int64_t t = entries[tail].time;
    bool counts = false;
    for (; tail < entries.size() && entries[tail].time == t; ++tail) {
      for (const Id128& value : entries[tail].values) ++inside[value];
      counts = counts || !entries[tail].values.empty();
    }
    for (; entries[head].time <= t - span; ++head) {
      for (const Id128& value : entries[head].values) {
        const auto at = inside.find(value);
        if (--at->second == 0) inside.erase(at);
      }
    }
    if (t >= from && counts && visit(t, static_cast<std::int64_t>(inside.size()))) return;
  }
}

}  // namespace tocsin::sigma
