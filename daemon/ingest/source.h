// source.h: where records come from (seam: file, Kafka, memory).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/model/record.h"

namespace tocsin {

/// Where a partition starts: at `next`, the first offset not yet applied.
struct StartAt {
  std::int32_t partition = 0;
  std::int64_t next = 0;
  /// `next` is the record before our place, wanted once more for comparison. Where it alone is gone nothing is lost, and the
  /// source begins at our place. Without this, a record that is gone is a record lost unread.
  bool proof = false;

  std::int64_t place() const { return proof ? next + 1 : next; }
};

/// A partition as the source sees it.
struct PartitionState {
  std::int32_t partition = 0;
  std::int64_t next = 0;   ///< Offset of the record that poll gives next.
  std::int64_t end = -1;   ///< First offset not yet written at the source; −1 where unknown.
  bool at_end = false;     ///< Everything that exists has been polled.
};

/// What one poll may yield beside records.
struct Batch {
  std::vector<Record> records;  ///< Per partition in offset order; gaps are legal, going back is not.
  /// Offsets that hold no record for us although the position moved on (transaction marks, compaction up to `end`):
  /// after the last record of a partition, `next` may exceed last offset + 1.
  std::vector<PartitionState> partitions;
};

/// Used from one thread. Errors: unavailable (try again), refused (a person must look: offset out of range, topic
/// missing, authentication), bad_input (no stored offset and no configured start).
class Source {
 public:
  virtual ~Source() = default;
  virtual const std::string& name() const = 0;
  /// Gives where each known partition begins when our store has no offset for it (policy of the config), so that the
  /// caller can record `start` before the first poll. Stored positions win.
  virtual Result<std::vector<StartAt>> open(const std::vector<StartAt>& stored) = 0;
  /// At most `records_max`, waiting at most `wait` for the first one. An empty batch is no error.
  virtual Result<Batch> poll(std::size_t records_max, std::chrono::milliseconds wait) = 0;
  /// True where the source can never give another record (a file at its end).
  virtual bool exhausted() const = 0;
};

}  // namespace tocsin
