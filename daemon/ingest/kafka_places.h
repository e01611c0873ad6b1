// kafka_places.h: where a partition may be read from: what the broker holds, against what we remember.
#pragma once

#include "daemon/ingest/kafka_client.h"
#include "daemon/ingest/source.h"

namespace tocsin::ingest {

/// One partition of one topic, as errors name it.
struct Place {
  const std::string& source;
  const std::string& topic;
  std::int32_t partition = 0;

  std::string text() const { return fmt::format("source `{}`: {}/{}", source, topic, partition); }
};

/// What a broker holds of a partition: offsets from `first` to just before `end`.
struct Held {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

/// Asks the partition's leader. unavailable where it does not answer within `patience`.
Result<Held> held_by_broker(rd_kafka_t* client, const Place& place, std::chrono::milliseconds patience);
/// The first offset that is not older than `at`; the end where nothing is so young.
Result<std::int64_t> first_since(rd_kafka_t* client, const Place& place, Instant at, const Held& held, std::chrono::milliseconds patience);
/// Where to begin with a stored position. refused where a record that was never read is gone, or the topic ends before it:
/// the accounting would call the first a gap, and the second would wait for ever.
Result<std::int64_t> begin_at(const StartAt& stored, const Held& held, const Place& place);

}  // namespace tocsin::ingest
