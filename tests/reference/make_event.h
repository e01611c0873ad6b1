// make_event.h: an event that fulfils a rule, and events that nearly do.
#pragma once

#include "tests/reference/make_rule.h"

namespace tocsin::reference {

/// Mostly fulfils the rule: what one part of the condition needs may break another.
Event make_witness(Dice& dice, const MadeRule& rule);
/// One small change: a field less, a letter at an edge, other case, null, empty, more elements, a number as a text, …
void mutate(Dice& dice, Event& event);
/// The event with one part less, each in turn.
std::vector<Event> smaller(const Event& event);
std::string text_of(const Event& event);

}  // namespace tocsin::reference
