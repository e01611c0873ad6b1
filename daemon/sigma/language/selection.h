// selection.h: what one named part of a detection asks of an event.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/base/hash.h"
#include "daemon/sigma/language/budget.h"
#include "daemon/sigma/language/faults.h"
#include "daemon/sigma/language/placeholders.h"
#include "daemon/sigma/language/predicate.h"

namespace tocsin::sigma {

/// `field|modifiers: values`, or a keyword, which is searched in every text of the event.
struct Item {
  FieldTable::Slot slot = FieldTable::kAll;
  bool all = false;                             ///< Every value must be met, not any.
  bool negated = false;
  std::vector<std::vector<Predicate>> values;   ///< A value is met by any of its tests.
};

/// A map is `all` of its items, a list `any` of its parts.
struct Selection {
  enum class Kind : std::uint8_t { item, all, any };
  Kind kind = Kind::item;
  Item item;
  std::vector<Selection> parts;
};

/// What the selections of one rule are read against.
struct Scope {
  FieldTable& fields;
  const Placeholders& placeholders;
  PatternBudget& budget;
  Id128& expanded;                                 ///< Hash of what placeholders have become: the same text with other values is another rule.
  std::shared_ptr<const TimeZone> zone = nullptr;  ///< Of the rule's clock; null is UTC.
  bool extended = false;                           ///< Within `tocsin:`, where words may stand that other tools do not know.
};

/// Reads a selection; fields it names are added to `scope.fields` and, in order of mention, to `named`.
Selection parse_selection(const yaml::File& file, const yaml::Node& node, const Scope& scope,
                          std::vector<FieldTable::Slot>& named, Faults& faults);

bool holds(const Selection& selection, const Event& event);

}  // namespace tocsin::sigma
