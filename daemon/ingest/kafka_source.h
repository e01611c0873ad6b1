// kafka_source.h: one topic, read from our own offsets, one queue per partition.
#pragma once

#include <memory>

#include "daemon/ingest/source.h"
#include "tocsin/v1/settings/sources.pb.h"

namespace tocsin::ingest {

/// Reads one topic. A configured source with several topics is several of these, named `<source>/<topic>`; with one topic it
/// is `<source>`. Partitions are assigned by hand, without group membership: embedded, one process reads all of them.
/// Backpressure is simply not calling poll: the queues fill and librdkafka stops fetching (no pause, no seek).
class KafkaSource final : public Source {
 public:
  /// bad_input for wrong settings. Does not talk to the broker yet.
  static Result<std::unique_ptr<KafkaSource>> make(std::string name, const v1::settings::Kafka& settings, std::string topic);
  ~KafkaSource() override;

  const std::string& name() const override;
  /// Partitions without a stored offset start where `start` says; partitions that appeared since the store last saw the
  /// topic start at the earliest record. refused where a stored offset lies outside what the broker holds.
  Result<std::vector<StartAt>> open(const std::vector<StartAt>& stored) override;
  Result<Batch> poll(std::size_t records_max, std::chrono::milliseconds wait) override;
  bool exhausted() const override { return false; }
  /// First offset not yet written, as last told by the broker; −1 unknown. Any thread.
  std::int64_t end_of(std::int32_t partition) const;

 private:
  struct Body;
  explicit KafkaSource(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace tocsin::ingest
