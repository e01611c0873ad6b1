// rule_words.h: how verbs are told which rules to read, and what they say of those that are wrong.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/cli/verbs.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::cli {

struct RuleWords {
  std::vector<std::string> paths, placeholders;
  bool strict = false;    ///< Of verbs that are lenient by themselves.
  bool lenient = false;   ///< Of verbs that are strict by themselves.
};

/// `--rules` and `--placeholders`. `otherwise` says what is read without the former.
void add_rule_words(CLI::App& sub, RuleWords& words, const std::string& otherwise);
/// `--strict`, for verbs that work with the good rules of a folder.
void add_strict(CLI::App& sub, RuleWords& words);

/// For verbs that are lenient by themselves. `placeholders` beside those of the words, which a pack may have.
Result<sigma::RuleSettings> rule_settings(const RuleWords& words, std::vector<std::string> placeholders = {});

/// The type of a correlation, `event` of a detection that alerts, `base` of one that does not.
std::string kind_of(const sigma::Rule& rule);

/// On stderr: every fault, and how many rules were left out; as JSON one object a rule.
void print_rejected(const Call& call, std::span<const sigma::Rejected> rejected);

}  // namespace tocsin::cli
