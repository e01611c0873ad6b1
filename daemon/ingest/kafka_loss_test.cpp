// kafka_loss_test.cpp: a place that the broker lost is an error that stays, at the start and while reading; never silence or a gap.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <random>
#include <sstream>

#include "daemon/base/limits.h"
#include "daemon/ingest/kafka_places.h"
#include "daemon/ingest/kafka_sender.h"
#include "daemon/ingest/kafka_source.h"

namespace tocsin::ingest {
namespace {

using namespace std::chrono_literals;

class MockLoss : public testing::Test {
 protected:
  MockLoss() {
    auto conf = kafka_conf({{"client.id", "mock"}});
    host_ = std::move(*kafka_client(RD_KAFKA_PRODUCER, std::move(*conf)));
    cluster_ = rd_kafka_mock_cluster_new(host_.get(), 1);
    rd_kafka_mock_topic_create(cluster_, "access", 2, 1);
    settings_.add_brokers(rd_kafka_mock_cluster_bootstraps(cluster_));
    (*settings_.mutable_client())["fetch.wait.max.ms"] = "10";
    settings_.set_start("earliest");
  }
  ~MockLoss() override { rd_kafka_mock_cluster_destroy(cluster_); }

  void send(int records, std::size_t size, std::int32_t partition = -1) const {
    std::string text;
    std::minstd_rand random;   // What compresses well would not fill the mock's partition.
    for (int i = 0; i < records; ++i) {
      for (std::size_t byte = 0; byte < size; ++byte) text += static_cast<char>(' ' + 1 + random() % 94);
      text += '\n';
    }
    std::istringstream in(text);
    SendSettings how;
    how.kafka = settings_;
    how.topic = "access";
    how.partition = partition;
    const auto sent = send_lines(in, how);
    ASSERT_TRUE(sent) << sent.error().text;
  }

  std::unique_ptr<KafkaSource> source() const {
    auto made = KafkaSource::make("access", settings_, "access");
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }

  Kafka<rd_kafka_t> host_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  v1::settings::Kafka settings_;
};

/// Polls until an error comes, counting what came before it.
std::optional<Error> error_behind(KafkaSource& source, std::size_t records_max, std::size_t& records) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto batch = source.poll(records_max, 20ms);
    if (!batch) return batch.error();
    records += batch->records.size();
  }
  return {};
}

TEST_F(MockLoss, an_offset_lost_while_reading_stops_the_source_behind_what_was_read_and_stays_told) {
  send(400, 6);
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  std::size_t records = 0;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (records < 400 && std::chrono::steady_clock::now() < deadline) {
    const auto batch = source->poll(50, 20ms);
    ASSERT_TRUE(batch) << batch.error().text;
    records += batch->records.size();
  }
  // As a broker does, with every fetch: where the first one reaches the end of a partition, librdkafka tells of the end instead.
  constexpr std::int16_t kFetch = 1;   // Kafka's number of that request.
  const std::vector<rd_kafka_resp_err_t> gone(100, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
  rd_kafka_mock_push_request_errors_array(cluster_, kFetch, gone.size(), gone.data());
  const auto error = error_behind(*source, 50, records);
  ASSERT_TRUE(error) << "the source stalled in silence after " << records << " records";
  EXPECT_EQ(error->kind, ErrorKind::refused) << error->text;
  EXPECT_NE(error->text.find("nothing was skipped"), std::string::npos) << error->text;
  EXPECT_EQ(records, 400U);
  for (int i = 0; i < 3; ++i) {
    const auto again = source->poll(50, 20ms);
    ASSERT_FALSE(again) << "librdkafka has given the partition up: an empty batch would be silence";
    EXPECT_EQ(again.error().text, error->text);
  }
}

TEST_F(MockLoss, records_that_retention_takes_before_they_are_read_stop_the_source) {
  // The source fetches next to nothing ahead, and the mock keeps five megabytes of a partition.
  (*settings_.mutable_client())["queued.min.messages"] = "1";
  (*settings_.mutable_client())["max.partition.fetch.bytes"] = "1000";
  for (int i = 0; i < 20; ++i) send(1, 900, 0);
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  std::size_t records = 0;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (records == 0 && std::chrono::steady_clock::now() < deadline) {
    const auto batch = source->poll(2, 20ms);
    ASSERT_TRUE(batch) << batch.error().text;
    records += batch->records.size();
  }
  for (int i = 0; i < 9; ++i) send(1, 900'000, 0);
  const auto error = error_behind(*source, 2, records);
  ASSERT_TRUE(error) << "the source stalled in silence after " << records << " records";
  EXPECT_EQ(error->kind, ErrorKind::refused) << error->text;
  EXPECT_NE(error->text.find(fmt::format("access/0 at offset {}", records)), std::string::npos) << error->text;
  EXPECT_LT(records, 20U);
}

TEST_F(MockLoss, an_error_that_passes_is_told_once_and_reading_goes_on) {
  send(100, 6);
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  constexpr std::int16_t kFetch = 1;
  const std::vector<rd_kafka_resp_err_t> hiccups(2, RD_KAFKA_RESP_ERR_UNKNOWN);
  rd_kafka_mock_push_request_errors_array(cluster_, kFetch, hiccups.size(), hiccups.data());
  std::size_t records = 0;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (records < 100 && std::chrono::steady_clock::now() < deadline) {
    const auto batch = source->poll(50, 20ms);
    if (!batch) {
      EXPECT_EQ(batch.error().kind, ErrorKind::unavailable) << batch.error().text;
      continue;
    }
    records += batch->records.size();
  }
  EXPECT_EQ(records, 100U);
}

TEST_F(MockLoss, brokers_that_are_away_are_told_of_until_they_are_back_and_reading_goes_on) {
  send(100, 6);
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  std::size_t records = 0;
  const auto read_until = [&](std::size_t wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (records < wanted && std::chrono::steady_clock::now() < deadline) {
      if (const auto batch = source->poll(50, 20ms)) records += batch->records.size();
    }
    EXPECT_EQ(records, wanted);
  };
  read_until(100);
  rd_kafka_mock_broker_set_down(cluster_, 1);
  const auto error = error_behind(*source, 50, records);
  ASSERT_TRUE(error) << "a broker that is away looks like a topic without records";
  EXPECT_EQ(error->kind, ErrorKind::unavailable);
  EXPECT_NE(error->text.find("no broker can be reached"), std::string::npos) << error->text;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(source->poll(50, 20ms)) << "it is still away";
  rd_kafka_mock_broker_set_up(cluster_, 1);
  // The topic is silent: that the broker is back must be seen without a record.
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  bool back = false;
  while (!back && std::chrono::steady_clock::now() < deadline) back = source->poll(50, 20ms).has_value();
  EXPECT_TRUE(back);
  send(50, 6);
  read_until(150);
}

TEST_F(MockLoss, a_record_deleted_unread_is_refused_at_the_start_even_if_it_is_only_one) {
  for (int i = 0; i < 9; ++i) send(1, 900'000, 0);
  const auto source = this->source();
  const auto starts = source->open({});
  ASSERT_TRUE(starts) << starts.error().text;
  const std::int64_t first = starts->front().next;
  ASSERT_GT(first, 1) << "the mock should have deleted some";
  auto again = source->open({{0, first - 1}, {1, 0}});
  ASSERT_FALSE(again) << "record " << first - 1 << " was never read, and would be called a gap";
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_NE(again.error().text.find("1 records were deleted unread"), std::string::npos) << again.error().text;
  again = source->open({{0, first - 1, true}, {1, 0}});
  ASSERT_TRUE(again) << "the record before our place is no loss: " << again.error().text;
  EXPECT_EQ(again->front().next, first);
  again = source->open({{0, first - 2, true}, {1, 0}});
  EXPECT_FALSE(again);
}

TEST(KafkaPlaces, a_stored_position_is_judged_by_what_the_broker_holds) {
  const std::string source = "access", topic = "t";
  const Place place{source, topic, 3};
  const Held held{10, 20};
  struct Case {
    StartAt stored;
    std::optional<std::int64_t> begin;
  };
  const Case cases[] = {{{3, 8}, {}},        {{3, 9}, {}},        {{3, 10}, 10},       {{3, 20}, 20},       {{3, 21}, {}},
                        {{3, 8, true}, {}},  {{3, 9, true}, 10},  {{3, 10, true}, 10}, {{3, 19, true}, 19}, {{3, 20, true}, {}}};
  for (const Case& each : cases) {
    const auto begin = begin_at(each.stored, held, place);
    EXPECT_EQ(begin.value_or(-1), each.begin.value_or(-1)) << each.stored.next << each.stored.proof;
    EXPECT_TRUE(begin || begin.error().kind == ErrorKind::refused);
  }
}

TEST(KafkaSettings, what_is_fetched_ahead_of_us_is_bounded_per_topic_not_per_partition) {
  for (std::int32_t partitions = 1; partitions <= 2048; ++partitions) {
    const Ahead ahead = ahead_of(partitions);
    EXPECT_LE((ahead.queued + ahead.fetch) * static_cast<std::size_t>(partitions), limits::kKafkaAheadBytes) << partitions;
    EXPECT_LE(ahead.queued, limits::kKafkaAheadPartitionBytes) << partitions;
    EXPECT_GT(ahead.fetch, 0U);
  }
  EXPECT_EQ(ahead_of(6).queued, limits::kKafkaAheadPartitionBytes) << "a topic of few partitions needs no less than before";
  v1::settings::Kafka settings;
  settings.add_brokers("b:9092");
  const auto said = [&](std::string_view name) {
    const auto properties = consumer_properties(settings, "s", 64);
    std::string last;
    for (const auto& [key, value] : *properties) {
      if (key == name) last = value;
    }
    return last;
  };
  EXPECT_EQ(said("queued.max.messages.kbytes"), "3072");
  (*settings.mutable_client())["queued.max.messages.kbytes"] = "512";
  EXPECT_EQ(said("queued.max.messages.kbytes"), "512") << "what the user says wins";
}

TEST_F(MockLoss, a_topic_of_many_partitions_is_read_whole_with_less_ahead) {
  rd_kafka_mock_topic_create(cluster_, "wide", 64, 1);
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "record\n";
  std::istringstream in(text);
  SendSettings how;
  how.kafka = settings_;
  how.topic = "wide";
  ASSERT_TRUE(send_lines(in, how));
  const auto source = KafkaSource::make("wide", settings_, "wide");
  ASSERT_TRUE(source) << source.error().text;
  ASSERT_TRUE((*source)->open({}));
  std::size_t records = 0;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (records < 2'000 && std::chrono::steady_clock::now() < deadline) {
    const auto batch = (*source)->poll(500, 20ms);
    ASSERT_TRUE(batch) << batch.error().text;
    records += batch->records.size();
  }
  EXPECT_EQ(records, 2'000U);
}

}  // namespace
}  // namespace tocsin::ingest
