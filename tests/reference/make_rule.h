// make_rule.h: random rules, held as parts that can be dropped, with what would fulfil each value.
#pragma once

#include <set>

#include "tests/reference/make_text.h"

namespace tocsin::reference {

struct MadeValue {
  std::string yaml;
  /// Adds to the event what makes this value's question say yes (mostly).
  std::function<void(Dice&, Event&)> fulfil;
};

struct MadeItem {
  std::string key;                       ///< `field|modifier`; empty: a plain keyword of a list.
  std::vector<MadeValue> values;
  bool as_list = false, all = false, negated = false;
  std::set<std::string> features;
};

struct MadeSelection {
  enum class Kind : std::uint8_t { item, map, list };
  Kind kind = Kind::map;
  MadeItem item;
  std::vector<MadeSelection> parts;
};

struct MadeCondition {
  enum class Kind : std::uint8_t { name, one_of, all_of, all, any, no };
  Kind kind = Kind::name;
  std::string text;                      ///< The name, or the pattern behind `of`.
  std::string quantifier;                ///< `1`, `any` or `all`.
  std::vector<MadeCondition> parts;
  bool loud = false;                     ///< Its word in capitals.
};

struct MadeDetection {
  std::vector<std::pair<std::string, MadeSelection>> selections;
  std::vector<MadeCondition> conditions;
};

struct MadeRule {
  std::string id;
  std::string log_source;                ///< As a flow map.
  std::string product, category, service;
  MadeDetection detection;
  std::optional<MadeDetection> filter;   ///< A document of its own that names the rule.
};

MadeRule make_rule(Dice& dice, const std::string& id);
std::string yaml_of(const MadeRule& rule);
/// Modifiers, condition forms and kinds of values that stand in the rule.
std::set<std::string> features_of(const MadeRule& rule);
/// The rule with one part less, each in turn.
std::vector<MadeRule> smaller(const MadeRule& rule);
/// Selections that the words behind `of` mean.
std::vector<std::size_t> selections_of(const MadeDetection& detection, const std::string& pattern);

}  // namespace tocsin::reference
