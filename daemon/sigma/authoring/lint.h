// lint.h: what is wrong or weak in rule files, beyond what the engine refuses, each with a code.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/yaml.h"
#include "daemon/sigma/language/placeholders.h"

namespace tocsin::sigma {

enum class Severity : std::uint8_t { note, warning, error };
std::string_view name_of(Severity severity);

struct LintFinding {
  std::string_view code;      ///< A row of the table.
  Severity severity = Severity::note;
  std::string file;
  yaml::Mark at;
  std::string rule;           ///< Its title.
  std::string message, hint;  ///< The hint may be empty.
};

struct LintSettings {
  /// Also what rules must have that Tocsin ships: Chinese title, promise, false positives, tests both ways.
  bool shipped = false;
  /// Field names that some mapping fills; empty: not asked.
  std::vector<std::string> fields;
  Placeholders placeholders{};   ///< Behind `%name%`; a rule whose names are not among them is refused.
};

struct LintCode {
  std::string_view code;
  Severity severity;
  std::string_view explanation;
};

/// Sorted by code.
std::vector<LintCode> lint_codes();

/// TS001 from a fault as the engine or the YAML reader writes it: `file:line:col: message`.
LintFinding refusal(const std::string& fault);

/// All findings in the order of files and lines. Files are read together: names of one rule may stand in another file.
std::vector<LintFinding> lint(const std::vector<yaml::File>& files, const LintSettings& settings);

}  // namespace tocsin::sigma
