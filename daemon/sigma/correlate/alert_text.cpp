// alert_text.cpp: which values, how many, compared with what.
#include "daemon/sigma/correlate/alert_text.h"

#include <fmt/ranges.h>

#include "daemon/sigma/correlate/measure.h"

namespace tocsin::sigma {

void set_time(google::protobuf::Timestamp& out, std::int64_t micros) {
  // Floor, so that times before 1970 keep their nanos positive.
  const std::int64_t rest = ((micros % 1'000'000) + 1'000'000) % 1'000'000;
  out.set_seconds((micros - rest) / 1'000'000);
  out.set_nanos(static_cast<std::int32_t>(rest * 1'000));
}

void describe_rule(const Rule& rule, const std::string& tenant, v1::Alert& out) {
  out.set_tenant(tenant);
  out.set_rule_id(rule.id);
  out.set_rule_title(rule.title);
  out.set_rule_title_zh(rule.title_zh);
  out.set_level(rule.level);
}

std::string explain(const Correlation& correlation, const windows::Value& value, const std::vector<v1::FieldValue>& group) {
  std::string asked = correlation.expression ? fmt::format("`{}`", correlation.expression_text) : correlation.threshold.text();
  if (correlation.type->counting == Counting::sequence && !correlation.expression) asked = fmt::format("{}", fmt::join(correlation.rules, " → "));
  return explain(fmt::format("{} in {} ({})", measured_text(correlation, value), duration_text(correlation.timespan), asked), group);
}

std::string explain(std::string out, const std::vector<v1::FieldValue>& group) {
  std::string_view before = "; ";
  for (const v1::FieldValue& part : group) {
    out += fmt::format("{}{} = {}", before, part.field(), part.value());
    before = ", ";
  }
  return out;
}

std::string explain(const Detection& detection, const FieldTable& fields, const v1::RuleMatch& match) {
  std::vector<std::string> asked;
  for (const FieldTable::Slot slot : detection.named) {
    std::vector<std::string> values;
    for (const v1::FieldValue& shown : match.evidence()) {
      if (shown.field() == fields.name(slot)) values.push_back(shown.value());
    }
    if (values.empty()) asked.push_back(fmt::format("{} has no value", fields.name(slot)));
    else asked.push_back(fmt::format("{} = {}", fields.name(slot), fmt::join(values, " + ")));
  }
  if (asked.empty()) return fmt::format("the event meets `{}`", detection.condition_text);
  return fmt::format("the event meets `{}`: {}", detection.condition_text, fmt::join(asked, ", "));
}

}  // namespace tocsin::sigma
