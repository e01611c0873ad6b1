// parse.h: one YAML document of a rule file becomes a Rule.
#pragma once

#include <memory>
#include <optional>

#include "daemon/sigma/language/filter.h"
#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

/// Where a rule comes from, while it is parsed.
struct RuleSource {
  const yaml::File* file = nullptr;
  const yaml::Node* document = nullptr;
};

/// One document of a rule file, parsed. Names of other rules can only be looked up when all are known, so the places that
/// may turn out wrong by then outlive the file's text and tree.
struct Document {
  std::shared_ptr<const Rule> rule;      ///< Null where the document is so wrong that none can be made of it, or a filter.
  std::shared_ptr<const Filter> filter;
  std::uint32_t line = 1;
  yaml::Place id, name;                  ///< Either is the whole document's where the key is not there.
  yaml::Place tests;
  yaml::Place kind;                      ///< Of a correlation: its `type`, or the key of its extension.
  std::vector<yaml::Place> references;   ///< Of a correlation or a filter: one per rule that it names, in their order.
  std::vector<std::string> faults;       ///< A rule with faults must not be run.
};

/// `budget` is the file's, and shrinks.
Document parse_document(const RuleSource& source, FieldTable& fields, const Placeholders& placeholders, PatternBudget& budget);

// ── parts of it ──
void parse_correlation(const RuleSource& source, const yaml::Node& body, FieldTable& fields, Correlation& out, Faults& faults);
/// `extension` is `detection:` within `tocsin:`: more selections, and a condition that is used instead; null where it is not there.
Detection parse_detection(const yaml::File& file, const yaml::Node& body, const yaml::Node* extension, const Scope& scope, Faults& faults);
Filter parse_filter(const RuleSource& source, const yaml::Node& body, const Scope& scope, Faults& faults);
LogSource parse_log_source(const yaml::File& file, const yaml::Node& node, Faults& faults);
/// Of what decides the answers: everything but prose, tests and comments.
Id128 canonical_of(const yaml::Node& document, std::string_view kind);
/// A rule named in a correlation's text condition, and where.
struct Mention {
  std::string_view name;
  std::size_t offset = 0;   ///< In bytes.
};
/// In their order, repetitions too; and, or, not and parentheses left out. None of a text longer than kConditionBytesMax.
std::vector<Mention> mentions_of(std::string_view condition);
/// The keys first_seen, absence and baseline: a correlation over the rule in which they stand. Nothing where there is none.
std::optional<Correlation> parse_extension_kind(const yaml::File& file, const yaml::Node& tocsin, FieldTable& fields, Faults& faults);
/// The `tocsin:` map, where every key is known or a fault.
void parse_extension(const RuleSource& source, const yaml::Node& body, FieldTable& fields, Rule& out, Faults& faults);
std::vector<RuleTest> parse_tests(const yaml::File& file, const yaml::Node& list, FieldTable& fields, Faults& faults);

// ── reading values ──
void only_keys(const yaml::File& file, const yaml::Node& map, const std::vector<std::string_view>& known, Faults& faults);
std::string read_text(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults);
std::vector<std::string> read_texts(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults);
/// Names of fields, at most kCorrelationFieldsMax.
std::vector<std::string> read_fields(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults);
std::optional<std::int64_t> read_whole(const yaml::File& file, const yaml::Node& node, std::string_view what, Faults& faults);
Microseconds read_duration(const yaml::File& file, const yaml::Node& node, Faults& faults);

}  // namespace tocsin::sigma
