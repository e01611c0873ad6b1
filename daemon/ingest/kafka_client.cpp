// kafka_client.cpp: making librdkafka handles.
#include "daemon/ingest/kafka_client.h"

namespace tocsin::ingest {

Result<Kafka<rd_kafka_conf_t>> kafka_conf(const Properties& properties) {
  Kafka<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  for (const auto& [name, value] : properties) {
    std::array<char, 512> why{};
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK) {
      const bool secret = name == "sasl.password" || name == "sasl.username";
      return bad_input(fmt::format("kafka: property `{}`: {}", name, secret ? "not accepted" : why.data()));
    }
  }
  return conf;
}

Result<Kafka<rd_kafka_t>> kafka_client(rd_kafka_type_t type, Kafka<rd_kafka_conf_t> conf) {
  std::array<char, 512> why{};
  Kafka<rd_kafka_t> client(rd_kafka_new(type, conf.get(), why.data(), why.size()));
  if (!client) return bad_input(fmt::format("kafka: {}", why.data()));
  conf.release();  // The client owns it now.
  return client;
}

Result<std::int32_t> partitions_of(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds patience) {
  Kafka<rd_kafka_topic_t> handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t failed = rd_kafka_metadata(client, 0, handle.get(), &raw, static_cast<int>(patience.count()));
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return unavailable(fmt::format("kafka: no broker answers about topic `{}`: {}", topic, rd_kafka_err2str(failed)));
  const std::unique_ptr<const rd_kafka_metadata_t, KafkaFree> metadata(raw);
  if (metadata->topic_cnt != 1) return unavailable(fmt::format("kafka: the broker says nothing about topic `{}`", topic));
  const rd_kafka_metadata_topic_t& about = metadata->topics[0];
  if (about.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || about.err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || (about.err == 0 && about.partition_cnt == 0)) {
    return refused(fmt::format("kafka: there is no topic `{}`; create it, or correct the name in the configuration", topic));
  }
  if (about.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) return refused(fmt::format("kafka: we may not read topic `{}`: grant Read and Describe", topic));
  if (about.err != 0) return unavailable(fmt::format("kafka: topic `{}`: {}", topic, rd_kafka_err2str(about.err)));
  return about.partition_cnt;
}

}  // namespace tocsin::ingest
