// rule.h: Sigma rules as trees, read from YAML by the specification and the decisions of rules/README.md.
#pragma once

#include <set>

#include "daemon/base/yaml.h"
#include "tests/reference/decimal.h"
#include "tests/reference/event.h"
#include "tests/reference/network.h"
#include "tests/reference/pattern.h"
#include "tests/reference/regex.h"

namespace tocsin::reference {

enum class Comparison : std::uint8_t { lt, lte, gt, gte, eq, neq };
bool holds(std::strong_ordering order, Comparison comparison);
std::optional<Comparison> comparison_named(std::string_view name);

/// What may be asked about one value of an event.
struct Question {
  enum class Kind : std::uint8_t { null, like, number, regex, network, compare, other_field };
  enum class Where : std::uint8_t { whole, start, end, anywhere };
  Kind kind = Kind::null;
  Pattern pattern;                        ///< like
  bool cased = false;                     ///< like, other_field
  bool bytes = false;                     ///< like: a letter of the pattern is a byte, as UTF-16 makes them.
  std::string text;                       ///< number: as written; other_field: its name
  Decimal number;                         ///< number, compare
  Comparison comparison = Comparison::eq; ///< compare
  Regex regex;
  Network network;
  Where where = Where::whole;             ///< other_field
  std::string part;                       ///< compare and number: `hour` and its like, which are asked of a date; or empty.
};

/// `field|modifiers: values`. Each value became questions, of which one must say yes.
struct Item {
  std::string field;                      ///< Empty: keywords, asked of all texts.
  std::vector<std::vector<Question>> values;
  bool all = false, negated = false;
  std::optional<bool> exists;
};

struct Selection {
  enum class Kind : std::uint8_t { item, all, any };
  Kind kind = Kind::item;
  Item item;
  std::vector<Selection> parts;
};

struct Condition {
  enum class Kind : std::uint8_t { name, all, any, no };
  Kind kind = Kind::name;
  std::string name;
  std::vector<Condition> parts;
};

struct Detection {
  std::map<std::string, Selection> selections;
  Condition condition;
};

struct Correlation {
  std::string type;
  std::vector<std::string> rules, group_by, fields;
  std::map<std::string, std::map<std::string, std::string>> aliases;  ///< alias → rule → field
  std::int64_t timespan = 0, suppress = 0;                            ///< Microseconds.
  std::vector<std::pair<Comparison, Decimal>> thresholds;             ///< All must hold.
  std::optional<Condition> extended;
  Decimal percentile;
};

struct Rule {
  std::string id, name;
  std::string product, category, service;
  std::optional<Detection> detection;
  std::optional<Correlation> correlation;
  std::vector<Detection> filters;         ///< Each must hold beside the rule's own condition.
  const std::string& known_as() const { return id.empty() ? name : id; }
};

/// What `%name%` stands for behind `expand`.
using Placeholders = std::map<std::string, std::vector<std::string>>;

/// All rules of a file, filters applied. What the specification forbids is bad_input, in few words.
Result<std::vector<Rule>> read_rules(const yaml::File& file, const Placeholders& placeholders = {});
Result<Condition> read_condition(std::string_view text, const std::vector<std::string>& names);
Result<Selection> read_selection(const yaml::Node& node, const Placeholders& placeholders);
Result<Item> read_item(std::string_view key, const yaml::Node& value, const Placeholders& placeholders);

}  // namespace tocsin::reference
