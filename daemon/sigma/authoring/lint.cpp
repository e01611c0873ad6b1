// lint.cpp: the table of codes, and how documents meet it.
#include "daemon/sigma/authoring/lint.h"

#include "daemon/base/limits.h"

#include <charconv>
#include <deque>

#include "daemon/sigma/authoring/lint_checks.h"
#include "daemon/sigma/language/collection.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {
namespace {

using namespace lints;

enum class When : std::uint8_t { always, shipped };

struct Row {
  std::string_view code;
  Severity severity;
  When when;
  Check* check;   ///< None: the engine itself says it.
  std::string_view explanation;
};

constexpr Row kChecks[] = {
    {"TS001", Severity::error, When::always, nullptr, "the engine cannot run this rule"},
    {"TS002", Severity::error, When::always, id_twice, "two rules have this id or name: alerts and correlations could mean either"},
    {"TS003", Severity::warning, When::always, title_twice, "two rules of one log source have this title: people cannot tell their alerts apart"},
    {"TS004", Severity::warning, When::always, id_no_uuid, "the id is no UUID, as Sigma demands"},
    {"TS005", Severity::warning, When::always, bad_date, "a date is written YYYY-MM-DD"},
    {"TS006", Severity::warning, When::always, no_level, "without `level` the rule counts as medium"},
    {"TS007", Severity::note, When::always, no_status, "without `status` nobody knows how far to trust the rule"},
    {"TS008", Severity::warning, When::always, unknown_tag, "tags begin with a namespace that Sigma names"},
    {"TS009", Severity::warning, When::always, unknown_log_source, "no known source of events has this log source"},
    {"TS010", Severity::error, When::always, old_relation, "`obsoletes` became `obsolete`, and the engine refuses the old word"},
    {"TS020", Severity::warning, When::always, unused_selection, "no condition uses this selection"},
    {"TS021", Severity::error, When::always, empty_pattern, "no selection fits the pattern of `1 of` or `all of`"},
    {"TS022", Severity::error, When::always, never_true, "the condition contradicts itself: the rule can never match"},
    {"TS023", Severity::warning, When::always, always_true, "the condition holds for every event"},
    {"TS030", Severity::warning, When::always, regex_wildcard, "a regular expression is searched anywhere: `.*` at its ends only costs time"},
    {"TS031", Severity::note, When::always, regex_literal, "a regular expression without any operator is slower than `contains`, and case counts"},
    {"TS032", Severity::warning, When::always, needless_wildcard, "the modifier has this wildcard already, or two stand side by side"},
    {"TS033", Severity::note, When::always, wildcard_for_modifier, "`contains`, `startswith` or `endswith` says it more plainly"},
    {"TS034", Severity::note, When::always, short_literal, "one or two characters stand in most events: the index cannot help, and every event pays"},
    {"TS035", Severity::warning, When::always, value_twice, "a value stands twice in one list"},
    {"TS036", Severity::warning, When::always, base64offset_alone, "`base64offset` finds a part of a text, so `contains` must follow it"},
    {"TS037", Severity::warning, When::always, unknown_field, "no mapping fills this field"},
    {"TS050", Severity::error, When::shipped, no_title_zh, "a shipped rule has a Chinese title"},
    {"TS051", Severity::error, When::shipped, no_promise, "a shipped rule says which promise to people it guards"},
    {"TS052", Severity::error, When::shipped, no_false_positives, "a shipped rule says what may look the same and is harmless"},
    {"TS053", Severity::error, When::shipped, no_positive_test, "a shipped rule has a test in which it fires"},
    {"TS054", Severity::error, When::shipped, no_negative_test, "a shipped rule has a test in which it stays quiet"},
};

/// `made` keeps the rules that collections join.
std::vector<Draft> drafts_of(const std::vector<yaml::File>& files, std::deque<yaml::Node>& made) {
  std::vector<Draft> out;
  for (const yaml::File& file : files) {
    Collection collection(file);
    Allowance parts(limits::kConditionPartsMax, limits::kFileConditionPartsMax);
    for (const yaml::Node& written : file.documents) {
      Faults of_collection;   // The engine tells them.
      const yaml::Node* const rule = written.is_map() ? collection.next(written, of_collection) : nullptr;
      if (rule == nullptr) continue;
      const yaml::Node& document = rule == &written ? written : made.emplace_back(*rule);
      Draft draft{.file = file, .document = document};
      if (const yaml::Node* title = document.find("title")) draft.title = title->text;
      const yaml::Node* detection = document.find("detection");
      if (detection != nullptr && detection->is_map()) {
        draft.detection = detection;
        for (const auto& [key, value] : detection->entries) {
          if (key.text == "condition") {
            if (value.is_scalar()) draft.conditions.push_back(&value);
            for (const yaml::Node& each : value.items) draft.conditions.push_back(&each);
          } else if (key.text != "timeframe") {
            draft.names.push_back(key.text);
            draft.keys.push_back(&key);
            draft.selections.push_back(&value);
          }
        }
        Faults faults;
        parts.next_rule();
        for (const yaml::Node* condition : draft.conditions) draft.parsed.push_back(parse_condition(file, *condition, draft.names, parts, faults));
        if (!faults.empty()) draft.parsed.clear();
      }
      out.push_back(std::move(draft));
    }
  }
  return out;
}

std::vector<LintFinding> refusals(const std::vector<yaml::File>& files, const LintSettings& settings) {
  std::vector<LintFinding> out;
  RuleSettings rules;
  rules.placeholders = settings.placeholders;
  const auto linked = link_rules(files, rules);
  if (!linked) return {refusal(linked.error().text)};
  for (const Rejected& each : linked->rejected) {
    for (const std::string& fault : each.faults) {
      out.push_back(refusal(fault));
      out.back().rule = each.title;
      if (out.back().file.empty()) out.back().file = each.file;
    }
  }
  return out;
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "";
}

std::vector<LintCode> lint_codes() {
  std::vector<LintCode> out;
  for (const Row& row : kChecks) out.push_back({row.code, row.severity, row.explanation});
  return out;
}

LintFinding refusal(const std::string& fault) {
  LintFinding out{"TS001", Severity::error, {}, {}, {}, fault, {}};
  const std::size_t end = fault.find('\n');
  const std::string_view first = std::string_view(fault).substr(0, end);
  const std::size_t message = first.find(": ");
  if (message == std::string_view::npos) return out;
  const std::size_t column = first.rfind(':', message - 1), line = column == std::string_view::npos ? column : first.rfind(':', column - 1);
  if (line == std::string_view::npos) return out;
  const char* const stop = first.data() + message;
  if (std::from_chars(first.data() + line + 1, stop, out.at.line).ec != std::errc() || std::from_chars(first.data() + column + 1, stop, out.at.column).ec != std::errc()) return out;
  out.file = first.substr(0, line);
  out.message = first.substr(message + 2);
  return out;
}

std::vector<LintFinding> lint(const std::vector<yaml::File>& files, const LintSettings& settings) {
  std::vector<LintFinding> out;
  std::deque<yaml::Node> made;
  const std::vector<Draft> drafts = drafts_of(files, made);
  Others others{{}, {}, settings};
  for (const Draft& draft : drafts) remember(draft, others);
  for (const Draft& draft : drafts) {
    for (const Row& row : kChecks) {
      if (row.check == nullptr || (row.when == When::shipped && !settings.shipped)) continue;
      row.check(draft, others, [&](const yaml::Node& at, std::string message, std::string hint) {
        out.push_back({row.code, row.severity, draft.file.path, at.mark, draft.title, std::move(message), std::move(hint)});
      });
    }
  }
  for (LintFinding& refused : refusals(files, settings)) {
    // A check that knows more about the same line has said it better.
    const bool said = std::any_of(out.begin(), out.end(), [&](const LintFinding& each) {
      return each.severity == Severity::error && each.file == refused.file && each.at.line == refused.at.line;
    });
    if (!said) out.push_back(std::move(refused));
  }
  std::stable_sort(out.begin(), out.end(), [](const LintFinding& a, const LintFinding& b) {
    return std::tie(a.file, a.at.line, a.at.column, a.code) < std::tie(b.file, b.at.line, b.at.column, b.code);
  });
  return out;
}

}  // namespace tocsin::sigma
