// stage_one.h: records → frames of the match log: marks, decoding, matching, lateness. Knows one source.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/ingest/mapper.h"
#include "daemon/ingest/source.h"
#include "daemon/sigma/engine/live_engine.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin::detect {

using Frames = std::vector<v1::LogFrame>;

/// Where a partition stands: everything below `next` is durable in the log.
struct Mark {
  std::int32_t partition = 0;
  std::int64_t start = 0, next = 0;
  std::int64_t max_event_time = 0;
  std::uint64_t record_hash = 0;   ///< Of the record next−1; 0 where that offset held none.
};

struct StageOneSettings {
  Microseconds lateness = std::chrono::minutes(10);
  Microseconds skew = std::chrono::minutes(1);
  Microseconds idle_after = std::chrono::seconds(30);
};

/// The frames of one call belong together and must be appended in their order. Used from one thread.
class StageOne {
 public:
  StageOne(std::string source, ingest::Mapper& mapper, sigma::LiveMatcher matcher, const Clock& clock, StageOneSettings settings);

  /// Once, before the first take: one progress frame per known partition that does not move, so that the log knows where
  /// this run begins and which partitions hold the watermark.
  void begin(const std::vector<Mark>& stored, const std::vector<StartAt>& starts, Frames& out);

  /// refused where the source is not the one we read before (its record next−1 is another one now). Then nothing was taken.
  Result<void> take(const Batch& batch, Frames& out);

  /// At least once a second: says which partitions are silent, and once they have been so for `idle_after` (at once where
  /// the source is exhausted) that they no longer hold the watermark.
  void tick(bool exhausted, Frames& out);

  /// A dead letter once more: a ReplayFrame and the partition's unmoved progress, or nothing where it is still dead; then
  /// `why` says why.
  bool replay(const Record& record, Frames& out, std::string& why);

  /// From here on other rules, and the mapper for their fields. Where it stands in the source stays.
  void follow(sigma::LiveMatcher matcher, ingest::Mapper& mapper);

  const std::string& source() const { return source_; }

 private:
  struct Partition {
    Mark mark;
    v1::ProgressFrame delta;          ///< Counters since the last progress frame.
    bool touched = false;             ///< By the batch in work.
    bool idle = false;
    std::int64_t resumed_at = 0;      ///< Where this run began.
    bool check = false;               ///< The next record may be next−1, to be compared.
    Instant last_record{};            ///< Our clock.
    Instant last_progress{};
    const Record* last = nullptr;     ///< Of the batch in work.
  };
  enum class Disposition : std::uint8_t { applied, late, dead };

  Partition& partition_at(std::int32_t number, std::int64_t first_offset);
  Result<void> check_resumed(Partition& partition, const Record& record) const;
  bool map(const Record& record, ingest::DeadLetter& dead);
  Disposition file(Partition& partition, const Record& record, Frames& out);
  /// The record's matches, by shard; `late` where any event is. Nothing where they are over the limit of one log frame.
  std::optional<std::vector<v1::MatchFrame>> match(const Partition& partition, const Record& record, bool& late, std::int64_t& newest);
  void skip_to(Partition& partition, std::int64_t offset);
  void add_progress(Partition& partition, Frames& out);

  std::string source_;
  ingest::Mapper* mapper_;
  sigma::LiveMatcher matcher_;
  const Clock& clock_;
  StageOneSettings settings_;
  std::map<std::int32_t, Partition> partitions_;
  Instant now_{};
  std::vector<Event> events_;             ///< Kept for their memory, as the next one.
  std::vector<v1::RuleMatch> matches_;
};

/// The shard of a group: fixed for ever, since it is part of the log.
std::uint32_t shard_of(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group);

}  // namespace tocsin::detect
