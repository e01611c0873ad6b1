// match_log.h: the durable, ordered log between the two stages (seam: segment files, Kafka topic, memory).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin {

/// Position in the log: the offset of the first frame not yet read. Opaque but ordered, 0 is the beginning.
using LogOffset = std::uint64_t;

/// One writer thread. `read` may be called by the same thread only. A failed sync is fatal for the process: after it
/// nobody knows what is on the disk (Error refused; the caller stops).
class MatchLog {
 public:
  virtual ~MatchLog() = default;
  /// Random identity made at creation: a store that knows another one has lost its log.
  virtual const std::string& id() const = 0;
  /// Adds one frame (a serialised v1.LogFrame); not durable before sync.
  virtual Result<void> append(std::string_view frame) = 0;
  /// Returns when all appended frames are on stable storage, and the new durable end.
  virtual Result<LogOffset> sync() = 0;
  /// Durable end.
  virtual LogOffset end() const = 0;
  /// The oldest offset that can still be read.
  virtual LogOffset begin() const = 0;
  /// Forgets whole segments below `offset`, which a durable snapshot covers. May keep more than asked.
  virtual Result<void> drop_before(LogOffset offset) = 0;
  /// Calls `visit(frame, after)` for every durable frame from `from` on; `after` is the offset behind it. Stops at the
  /// first error of `visit` and returns it.
  virtual Result<void> read(LogOffset from, const std::function<Result<void>(std::string_view frame, LogOffset after)>& visit) = 0;
};

}  // namespace tocsin
