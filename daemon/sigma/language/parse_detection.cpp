// parse_detection.cpp: the `detection:` map of a rule, and the `filter:` map of a filter, which is one with `rules`.
#include "daemon/base/limits.h"
#include "daemon/sigma/language/parse.h"

namespace tocsin::sigma {
namespace {

class DetectionReader {
 public:
  DetectionReader(const yaml::File& file, Faults& faults) : file_(file), faults_(faults) {}

  /// Selections, and the condition where the map has one.
  void selections(const yaml::Node& map, const Scope& scope, bool of_filter) {
    for (const auto& [key, value] : map.entries) {
      if (key.text == "condition") {
        condition_ = &value;
      } else if (key.text == "timeframe") {
        faults_.add(file_, key, "`timeframe` is no longer Sigma", "write a correlation with `timespan`");
      } else if (std::find(out_.names.begin(), out_.names.end(), key.text) != out_.names.end()) {
        faults_.add(file_, key, fmt::format("`{}` is already a selection of `detection`", key.text), "give this one a name of its own");
      } else if (out_.names.size() == limits::kRuleSelectionsMax) {
        return faults_.add(file_, key, fmt::format("more than {} selections in one rule", limits::kRuleSelectionsMax));
      } else if (!of_filter || key.text != "rules") {
        out_.names.push_back(key.text);
        out_.selections.push_back(parse_selection(file_, value, scope, out_.named, faults_));
      }
    }
  }

  Detection finish(const yaml::Node& map, const Scope& scope, bool of_filter) {
    if (condition_ == nullptr) {
      faults_.add(file_, map, fmt::format("`{}` has no `condition`", of_filter ? "filter" : "detection"));
    } else if (condition_->is_scalar()) {
      out_.condition = parse_condition(file_, *condition_, out_.names, scope.budget.condition_parts, faults_);
      out_.condition_text = condition_->text;
    } else if (of_filter) {
      faults_.add(file_, *condition_, "the `condition` of a filter is one text");
    } else if (condition_->is_list() && !condition_->items.empty()) {
      several(*condition_, scope);
    } else {
      faults_.add(file_, *condition_, "`condition` needs a text, or a list of texts");
    }
    if (out_.selections.empty()) faults_.add(file_, map, fmt::format("`{}` has no selection", of_filter ? "filter" : "detection"));
    return std::move(out_);
  }

 private:
  /// A list of conditions: one of them is enough.
  void several(const yaml::Node& list, const Scope& scope) {
    out_.condition.kind = Condition::Kind::any;
    for (const yaml::Node& one : list.items) {
      if (!one.is_scalar()) {
        faults_.add(file_, one, "a condition is a text");
        continue;
      }
      out_.condition.parts.push_back(parse_condition(file_, one, out_.names, scope.budget.condition_parts, faults_));
      out_.condition_text += (out_.condition_text.empty() ? "" : " | ") + one.text;
    }
  }

  const yaml::File& file_;
  Faults& faults_;
  Detection out_;
  const yaml::Node* condition_ = nullptr;
};

}  // namespace

Detection parse_detection(const yaml::File& file, const yaml::Node& body, const yaml::Node* extension, const Scope& scope, Faults& faults) {
  DetectionReader reader(file, faults);
  if (!body.is_map()) {
    faults.add(file, body, "`detection` needs a map of selections and a condition");
    return {};
  }
  reader.selections(body, scope, false);
  if (extension != nullptr) {
    Scope ours = scope;
    ours.extended = true;
    if (extension->is_map()) reader.selections(*extension, ours, false);
    else faults.add(file, *extension, "`detection` within `tocsin` needs a map of selections and a condition");
  }
  return reader.finish(body, scope, false);
}

Filter parse_filter(const RuleSource& source, const yaml::Node& body, const Scope& scope, Faults& faults) {
  const yaml::File& file = *source.file;
  const yaml::Node& document = *source.document;
  Filter out;
  out.title = read_text(file, document.find("title"), "title", faults);
  if (out.title.empty()) faults.add(file, document, "a filter needs a `title`");
  out.id = read_text(file, document.find("id"), "id", faults);
  out.name = read_text(file, document.find("name"), "name", faults);
  if (const yaml::Node* log_source = document.find("logsource")) out.log_source = parse_log_source(file, *log_source, faults);
  else faults.add(file, document, "a filter needs a `logsource`");
  if (!body.is_map()) {
    faults.add(file, body, "`filter` needs a map of rules, selections and a condition");
    return out;
  }
  const yaml::Node* rules = body.find("rules");
  if (rules == nullptr || rules->is_null()) {
    faults.add(file, body, "a filter needs `rules`: a list of ids or names", "`rules: any` is every rule of its log source");
  } else if (!(rules->is_scalar() && equal_text(rules->text, "any", false))) {
    out.rules = read_texts(file, rules, "rules", faults);   // An empty list is any rule, as pySigma reads it.
  }
  DetectionReader reader(file, faults);
  reader.selections(body, scope, true);
  out.detection = reader.finish(body, scope, true);
  out.canonical = canonical_of(document, "filter");
  if (scope.expanded != Id128{}) out.canonical = identity({out.canonical.view(), scope.expanded.view()});
  return out;
}

}  // namespace tocsin::sigma
