// kafka_source.cpp: consuming with librdkafka 2.0, around its traps (reference: reliability 2.1).
#include "daemon/ingest/kafka_source.h"

#include <condition_variable>
#include <mutex>

#include "daemon/ingest/kafka_client.h"
#include "daemon/ingest/kafka_places.h"

namespace tocsin::ingest {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};       // For metadata and offsets at the start.
constexpr std::chrono::milliseconds kIsItBack{200};          // For metadata of a broker that was away: other sources wait meanwhile.
constexpr std::chrono::seconds kLookForPartitions{60};

/// Woken when a partition's queue becomes non-empty; librdkafka calls it from its own threads.
struct Bell {
  std::mutex mutex;
  std::condition_variable rung;
  bool ringing = false;

  void ring() {
    {
      const std::lock_guard lock(mutex);
      ringing = true;
    }
    rung.notify_one();
  }
  void wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex);
    rung.wait_for(lock, most, [this] { return ringing; });
    ringing = false;
  }
};

void ring_bell(rd_kafka_t*, void* bell) { static_cast<Bell*>(bell)->ring(); }

struct Part {
  std::int32_t number = 0;
  std::int64_t next = 0;
  bool at_end = false;
  Kafka<rd_kafka_queue_t> queue;
};

bool is_fatal_fetch(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__FATAL:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct KafkaSource::Body {
  std::string name, topic;
  v1::settings::Kafka settings;
  // The bell must outlive the queues, and the queues the client: destroyed in reverse order.
  Bell bell;
  Kafka<rd_kafka_t> client;
  std::vector<Part> parts;
  std::int32_t made_for = 0;                 ///< Partitions that the client's memory was measured for.
  bool assigned = false;
  std::optional<Error> pending;              ///< Met behind records that had to be given first, or of a kind that does not pass.
  std::string away;                          ///< Why no broker can be reached; empty where one can.
  std::string last_told;                     ///< By the client about one of its brokers: most often the cause.
  std::size_t turn = 0;                      ///< Whose queue is drained first, so that no partition starves.
  std::chrono::steady_clock::time_point looked{};

  Place at(std::int32_t partition) const { return {name, topic, partition}; }
  std::string where(std::int32_t partition) const { return at(partition).text(); }

  void close() {
    for (Part& part : parts) rd_kafka_queue_cb_event_enable(part.queue.get(), nullptr, nullptr);
    parts.clear();
    if (client) rd_kafka_consumer_close(client.get());
    client.reset();
  }

  /// How much a client fetches ahead is fixed when it is made, per partition.
  Result<void> fit(std::int32_t partitions) {
    if (client && ahead_of(partitions) == ahead_of(made_for)) return {};
    TOCSIN_ASSIGN(const Properties properties, consumer_properties(settings, name, partitions));
    TOCSIN_ASSIGN(auto conf, kafka_conf(properties));
    // Without a callback and the forwarding below, librdkafka 2.0 keeps to itself that its brokers are away or shut us out.
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int error, const char* reason, void* body) {
      static_cast<Body*>(body)->told(static_cast<rd_kafka_resp_err_t>(error), reason);
    });
    TOCSIN_ASSIGN(auto made, kafka_client(RD_KAFKA_CONSUMER, std::move(conf)));
    rd_kafka_poll_set_consumer(made.get());
    close();
    client = std::move(made);
    away.clear();
    made_for = partitions;
    return {};
  }

  Result<std::int64_t> begin_of(std::int32_t partition, const std::vector<StartAt>& stored) const {
    TOCSIN_ASSIGN(const Held held, held_by_broker(client.get(), at(partition), kPatience));
    for (const StartAt& each : stored) {
      if (each.partition == partition) return begin_at(each, held, at(partition));
    }
    // A partition that appeared after we began to read the topic holds nothing that was meant to be skipped.
    if (!stored.empty() || settings.start() == "earliest") return held.first;
    if (settings.start() == "latest") return held.end;
    TOCSIN_ASSIGN(const Instant since, parse_rfc3339(settings.start()));
    return first_since(client.get(), at(partition), since, held, kPatience);
  }

  void add_part(std::int32_t number, std::int64_t next) {
    Part part{number, next, false, Kafka<rd_kafka_queue_t>(rd_kafka_queue_get_partition(client.get(), topic.c_str(), number))};
    rd_kafka_queue_forward(part.queue.get(), nullptr);
    rd_kafka_queue_cb_event_enable(part.queue.get(), ring_bell, &bell);
    parts.push_back(std::move(part));
  }

  /// All partitions from these places on; what was fetched before and not polled is fetched again.
  Result<void> read_from(const std::vector<StartAt>& places) {
    TOCSIN_TRY(fit(static_cast<std::int32_t>(places.size())));
    parts.clear();
    for (const StartAt& place : places) add_part(place.partition, place.next);
    assigned = false;
    return assign();
  }

  Result<void> assign() {
    if (assigned) return {};
    Kafka<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(static_cast<int>(parts.size())));
    for (const Part& part : parts) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), part.number)->offset = part.next;
    const auto failed = rd_kafka_assign(client.get(), list.get());
    if (failed != 0) return unavailable(fmt::format("source `{}`: cannot assign partitions: {}", name, rd_kafka_err2str(failed)));
    assigned = true;
    return {};
  }

  /// Partitions that were added to the topic while we run.
  Result<void> look_for_partitions() {
    constexpr std::chrono::milliseconds kGlance{1'000};   // Records wait meanwhile.
    const auto now = std::chrono::steady_clock::now();
    if (now - looked < kLookForPartitions) return {};
    looked = now;
    if (!away.empty()) return {};
    const auto count = partitions_of(client.get(), topic, kGlance);
    if (!count) return {};   // A broker that does not answer now will be heard of through the queues.
    std::vector<StartAt> places;
    for (const Part& part : parts) places.push_back({part.number, part.next});
    for (auto number = static_cast<std::int32_t>(parts.size()); number < *count; ++number) {
      const auto held = held_by_broker(client.get(), at(number), kGlance);
      if (!held) return {};   // Half a set would never be looked for again: all of them at the next look.
      places.push_back({number, held->first});
    }
    return places.size() == parts.size() ? Result<void>() : read_from(places);
  }

  Result<void> take(Part& part, const rd_kafka_message_t& message, Batch& batch) {
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      part.at_end = true;
      part.next = std::max(part.next, message.offset);
      return {};
    }
    if (message.err == 0) {
      // A new assignment may leave an old fetch behind in the queue.
      if (message.offset < part.next) return {};
      batch.records.push_back(record_of(part, message));
      part.next = message.offset + 1;
      part.at_end = false;
      return {};
    }
    const std::string why = message.payload != nullptr ? rd_kafka_message_errstr(&message) : rd_kafka_err2str(message.err);
    if (is_fatal_fetch(message.err)) {
      return refused(fmt::format("{} at offset {}: {}. The partition cannot be read past this; nothing was skipped", where(part.number), part.next, why));
    }
    return unavailable(fmt::format("{}: {}", where(part.number), why));
  }

  Record record_of(const Part& part, const rd_kafka_message_t& message) const {
    Record record;
    record.position = {name, part.number, message.offset};
    record.topic = topic;
    if (message.key != nullptr) record.key.assign(static_cast<const char*>(message.key), message.key_len);
    record.tombstone = message.payload == nullptr;
    if (!record.tombstone) record.value.assign(static_cast<const char*>(message.payload), message.len);
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t ms = rd_kafka_message_timestamp(&message, &type);
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && ms > 0) record.timestamp = instant_of(ms * 1'000);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) == 0) {
      const char* key = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &key, &value, &size) == 0; ++i) {
        record.headers.emplace_back(key, value == nullptr ? std::string() : std::string(static_cast<const char*>(value), size));
      }
    }
    return record;
  }

  /// librdkafka tells once that it gave a partition up, and then nothing more: what a person must look at is told at every
  /// poll until `open`, so that nobody waits in silence.
  Failure fail(std::optional<Error> error = {}) {
    if (error) pending = std::move(error);
    Error told = *pending;
    if (told.kind != ErrorKind::refused) pending.reset();
    return Failure(std::move(told));
  }

  /// Called from within serve_main_queue, about the client as a whole.
  void told(rd_kafka_resp_err_t error, const char* reason) {
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      away = last_told.empty() ? reason : last_told;
    } else {
      last_told = reason;
      if (is_fatal_fetch(error)) pending = Error{ErrorKind::refused, fmt::format("source `{}`: {}", name, reason)};
    }
  }

  /// With a queue for each partition, messages never come here.
  Result<void> serve_main_queue() {
    while (const Kafka<rd_kafka_message_t> message{rd_kafka_consumer_poll(client.get(), 0)}) {
      // It would be dropped here, and its offset be called a gap.
      if (message->err == 0) return refused(fmt::format("{}: record {} came past the queue of its partition", where(message->partition), message->offset));
      if (is_fatal_fetch(message->err)) return refused(fmt::format("source `{}`: {}", name, rd_kafka_message_errstr(message.get())));
    }
    return {};
  }

  /// librdkafka tells that all brokers went, not that one came back, and of a silent topic nothing else would say it.
  Result<void> look_whether_back() {
    if (away.empty()) return {};
    if (const auto answer = partitions_of(client.get(), topic, kIsItBack); !answer) {
      if (answer.error().kind == ErrorKind::refused) return Failure(answer.error());
      return unavailable(fmt::format("source `{}`: no broker can be reached: {}", name, away));
    }
    away.clear();
    return {};
  }
};

KafkaSource::KafkaSource(std::unique_ptr<Body> body) : body_(std::move(body)) {}

KafkaSource::~KafkaSource() { body_->close(); }

const std::string& KafkaSource::name() const { return body_->name; }

Result<std::unique_ptr<KafkaSource>> KafkaSource::make(std::string name, const v1::settings::Kafka& settings, std::string topic) {
  if (settings.brokers().empty()) return bad_input(fmt::format("source `{}`: `brokers` is missing", name));
  if (!settings.start().empty() && settings.start() != "earliest" && settings.start() != "latest") {
    if (const auto at = parse_rfc3339(settings.start()); !at) return bad_input(fmt::format("source `{}`: start: expected earliest, latest or a time: {}", name, at.error().text));
  }
  auto body = std::make_unique<Body>();
  body->name = std::move(name);
  body->topic = std::move(topic);
  body->settings = settings;
  TOCSIN_TRY(body->fit(1));
  return std::unique_ptr<KafkaSource>(new KafkaSource(std::move(body)));
}

Result<std::vector<StartAt>> KafkaSource::open(const std::vector<StartAt>& stored) {
  Body& body = *body_;
  TOCSIN_ASSIGN(const std::int32_t count, partitions_of(body.client.get(), body.topic, kPatience));
  if (stored.empty() && body.settings.start().empty()) {
    return bad_input(fmt::format("source `{}`: topic `{}` was never read; say where to begin: `start: earliest`, `start: latest` or a time. There is no default, since one would lose data and the other repeat it",
                                 body.name, body.topic));
  }
  for (const StartAt& at : stored) {
    if (at.partition >= count) return refused(fmt::format("{}: the topic now has {} partitions: it was made anew. To read it as a new source, give it a new name", body.where(at.partition), count));
  }
  std::vector<StartAt> starts;
  for (std::int32_t number = 0; number < count; ++number) {
    TOCSIN_ASSIGN(const std::int64_t next, body.begin_of(number, stored));
    starts.push_back({number, next});
  }
  TOCSIN_TRY(body.read_from(starts));
  body.pending.reset();
  body.looked = std::chrono::steady_clock::now();
  return starts;
}

Result<Batch> KafkaSource::poll(std::size_t records_max, std::chrono::milliseconds wait) {
  Body& body = *body_;
  if (body.pending) return body.fail();
  if (auto served = body.serve_main_queue(); !served) return body.fail(std::move(served).error());
  if (body.pending) return body.fail();
  TOCSIN_TRY(body.assign());
  TOCSIN_TRY(body.look_for_partitions());
  Batch batch;
  bool heard = false;
  for (int round = 0; round < 2 && !heard; ++round) {
    if (round == 1) body.bell.wait(wait);
    const std::size_t share = std::max<std::size_t>(1, records_max / std::max<std::size_t>(1, body.parts.size()));
    for (std::size_t i = 0; i < body.parts.size(); ++i) {
      Part& part = body.parts[(body.turn + i) % body.parts.size()];
      for (std::size_t taken = 0; taken < share && batch.records.size() < records_max; ++taken) {
        const Kafka<rd_kafka_message_t> message(rd_kafka_consume_queue(part.queue.get(), 0));
        if (!message) break;
        heard = true;
        auto took = body.take(part, *message, batch);
        if (took) continue;
        // What was taken before the error is whole: it is given first, the error at the next poll.
        if (batch.records.empty()) return body.fail(std::move(took).error());
        body.pending = std::move(took).error();
        return batch;
      }
    }
    ++body.turn;
  }
  // What was fetched before the brokers went is given first.
  if (batch.records.empty()) TOCSIN_TRY(body.look_whether_back());
  for (const Part& part : body.parts) {
    if (heard) batch.partitions.push_back({part.number, part.next, end_of(part.number), part.at_end});
  }
  return batch;
}

std::int64_t KafkaSource::end_of(std::int32_t partition) const {
  std::int64_t low = 0, high = 0;
  const auto failed = rd_kafka_get_watermark_offsets(body_->client.get(), body_->topic.c_str(), partition, &low, &high);
  return failed != 0 || high < 0 ? -1 : high;
}

}  // namespace tocsin::ingest
