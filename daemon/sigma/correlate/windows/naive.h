// naive.h: what windows must answer, worked out from all events again for each moment. Only tests include it.
#pragma once

#include <algorithm>
#include <bit>
#include <set>
#include <vector>

#include "daemon/sigma/correlate/windows/window_rule.h"

namespace tocsin::sigma::windows {

/// Whether the order can be met by distinct hits, each at or behind the one before: tries every choice.
inline bool naive_ordered(const WindowRule& rule, const std::vector<Hit>& inside, std::size_t step, std::int64_t since, std::uint64_t used) {
  if (step == rule.order.size()) return true;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if ((used >> i & 1) != 0 || inside[i].base != rule.order[step] || inside[i].time < since) continue;
    if (naive_ordered(rule, inside, step + 1, inside[i].time, used | std::uint64_t{1} << i)) return true;
  }
  return false;
}

inline Measure naive_measure(const WindowRule& rule, const std::vector<Hit>& all, std::int64_t moment) {
  std::vector<Hit> inside;
  for (const Hit& hit : all)
    if (hit.time > moment - rule.span && hit.time <= moment) inside.push_back(hit);
  std::set<std::uint64_t> events, values, bases;
  std::uint64_t seen = 0;
  std::vector<Int128> numbers;
  Int128 sum = 0;
  for (const Hit& hit : inside) {
    if (events.insert(hit.event).second) {
      numbers.push_back(hit.number);
      sum += hit.number;
    }
    values.insert(hit.value);
    bases.insert(hit.base);
    seen |= std::uint64_t{1} << hit.base;
  }
  std::sort(numbers.begin(), numbers.end());
  const auto n = static_cast<std::int64_t>(numbers.size());
  Value value;
  switch (rule.kind) {
    case Kind::event_count: value = Value::whole(n); break;
    case Kind::value_count: value = Value::whole(static_cast<std::int64_t>(values.size())); break;
    case Kind::value_sum: value = {sum, 1}; break;
    case Kind::value_avg: value = n == 0 ? Value() : Value{sum, n}; break;
    case Kind::value_percentile: {
      std::int64_t rank = 0;
      while (n > 0 && rank * 100 * kStep < Int128{rule.percentile} * n) ++rank;
      value = n == 0 ? Value() : Value{numbers[static_cast<std::size_t>(std::max<std::int64_t>(rank, 1) - 1)], 1};
      break;
    }
    case Kind::value_median: value = n == 0 ? Value() : Value{numbers[static_cast<std::size_t>((n - 1) / 2)] + numbers[static_cast<std::size_t>(n / 2)], 2}; break;
    case Kind::temporal: value = Value::whole(static_cast<std::int64_t>(bases.size())); break;
    case Kind::temporal_ordered: value = Value::whole(naive_ordered(rule, inside, 0, kLongAgo, 0) ? static_cast<std::int64_t>(rule.order.size()) : 0); break;
  }
  const bool numeric = rule.kind == Kind::value_sum || rule.kind == Kind::value_avg || rule.kind == Kind::value_percentile || rule.kind == Kind::value_median;
  if (numeric && n == 0) return {value, false};
  if (rule.expression) return {value, rule.expression(seen) && (rule.kind == Kind::temporal || value.steps > 0)};
  return {value, rule.condition.holds(value)};
}

/// At every event moment, in order.
inline std::vector<Moment> naive_moments(const WindowRule& rule, const std::vector<Hit>& all) {
  std::set<std::int64_t> times;
  for (const Hit& hit : all) times.insert(hit.time);
  std::vector<Moment> out;
  for (const std::int64_t time : times) {
    const Measure measure = naive_measure(rule, all, time);
    out.push_back({time, measure.value, measure.holds});
  }
  return out;
}

}  // namespace tocsin::sigma::windows
