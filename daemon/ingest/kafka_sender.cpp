// kafka_sender.cpp: producing and waiting for every acknowledgement.
#include "daemon/ingest/kafka_sender.h"

#include <random>

#include "daemon/ingest/kafka_client.h"

namespace tocsin::ingest {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr int kFlushMs = 60'000;
constexpr std::int64_t kProgressEvery = 10'000;
constexpr std::int64_t kFrameMax = 16 << 20;   // A longer frame is a wrong header, not a record.

struct Outcome {
  std::int64_t acknowledged = 0;
  std::string failure;             ///< Of the first record that was not taken.
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& outcome = *static_cast<Outcome*>(opaque);
  if (message->err == 0) {
    ++outcome.acknowledged;
  } else if (outcome.failure.empty()) {
    outcome.failure = rd_kafka_err2str(message->err);
  }
}

struct Next {
  std::int32_t partition = -1;
  bool null = false;
  std::string value;
};

/// False at the end of the input.
Result<bool> next_record(std::istream& in, bool framed, Next& out) {
  if (!framed) {
    out.null = false;
    return static_cast<bool>(std::getline(in, out.value));
  }
  std::int64_t length = 0;
  if (!(in >> out.partition)) return false;
  if (!(in >> length) || in.get() != '\n' || length > kFrameMax) return bad_input("framed input: expected `<partition> <length>` and a newline before each record");
  out.null = length < 0;
  out.value.assign(static_cast<std::size_t>(std::max<std::int64_t>(length, 0)), '\0');
  if (!out.value.empty() && !in.read(out.value.data(), static_cast<std::streamsize>(out.value.size()))) return bad_input("framed input: the last record is cut off");
  return true;
}

}  // namespace

Result<Sent> send_lines(std::istream& in, const SendSettings& settings, const std::function<void(std::int64_t)>& progress) {
  TOCSIN_ASSIGN(const Properties properties, producer_properties(settings.kafka));
  TOCSIN_ASSIGN(auto conf, kafka_conf(properties));
  Outcome outcome;
  rd_kafka_conf_set_dr_msg_cb(conf.get(), delivered);
  rd_kafka_conf_set_opaque(conf.get(), &outcome);
  TOCSIN_ASSIGN(const auto client, kafka_client(RD_KAFKA_PRODUCER, std::move(conf)));
  TOCSIN_ASSIGN(const std::int32_t partitions, partitions_of(client.get(), settings.topic, kPatience));
  if (settings.partition >= partitions) return bad_input(fmt::format("topic `{}` has {} partitions, there is no {}", settings.topic, partitions, settings.partition));
  std::mt19937_64 random(settings.seed);
  Sent sent;
  Next next;
  for (;;) {
    TOCSIN_ASSIGN(const bool more, next_record(in, settings.framed, next));
    if (!more || !outcome.failure.empty()) break;
    const std::int32_t partition = settings.framed         ? next.partition
                                   : settings.partition >= 0 ? settings.partition
                                                             : static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(partitions));
    for (;;) {
      const auto failed = rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(settings.topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                                            RD_KAFKA_V_VALUE(next.null ? nullptr : next.value.data(), next.value.size()),
                                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
      if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (failed != RD_KAFKA_RESP_ERR__QUEUE_FULL) return refused(fmt::format("record {} for topic `{}`: {}", sent.records, settings.topic, rd_kafka_err2str(failed)));
      rd_kafka_poll(client.get(), 100);
    }
    ++sent.records;
    sent.bytes += static_cast<std::int64_t>(next.value.size());
    rd_kafka_poll(client.get(), 0);
    if (progress && sent.records % kProgressEvery == 0) progress(sent.records);
  }
  if (rd_kafka_flush(client.get(), kFlushMs) != 0) return unavailable(fmt::format("topic `{}`: {} of {} records were acknowledged in time", settings.topic, outcome.acknowledged, sent.records));
  if (!outcome.failure.empty()) return refused(fmt::format("topic `{}`: {}; {} of {} records were taken", settings.topic, outcome.failure, outcome.acknowledged, sent.records));
  return sent;
}

}  // namespace tocsin::ingest
