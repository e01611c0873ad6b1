// rule.h: a Sigma rule: a detection that looks at one event, or a correlation over the events that detections found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/sigma/language/condition.h"
#include "daemon/sigma/language/extension.h"
#include "daemon/sigma/correlate/types.h"
#include "daemon/sigma/language/selection.h"
#include "daemon/sigma/language/threshold.h"

namespace tocsin::sigma {

struct Detection {
  std::vector<std::string> names;          ///< Of the selections.
  std::vector<Selection> selections;
  Condition condition;
  std::string condition_text;
  std::vector<FieldTable::Slot> named;     ///< Fields the rule asks about, in its order: the evidence.
  bool alerts = true;                      ///< False for the base of a correlation, unless that says `generate: true`.
};

/// Counts what its base rules found. An extension under `tocsin:` is one too, over the detection or correlation that it stands in.
struct Correlation {
  const CorrelationType* type = nullptr;
  std::vector<std::string> rules;          ///< Ids or names, as written; at most kCorrelationRulesMax.
  std::vector<std::size_t> bases;          ///< The same as places in the rule set: detections and other correlations.
  std::vector<std::string> group_by;
  std::map<std::string, std::map<std::string, std::string>> aliases;  ///< alias → rule → field.
  std::vector<std::string> fields;         ///< What is counted: one field, or several as a tuple. Empty where events are counted.
  Microseconds timespan{};
  Microseconds suppress{};                 ///< `tocsin: suppress:`.
  Threshold threshold;                     ///< Empty where `expression` decides, and of an extension.
  double percentile = 50;                  ///< Of value_percentile, 0 to 100.
  std::optional<Condition> expression;     ///< `rule_a and not rule_b`; its leaves are places in `rules`.
  std::string expression_text;
  Extension extension;
  bool generate = false;
  bool alerts = true;                      ///< False for the base of another correlation, unless that says `generate: true`.
  int level = 1;                           ///< 1 over detections alone, else one more than its highest base.

  /// One alert per group in each bucket of this length, which begins at a multiple of it since 1970.
  Microseconds bucket() const { return std::max(timespan, suppress); }
  bool counts_subjects() const { return fields.size() == 1 && fields[0] == kSubjectField; }
};

/// Part of a test inside a rule: one event, or many that differ in `{n}`.
struct TestEvents {
  std::optional<Instant> time;             ///< Else `after` behind the event before, or `before` ahead of it.
  Microseconds after{}, before{}, every{};
  std::int64_t repeat = 1;
  bool late = false;                       ///< Comes beyond the lateness: no correlation counts it.
  std::optional<LogSource> log_source;     ///< Else the rule's, or its first base's.
  std::string document;                    ///< JSON as the source would send it, through a mapping; empty: `values` alone.
  std::string mapping;                     ///< Its name; empty: whichever matches.
  bool says_time() const { return time || after.count() > 0 || before.count() > 0 || every.count() > 0; }
  std::vector<std::pair<std::string, std::vector<std::pair<ValueType, std::string>>>> values;
  std::vector<std::string> subjects;
  std::int64_t subject_count = 0, record_count = 0;
};

struct RuleTest {
  std::string name;
  std::string place;                       ///< `file:line`.
  std::vector<TestEvents> given;
  std::int64_t alerts = 0;                 ///< Expected.
  std::vector<std::pair<std::string, std::string>> group;  ///< Expected of some alert, where written.
  std::optional<std::int64_t> count;       ///< Greatest count of the alerts.
  std::optional<std::int64_t> people;      ///< Affected people of this rule.
  std::vector<std::pair<std::string, std::int64_t>> others;  ///< Alerts expected of other rules, by id or name.
};

struct Rule {
  std::string id, name, title, title_zh, promise, description;
  std::string level = "medium";            ///< informational | low | medium | high | critical
  std::string status;
  std::string file;
  LogSource log_source;                    ///< Empty members: any.
  std::vector<std::string> fields, falsepositives, tags;
  std::variant<Detection, Correlation> body;
  std::vector<RuleTest> tests;
  std::optional<Correlation> extension;    ///< Until the rule set is linked: then it is the body, and what it stood in is its base.
  Id128 canonical;                         ///< Hash of what the rule itself says of its answers, values of placeholders too: not prose, tests and comments.

  const Detection* detection() const { return std::get_if<Detection>(&body); }
  const Correlation* correlation() const { return std::get_if<Correlation>(&body); }
  /// May alerts carry this rule's id?
  bool alerts() const { return correlation() != nullptr ? correlation()->alerts : detection()->alerts; }
};

}  // namespace tocsin::sigma
