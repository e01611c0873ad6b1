// exit_code.h: the exit codes, for scripts; README and tests show the same table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin::cli {

enum class ExitCode : std::uint8_t {
  ok = 0,
  negative = 1,            ///< Findings, a failed expectation, a broken chain.
  usage = 2,
  configuration = 3,       ///< Configuration or rules.
  permission = 4,          ///< Not known, not allowed, or refused by policy.
  not_found = 5,
  unreachable = 6,         ///< The daemon, or something it needs, does not answer.
  approval_required = 7,
  interrupted = 130,
};

struct ExitCodeRow {
  ExitCode code;
  std::string_view word;      ///< `code` of the JSON error.
  std::string_view meaning;
};

/// Sorted by code.
std::span<const ExitCodeRow> exit_codes();
std::string_view word_of(ExitCode code);

/// Why a verb ended as it did. An empty text means that everything was said already.
struct Ending {
  ExitCode code = ExitCode::ok;
  std::string text;
  std::string hint;
};

/// A value, or how the verb ends without it.
template <typename T>
using Reply = tl::expected<T, Ending>;

/// How an error of our own ends a verb that reads configuration, rules or files.
Ending ending_of(const Error& error);

}  // namespace tocsin::cli
