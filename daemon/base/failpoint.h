// failpoint.h: places where a crash test may kill the process, as kill -9 would.
#pragma once

#include <string_view>

namespace tocsin {

/// Does nothing unless the environment variable TOCSIN_FAILPOINTS names it: `name:n,name:n` raises SIGKILL at the n-th pass
/// of that place. Names in use: log_appended log_synced before_commit after_commit claimed pnr sent result. Any thread.
void failpoint(std::string_view name);

}  // namespace tocsin
