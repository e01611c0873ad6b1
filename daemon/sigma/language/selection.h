// selection.h: what one named part of a detection asks of an event.
#pragma once

#include <string>
#include <vector>

#include "daemon/sigma/language/faults.h"
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

/// Reads a selection; fields it names are added to `fields` and, in order of mention, to `named`.
Selection parse_selection(const yaml::File& file, const yaml::Node& node, FieldTable& fields,
                          std::vector<FieldTable::Slot>& named, Faults& faults);

bool holds(const Selection& selection, const Event& event);

}  // namespace tocsin::sigma
