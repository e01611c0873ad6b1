// kafka_count.cpp: assign, poll, count.
#include "daemon/ingest/kafka_count.h"

#include "daemon/ingest/kafka_client.h"

namespace tocsin::ingest {

Result<Sent> count_records(const v1::settings::Kafka& settings, const std::string& topic, std::chrono::milliseconds patience) {
  const auto client_for = [&](std::int32_t partitions) -> Result<Kafka<rd_kafka_t>> {
    TOCSIN_ASSIGN(const Properties properties, consumer_properties(settings, "count", partitions));
    TOCSIN_ASSIGN(auto conf, kafka_conf(properties));
    return kafka_client(RD_KAFKA_CONSUMER, std::move(conf));
  };
  TOCSIN_ASSIGN(auto client, client_for(1));
  TOCSIN_ASSIGN(std::int32_t open, partitions_of(client.get(), topic, patience));
  if (ahead_of(open) != ahead_of(1)) {
    TOCSIN_ASSIGN(client, client_for(open));
  }
  const Kafka<rd_kafka_topic_partition_list_t> all(rd_kafka_topic_partition_list_new(open));
  for (std::int32_t number = 0; number < open; ++number) {
    rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), number)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  if (const auto failed = rd_kafka_assign(client.get(), all.get()); failed != 0) {
    return unavailable(fmt::format("counting topic `{}`: {}", topic, rd_kafka_err2str(failed)));
  }
  Sent read;
  while (open > 0) {
    const Kafka<rd_kafka_message_t> message(rd_kafka_consumer_poll(client.get(), static_cast<int>(patience.count())));
    if (!message) return unavailable(fmt::format("counting topic `{}`: nothing came for {} ms", topic, patience.count()));
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      --open;
    } else if (message->err != 0) {
      return unavailable(fmt::format("counting topic `{}`: {}", topic, rd_kafka_message_errstr(message.get())));
    } else {
      ++read.records;
      read.bytes += static_cast<std::int64_t>(message->len);
    }
  }
  rd_kafka_consumer_close(client.get());
  return read;
}

}  // namespace tocsin::ingest
