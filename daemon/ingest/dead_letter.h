// dead_letter.h: why a record cannot become events: a closed table of words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tocsin::ingest {

/// `reason` is a word of the table; `detail` is one line for a person and never holds values of the record.
struct DeadLetter {
  std::string_view reason;
  std::string detail;
};

struct DeadLetterReason {
  std::string_view word;
  std::string_view meaning;
};

/// Sorted by word.
std::span<const DeadLetterReason> dead_letter_reasons();

}  // namespace tocsin::ingest
