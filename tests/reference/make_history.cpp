// make_history.cpp: few groups, few values and few moments, so that windows are met exactly.
#include "tests/reference/make_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/reference/make_item.h"

namespace tocsin::reference {
namespace {

using Kind = Value::Kind;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;

std::string make_bounds(Dice& dice, const std::string& type, std::size_t rules) {
  const bool whole = type == "event_count" || type == "value_count" || type.starts_with("temporal");
  const auto number = [&](int low, int high) {
    return std::to_string(dice.between(low, high)) + (whole || dice.percent(60) ? "" : std::string(dice.pick(std::vector<std::string_view>{".5", ".25", ".0"})));
  };
  if (type == "temporal_ordered") return fmt::format("gte: {}", rules);
  if (type == "temporal") return fmt::format("{}: {}", dice.percent(70) ? "gte" : "eq", dice.between(1, static_cast<int>(rules)));
  switch (dice.below(10)) {
    case 0: return "eq: " + number(1, 4);
    case 1: return "neq: " + number(1, 4);
    case 2: return "lte: " + number(1, 4);
    case 3: return "lt: " + number(2, 5);
    case 4: return "gt: " + number(1, 2) + ", lte: " + std::to_string(dice.between(4, 6));
    case 5: return "gt: " + number(1, 4);
    default: return "gte: " + number(2, 5);
  }
}

std::string make_expression(Dice& dice, const std::vector<std::string>& rules, int depth) {
  if (depth == 0 || dice.percent(30)) return (dice.percent(25) ? "not " : "") + dice.pick(rules);
  const std::string left = make_expression(dice, rules, depth - 1), right = make_expression(dice, rules, depth - 1);
  return fmt::format("({} {} {})", left, dice.percent(50) ? "and" : "or", right);
}

void put(Event& event, const std::string& field, Kind kind, const std::string& text) { add_value(event, field, kind, text); }

Event make_moment(Dice& dice, int id, std::int64_t time) {
  Event out;
  out.product = "p";
  out.id = std::to_string(id);
  out.time = time;
  constexpr std::string_view kKinds[] = {"a", "a", "b", "b", "c", "d"};
  put(out, "k", Kind::text, std::string(dice.pick(kKinds)));
  if (dice.percent(10)) put(out, "k", Kind::text, std::string(dice.pick(kKinds)));
  constexpr std::string_view kUsers[] = {"ana", "ana", "ana", "bo", "Ana", ""};
  for (const std::string field : {"u", "u2"}) {
    for (int n = dice.percent(10) ? 2 : 1; n > 0; --n) {
      if (dice.percent(5)) put(out, field, Kind::null, "");
      if (dice.percent(95)) put(out, field, Kind::text, std::string(dice.pick(kUsers)));
    }
  }
  constexpr std::string_view kNumbers[] = {"1", "2", "3", "0.5", "-2", "4.25", "10", "1.0"};
  for (int n = dice.percent(12) ? 2 : dice.percent(10) ? 0 : 1; n > 0; --n) put(out, "v", dice.percent(70) ? Kind::number : Kind::text, std::string(dice.pick(kNumbers)));
  if (dice.percent(4)) put(out, "v", Kind::text, "many");
  if (dice.percent(90)) put(out, "w", dice.percent(10) ? Kind::null : Kind::text, dice.percent(50) ? "x" : "y");
  return out;
}

}  // namespace

std::string base_rules() {
  std::string out;
  for (const std::string_view kind : {"a", "b", "c"})
    out += fmt::format("{}title: T\nid: id_{}\nname: rule_{}\nlogsource: {{product: p}}\ndetection:\n  sel: {{k: {}}}\n  condition: sel\n",
                       out.empty() ? "" : "---\n", kind, kind, kind);
  return out;
}

MadeCorrelation make_correlation(Dice& dice, const std::string& id) {
  constexpr std::string_view kTypes[] = {"event_count", "event_count", "value_count", "value_count", "value_sum", "value_avg", "value_median", "value_percentile", "temporal", "temporal_ordered"};
  constexpr std::int64_t kSpans[] = {1, 5, 10, 60};
  MadeCorrelation out;
  out.type = dice.pick(kTypes);
  const std::int64_t span = dice.pick(kSpans), suppress = dice.percent(30) ? 30 : 0;
  out.timespan = span * kSecond;
  out.bucket = std::max(span, suppress) * kSecond;
  std::vector<std::string> rules = {"rule_a", "rule_b", "rule_c"};
  for (int n = dice.between(0, 3); n > 0; --n) std::swap(rules[dice.below(3)], rules[dice.below(3)]);
  const bool temporal = out.type.starts_with("temporal");
  rules.resize(static_cast<std::size_t>(temporal ? dice.between(2, 3) : dice.between(1, 3)));
  if (dice.percent(30)) rules[0] = "id" + rules[0].substr(4);
  std::string list;
  for (const std::string& rule : rules) list += (list.empty() ? "" : ", ") + rule;
  constexpr std::string_view kGroups[] = {"", "group-by: [u]", "group-by: [u]", "group-by: [u, w]", "group-by: [who]"};
  const std::string group(dice.pick(kGroups));
  std::string aliases;
  if (group.find("who") != std::string::npos) {
    for (std::size_t i = 0; i < rules.size(); ++i) aliases += fmt::format("{}{}: {}", i == 0 ? "" : ", ", rules[i], i % 2 == 0 ? "u" : "u2");
    aliases = fmt::format("\n  aliases: {{who: {{{}}}}}", aliases);
  }
  std::string condition;
  if (out.type == "temporal" && dice.percent(35)) {
    // Every rule is named, and so the list may be left out.
    std::string expression = make_expression(dice, rules, 2);
    for (const std::string& rule : rules)
      if (expression.find(rule) == std::string::npos) expression = fmt::format("({}) {} {}", expression, dice.percent(60) ? "or" : "and", rule);
    condition = "\n  condition: " + expression;
  } else if (!temporal || dice.percent(50)) {
    std::string bounds = make_bounds(dice, out.type, rules.size());
    if (out.type.starts_with("value")) bounds = (out.type == "value_count" && dice.percent(25) ? "field: [v, w], " : "field: v, ") + bounds;
    if (out.type == "value_percentile" && dice.percent(70)) bounds += fmt::format(", percentile: {}", dice.between(0, 100));
    condition = fmt::format("\n  condition: {{{}}}", bounds);
  }
  out.yaml = fmt::format("title: C\nid: {}\ncorrelation:\n  type: {}\n  rules: [{}]\n  timespan: {}s{}{}{}\n", id, out.type, list, span,
                         group.empty() ? "" : "\n  " + group, aliases, condition);
  if (suppress != 0) out.yaml += fmt::format("tocsin: {{suppress: {}s}}\n", suppress);
  return out;
}

std::vector<Arrival> make_history(Dice& dice, const std::vector<std::int64_t>& timespans, std::int64_t lateness) {
  std::vector<Event> events;
  std::int64_t time = kStart + dice.between(0, 40) * kSecond;
  const int count = dice.between(5, 30);
  while (static_cast<int>(events.size()) < count) {
    std::int64_t at = time;
    if (!events.empty() && dice.percent(35)) {
      // At the very edge of some window of an event before, just inside, or just outside.
      at = dice.pick(events).time + dice.pick(timespans) + dice.between(-1, 1);
    } else if (dice.percent(70)) {
      time = at = time + (dice.percent(20) ? dice.between(5, 30) * kSecond : dice.between(0, 3) * kSecond) + (dice.percent(20) ? dice.between(-1, 1) : 0);
    }
    events.push_back(make_moment(dice, static_cast<int>(events.size()), at));
  }
  // Delayed by less than the lateness each, so that none is late; then a few come once more, or far too late.
  std::vector<std::pair<std::int64_t, Arrival>> order;
  for (const Event& event : events) {
    const bool far = dice.percent(4);
    const std::int64_t delay = far ? lateness * 2 : dice.percent(30) ? 0 : static_cast<std::int64_t>(dice.below(static_cast<std::size_t>(lateness)));
    order.push_back({event.time + delay, {event, static_cast<int>(dice.below(2)), false, 0}});
    if (dice.percent(10)) order.push_back({event.time + static_cast<std::int64_t>(dice.below(static_cast<std::size_t>(lateness))), {event, static_cast<int>(dice.below(2)), false, 0}});
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Arrival> out;
  for (auto& [at, arrival] : order) out.push_back(std::move(arrival));
  judge_lateness(out, lateness);
  return out;
}

void judge_lateness(std::vector<Arrival>& history, std::int64_t lateness) {
  std::int64_t newest[2] = {0, 0};
  for (Arrival& arrival : history) {
    std::int64_t& most = newest[arrival.partition];
    most = std::max(most, arrival.event.time);
    arrival.newest = most;
    arrival.late = arrival.event.time < most - lateness;
  }
}

}  // namespace tocsin::reference
