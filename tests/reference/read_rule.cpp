// read_rule.cpp: documents become detections, correlations and filters.
#include <charconv>

#include "tests/reference/rule.h"

namespace tocsin::reference {
namespace {

std::string text_at(const yaml::Node& map, std::string_view key) {
  const yaml::Node* node = map.find(key);
  return node == nullptr ? "" : node->text;
}

std::vector<std::string> texts_of(const yaml::Node* node) {
  std::vector<std::string> out;
  if (node != nullptr && node->is_scalar()) out.push_back(node->text);
  if (node != nullptr && node->is_list())
    for (const yaml::Node& item : node->items) out.push_back(item.text);
  return out;
}

Result<std::int64_t> micros_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"s", 1},      {"m", 60},        {"h", 3'600},     {"d", 86'400},
                                                                  {"w", 604'800}, {"M", 2'629'746}, {"y", 31'556'952}};
  for (const auto& [name, seconds] : kUnits)
    if (error == std::errc() && unit == name) return number * seconds * 1'000'000;
  return bad_input("timespan");
}

/// Selections and condition of a `detection:` or `filter:` map.
Result<Detection> read_detection(const yaml::Node& map, const Placeholders& placeholders, std::string_view also_known = "") {
  Detection out;
  std::vector<std::string> names;
  for (const yaml::Entry& entry : map.entries) {
    if (entry.key.text == "condition" || entry.key.text == also_known) continue;
    TOCSIN_ASSIGN(out.selections[entry.key.text], read_selection(entry.value, placeholders));
    names.push_back(entry.key.text);
  }
  out.condition.kind = Condition::Kind::any;
  const auto texts = texts_of(map.find("condition"));
  if (texts.empty()) return bad_input("no condition");
  for (const std::string& text : texts) {
    TOCSIN_ASSIGN(Condition condition, read_condition(text, names));
    out.condition.parts.push_back(condition);
  }
  return out;
}

Result<Correlation> read_correlation(const yaml::Node& map, const yaml::Node* ours) {
  Correlation out;
  out.type = text_at(map, "type");
  out.rules = texts_of(map.find("rules"));
  out.group_by = texts_of(map.find("group-by"));
  if (const yaml::Node* aliases = map.find("aliases")) {
    for (const yaml::Entry& alias : aliases->entries)
      for (const yaml::Entry& rule : alias.value.entries) out.aliases[alias.key.text][rule.key.text] = rule.value.text;
  }
  TOCSIN_ASSIGN(out.timespan, micros_of(text_at(map, "timespan")));
  if (ours != nullptr && ours->find("suppress") != nullptr) {
    TOCSIN_ASSIGN(out.suppress, micros_of(text_at(*ours, "suppress")));
  }
  out.percentile = *decimal_of("50");
  const yaml::Node* condition = map.find("condition");
  if (condition != nullptr && condition->is_scalar()) {
    std::vector<std::string> names = out.rules;
    if (names.empty()) {
      // The condition alone says which rules belong to it.
      std::string word;
      for (const char c : condition->text + " ") {
        if (c != ' ' && c != '(' && c != ')') {
          word.push_back(c);
        } else {
          const bool name = !word.empty() && word != "and" && word != "or" && word != "not";
          if (name && std::find(names.begin(), names.end(), word) == names.end()) names.push_back(word);
          word.clear();
        }
      }
      out.rules = names;
    }
    TOCSIN_ASSIGN(out.extended, read_condition(condition->text, names));
    return out;
  }
  if (condition != nullptr) {
    for (const yaml::Entry& entry : condition->entries) {
      if (entry.key.text == "field") {
        out.fields = texts_of(&entry.value);
        continue;
      }
      const auto number = decimal_of(entry.value.text);
      if (!number) return bad_input("threshold");
      if (entry.key.text == "percentile") {
        out.percentile = *number;
        continue;
      }
      const auto comparison = entry.key.text == "eq"    ? std::optional(Comparison::eq)
                              : entry.key.text == "neq" ? std::optional(Comparison::neq)
                                                        : comparison_named(entry.key.text);
      if (!comparison) return bad_input("condition of a correlation: " + entry.key.text);
      out.thresholds.emplace_back(*comparison, *number);
    }
  }
  if (out.thresholds.empty()) out.thresholds.emplace_back(Comparison::gte, *decimal_of(std::to_string(out.rules.size())));
  return out;
}

std::string small(std::string text) {
  for (char& c : text) c = static_cast<char>(ascii_folded(static_cast<unsigned char>(c)));
  return text;
}

void read_log_source(const yaml::Node& document, Rule& out) {
  const yaml::Node* source = document.find("logsource");
  if (source == nullptr) return;
  out.product = small(text_at(*source, "product"));
  out.category = small(text_at(*source, "category"));
  out.service = small(text_at(*source, "service"));
}

bool holds_log_source(const Rule& wide, const Rule& narrow) {
  const auto within = [](const std::string& a, const std::string& b) { return a.empty() || a == b; };
  return within(wide.product, narrow.product) && within(wide.category, narrow.category) && within(wide.service, narrow.service);
}

}  // namespace

Result<Selection> read_selection(const yaml::Node& node, const Placeholders& placeholders) {
  Selection out;
  if (node.is_scalar()) {
    TOCSIN_ASSIGN(out.item, read_item("", node, placeholders));
  } else if (node.is_list()) {
    out.kind = Selection::Kind::any;
    for (const yaml::Node& each : node.items) {
      TOCSIN_ASSIGN(Selection part, read_selection(each, placeholders));
      out.parts.push_back(std::move(part));
    }
  } else {
    out.kind = Selection::Kind::all;
    for (const yaml::Entry& entry : node.entries) {
      Selection part;
      TOCSIN_ASSIGN(part.item, read_item(entry.key.text, entry.value, placeholders));
      out.parts.push_back(std::move(part));
    }
  }
  return out;
}

Result<std::vector<Rule>> read_rules(const yaml::File& file, const Placeholders& placeholders) {
  std::vector<Rule> out;
  for (const yaml::Node& document : file.documents) {
    if (document.find("filter") != nullptr) continue;
    Rule rule;
    rule.id = text_at(document, "id");
    rule.name = text_at(document, "name");
    read_log_source(document, rule);
    if (const yaml::Node* detection = document.find("detection")) {
      TOCSIN_ASSIGN(rule.detection, read_detection(*detection, placeholders));
    } else if (const yaml::Node* correlation = document.find("correlation")) {
      TOCSIN_ASSIGN(rule.correlation, read_correlation(*correlation, document.find("tocsin")));
    }
    out.push_back(std::move(rule));
  }
  for (const yaml::Node& document : file.documents) {
    const yaml::Node* filter = document.find("filter");
    if (filter == nullptr) continue;
    TOCSIN_ASSIGN(const Detection detection, read_detection(*filter, placeholders, "rules"));
    const std::vector<std::string> wanted = texts_of(filter->find("rules"));
    Rule source;
    read_log_source(document, source);
    for (Rule& rule : out) {
      const bool any = wanted.empty() || wanted == std::vector<std::string>{"any"};
      const bool named = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) { return each == rule.id || each == rule.name; });
      if (rule.detection && (any || named) && holds_log_source(source, rule)) rule.filters.push_back(detection);
    }
  }
  return out;
}

}  // namespace tocsin::reference
