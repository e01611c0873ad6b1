// learnt.cpp: first_seen, absence and baseline, moment by moment.
#include "daemon/sigma/correlate/learnt.h"

#include <fmt/ranges.h>

#include <cmath>
#include <cstring>

#include "daemon/base/limits.h"

namespace tocsin::sigma {
namespace {

using windows::Hit;
using windows::Int128;
using windows::kLongAgo;
using windows::kNoMoment;
using windows::kStep;
using windows::Value;

constexpr std::size_t kMeasuresLeast = 5;   // Fewer have no spread worth the name.
constexpr double kNormal = 1.4826;          // Makes the MAD of a normal distribution its standard deviation.

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

void forget_values(const FirstSeen& kind, Learnt& state, std::int64_t now, std::int64_t& dropped) {
  if (state.seen.size() < 2 * state.swept + 64 && state.seen.size() <= limits::kFirstSeenValuesMax) return;
  std::erase_if(state.seen, [&](const auto& entry) { return now - entry.second > kind.history.count(); });
  if (state.seen.size() > limits::kFirstSeenValuesMax) {
    std::vector<std::int64_t> times;
    for (const auto& [value, last] : state.seen) times.push_back(last);
    const auto tenth = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 10);
    std::nth_element(times.begin(), tenth, times.end());
    dropped += static_cast<std::int64_t>(std::erase_if(state.seen, [&](const auto& entry) { return entry.second <= *tenth; }));
  }
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

struct Spread {
  std::size_t measures = 0;
  double median = 0, limit = 0;
};

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

template <typename Past>
Spread spread_of(const Baseline& kind, const Past& past, std::int64_t bucket) {
  constexpr std::int64_t kHour = 3'600'000'000;
  const auto hour_of_week = [](std::int64_t time) { return windows::bucket_start(time, kHour) % (168 * kHour); };
  std::vector<double> values;
  for (const PastMeasure& each : past) {
    if (each.start >= bucket || each.start < bucket - kind.learn.count()) continue;
    if (!kind.hour_of_week || hour_of_week(each.start) == hour_of_week(bucket)) values.push_back(windows::double_of({each.value, 1}));
  }
  Spread out{values.size(), 0, 0};
  if (values.empty()) return out;
  out.median = median_of(values);
  for (double& value : values) value = std::abs(value - out.median);
  // A past without any spread would make one more than usual an alarm.
  const double deviation = std::max({kNormal * median_of(values), std::abs(out.median) / 10, 1.0});
  out.limit = out.median + kind.above * deviation;
  return out;
}

/// What alerted does not teach: who takes more and more would else become usual.
void end_bucket(const Baseline& kind, Learnt& state, Peers& peers) {
  if (state.bucket == kLongAgo) return;
  if (!state.alerted) {
    state.past.push_back({state.bucket, state.measure});
    while (state.past.front().start < state.bucket - kind.learn.count()) state.past.pop_front();
    if (!kind.peers.empty()) {
      std::multiset<PastMeasure>& all = peers[state.peers];
      all.insert({state.bucket, state.measure});
      while (all.size() > limits::kBaselineMeasuresMax || all.begin()->start < state.bucket - kind.learn.count() - kind.every.count()) all.erase(all.begin());
    }
  }
  state.bucket = kLongAgo;
  state.distinct.clear();
}

void begin_bucket(const Baseline& kind, Learnt& state, std::int64_t start, const Peers& peers, const std::string& named) {
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
  const auto known = peers.find(named);
  if (kind.peers.empty() || known == peers.end()) return;
  const Spread others = spread_of(kind, known->second, start);
  if (others.measures < kMeasuresLeast) return;
  state.limit = std::max(state.limit, others.limit);
  state.compared += fmt::format("; peers' median {:g} of {} measures, limit {:g}", others.median, others.measures, others.limit);
}

Answer baseline(const Correlation& rule, const Baseline& kind, Learnt& state, std::int64_t time, const Hits& hits, const std::string& named, Peers& peers) {
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
      for (const Hit& hit : hits) state.distinct.insert(hit.value);
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

Int128 number_of(const std::string& bytes) {
  Int128 out = 0;
  std::memcpy(&out, bytes.data(), std::min(bytes.size(), sizeof out));
  return out;
}

void set_number(Int128 number, std::string& out) { out.assign(reinterpret_cast<const char*>(&number), sizeof number); }

}  // namespace

bool wait(const Correlation& rule, Learnt& state, const std::vector<Hit>& hits, const std::string& peers) {
  bool asks = false;
  for (const Hit& hit : hits) {
    if (hit.base != 0 && std::holds_alternative<Absence>(rule.extension)) {
      state.answers.insert(hit.time);
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
    if (const auto* kind = std::get_if<Baseline>(&rule.extension)) out.push_back(baseline(rule, *kind, state, time, hits, named, peers));
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

void save(const Learnt& state, v1::FoldLearnt& out) {
  for (const auto& [hit, peers] : state.waiting) {
    v1::FoldHit& row = *out.add_waiting();
    row.set_time(hit.time);
    row.set_event(hit.event);
    row.set_value(hit.value);
    set_number(hit.number, *row.mutable_number());
    row.set_base(hit.base);
    row.set_peers(peers);
  }
  for (const std::int64_t time : state.answers) out.add_answers(time);
  out.set_born(state.born);
  out.set_newest(state.newest);
  out.set_bucket(state.bucket);
  set_number(state.measure, *out.mutable_measure());
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
    set_number(past.value, *row.mutable_value());
  }
  out.set_peers(state.peers);
  out.set_limit(state.limit);
  out.set_compared(state.compared);
}

Learnt learnt_of(const v1::FoldLearnt& from) {
  Learnt out;
  for (const v1::FoldHit& row : from.waiting()) {
    const Hit hit{.time = row.time(), .event = row.event(), .value = row.value(), .number = number_of(row.number()), .base = static_cast<std::uint8_t>(row.base())};
    out.waiting.emplace(hit, row.peers());
  }
  out.answers.insert(from.answers().begin(), from.answers().end());
  out.born = from.born();
  out.newest = from.newest();
  out.bucket = from.bucket();
  out.measure = number_of(from.measure());
  out.alerted = from.alerted();
  for (const v1::FoldHit& row : from.seen()) out.seen[row.value()] = row.time();
  out.swept = static_cast<std::size_t>(from.swept());
  out.distinct.insert(from.distinct().begin(), from.distinct().end());
  for (const v1::FoldMeasure& row : from.past()) out.past.push_back({row.start(), number_of(row.value())});
  out.peers = from.peers();
  out.limit = from.limit();
  out.compared = from.compared();
  return out;
}

}  // namespace tocsin::sigma
