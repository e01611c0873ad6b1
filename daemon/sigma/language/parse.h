// parse.h: one YAML document of a rule file becomes a Rule.
#pragma once

#include <optional>

#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

/// Where a rule came from, until the rule set is linked: names of other rules can only be looked up then.
struct RuleSource {
  const yaml::File* file = nullptr;
  const yaml::Node* document = nullptr;
};

/// Empty where the document is so wrong that no rule can be made of it; then `faults` says why. A rule that comes back
/// with faults must not be run.
std::optional<Rule> parse_rule(const RuleSource& source, FieldTable& fields, Faults& faults);

// ── parts of it ──
void parse_correlation(const RuleSource& source, const yaml::Node& body, FieldTable& fields, Correlation& out, Faults& faults);
/// The `tocsin:` map, where every key is known or a fault.
void parse_extension(const RuleSource& source, const yaml::Node& body, FieldTable& fields, Rule& out, Faults& faults);
std::vector<RuleTest> parse_tests(const yaml::File& file, const yaml::Node& list, FieldTable& fields, Faults& faults);

// ── reading values ──
void only_keys(const yaml::File& file, const yaml::Node& map, const std::vector<std::string_view>& known, Faults& faults);
std::string read_text(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults);
std::vector<std::string> read_texts(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults);
std::optional<std::int64_t> read_whole(const yaml::File& file, const yaml::Node& node, std::string_view what, Faults& faults);
Microseconds read_duration(const yaml::File& file, const yaml::Node& node, Faults& faults);

}  // namespace tocsin::sigma
