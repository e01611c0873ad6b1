// test_rules.h: short ways for tests to make rules and events.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sigma/engine/matcher.h"

namespace tocsin::sigma {

inline Result<RuleSet> read_rules(const std::string& text, const std::string& path = "r.yml") {
  auto file = yaml::parse(path, text);
  if (!file) return Failure(std::move(file).error());
  return RuleSet::read({*file});
}

/// The faults of a text that must have some.
inline std::string faults_of(const std::string& text) {
  auto set = read_rules(text);
  return set ? "no fault" : set.error().text;
}

/// A detection around the given body, indented by two.
inline std::string detection(const std::string& body, const std::string& id = "d1") {
  return "title: T\nid: " + id + "\nlogsource: {product: p}\ndetection:\n" + body;
}

using Values = std::vector<std::pair<ValueType, std::string>>;
struct Field {
  std::string name;
  Values values;
};
inline Field text(std::string name, std::string value) { return {std::move(name), {{ValueType::text, std::move(value)}}}; }
inline Field number(std::string name, std::string value) { return {std::move(name), {{ValueType::number, std::move(value)}}}; }
inline Field null(std::string name) { return {std::move(name), {{ValueType::null, ""}}}; }
inline Field flag(std::string name, bool value) { return {std::move(name), {{ValueType::boolean, value ? "true" : "false"}}}; }
inline Field list(std::string name, std::vector<std::string> values) {
  Field out{std::move(name), {}};
  for (std::string& value : values) out.values.emplace_back(ValueType::text, std::move(value));
  return out;
}

inline Event event_of(const RuleSet& rules, const std::vector<Field>& fields, const LogSource& source = {"p", "", ""}) {
  Event out;
  out.clear(rules.fields().size());
  out.keep_log_source(source);
  out.id = identity({"event"});
  for (const Field& field : fields) {
    const FieldTable::Slot slot = rules.fields().find(field.name);
    for (const auto& [type, value] : field.values) {
      if (type == ValueType::text && rules.fields().wants_all) out.add_copy(FieldTable::kAll, type, value);
      if (slot != FieldTable::kAll) out.add_copy(slot, type, value);
    }
    if (slot != FieldTable::kAll) out.mark_present(slot);
  }
  return out;
}

/// All that the detections which say yes hand on. The rules must outlive the call only.
inline bool match(const RuleSet& rules, const Event& event, std::vector<v1::RuleMatch>& out, std::size_t room = limits::kFrameBytesMax) {
  Matcher matcher(std::shared_ptr<const RuleSet>(std::shared_ptr<const RuleSet>(), &rules));
  return rules.report(matcher.match(event), event, out, room);
}

inline bool matches(const RuleSet& rules, const std::vector<Field>& fields, const LogSource& source = {"p", "", ""}) {
  std::vector<v1::RuleMatch> out;
  match(rules, event_of(rules, fields, source), out);
  return !out.empty();
}

/// One selection, as `  sel: …` lines or a flow map, asked about one event. Faults throw, so that a wrong test is loud.
inline bool says_yes(const std::string& selection, const std::vector<Field>& fields) {
  auto rules = read_rules(detection("  sel: " + selection + "\n  condition: sel\n"));
  if (!rules) throw std::runtime_error(rules.error().text);
  return matches(*rules, fields);
}

}  // namespace tocsin::sigma
