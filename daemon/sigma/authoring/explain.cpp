// explain.cpp: the rule's tree once more, with the same functions that the engine verifies candidates with.
#include "daemon/sigma/authoring/explain.h"

#include "daemon/base/json.h"
#include "daemon/sigma/authoring/predicate_text.h"
#include "daemon/sigma/veil.h"

namespace tocsin::sigma {
namespace {

constexpr std::size_t kValuesShown = 8;   // Of one field.
constexpr std::size_t kMissesShown = 12;  // Of a list of which one is enough.

std::string source_text(std::string_view product, std::string_view category, std::string_view service) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, value);
  };
  add("product", product);
  add("category", category);
  add("service", service);
  return out.empty() ? "none" : out;
}

class Explainer {
 public:
  Explainer(const RuleSet& rules, const Event& event, Matcher::Routing routing) : rules_(rules), fields_(rules.fields()), event_(event), routing_(routing) {}

  Explanation detection(const Rule& rule) {
    const Detection& detection = *rule.detection();
    Explanation out;
    out.asked = fmt::format("rule `{}`", rule.title);
    out.parts.push_back(log_source(rule.log_source));
    Explanation asked = condition(detection.condition, detection);
    if (detection.condition.kind == Condition::Kind::selection) asked = {asked.holds, {}, {}, {}, {std::move(asked)}};
    asked.asked = fmt::format("condition `{}`", detection.condition_text);
    out.parts.push_back(std::move(asked));
    out.holds = out.parts[0].holds && out.parts[1].holds;
    return out;
  }

  Explanation correlation(const Rule& rule) {
    const Correlation& correlation = *rule.correlation();
    Explanation out;
    out.asked = fmt::format("counts for the {} `{}`", correlation.type->name, rule.title);
    // Chains may fan out and meet again: each is told whole once, or a tower of ten would be told a billion times.
    if (const auto told = told_.find(&rule); told != told_.end()) {
      out.holds = told->second;
      out.why = "told above";
      return out;
    }
    for (std::size_t i = 0; i < correlation.bases.size(); ++i) {
      const Rule& base = rules_.rules()[correlation.bases[i]];
      Explanation part = base.correlation() != nullptr ? this->correlation(base) : detection(base);
      if (part.holds) {
        count(correlation, correlation.rules[i], part);
        out.holds = out.holds || part.holds;
      }
      out.parts.push_back(std::move(part));
    }
    told_.emplace(&rule, out.holds);
    if (correlation.type->counting == Counting::extension) return out;   // Its own words say when it alerts.
    const std::string needed = correlation.expression ? correlation.expression_text : correlation.threshold.empty() ? "all of its rules" : correlation.threshold.text();
    out.why = fmt::format("an alert needs {} within {}", needed, duration_text(correlation.timespan));
    return out;
  }

 private:
  Explanation log_source(const LogSource& wanted) const {
    Explanation out;
    out.asked = "log source " + source_text(wanted.product, wanted.category, wanted.service);
    const LogSourceView& actual = event_.log_source;
    out.found.push_back(source_text(actual.product, actual.category, actual.service));
    if (!actual.wider.empty()) out.found.push_back(fmt::format("category {}", actual.wider));
    out.holds = routing_ == Matcher::Routing::off || fits(wanted, actual);
    if (routing_ == Matcher::Routing::off) out.why = "not asked: routing is off";
    else if (!out.holds) out.why = "the rule looks only at events of its log source";
    else if (actual.open) out.why = "what the event does not say may be anything";
    return out;
  }

  Explanation condition(const Condition& condition, const Detection& detection) {
    Explanation out;
    if (condition.kind == Condition::Kind::selection) {
      out = selection(detection.selections[condition.selection]);
      out.asked = fmt::format("`{}`{}", detection.names[condition.selection], out.asked.empty() ? "" : ": " + out.asked);
      return out;
    }
    for (const Condition& part : condition.parts) out.parts.push_back(this->condition(part, detection));
    combine(out, condition.kind == Condition::Kind::any);
    if (condition.kind == Condition::Kind::no) {
      out.asked = "not";
      out.holds = !out.parts.front().holds;
    }
    return out;
  }

  Explanation selection(const Selection& selection) {
    if (selection.kind == Selection::Kind::item) return item(selection.item);
    if (selection.parts.size() == 1) return this->selection(selection.parts.front());
    Explanation out;
    for (const Selection& part : selection.parts) out.parts.push_back(this->selection(part));
    combine(out, selection.kind == Selection::Kind::any);
    out.holds = holds(selection, event_);
    return out;
  }

  static void combine(Explanation& out, bool any) {
    const auto holds = [](const Explanation& part) { return part.holds; };
    out.asked = any ? "one of" : "all of";
    out.holds = any ? std::any_of(out.parts.begin(), out.parts.end(), holds) : std::all_of(out.parts.begin(), out.parts.end(), holds);
  }

  Explanation item(const Item& item) {
    const std::string field = item.slot == FieldTable::kAll ? "some text" : fields_.name(item.slot);
    Explanation out;
    std::size_t misses = 0;
    for (const std::vector<Predicate>& tests : item.values) {
      Explanation value;
      for (const Predicate& test : tests) {
        value.asked += fmt::format("{}{} {}", value.asked.empty() ? "" : ", or ", field, text_of(test, fields_));
        value.holds = value.holds || meets(event_, item.slot, test);
      }
      if (!value.holds && ++misses > kMissesShown && !item.all) continue;
      out.parts.push_back(std::move(value));
    }
    combine(out, !item.all);
    if (item.values.empty()) out.holds = item.all;
    if (item.negated) {
      out.holds = !out.holds;
      out.asked = item.all ? "not all of" : "none of";
    }
    if (misses > kMissesShown && !item.all) out.why = fmt::format("{} more do not hold", misses - kMissesShown);
    if (out.parts.size() == 1 && !item.negated && out.why.empty()) out = Explanation(std::move(out.parts.front()));
    compared(item, out);
    return out;
  }

  void compared(const Item& item, Explanation& out) const {
    if (item.slot == FieldTable::kAll) return;   // Every text of the event: too many to list.
    show(item.slot, out);
    for (const std::vector<Predicate>& tests : item.values) {
      for (const Predicate& test : tests) {
        if (const auto* same = std::get_if<SameAs>(&test)) show(same->other, out);
      }
    }
  }

  void show(FieldTable::Slot slot, Explanation& out) const {
    const std::string& field = fields_.name(slot);
    if (!is_present(event_, slot)) {
      std::vector<std::string_view> there;
      for (const FieldTable::Slot other : event_.filled()) {
        if (other != FieldTable::kAll) there.push_back(fields_.name(other));
      }
      const std::string hint = yaml::did_you_mean(field, there);
      out.why += fmt::format("{}the event has no field {}{}", out.why.empty() ? "" : "; ", field, hint.empty() ? "" : ", " + hint);
      return;
    }
    std::size_t n = 0;
    any_value(event_, slot, [&](Value value) {
      if (++n > kValuesShown) return false;
      switch (value.type) {
        case ValueType::null: out.found.emplace_back("null"); break;
        case ValueType::text: out.found.push_back(quoted(veiled(value.raw, event_))); break;
        default: out.found.push_back(veiled(value.raw, event_)); break;   // An identifier may be a number.
      }
      return false;
    });
    if (n == 0) out.why += fmt::format("{}{} is there without a value", out.why.empty() ? "" : "; ", field);
    if (n > kValuesShown) out.found.push_back(fmt::format("… and {} more", n - kValuesShown));
  }

  /// A base that holds counts where each group-by field has a value.
  void count(const Correlation& correlation, const std::string& reference, Explanation& base) const {
    const auto slot = [&](const std::string& field) {
      const auto alias = correlation.aliases.find(field);
      if (alias == correlation.aliases.end()) return fields_.find(field);
      const auto target = alias->second.find(reference);
      return fields_.find(target == alias->second.end() ? field : target->second);
    };
    const auto part = [&](std::string_view what, const std::string& field) {
      Explanation out;
      const FieldTable::Slot at = slot(field);
      out.asked = fmt::format("{} {}{}", what, field, fields_.name(at) == field ? "" : ", here " + fields_.name(at));
      show(at, out);
      out.holds = any_value(event_, at, [](Value value) { return value.type != ValueType::null; });
      return out;
    };
    for (const std::string& field : correlation.group_by) {
      base.parts.push_back(part("groups by", field));
      base.holds = base.holds && base.parts.back().holds;
    }
    for (const std::string& field : correlation.fields) {
      base.parts.push_back(part("counts", field));
      base.holds = base.holds && base.parts.back().holds;
    }
  }

  const RuleSet& rules_;
  const FieldTable& fields_;
  const Event& event_;
  Matcher::Routing routing_;
  std::map<const Rule*, bool> told_;   ///< Correlations, and whether the event counts for them.
};

void add_text(const Explanation& explanation, std::size_t depth, std::string& out) {
  out += fmt::format("{}{} {}", std::string(depth * 2, ' '), explanation.holds ? "✓" : "✗", explanation.asked);
  for (std::size_t i = 0; i < explanation.found.size(); ++i) out += (i == 0 ? "  ← " : ", ") + explanation.found[i];
  if (!explanation.why.empty()) out += fmt::format("  ({})", explanation.why);
  out += "\n";
  for (const Explanation& part : explanation.parts) add_text(part, depth + 1, out);
}

}  // namespace

Explanation explain(const RuleSet& rules, const Rule& rule, const Event& event, Matcher::Routing routing) {
  Explainer explainer(rules, event, routing);
  return rule.correlation() != nullptr ? explainer.correlation(rule) : explainer.detection(rule);
}

std::string to_text(const Explanation& explanation) {
  std::string out;
  add_text(explanation, 0, out);
  return out;
}

std::string to_json(const Explanation& explanation) {
  std::string out = fmt::format(R"({{"holds":{},"asked":"{}")", explanation.holds, json_escaped(explanation.asked));
  if (!explanation.found.empty()) {
    std::string found;
    for (const std::string& value : explanation.found) found += fmt::format(R"({}"{}")", found.empty() ? "" : ",", json_escaped(value));
    out += fmt::format(R"(,"found":[{}])", found);
  }
  if (!explanation.why.empty()) out += fmt::format(R"(,"why":"{}")", json_escaped(explanation.why));
  if (!explanation.parts.empty()) {
    std::string parts;
    for (const Explanation& part : explanation.parts) parts += (parts.empty() ? "" : ",") + to_json(part);
    out += fmt::format(R"(,"parts":[{}])", parts);
  }
  return out + "}";
}

}  // namespace tocsin::sigma
