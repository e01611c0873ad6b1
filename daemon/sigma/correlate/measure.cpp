// measure.cpp: the eight types of Sigma as windows.
#include "daemon/sigma/correlate/measure.h"

#include <fmt/ranges.h>

#include <cmath>
#include <cstring>

#include "daemon/base/promise.h"

namespace tocsin::sigma {
namespace {

using windows::Hit;
using windows::Kind;

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"event_count", Kind::event_count}, {"temporal", Kind::temporal},         {"temporal_ordered", Kind::temporal_ordered},
    {"value_avg", Kind::value_avg},     {"value_count", Kind::value_count},   {"value_median", Kind::value_median},
    {"value_percentile", Kind::value_percentile}, {"value_sum", Kind::value_sum}};

windows::Compare compare_of(Operator op) {
  switch (op) {
    case Operator::gt: return windows::Compare::gt;
    case Operator::gte: return windows::Compare::gte;
    case Operator::lt: return windows::Compare::lt;
    case Operator::lte: return windows::Compare::lte;
    case Operator::eq: return windows::Compare::eq;
    case Operator::neq: break;
  }
  return windows::Compare::neq;
}

bool has_negation(const Condition& condition) {
  return condition.kind == Condition::Kind::no || std::any_of(condition.parts.begin(), condition.parts.end(), has_negation);
}

/// The rules without which the condition cannot hold, as bits.
std::uint64_t required(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::selection: return std::uint64_t{1} << condition.selection;
    case Condition::Kind::no: return 0;
    case Condition::Kind::all: {
      std::uint64_t out = 0;
      for (const Condition& part : condition.parts) out |= required(part);
      return out;
    }
    case Condition::Kind::any: {
      std::uint64_t out = ~std::uint64_t{0};
      for (const Condition& part : condition.parts) out &= required(part);
      return condition.parts.empty() ? 0 : out;
    }
  }
  return 0;
}

std::uint64_t short_of(const Id128& id) {
  std::uint64_t out = 0;
  std::memcpy(&out, id.bytes.data(), sizeof out);
  return out;
}

}  // namespace

windows::WindowRule window_rule_of(const Rule& rule) {
  const Correlation& correlation = *rule.correlation();
  windows::WindowRule out;
  out.bucket = correlation.bucket().count();
  if (correlation.type->counting == Counting::extension) {
    out.span = 1;  // Its window is the moment that it asks about.
    return out;
  }
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& row) { return row.first == correlation.type->name; });
  TOCSIN_ASSERT(kind != std::end(kKinds));
  out.kind = kind->second;
  out.span = correlation.timespan.count();
  for (const Threshold::Part& part : correlation.threshold.parts()) {
    const auto than = windows::parse_exact(part.token);
    TOCSIN_ASSERT(than);  // The parser refuses what is too great.
    out.condition.bounds.push_back({compare_of(part.op), *than});
  }
  out.percentile = std::llround(correlation.percentile * static_cast<double>(windows::kStep));
  out.bases = static_cast<std::uint8_t>(correlation.rules.size());
  std::uint64_t in_order = ~std::uint64_t{0};
  if (correlation.expression) {
    out.expression = [&condition = *correlation.expression](std::uint64_t seen) { return holds(condition, seen); };
    out.expression_only_grows = !has_negation(*correlation.expression);
    in_order = required(*correlation.expression);
  }
  for (std::uint8_t base = 0; base < out.bases; ++base) {
    if ((in_order >> base & 1U) != 0) out.order.push_back(base);
  }
  // Of the rule, so that every run of it sees the same tables; whoever cannot read the rules cannot aim at it.
  out.seed = short_of(identity({"window", rule.id, rule.canonical.view()}));
  return out;
}

void add_hits(const Correlation& correlation, const v1::MatchedEvent& event, const v1::RuleMatch& match, std::uint8_t base,
              std::vector<Hit>& out) {
  const Hit plain{.time = event.time(), .event = short_of(id128_from_bytes(event.event_id())), .base = base};
  const auto* baseline = std::get_if<Baseline>(&correlation.extension);
  Counting counting = correlation.type->counting;
  if (counting == Counting::extension) counting = correlation.fields.empty() ? Counting::events : Counting::values;
  if (baseline != nullptr && baseline->measure == Baseline::Measure::sum) counting = Counting::numbers;
  switch (counting) {
    case Counting::values:
      if (correlation.counts_subjects()) {
        for (const v1::SubjectRef& subject : event.subjects()) (out.emplace_back(plain)).value = short_of(id128_from_bytes(subject.ref()));
      } else {
        for (const std::string& hash : match.value_hashes()) (out.emplace_back(plain)).value = short_of(id128_from_bytes(hash));
      }
      return;
    case Counting::numbers:
      // The i-th number is an event of its own: a list may hold the same number twice.
      for (int i = 0; i < match.numbers_size(); ++i) {
        const auto number = windows::parse_exact(match.numbers(i));
        if (!number) continue;
        Hit& hit = out.emplace_back(plain);
        hit.event += static_cast<std::uint64_t>(i);
        hit.number = *number;
      }
      return;
    default:
      out.push_back(plain);
  }
}

void add_hits(const Chain& chain, const std::vector<v1::FieldValue>& group, std::int64_t time,
              const Id128& alert_id, std::uint8_t base, std::vector<Hit>& out) {
  Hit hit{.time = time, .event = short_of(alert_id), .base = base};
  if (chain.numbers) {
    const auto number = windows::parse_exact(group[chain.counted.front()].value());
    if (!number) return;
    hit.number = *number;
  } else if (!chain.counted.empty()) {
    std::string joined;
    for (const std::size_t place : chain.counted) joined += fmt::format("{}:{}", group[place].value().size(), group[place].value());
    hit.value = short_of(identity({joined}));
  }
  out.push_back(hit);
}

std::string measured_text(const Correlation& correlation, const windows::Value& value) {
  const std::string number = windows::text_of(value);
  const bool one = number == "1";
  const std::string fields = fmt::format("{}", fmt::join(correlation.fields, " + "));
  switch (correlation.type->counting) {
    case Counting::events: return fmt::format("{} event{}", number, one ? "" : "s");
    case Counting::values:
      if (correlation.counts_subjects()) return fmt::format("{} distinct subject{}", number, one ? "" : "s");
      return fmt::format("{} distinct value{} of {}", number, one ? "" : "s", fields);
    case Counting::numbers: {
      if (correlation.type->name == "value_sum") return fmt::format("sum of {} {}", fields, number);
      if (correlation.type->name == "value_avg") return fmt::format("average of {} {}", fields, number);
      if (correlation.type->name == "value_median") return fmt::format("median of {} {}", fields, number);
      return fmt::format("percentile {} of {} {}", correlation.percentile, fields, number);
    }
    case Counting::rules: return fmt::format("{} of {} rules", number, correlation.rules.size());
    case Counting::sequence: return fmt::format("{} rules in order", number);
    case Counting::extension: break;
  }
  return number;
}

std::int64_t whole_of(const windows::Value& value) {
  constexpr double kMost = 9e18;
  return std::llround(std::clamp(windows::double_of(value), -kMost, kMost));
}

}  // namespace tocsin::sigma
