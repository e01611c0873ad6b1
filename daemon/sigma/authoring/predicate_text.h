// predicate_text.h: one question of a rule as a person reads it.
#pragma once

#include <string>

#include "daemon/sigma/language/predicate.h"

namespace tocsin::sigma {

/// `contains 'mimikatz'`, `is 4624`, `is absent or null`: what is asked behind the modifiers, so an encoded value is shown encoded.
std::string text_of(const Predicate& test, const FieldTable& fields);

/// In quotes, on one line: control characters and bytes that are no text as \xNN, and only the first `most` bytes of it.
std::string quoted(std::string_view text, std::size_t most = 256);

}  // namespace tocsin::sigma
