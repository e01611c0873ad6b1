// correlate.cpp: quadratic: for each event all events are looked at.
#include "tests/reference/correlate.h"

#include "tests/reference/evaluate.h"

namespace tocsin::reference {
namespace {

/// That a base rule said yes to an event, seen by one group.
struct Occurrence {
  std::int64_t time = 0;
  std::string event;
  std::size_t base = 0;
  std::set<std::string> values;            ///< Of the counted field; of several fields all their combinations.
  std::vector<Decimal> numbers;            ///< The same, where they are numbers.
};

/// Every combination of one value of each field, as lines of `field=value`. A field without a value: none.
std::set<std::string> combinations(const Correlation& rule, const std::vector<std::string>& fields, const std::string& base, const Rule& base_rule, const Event& event) {
  std::set<std::string> out = {""};
  for (const std::string& field : fields) {
    std::string name = field;
    if (const auto alias = rule.aliases.find(field); alias != rule.aliases.end()) {
      for (const std::string& key : {base, base_rule.id, base_rule.name})
        if (const auto at = alias->second.find(key); at != alias->second.end()) name = at->second;
    }
    std::set<std::string> longer;
    if (const auto at = event.fields.find(name); at != event.fields.end()) {
      for (const Value& value : at->second)
        for (const std::string& before : out)
          if (value.kind != Value::Kind::null) longer.insert(before + field + "=" + value.text + "\n");
    }
    out = longer;
  }
  return out;
}

/// Every number of the field's list: the same one twice counts twice.
std::vector<Decimal> numbers_of(const Correlation& rule, const Event& event) {
  std::vector<Decimal> out;
  for (const std::string& field : rule.fields) {
    const auto at = event.fields.find(field);
    if (at == event.fields.end()) continue;
    for (const Value& value : at->second)
      if (const auto number = decimal_of(value.text)) out.push_back(*number);
  }
  return out;
}

bool is_of_numbers(const std::string& type) { return type == "value_sum" || type == "value_avg" || type == "value_median" || type == "value_percentile"; }

/// Does an event with these values count at all?
bool counts(const Correlation& rule, const Occurrence& event) {
  if (rule.type == "value_count") return !event.values.empty();
  return !is_of_numbers(rule.type) || !event.numbers.empty();
}

Decimal times(const Decimal& number, std::size_t n) {
  Decimal out;
  for (; n > 0; --n) out = sum(out, number);
  return out;
}

Decimal whole(std::size_t n) { return *decimal_of(std::to_string(n)); }

/// The measure × scale, so that a mean needs no division.
struct Measure {
  Decimal scaled;
  std::size_t scale = 1;
};

Measure measure_numbers(const Correlation& rule, std::vector<Decimal> numbers) {
  std::sort(numbers.begin(), numbers.end(), [](const Decimal& a, const Decimal& b) { return compare(a, b) < 0; });
  const std::size_t n = numbers.size();
  if (rule.type == "value_median") return {sum(numbers[(n - 1) / 2], numbers[n / 2]), 2};
  if (rule.type == "value_percentile") {
    // Nearest rank: the least k with 100 × k ≥ percentile × n, but at least the first.
    std::size_t k = 1;
    while (compare(whole(100 * k), times(rule.percentile, n)) < 0) ++k;
    return {numbers[k - 1], 1};
  }
  Decimal total;
  for (const Decimal& number : numbers) total = sum(total, number);
  return {total, rule.type == "value_avg" ? n : 1};
}

/// Can hits be chosen for the rules from `next` on, each its own event hit and none before `from`?
bool in_order(const std::vector<Occurrence>& window, std::size_t rules, std::size_t next, std::int64_t from) {
  if (next == rules) return true;
  return std::any_of(window.begin(), window.end(), [&](const Occurrence& each) {
    return each.base == next && each.time >= from && in_order(window, rules, next + 1, each.time);
  });
}

bool holds(const Condition& condition, const std::set<std::string>& seen) {
  const auto each = [&](const Condition& part) { return holds(part, seen); };
  switch (condition.kind) {
    case Condition::Kind::name: return seen.contains(condition.name);
    case Condition::Kind::all: return std::all_of(condition.parts.begin(), condition.parts.end(), each);
    case Condition::Kind::any: return std::any_of(condition.parts.begin(), condition.parts.end(), each);
    case Condition::Kind::no: return !each(condition.parts[0]);
  }
  return false;
}

bool fulfils(const Correlation& rule, const std::vector<Occurrence>& window) {
  std::set<std::string> events, values, seen;
  std::vector<Decimal> numbers;
  for (const Occurrence& each : window) {
    // An event that meets two of the rules brings its numbers once.
    if (events.insert(each.event).second) numbers.insert(numbers.end(), each.numbers.begin(), each.numbers.end());
    values.insert(each.values.begin(), each.values.end());
    seen.insert(rule.rules[each.base]);
  }
  if (rule.extended) {
    return holds(*rule.extended, seen);
  }
  Measure measure;
  if (rule.type == "event_count") measure.scaled = whole(events.size());
  if (rule.type == "value_count") measure.scaled = whole(values.size());
  if (rule.type == "temporal") measure.scaled = whole(seen.size());
  if (rule.type == "temporal_ordered") measure.scaled = whole(in_order(window, rule.rules.size(), 0, window.empty() ? 0 : window.front().time) ? rule.rules.size() : 0);
  if (is_of_numbers(rule.type)) measure = measure_numbers(rule, numbers);
  return std::all_of(rule.thresholds.begin(), rule.thresholds.end(), [&](const auto& threshold) {
    return holds(compare(measure.scaled, times(threshold.second, measure.scale)), threshold.first);
  });
}

std::map<std::string, std::vector<Occurrence>> occurrences(const std::vector<Rule>& rules, const Correlation& rule, const std::vector<Event>& history) {
  std::map<std::string, std::vector<Occurrence>> out;
  std::set<std::pair<std::int64_t, std::string>> known;
  for (const Event& event : history) {
    if (!known.emplace(event.time, event.id).second) continue;
    for (std::size_t base = 0; base < rule.rules.size(); ++base) {
      for (const Rule& each : rules) {
        if ((each.id != rule.rules[base] && each.name != rule.rules[base]) || !says_yes(each, event)) continue;
        Occurrence one{event.time, event.id, base, {}, numbers_of(rule, event)};
        if (!rule.fields.empty()) one.values = combinations(rule, rule.fields, rule.rules[base], each, event);
        if (!counts(rule, one)) continue;
        for (const std::string& group : combinations(rule, rule.group_by, rule.rules[base], each, event))
          out[group].push_back(one);
      }
    }
  }
  for (auto& [group, all] : out)
    std::stable_sort(all.begin(), all.end(), [](const Occurrence& a, const Occurrence& b) { return a.time < b.time; });
  return out;
}

}  // namespace

std::vector<Alert> correlate(const std::vector<Rule>& rules, const std::vector<Event>& history) {
  std::map<std::tuple<std::string, std::string, std::int64_t>, std::int64_t> first;
  for (const Rule& each : rules) {
    if (!each.correlation) continue;
    const Correlation& rule = *each.correlation;
    const std::int64_t length = std::max(rule.timespan, rule.suppress);
    for (const auto& [group, all] : occurrences(rules, rule, history)) {
      for (const Occurrence& moment : all) {
        std::vector<Occurrence> window;
        for (const Occurrence& other : all)
          if (other.time > moment.time - rule.timespan && other.time <= moment.time) window.push_back(other);
        if (!fulfils(rule, window)) continue;
        // Those in order of time: the first that comes is the first there is.
        first.try_emplace({each.known_as(), group, moment.time / length * length}, moment.time);
      }
    }
  }
  std::vector<Alert> out;
  for (const auto& [key, moment] : first) out.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), moment});
  return out;
}

}  // namespace tocsin::reference
