// evaluate.h: does a rule say yes to an event? Every question is asked of every value, each time anew.
#pragma once

#include "tests/reference/rule.h"

namespace tocsin::reference {

/// The log source too, unless `any_source`.
bool says_yes(const Rule& rule, const Event& event, bool any_source = false);

bool holds(const Item& item, const Event& event);
bool answers(const Question& question, const Value& value, const Event& event);

}  // namespace tocsin::reference
