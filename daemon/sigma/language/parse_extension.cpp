// parse_extension.cpp: the `tocsin:` map, which every other Sigma tool ignores: Chinese title, promise, suppression, kinds, tests.
#include "daemon/sigma/language/number.h"
#include "daemon/sigma/language/parse.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kRepeatMax = 100'000;  // A test is no benchmark.

struct TestReader {
  const yaml::File& file;
  FieldTable& fields;
  Faults& faults;

  std::pair<ValueType, std::string> value(const yaml::Node& node) const {
    if (!node.is_scalar()) {
      faults.add(file, node, "a value must be a text, a number, true, false or null, or a list of these");
      return {};
    }
    if (node.is_null()) return {ValueType::null, ""};
    if (!node.quoted && is_number(node.text)) return {ValueType::number, node.text};
    if (!node.quoted && (node.text == "true" || node.text == "false")) return {ValueType::boolean, node.text};
    return {ValueType::text, node.text};
  }

  void values(const yaml::Node& map, TestEvents& out) {
    if (!map.is_map()) return faults.add(file, map, "`values` needs a map of fields, written with dots");
    for (const auto& [key, node] : map.entries) {
      if (key.text == kSubjectField || key.text == "subjects.id") {
        faults.add(file, key, "people are given as `subjects`, a list of names beside `values`");
        continue;
      }
      fields.intern(key.text);
      auto& [name, list] = out.values.emplace_back();
      name = key.text;
      if (node.is_list()) {
        for (const yaml::Node& item : node.items) list.push_back(value(item));
      } else {
        list.push_back(value(node));
      }
    }
  }

  TestEvents events(const yaml::Node& map) {
    TestEvents out;
    if (!map.is_map()) {
      faults.add(file, map, "each entry of `given` is a map");
      return out;
    }
    only_keys(file, map, {"time", "after", "before", "repeat", "every", "late", "logsource", "document", "mapping", "values", "subjects", "subject_count", "record_count"}, faults);
    for (const auto& [key, node] : map.entries) {
      if (key.text == "time") {
        auto at = parse_rfc3339(node.text);
        if (at) out.time = *at;
        else faults.add(file, node, at.error().text);
      } else if (key.text == "after") {
        out.after = read_duration(file, node, faults);
      } else if (key.text == "before") {
        out.before = read_duration(file, node, faults);
      } else if (key.text == "late") {
        out.late = flag(node, "late");
      } else if (key.text == "logsource") {
        out.log_source = log_source(node);
      } else if (key.text == "document") {
        out.document = node.is_scalar() ? node.text : yaml::json_of(node);
        if (out.document.empty()) faults.add(file, node, "`document` needs a map, or JSON as a text");
      } else if (key.text == "mapping") {
        out.mapping = read_text(file, &node, "mapping", faults);
      } else if (key.text == "every") {
        out.every = read_duration(file, node, faults);
      } else if (key.text == "repeat") {
        out.repeat = read_whole(file, node, "repeat", faults).value_or(1);
        if (out.repeat > kRepeatMax) faults.add(file, node, fmt::format("at most {} events", kRepeatMax));
      } else if (key.text == "values") {
        values(node, out);
      } else if (key.text == "subjects") {
        out.subjects = read_texts(file, &node, "subjects", faults);
      } else if (key.text == "subject_count") {
        out.subject_count = read_whole(file, node, "subject_count", faults).value_or(0);
      } else if (key.text == "record_count") {
        out.record_count = read_whole(file, node, "record_count", faults).value_or(0);
      }
    }
    if (out.document.empty() && !out.mapping.empty()) faults.add(file, map, "`mapping` says how a `document` is read, and there is none");
    return out;
  }

  bool flag(const yaml::Node& node, std::string_view what) const {
    if (node.is_scalar() && (node.text == "true" || node.text == "false")) return node.text == "true";
    faults.add(file, node, fmt::format("`{}` is true or false", what));
    return false;
  }

  LogSource log_source(const yaml::Node& map) const {
    LogSource out;
    if (!map.is_map()) {
      faults.add(file, map, "`logsource` needs a map of product, category, service");
      return out;
    }
    only_keys(file, map, {"product", "category", "service"}, faults);
    out.product = read_text(file, map.find("product"), "product", faults);
    out.category = read_text(file, map.find("category"), "category", faults);
    out.service = read_text(file, map.find("service"), "service", faults);
    return out;
  }

  void expect(const yaml::Node& map, RuleTest& out) {
    if (!map.is_map()) return faults.add(file, map, "`expect` needs a map, such as `{alerts: 1}`");
    only_keys(file, map, {"alerts", "group", "count", "people", "rules"}, faults);
    if (map.find("alerts") == nullptr) faults.add(file, map, "`expect` must say how many `alerts`");
    for (const auto& [key, node] : map.entries) {
      if (key.text == "alerts") {
        out.alerts = read_whole(file, node, "alerts", faults).value_or(0);
      } else if (key.text == "rules") {
        if (!node.is_map()) faults.add(file, node, "`rules` needs a map: id or name of a rule → its alerts");
        for (const auto& [rule, alerts] : node.entries) out.others.emplace_back(rule.text, read_whole(file, alerts, rule.text, faults).value_or(0));
      } else if (key.text == "count") {
        out.count = read_whole(file, node, "count", faults);
      } else if (key.text == "people") {
        out.people = read_whole(file, node, "people", faults);
      } else if (key.text == "group") {
        if (!node.is_map()) faults.add(file, node, "`group` needs a map of fields and values");
        for (const auto& [field, text] : node.entries) out.group.emplace_back(field.text, read_text(file, &text, field.text, faults));
      }
    }
  }

  RuleTest test(const yaml::Node& map) {
    RuleTest out;
    out.place = fmt::format("{}:{}", file.path, map.mark.line);
    if (!map.is_map()) {
      faults.add(file, map, "a test is a map of it, given, expect");
      return out;
    }
    only_keys(file, map, {"it", "given", "expect"}, faults);
    out.name = read_text(file, map.find("it"), "it", faults);
    if (out.name.empty()) faults.add(file, map, "a test needs `it`: a sentence that says what the rule does");
    const yaml::Node* given = map.find("given");
    if (given == nullptr || !given->is_list()) {
      faults.add(file, given ? *given : map, "a test needs `given`: a list of events");
    } else {
      for (const yaml::Node& node : given->items) out.given.push_back(events(node));
    }
    if (const yaml::Node* node = map.find("expect")) expect(*node, out);
    else faults.add(file, map, "a test needs `expect`");
    return out;
  }
};

}  // namespace

std::vector<RuleTest> parse_tests(const yaml::File& file, const yaml::Node& list, FieldTable& fields, Faults& faults) {
  std::vector<RuleTest> out;
  if (!list.is_list()) {
    faults.add(file, list, "`tests` needs a list");
    return out;
  }
  TestReader reader{file, fields, faults};
  for (const yaml::Node& node : list.items) out.push_back(reader.test(node));
  return out;
}

void parse_extension(const RuleSource& source, const yaml::Node& body, FieldTable& fields, Rule& out, Faults& faults) {
  const yaml::File& file = *source.file;
  if (!body.is_map()) return faults.add(file, body, "`tocsin` needs a map");
  only_keys(file, body, {"title_zh", "promise", "time_zone", "detection", "suppress", "tests", "first_seen", "absence", "baseline"}, faults);
  for (const std::string_view key : {"time_zone", "detection"}) {
    const yaml::Node* node = body.find(key);
    if (node != nullptr && out.correlation() != nullptr) faults.add(file, *node, fmt::format("`{}` belongs to a detection", key));
  }
  out.title_zh = read_text(file, body.find("title_zh"), "title_zh", faults);
  out.promise = read_text(file, body.find("promise"), "promise", faults);
  out.extension = parse_extension_kind(file, body, fields, faults);
  if (const yaml::Node* node = body.find("suppress")) {
    Correlation* correlation = out.extension ? &*out.extension : std::get_if<Correlation>(&out.body);
    if (correlation == nullptr) {
      faults.add(file, *node, "`suppress` belongs to a correlation: a detection alerts once per event");
    } else {
      correlation->suppress = read_duration(file, *node, faults);
    }
  }
  if (const yaml::Node* node = body.find("tests")) out.tests = parse_tests(file, *node, fields, faults);
}

}  // namespace tocsin::sigma
