// prune.h: which occurrences of a value no window will ever need.
#pragma once

#include <vector>

#include "daemon/sigma/correlate/windows/ring.h"
#include "daemon/sigma/correlate/windows/tally.h"
#include "daemon/sigma/correlate/windows/window_rule.h"

namespace tocsin::sigma::windows {

/// For types that ask only which members stand in the window. Of three occurrences a < b < c of one member with c − a ≤ span, b
/// is redundant for membership: a window (m − span, m] that holds b holds c where m ≥ c, and else m < c ≤ a + span, so it holds a.
///
/// As a moment, b is redundant where it is not the first event moment of its bucket and the condition only grows: every member
/// of b's window other than b's own stands at the event moment before b as well (it came after b − span), and b's own does by a.
/// So that moment, of the same bucket, measures at least as much. For other conditions moments count until they are final.
///
/// True where at least a quarter went; else nothing is changed, so that a ring that must grow is not walked for nothing again.
template <typename Type>
bool drop_redundant(const WindowRule& rule, Ring<typename Type::Entry>& entries, std::int64_t final_to) {
  using Entry = typename Type::Entry;
  const bool grows = decides_on_arrival(rule);
  struct Last {
    std::uint32_t kept, pending;  ///< Places; equal where only one occurrence was seen.
    bool free;                    ///< The pending one may go.
  };
  std::vector<Last> last;
  Tally member_at(rule.seed);     // Member → place in `last`, from 1.
  std::vector<bool> gone(entries.size());
  std::uint32_t count = 0;
  std::int64_t bucket = kLongAgo;
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    bool free = entry.time() < final_to || rule.bucket == 0;
    if (!free && grows) {
      const std::int64_t start = bucket_start(entry.time(), rule.bucket);
      free = start == bucket;
      bucket = start;
    } else if (rule.bucket != 0) {
      bucket = bucket_start(entry.time(), rule.bucket);
    }
    std::uint32_t& at = member_at.of(Type::member(entry));
    if (at == 0) {
      last.push_back({i, i, free});
      at = static_cast<std::uint32_t>(last.size());
      continue;
    }
    Last& seen = last[at - 1];
    if (seen.pending != seen.kept) {
      if (seen.free && entry.time() - entries[seen.kept].time() <= rule.span) {
        gone[seen.pending] = true;
        ++count;
      } else {
        seen.kept = seen.pending;
      }
    }
    seen.pending = i;
    seen.free = free;
  }
  if (count < entries.size() / 4 || count == 0) return false;
  std::uint32_t out = 0;
  for (std::uint32_t i = 0; i < gone.size(); ++i)
    if (!gone[i]) entries.put(out++, entries[i]);
  entries.pop_back(count);
  return true;
}

}  // namespace tocsin::sigma::windows
