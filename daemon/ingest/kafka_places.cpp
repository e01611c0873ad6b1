// kafka_places.cpp: asking for the edges of a partition, and judging a stored position by them.
#include "daemon/ingest/kafka_places.h"

namespace tocsin::ingest {

Result<Held> held_by_broker(rd_kafka_t* client, const Place& place, std::chrono::milliseconds patience) {
  Held held;
  const auto failed =
      rd_kafka_query_watermark_offsets(client, place.topic.c_str(), place.partition, &held.first, &held.end, static_cast<int>(patience.count()));
  if (failed != 0) return unavailable(fmt::format("{}: {}", place.text(), rd_kafka_err2str(failed)));
  return held;
}

Result<std::int64_t> first_since(rd_kafka_t* client, const Place& place, Instant at, const Held& held, std::chrono::milliseconds patience) {
  const Kafka<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = micros_of(at) / 1'000;
  auto failed = rd_kafka_offsets_for_times(client, list.get(), static_cast<int>(patience.count()));
  if (failed == 0) failed = list->elems[0].err;
  if (failed != 0) return unavailable(fmt::format("{}: {}", place.text(), rd_kafka_err2str(failed)));
  return list->elems[0].offset < 0 ? held.end : list->elems[0].offset;
}

Result<std::int64_t> begin_at(const StartAt& stored, const Held& held, const Place& place) {
  const std::int64_t next = stored.place();
  if (next < held.first) {
    return refused(fmt::format("{}: we stand at offset {}, but the broker holds only {} and later: {} records were deleted unread. "
                               "Lengthen the topic's retention; to go on without them, give the source a new name",
                               place.text(), next, held.first, held.first - next));
  }
  if (next > held.end) {
    return refused(fmt::format("{}: we stand at offset {}, but the topic ends at {}: it was made anew or lost records. To read it as a new "
                               "source, give it a new name",
                               place.text(), next, held.end));
  }
  return std::max(stored.next, held.first);
}

}  // namespace tocsin::ingest
