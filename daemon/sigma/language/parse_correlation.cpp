// parse_correlation.cpp: the `correlation:` map of a rule document.
#include <charconv>

#include "daemon/sigma/language/parse.h"

namespace tocsin::sigma {
namespace {

/// Types of the standard that this version does not count.
constexpr std::string_view kLaterTypes[] = {"temporal", "temporal_ordered", "value_avg", "value_median", "value_percentile", "value_sum"};

/// Sigma's timespan: a whole number and one of s m h d w M y; M and y as pySigma has them.
std::optional<Microseconds> timespan_of(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t n = 0;
  const std::string_view digits = text.substr(0, text.size() - 1);
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (code != std::errc() || end != digits.data() + digits.size() || n <= 0 || n > 100'000'000) return std::nullopt;
  std::int64_t seconds = 0;
  switch (text.back()) {
    case 's': seconds = 1; break;
    case 'm': seconds = 60; break;
    case 'h': seconds = 3'600; break;
    case 'd': seconds = 86'400; break;
    case 'w': seconds = 604'800; break;
    case 'M': seconds = 2'629'746; break;
    case 'y': seconds = 31'556'952; break;
    default: return std::nullopt;
  }
  return std::chrono::seconds(n * seconds);
}

struct CorrelationReader {
  const yaml::File& file;
  const yaml::Node& body;
  FieldTable& fields;
  Correlation& out;
  Faults& faults;

  void field(const yaml::Node& at, const std::string& name) {
    if (name == "subjects.id") {
      faults.add(file, at, "clear identifiers of people end in the decoder", "write `subjects.ref`, their keyed hash");
    } else {
      fields.intern(name);
    }
  }

  void type() {
    const yaml::Node* node = body.find("type");
    if (node == nullptr) return faults.add(file, body, "a correlation needs a `type`");
    const std::string name = read_text(file, node, "type", faults);
    out.type = find_correlation_type(name);
    if (out.type != nullptr || name.empty()) return;
    std::vector<std::string_view> known;
    for (const CorrelationType& row : correlation_types()) known.push_back(row.name);
    const bool later = std::find(std::begin(kLaterTypes), std::end(kLaterTypes), name) != std::end(kLaterTypes);
    faults.add(file, *node, later ? fmt::format("correlation type `{}` is Sigma, but this version does not count it", name)
                                  : fmt::format("unknown correlation type `{}`", name),
               later ? "event_count and value_count are there" : yaml::did_you_mean(name, known));
  }

  void aliases() {
    const yaml::Node* node = body.find("aliases");
    if (node == nullptr) return;
    if (!node->is_map()) return faults.add(file, *node, "`aliases` needs a map: alias → rule → field");
    for (const auto& [alias, rules] : node->entries) {
      if (!rules.is_map()) {
        faults.add(file, rules, fmt::format("alias `{}` needs a map: rule → field", alias.text));
        continue;
      }
      for (const auto& [rule, name] : rules.entries) {
        if (std::find(out.rules.begin(), out.rules.end(), rule.text) == out.rules.end()) {
          faults.add(file, rule, fmt::format("`{}` is not among the `rules` of this correlation", rule.text),
                     yaml::did_you_mean(rule.text, {out.rules.begin(), out.rules.end()}));
        }
        const std::string target = read_text(file, &name, "field", faults);
        field(name, target);
        out.aliases[alias.text][rule.text] = target;
      }
      for (const std::string& rule : out.rules) {
        if (!out.aliases[alias.text].contains(rule)) {
          faults.add(file, alias, fmt::format("alias `{}` names no field for rule `{}`", alias.text, rule));
        }
      }
    }
  }

  void group_by() {
    const yaml::Node* node = body.find("group-by");
    if (node == nullptr) return;
    out.group_by = read_texts(file, node, "group-by", faults);
    if (out.group_by.empty()) faults.add(file, *node, "`group-by` names no field", "leave it out to count all events together");
    for (const std::string& name : out.group_by) {
      if (std::count(out.group_by.begin(), out.group_by.end(), name) > 1) faults.add(file, *node, fmt::format("`{}` stands twice in `group-by`", name));
      if (!out.aliases.contains(name)) field(*node, name);
    }
  }

  void timespan() {
    const yaml::Node* node = body.find("timespan");
    if (node == nullptr) return faults.add(file, body, "a correlation needs a `timespan`");
    const auto read = timespan_of(node->is_scalar() ? node->text : "");
    if (!read) return faults.add(file, *node, "a timespan is a number and one of s, m, h, d, w, M, y", "such as `10m`");
    out.timespan = *read;
  }

  void condition() {
    const yaml::Node* node = body.find("condition");
    if (node == nullptr) return faults.add(file, body, "a correlation needs a `condition`");
    if (!node->is_map()) return faults.add(file, *node, "`condition` of this type needs a map, such as `gte: 50`");
    for (const auto& [key, value] : node->entries) {
      if (key.text == "field") {
        out.fields = read_texts(file, &value, "field", faults);
        for (const std::string& name : out.fields) {
          if (!out.aliases.contains(name)) field(value, name);
        }
        if (out.type != nullptr && !out.type->needs_field) {
          faults.add(file, key, fmt::format("{} counts events, not values of a field", out.type->name), "value_count counts values");
        }
        continue;
      }
      std::optional<Operator> op;
      for (const Operator known : {Operator::gt, Operator::gte, Operator::lt, Operator::lte, Operator::eq, Operator::neq}) {
        if (key.text == name_of(known)) op = known;
      }
      if (!op) {
        faults.add(file, key, fmt::format("unknown key `{}`", key.text),
                   yaml::did_you_mean(key.text, {"gt", "gte", "lt", "lte", "eq", "neq", "field"}));
      } else if (auto number = read_whole(file, value, key.text, faults)) {
        out.threshold.add(*op, *number);
      }
    }
    const bool compares = std::any_of(node->entries.begin(), node->entries.end(), [](const auto& entry) { return entry.key.text != "field"; });
    if (!compares) {
      faults.add(file, *node, "`condition` compares with nothing", "add `gte: 50` or another of gt, lt, lte, eq, neq");
    }
    if (out.type != nullptr && out.type->needs_field && out.fields.empty()) {
      faults.add(file, *node, fmt::format("{} needs the `field` whose values it counts", out.type->name));
    }
  }

  void read() {
    only_keys(file, body, {"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"}, faults);
    type();
    out.rules = read_texts(file, body.find("rules"), "rules", faults);
    if (out.rules.empty()) faults.add(file, body, "a correlation needs `rules`: the ids or names of detections");
    aliases();
    group_by();
    timespan();
    condition();
  }
};

}  // namespace

void parse_correlation(const RuleSource& source, const yaml::Node& body, FieldTable& fields, Correlation& out, Faults& faults) {
  const yaml::File& file = *source.file;
  if (!body.is_map()) return faults.add(file, body, "`correlation` needs a map");
  CorrelationReader{file, body, fields, out, faults}.read();
  // The specification puts `generate` at the root of the document, pySigma inside: both are read.
  for (const yaml::Node* at : {body.find("generate"), source.document->find("generate")}) {
    if (at == nullptr) continue;
    if (at->text == "true") {
      out.generate = true;
    } else if (at->text != "false") {
      faults.add(file, *at, "`generate` needs true or false");
    }
  }
}

}  // namespace tocsin::sigma
