// modifiers.h: what stands behind the `|` of a field, one table row each.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sigma/language/faults.h"
#include "daemon/sigma/language/selection.h"

namespace tocsin::sigma {

/// One way in which a value may be met. Modifiers change it from left to right.
struct Alternative {
  enum class Kind : std::uint8_t { text, number, boolean, null, regex, compare, network, exists, field, time };
  Kind kind = Kind::text;
  SigmaString string;          ///< Of a text.
  std::string_view token;      ///< As written: number, boolean, regex, network or field name.
  bool bytes = false;          ///< The string is utf16: it compares byte by byte.
  Operator op = Operator::eq;
  SameAs::Where where = SameAs::Where::whole;
  bool wanted = true;          ///< Of exists.
  TimePart part = TimePart::hour;
  std::int64_t time = 0;       ///< What the part is compared with.
};

/// Roughly what it takes.
std::size_t bytes_of(const Alternative& alternative);

/// `field|modifier|…: values` while it is being read.
struct ItemDraft {
  std::string field;                             ///< Empty for a keyword.
  std::vector<const yaml::Node*> nodes;          ///< Where each value stands.
  std::vector<std::vector<Alternative>> values;  ///< Per value, its alternatives.
  std::size_t alternatives = 0, bytes = 0;       ///< Of all values.
  std::deque<std::string> kept;                  ///< Tokens that stand nowhere in the file.
  bool all = false, cased = false, negated = false;
  bool ignore_case = false, multiline = false, dot_all = false;  ///< Of regular expressions.

  std::string_view keep(std::string token) { return kept.emplace_back(std::move(token)); }
};

/// Where a modifier stands, for its faults.
struct ModifierPlace {
  const yaml::File& file;
  const yaml::Node& key;
  std::size_t offset, width;
  const Scope& scope;
  Faults& faults;
};

/// False, and one fault, where so many texts or bytes are more than one rule or file may have: then the draft is empty.
bool fits(ItemDraft& draft, const ModifierPlace& place, std::size_t texts, std::size_t bytes);

struct Modifier {
  std::string_view name;
  void (*apply)(ItemDraft& draft, const ModifierPlace& place);
};

/// Sorted by name.
std::span<const Modifier> modifiers();
const Modifier* find_modifier(std::string_view name);
std::vector<std::string_view> modifier_names();

}  // namespace tocsin::sigma
