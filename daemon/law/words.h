// words.h: the law's own vocabulary in words, in both languages.
#pragma once

#include <string_view>

#include "daemon/law/judge.h"

namespace tocsin::law {

Words clock_event_words(std::string_view kind);
Words phase_words(std::string_view phase);
Words limit_words(const v1::TimeLimit& limit);   ///< "within 72 hours, without undue delay".
Words no_limit_words();

}  // namespace tocsin::law
