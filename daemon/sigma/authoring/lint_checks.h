// lint_checks.h: what a check of the linter sees and says.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "daemon/sigma/authoring/lint.h"
#include "daemon/base/clock.h"
#include "daemon/sigma/language/condition.h"
#include "daemon/sigma/language/pattern.h"

namespace tocsin::sigma::lints {

/// One document as its author wrote it: checks ask the text, since the engine keeps only what decides answers.
struct Draft {
  const yaml::File& file;
  const yaml::Node& document;
  std::string title{};
  const yaml::Node* detection = nullptr;   ///< A map, or nullptr.
  std::vector<std::string> names{};        ///< Of its selections,
  std::vector<const yaml::Node*> keys{}, selections{};  ///< where they stand.
  std::vector<const yaml::Node*> conditions{};          ///< Texts.
  std::vector<Condition> parsed{};         ///< Those of them that can be read; empty where one cannot.
};

/// What all documents together say.
struct Others {
  std::map<std::string, const Draft*, std::less<>> ids, titles;   ///< First with this id or name; first with this title and log source.
  const LintSettings& settings;
};

using Say = std::function<void(const yaml::Node& at, std::string message, std::string hint)>;
using Check = void(const Draft& draft, const Others& others, const Say& say);

/// Calls visit(key, value, field, modifiers) for every `field|modifiers: value` and, with an empty field, every keyword list.
using VisitItem = std::function<void(const yaml::Node& key, const yaml::Node& value, std::string_view field, const std::vector<std::string_view>& modifiers)>;
void each_item(const Draft& draft, const VisitItem& visit);
/// The scalars of a value.
std::vector<const yaml::Node*> scalars_of(const yaml::Node& value);

/// By id and name, and by title within one log source.
void remember(const Draft& draft, Others& others);

// ── about the rule ──
Check id_twice, title_twice, id_no_uuid, bad_date, no_level, no_status, unknown_tag, unknown_log_source, old_relation;
Check no_title_zh, no_promise, no_false_positives, no_positive_test, no_negative_test;
// ── about the condition ──
Check unused_selection, empty_pattern, never_true, always_true;
// ── about values ──
Check regex_wildcard, regex_literal, needless_wildcard, wildcard_for_modifier, short_literal, value_twice, base64offset_alone, unknown_field;

}  // namespace tocsin::sigma::lints
