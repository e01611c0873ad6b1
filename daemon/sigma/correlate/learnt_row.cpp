// learnt_row.cpp: what a group has learnt, as a snapshot holds it.
#include "daemon/sigma/correlate/hit_row.h"
#include "daemon/sigma/correlate/learnt.h"

namespace tocsin::sigma {

void save(const Learnt& state, v1::FoldLearnt& out) {
  for (const auto& [hit, peers] : state.waiting) {
    v1::FoldHit& row = *out.add_waiting();
    write(hit, row);
    row.set_peers(peers);
  }
  for (const std::int64_t time : state.answers) out.add_answers(time);
  out.set_born(state.born);
  out.set_newest(state.newest);
  out.set_bucket(state.bucket);
  out.set_measure(bytes_of(state.measure));
  out.set_alerted(state.alerted);
  const std::map<std::uint64_t, std::int64_t> seen(state.seen.begin(), state.seen.end());
  for (const auto& [value, last] : seen) {
    v1::FoldHit& row = *out.add_seen();
    row.set_value(value);
    row.set_time(last);
  }
  out.set_swept(static_cast<std::int64_t>(state.swept));
  const std::set<std::uint64_t> distinct(state.distinct.begin(), state.distinct.end());
  for (const std::uint64_t value : distinct) out.add_distinct(value);
  for (const PastMeasure& past : state.past) {
    v1::FoldMeasure& row = *out.add_past();
    row.set_start(past.start);
    row.set_value(bytes_of(past.value));
  }
  out.set_peers(state.peers);
  out.set_limit(state.limit);
  out.set_compared(state.compared);
}

Learnt learnt_of(const v1::FoldLearnt& from) {
  Learnt out;
  for (const v1::FoldHit& row : from.waiting()) out.waiting.emplace(read(row), row.peers());
  out.answers.insert(from.answers().begin(), from.answers().end());
  out.born = from.born();
  out.newest = from.newest();
  out.bucket = from.bucket();
  out.measure = number_of_bytes(from.measure());
  out.alerted = from.alerted();
  for (const v1::FoldHit& row : from.seen()) out.seen[row.value()] = row.time();
  out.swept = static_cast<std::size_t>(from.swept());
  out.distinct.insert(from.distinct().begin(), from.distinct().end());
  for (const v1::FoldMeasure& row : from.past()) out.past.push_back({row.start(), number_of_bytes(row.value())});
  out.peers = from.peers();
  out.limit = from.limit();
  out.compared = from.compared();
  return out;
}

}  // namespace tocsin::sigma
