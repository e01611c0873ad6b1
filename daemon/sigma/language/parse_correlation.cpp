// parse_correlation.cpp: the `correlation:` map of a rule document.
#include <charconv>

#include "daemon/base/limits.h"
#include "daemon/sigma/correlate/windows/exact.h"
#include "daemon/sigma/language/number.h"
#include "daemon/sigma/language/parse.h"

namespace tocsin::sigma {
namespace {

constexpr Operator kOperators[] = {Operator::gt, Operator::gte, Operator::lt, Operator::lte, Operator::eq, Operator::neq};

/// Sigma's timespan: a whole number and one of s m h d w M y; w, M and y as pySigma has them.
std::optional<Microseconds> timespan_of(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t n = 0;
  const std::string_view digits = text.substr(0, text.size() - 1);
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (code != std::errc() || end != digits.data() + digits.size() || n <= 0) return std::nullopt;
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
  constexpr std::int64_t kMost = std::chrono::seconds(limits::kTimespanMax).count();
  // One second more stands for all that is too long: it cannot overflow.
  return std::chrono::seconds(n > kMost / seconds ? kMost + 1 : n * seconds);
}

bool is_keyword(std::string_view word) { return equal_text(word, "and", false) || equal_text(word, "or", false) || equal_text(word, "not", false); }

struct CorrelationReader {
  const yaml::File& file;
  const yaml::Node& body;
  FieldTable& fields;
  Correlation& out;
  Faults& faults;

  bool counts(Counting what) const { return out.type != nullptr && out.type->counting == what; }

  void field(const yaml::Node& at, const std::string& name) const {
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
    for (const CorrelationType& row : correlation_types()) {
      if (row.counting != Counting::extension) known.push_back(row.name);
    }
    faults.add(file, *node, fmt::format("unknown correlation type `{}`", name), faults.did_you_mean(name, known));
  }

  /// The rules of an extended condition may be left out: then they are those that it names.
  void rules() {
    const yaml::Node* condition = body.find("condition");
    const std::vector<Mention> mentions = condition != nullptr && condition->is_scalar() ? mentions_of(condition->text) : std::vector<Mention>{};
    out.rules = read_texts(file, body.find("rules"), "rules", faults);
    if (body.find("rules") == nullptr) {
      for (const Mention& mention : mentions) {
        if (out.rules.size() > limits::kCorrelationRulesMax) break;   // Each is held against all before it.
        if (std::find(out.rules.begin(), out.rules.end(), mention.name) == out.rules.end()) out.rules.emplace_back(mention.name);
      }
    }
    if (out.rules.empty()) faults.add(file, body, "a correlation needs `rules`: the ids or names of detections or correlations");
    if (out.rules.size() > limits::kCorrelationRulesMax) {
      faults.add(file, body, fmt::format("a correlation has at most {} rules", limits::kCorrelationRulesMax));
      out.rules.resize(limits::kCorrelationRulesMax);
    }
    if (body.find("rules") == nullptr || mentions.empty()) return;
    for (const Mention& mention : mentions) {
      if (std::find(out.rules.begin(), out.rules.end(), mention.name) != out.rules.end()) continue;
      faults.add_within(file, *condition, mention.offset, mention.name.size(), fmt::format("`{}` is not among the `rules` of this correlation", mention.name),
                        faults.did_you_mean(mention.name, {out.rules.begin(), out.rules.end()}));
    }
    for (const std::string& rule : out.rules) {
      const bool named = std::any_of(mentions.begin(), mentions.end(), [&](const Mention& mention) { return mention.name == rule; });
      if (!named) faults.add(file, *body.find("rules"), fmt::format("the condition never names `{}`", rule), "leave `rules` out: the condition says which they are");
    }
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
                     faults.did_you_mean(rule.text, {out.rules.begin(), out.rules.end()}));
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
    out.group_by = read_fields(file, node, "group-by", faults);
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
    if (*read > limits::kTimespanMax) return faults.add(file, *node, "a timespan is at most ten years: all within it must be remembered");
    out.timespan = *read;
  }

  void counted_field(const yaml::Node& key, const yaml::Node& value) {
    out.fields = read_fields(file, &value, "field", faults);
    for (const std::string& name : out.fields) {
      if (!out.aliases.contains(name)) field(value, name);
    }
    if (counts(Counting::events) || counts(Counting::rules) || counts(Counting::sequence)) {
      faults.add(file, key, fmt::format("{} counts {}, not values of a field", out.type->name, counts(Counting::events) ? "events" : "rules"),
                 "value_count counts values");
    } else if (counts(Counting::numbers) && out.fields.size() > 1) {
      faults.add(file, value, fmt::format("{} works on the numbers of one field", out.type->name), "value_count counts tuples of several");
    }
  }

  void percentile(const yaml::Node& key, const yaml::Node& value) {
    if (out.type != nullptr && out.type->name != "value_percentile") {
      return faults.add(file, key, fmt::format("{} has no `percentile`", out.type->name), "value_percentile has");
    }
    const auto number = read_decimal(value);
    if (!number || *number < 0 || *number > 100) return faults.add(file, value, "`percentile` needs a number from 0 to 100");
    out.percentile = *number;
  }

  static std::optional<double> read_decimal(const yaml::Node& node) { return node.is_scalar() ? number_of(node.text) : std::nullopt; }

  void compare(Operator op, const yaml::Node& key, const yaml::Node& value) {
    if (counts(Counting::numbers)) {
      const auto number = read_decimal(value);
      if (number && windows::parse_exact(value.text)) out.threshold.add(op, *number, value.text);
      else faults.add(file, value, fmt::format("`{}` needs a number", key.text), "such as `10.5`");
    } else if (auto number = read_whole(file, value, key.text, faults)) {
      out.threshold.add(op, *number);
    }
  }

  void comparison(const yaml::Node& node) {
    std::size_t compared = 0;
    for (const auto& [key, value] : node.entries) {
      if (key.text == "field") {
        counted_field(key, value);
        continue;
      }
      if (key.text == "percentile") {
        percentile(key, value);
        continue;
      }
      const auto op = std::find_if(std::begin(kOperators), std::end(kOperators), [&, &name = key.text](Operator known) { return name == name_of(known); });
      if (op == std::end(kOperators)) {
        faults.add(file, key, fmt::format("unknown key `{}`", key.text),
                   faults.did_you_mean(key.text, {"gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"}));
        ++compared;  // What was meant is unknown, so nothing is said about what is missing.
      } else {
        if (++compared == 3) faults.add(file, key, "a condition has one operator, or two that make a range");
        compare(*op, key, value);
      }
    }
    if (compared == 0) {
      faults.add(file, node, "`condition` compares with nothing", "add `gte: 50` or another of gt, lt, lte, eq, neq");
    } else if (!out.threshold.empty()) {
      possible(node);
    }
    if ((counts(Counting::values) || counts(Counting::numbers)) && out.fields.empty()) {
      faults.add(file, node, fmt::format("{} needs the `field` whose values it {}", out.type->name, counts(Counting::values) ? "counts" : "takes"));
    }
  }

  void possible(const yaml::Node& node) {
    constexpr double kEndless = std::numeric_limits<double>::infinity();
    const bool rules = counts(Counting::rules) || counts(Counting::sequence), numbers = counts(Counting::numbers);
    if (out.threshold.possible(!numbers, numbers ? -kEndless : 1, rules ? static_cast<double>(out.rules.size()) : kEndless)) return;
    faults.add(file, node, "this condition can never hold",
               numbers ? "no number meets both"
               : rules ? fmt::format("it is asked at a match, so from 1 to {} rules are there", out.rules.size())
                       : "it is asked at a match, so there is at least one; what did not happen is found by `tocsin: absence`");
  }

  /// SEP #198: `rule_a and (rule_b or not rule_c)`.
  void expression(const yaml::Node& node) {
    if (!counts(Counting::rules) && !counts(Counting::sequence)) {
      return faults.add(file, node, "`condition` of this type needs a map, such as `gte: 50`",
                        out.type == nullptr ? "" : "temporal and temporal_ordered take `rule_a and not rule_b`");
    }
    const std::size_t before = faults.count();
    for (const Mention& mention : mentions_of(node.text)) {
      if (mention.name == "of") return faults.add_within(file, node, mention.offset, 2, "`of` is no part of a correlation's condition", "name the rules: `rule_a or rule_b`");
      if (std::find(out.rules.begin(), out.rules.end(), mention.name) == out.rules.end()) return;  // Said already.
    }
    Allowance parts(limits::kConditionPartsMax, limits::kConditionPartsMax);
    Condition read = parse_condition(file, node, out.rules, parts, faults);
    if (faults.count() > before) return;
    const std::size_t mentioned = limits::kConditionPartsMax - parts.left();
    bool can_hold = out.rules.size() >= 32 || (mentioned << out.rules.size()) > limits::kExpressionTriesMax;
    for (std::uint64_t present = 1; !can_hold && present < 1ULL << out.rules.size(); ++present) can_hold = holds(read, present);
    if (!can_hold) faults.add(file, node, "this condition can never hold", "it is asked at a match of one of its rules");
    out.expression = std::move(read);
    out.expression_text = node.text;
  }

  void condition() {
    const yaml::Node* node = body.find("condition");
    const bool temporal = counts(Counting::rules) || counts(Counting::sequence);
    if (node == nullptr) {
      if (!temporal) return faults.add(file, body, "a correlation needs a `condition`");
      out.threshold.add(Operator::gte, static_cast<std::int64_t>(out.rules.size()));  // All of them.
    } else if (node->is_map()) {
      comparison(*node);
    } else if (node->is_scalar()) {
      expression(*node);
    } else {
      faults.add(file, *node, "`condition` needs a map, such as `gte: 50`");
    }
  }

  void read() {
    only_keys(file, body, {"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"}, faults);
    type();
    rules();
    aliases();
    group_by();
    timespan();
    condition();
  }
};

}  // namespace

std::vector<Mention> mentions_of(std::string_view condition) {
  constexpr std::string_view kBetween = " \t\r\n()";
  std::vector<Mention> out;
  if (condition.size() > limits::kConditionBytesMax) return out;
  for (std::size_t at = condition.find_first_not_of(kBetween); at != std::string_view::npos; at = condition.find_first_not_of(kBetween, at)) {
    const std::size_t end = std::min(condition.find_first_of(kBetween, at), condition.size());
    if (!is_keyword(condition.substr(at, end - at))) out.push_back({condition.substr(at, end - at), at});
    at = end;
  }
  return out;
}

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
