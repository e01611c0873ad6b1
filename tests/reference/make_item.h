// make_item.h: random `field|modifiers: values`.
#pragma once

#include "tests/reference/make_rule.h"

namespace tocsin::reference {

/// Every placeholder that the rules here may name.
const std::map<std::string, std::vector<std::string>>& placeholders();
std::string make_field(Dice& dice);
MadeItem make_item(Dice& dice);
/// `key` is empty for a keyword that stands by itself, or begins with `|`.
MadeItem make_keyword(Dice& dice, bool plain);
void add_value(Event& event, const std::string& field, Value::Kind kind, const std::string& text);

}  // namespace tocsin::reference
