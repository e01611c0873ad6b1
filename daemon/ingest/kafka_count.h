// kafka_count.h: the least that reads a topic, as the measure of everything we do beside reading.
#pragma once

#include "daemon/ingest/kafka_sender.h"

namespace tocsin::ingest {

/// Reads every partition from its first record to its present end and keeps nothing: one librdkafka consumer with the properties
/// of our source, polled in a bare loop. refused where the topic does not exist, unavailable where `patience` passes without a record.
Result<Sent> count_records(const v1::settings::Kafka& settings, const std::string& topic, std::chrono::milliseconds patience);

}  // namespace tocsin::ingest
