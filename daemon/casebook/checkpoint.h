// checkpoint.h: what the audit chain was, written outside the store, so that a truncated or rewritten chain is found.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/store/store.h"

namespace tocsin::casebook {

struct Checkpoints {
  std::vector<store::Checkpoint> rows;
  std::string problem;   ///< A line that this installation did not write, or that is cut; empty where all are good.
};

/// A file that is only appended to, one JSON object a line, each under our MAC. Copies of it elsewhere are as good. A
/// missing file is an empty one.
Result<Checkpoints> read_checkpoints(const std::string& path, const store::Store& store);
Result<void> append_checkpoint(const std::string& path, const store::Checkpoint& checkpoint, Instant at, const store::Store& store);

}  // namespace tocsin::casebook
