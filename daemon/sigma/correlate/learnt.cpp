// learnt.cpp: first_seen, absence and baseline, moment by moment.
#include "daemon/sigma/correlate/learnt.h"

#include <fmt/ranges.h>

#include <limits>

#include "daemon/base/limits.h"

namespace tocsin::sigma {
namespace {

using windows::Hit;
using windows::Int128;
using windows::kLongAgo;
using windows::kNoMoment;
using windows::kStep;

constexpr std::size_t kMeasuresLeast = 5;   // Fewer have no spread worth the name.

using Hits = std::vector<Hit>;

/// The number of findings in the bucket so far.
void count_in_bucket(const Correlation& rule, Learnt& state, std::int64_t time, std::int64_t found) {
  const std::int64_t start = windows::bucket_start(time, rule.bucket().count());
  if (start != state.bucket) {
    state.bucket = start;
    state.measure = 0;
  }
  state.measure += Int128{found} * kStep;
}

/// The values that were seen longest ago: at least as many as `gone`, which is above zero.
std::int64_t drop_oldest(std::unordered_map<std::uint64_t, std::int64_t>& seen, std::size_t gone) {
  std::vector<std::int64_t> times;
  for (const auto& [value, last] : seen) times.push_back(last);
  const auto last = times.begin() + static_cast<std::ptrdiff_t>(std::min(gone, times.size()) - 1);
  std::nth_element(times.begin(), last, times.end());
  return static_cast<std::int64_t>(std::erase_if(seen, [&](const auto& entry) { return entry.second <= *last; }));
}

void forget_values(const FirstSeen& kind, Learnt& state, std::int64_t now, std::int64_t& dropped) {
  if (state.seen.size() < 2 * state.swept + 64 && state.seen.size() <= limits::kFirstSeenValuesMax) return;
  std::erase_if(state.seen, [&](const auto& entry) { return now - entry.second > kind.history.count(); });
  if (state.seen.size() > limits::kFirstSeenValuesMax) dropped += drop_oldest(state.seen, state.seen.size() / 10 + 1);
  state.swept = state.seen.size();
}

Answer first_seen(const Correlation& rule, const FirstSeen& kind, Learnt& state, std::int64_t time, const Hits& hits, std::int64_t& dropped) {
  const bool learns = time < state.born + kind.learn.count();
  std::int64_t found = 0;
  for (const Hit& hit : hits) {
    const auto [at, fresh] = state.seen.try_emplace(hit.value, time);
    if (fresh || time - at->second > kind.history.count()) ++found;
    at->second = time;
  }
  forget_values(kind, state, time, dropped);
  if (learns || found == 0) return {time, {}, false, false, {}};
  count_in_bucket(rule, state, time, found);
  return {time, {state.measure, 1}, true, true,
          fmt::format("{} new value{} of {}, not seen for {}", windows::text_of({state.measure, 1}), state.measure == kStep ? "" : "s",
                      fmt::join(rule.fields, " + "), duration_text(kind.history))};
}

Answer absence(const Correlation& rule, const Absence& kind, Learnt& state, std::int64_t time) {
  const auto answer = state.answers.lower_bound(time);
  if (answer != state.answers.end() && *answer <= time + kind.within.count()) return {time, {}, false, false, {}};
  count_in_bucket(rule, state, time, 1);
  return {time, {state.measure, 1}, true, true,
          fmt::format("{} match{} without `{}` within {}", windows::text_of({state.measure, 1}), state.measure == kStep ? "" : "es", rule.rules.back(),
                      duration_text(kind.within))};
}

/// What alerted does not teach: who takes more and more would else become usual.
void end_bucket(const Baseline& kind, Learnt& state, Peers& peers) {
  if (state.bucket == kLongAgo) return;
  if (!state.alerted) {
    state.past.push_back({state.bucket, state.measure});
    while (state.past.front().start < state.bucket - kind.learn.count()) state.past.pop_front();
    if (!kind.peers.empty()) peers.add(state.peers, {state.bucket, state.measure});
  }
  state.bucket = kLongAgo;
  state.distinct.clear();
}

void begin_bucket(const Baseline& kind, Learnt& state, std::int64_t start, Peers& peers, const std::string& named) {
  state.bucket = start;
  state.measure = 0;
  state.alerted = false;
  state.peers = named;
  state.compared.clear();
  state.limit = std::numeric_limits<double>::infinity();
  const Spread own = spread_of(kind, state.past, start);
  if (own.measures < kMeasuresLeast || start < windows::bucket_start(state.born, kind.every.count()) + kind.learn.count()) return;
  state.limit = own.limit;
  state.compared = fmt::format("own median {:g} of {} measures, limit {:g}", own.median, own.measures, own.limit);
  if (kind.peers.empty()) return;
  const Spread& others = peers.spread(kind, named, start);
  if (others.measures < kMeasuresLeast) return;
  state.limit = std::max(state.limit, others.limit);
  state.compared += fmt::format("; peers' median {:g} of {} measures, limit {:g}", others.median, others.measures, others.limit);
}

Answer baseline(const Correlation& rule, const Baseline& kind, Learnt& state, std::int64_t time, const Hits& hits, const std::string& named, Peers& peers, std::int64_t& dropped) {
  const std::int64_t start = windows::bucket_start(time, kind.every.count());
  if (start != state.bucket) {
    end_bucket(kind, state, peers);
    begin_bucket(kind, state, start, peers, named);
  }
  std::string what;
  switch (kind.measure) {
    case Baseline::Measure::count: {
      std::unordered_set<std::uint64_t> events;
      for (const Hit& hit : hits) events.insert(hit.event);
      state.measure += Int128{static_cast<std::int64_t>(events.size())} * kStep;
      what = "events";
      break;
    }
    case Baseline::Measure::distinct:
      for (const Hit& hit : hits) {
        if (state.distinct.size() < limits::kGroupEntriesMax) state.distinct.insert(hit.value);
        else dropped += !state.distinct.contains(hit.value);
      }
      state.measure = Int128{static_cast<std::int64_t>(state.distinct.size())} * kStep;
      what = rule.counts_subjects() ? "distinct subjects" : "distinct values of " + rule.fields.front();
      break;
    case Baseline::Measure::sum:
      for (const Hit& hit : hits) state.measure += hit.number;
      what = "sum of " + rule.fields.front();
      break;
  }
  const double measure = windows::double_of({state.measure, 1});
  const bool holds = measure >= kind.least && measure > state.limit;
  state.alerted = state.alerted || holds;
  return {time, {state.measure, 1}, holds, true,
          holds ? fmt::format("{} {} in {}; {}", windows::text_of({state.measure, 1}), what, duration_text(kind.every), state.compared) : std::string()};
}

/// Between two answers that lie no further apart than the wait, a third answers no question that one of them does not.
void add_answer(std::set<std::int64_t>& answers, std::int64_t time, std::int64_t within) {
  const auto [at, fresh] = answers.insert(time);
  if (!fresh) return;
  const auto needless = [&](std::set<std::int64_t>::iterator middle) {
    const auto after = std::next(middle);
    return middle != answers.begin() && after != answers.end() && *after - *std::prev(middle) <= within;
  };
  if (needless(at)) {
    answers.erase(at);
    return;
  }
  if (at != answers.begin() && needless(std::prev(at))) answers.erase(std::prev(at));
  if (const auto after = std::next(at); after != answers.end() && needless(after)) answers.erase(after);
}

}  // namespace

bool wait(const Correlation& rule, Learnt& state, const std::vector<Hit>& hits, const std::string& peers) {
  bool asks = false;
  const auto* absence = std::get_if<Absence>(&rule.extension);
  for (const Hit& hit : hits) {
    if (hit.base != 0 && absence != nullptr) {
      add_answer(state.answers, hit.time, absence->within.count());
    } else {
      state.waiting.emplace(hit, peers);
      asks = true;
    }
  }
  return asks;
}

namespace {

/// How long after its last match an entity is remembered.
std::int64_t memory_of(const Correlation& rule) {
  if (const auto* kind = std::get_if<FirstSeen>(&rule.extension)) return kind->history.count();
  if (const auto* kind = std::get_if<Baseline>(&rule.extension)) return kind->learn.count() + kind->every.count();
  return 0;
}

/// When nothing can be asked of the state any more: what it knows is forgotten, and what it counts in its bucket has ended.
std::int64_t ends_at(const Correlation& rule, const Learnt& state) {
  const std::int64_t known = state.newest + memory_of(rule) + 1;
  return state.bucket == kLongAgo ? known : std::max(known, state.bucket + rule.bucket().count());
}

/// Who was away for longer than anybody is remembered begins anew: by event time, since the watermark may come before the next
/// match or behind it. A count of findings goes on to the end of its bucket.
void begin_anew(const Correlation& rule, Learnt& state, Peers& peers) {
  if (const auto* kind = std::get_if<Baseline>(&rule.extension)) end_bucket(*kind, state, peers);
  state.born = kNoMoment;
  state.seen.clear();
  state.swept = 0;
  state.past.clear();
}

}  // namespace

std::vector<Answer> learn(const Correlation& rule, Learnt& state, std::int64_t watermark, Peers& peers, std::int64_t& dropped) {
  std::vector<Answer> out;
  while (!state.waiting.empty() && state.waiting.begin()->first.time < watermark) {
    const std::int64_t time = state.waiting.begin()->first.time;
    const std::string named = state.waiting.begin()->second;
    Hits hits;
    for (; !state.waiting.empty() && state.waiting.begin()->first.time == time; state.waiting.erase(state.waiting.begin())) hits.push_back(state.waiting.begin()->first);
    if (state.newest != kLongAgo && time - state.newest > memory_of(rule)) begin_anew(rule, state, peers);
    state.born = std::min(state.born, time);
    state.newest = std::max(state.newest, time);
    if (const auto* kind = std::get_if<FirstSeen>(&rule.extension)) out.push_back(first_seen(rule, *kind, state, time, hits, dropped));
    if (const auto* kind = std::get_if<Absence>(&rule.extension)) out.push_back(absence(rule, *kind, state, time));
    if (const auto* kind = std::get_if<Baseline>(&rule.extension)) out.push_back(baseline(rule, *kind, state, time, hits, named, peers, dropped));
  }
  if (const auto* kind = std::get_if<Baseline>(&rule.extension); kind != nullptr && state.bucket != kLongAgo && state.bucket + kind->every.count() <= watermark) {
    end_bucket(*kind, state, peers);
  }
  state.answers.erase(state.answers.begin(), state.answers.lower_bound(watermark));
  return out;
}

std::int64_t learn_deadline(const Correlation& rule, const Learnt& state) {
  std::int64_t out = state.waiting.empty() ? kNoMoment : state.waiting.begin()->first.time + 1;
  if (!state.answers.empty()) out = std::min(out, *state.answers.begin() + 1);
  if (const auto* kind = std::get_if<Baseline>(&rule.extension); kind != nullptr && state.bucket != kLongAgo) out = std::min(out, state.bucket + kind->every.count());
  if (state.newest != kLongAgo && state.waiting.empty() && state.answers.empty()) out = std::min(out, ends_at(rule, state));
  return out;
}

void unlearn(const Correlation& rule, Learnt& state, std::int64_t watermark) {
  if (!state.waiting.empty() || !state.answers.empty() || state.newest == kLongAgo || ends_at(rule, state) > watermark) return;
  state = {};
}

void shed(Learnt& state, std::size_t waiting, std::size_t most) {
  while (state.waiting.size() > waiting) state.waiting.erase(state.waiting.begin());
  const std::size_t all = state.waiting.size() + state.known();
  if (all > most && !state.seen.empty()) drop_oldest(state.seen, all - most);
}

}  // namespace tocsin::sigma
