// kafka_client.h: librdkafka's handles with owners. Included by the Kafka files of this folder only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

#include "daemon/ingest/kafka_settings.h"

namespace tocsin::ingest {

struct KafkaFree {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
template <typename T>
using Kafka = std::unique_ptr<T, KafkaFree>;

/// bad_input where librdkafka does not take a property; the text never holds its value.
Result<Kafka<rd_kafka_conf_t>> kafka_conf(const Properties& properties);
/// Takes the configuration. The opaque of callbacks must have been set in it.
Result<Kafka<rd_kafka_t>> kafka_client(rd_kafka_type_t type, Kafka<rd_kafka_conf_t> conf);

/// How many partitions a topic has. refused where it does not exist (it is never created), unavailable where no broker answers.
Result<std::int32_t> partitions_of(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds patience);

}  // namespace tocsin::ingest
