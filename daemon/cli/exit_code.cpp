// exit_code.cpp: the table of exit codes.
#include "daemon/cli/exit_code.h"

#include "daemon/base/promise.h"

namespace tocsin::cli {
namespace {

constexpr ExitCodeRow kTable[] = {
    {ExitCode::ok, "ok", "done"},
    {ExitCode::negative, "negative", "a negative answer: findings, a failed test, a broken audit chain"},
    {ExitCode::usage, "usage", "wrong words on the command line, or a request that cannot be"},
    {ExitCode::configuration, "configuration", "the configuration or the rules are wrong"},
    {ExitCode::permission, "permission", "the caller is not known or not allowed"},
    {ExitCode::not_found, "not_found", "no such thing"},
    {ExitCode::unreachable, "unreachable", "the daemon does not answer, or not in time"},
    {ExitCode::approval_required, "approval_required", "somebody must approve first"},
    {ExitCode::interrupted, "interrupted", "stopped by a signal"},
};

}  // namespace

std::span<const ExitCodeRow> exit_codes() { return kTable; }

std::string_view word_of(ExitCode code) {
  for (const ExitCodeRow& row : kTable) {
    if (row.code == code) return row.word;
  }
  TOCSIN_ASSERT(false && "every exit code is in the table");
}

Ending ending_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::bad_input: return {ExitCode::configuration, error.text, {}};
    case ErrorKind::unavailable: return {ExitCode::unreachable, error.text, {}};
    case ErrorKind::refused: return {ExitCode::permission, error.text, {}};
  }
  return {ExitCode::negative, error.text, {}};
}

}  // namespace tocsin::cli
