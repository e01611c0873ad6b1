// rules_lint.h: `tocsin rules lint`, a part of the verb `rules`.
#pragma once

#include "daemon/cli/verbs.h"

namespace tocsin::cli {

void add_rules_lint(CLI::App& rules, Call& call);

}  // namespace tocsin::cli
