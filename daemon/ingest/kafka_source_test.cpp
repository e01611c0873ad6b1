// kafka_source_test.cpp: against librdkafka's mock cluster.
#include "daemon/ingest/kafka_source.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <set>
#include <sstream>

#include "daemon/ingest/kafka_client.h"
#include "daemon/ingest/kafka_sender.h"

namespace tocsin::ingest {
namespace {

using namespace std::chrono_literals;

class MockKafka : public testing::Test {
 protected:
  MockKafka() {
    auto conf = kafka_conf({{"client.id", "mock"}});
    host_ = std::move(*kafka_client(RD_KAFKA_PRODUCER, std::move(*conf)));
    cluster_ = rd_kafka_mock_cluster_new(host_.get(), 1);
    rd_kafka_mock_topic_create(cluster_, "access", 3, 1);
    settings_.add_brokers(rd_kafka_mock_cluster_bootstraps(cluster_));
    (*settings_.mutable_client())["fetch.wait.max.ms"] = "10";
    settings_.set_start("earliest");
  }
  ~MockKafka() override { rd_kafka_mock_cluster_destroy(cluster_); }

  void send(int from, int count) {
    std::string text;
    for (int i = from; i < from + count; ++i) text += fmt::format("record-{}\n", i);
    std::istringstream in(text);
    SendSettings how;
    how.kafka = settings_;
    how.topic = "access";
    const auto sent = send_lines(in, how);
    ASSERT_TRUE(sent) << sent.error().text;
    ASSERT_EQ(sent->records, count);
  }

  std::unique_ptr<KafkaSource> source() {
    auto made = KafkaSource::make("access", settings_, "access");
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }

  Kafka<rd_kafka_t> host_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  v1::settings::Kafka settings_;
};

/// Polls until `wanted` records came or ten seconds passed.
std::vector<Record> read(KafkaSource& source, std::size_t wanted) {
  std::vector<Record> records;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (records.size() < wanted && std::chrono::steady_clock::now() < deadline) {
    auto batch = source.poll(1'000, 50ms);
    EXPECT_TRUE(batch) << batch.error().text;
    if (!batch) break;
    std::move(batch->records.begin(), batch->records.end(), std::back_inserter(records));
  }
  return records;
}

TEST_F(MockKafka, every_record_comes_once_and_per_partition_in_order) {
  send(0, 500);
  const auto source = this->source();
  const auto starts = source->open({});
  ASSERT_TRUE(starts) << starts.error().text;
  EXPECT_EQ(starts->size(), 3U);
  const auto records = read(*source, 500);
  ASSERT_EQ(records.size(), 500U);
  std::map<std::int32_t, std::int64_t> next;
  std::set<std::string> values;
  for (const Record& record : records) {
    EXPECT_EQ(record.position.offset, next[record.position.partition]++);
    EXPECT_EQ(record.position.source, "access");
    values.insert(record.value);
  }
  EXPECT_EQ(values.size(), 500U);
  EXPECT_EQ(next.size(), 3U) << "the seeded spread should reach each partition";
}

TEST_F(MockKafka, reading_goes_on_where_the_store_says) {
  send(0, 300);
  std::vector<StartAt> stored;
  std::map<std::int32_t, std::int64_t> ends;
  {
    const auto first = this->source();
    ASSERT_TRUE(first->open({}));
    for (const Record& record : read(*first, 300)) ends[record.position.partition] = record.position.offset + 1;
  }
  for (const auto& [partition, end] : ends) stored.push_back({partition, end - 2});
  const auto again = this->source();
  ASSERT_TRUE(again->open(stored));
  const auto records = read(*again, 6);
  EXPECT_EQ(records.size(), 6U);
  for (const Record& record : records) EXPECT_GE(record.position.offset, ends[record.position.partition] - 2);
}

TEST_F(MockKafka, a_stored_offset_that_the_broker_does_not_hold_is_refused) {
  send(0, 30);
  const auto source = this->source();
  const auto starts = source->open({{0, 1'000'000}, {1, 0}, {2, 0}});
  ASSERT_FALSE(starts);
  EXPECT_EQ(starts.error().kind, ErrorKind::refused);
  EXPECT_NE(starts.error().text.find("made anew or lost records"), std::string::npos);
}

TEST_F(MockKafka, a_topic_never_read_needs_a_start) {
  settings_.clear_start();
  const auto starts = source()->open({});
  ASSERT_FALSE(starts);
  EXPECT_EQ(starts.error().kind, ErrorKind::bad_input);
  EXPECT_NE(starts.error().text.find("start: earliest"), std::string::npos);
}

TEST_F(MockKafka, latest_skips_what_is_there) {
  send(0, 60);
  settings_.set_start("latest");
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  send(60, 9);
  const auto records = read(*source, 9);
  ASSERT_EQ(records.size(), 9U);
  for (const Record& record : records) EXPECT_GE(std::stoi(record.value.substr(7)), 60);
}

TEST_F(MockKafka, the_end_of_a_partition_is_told) {
  send(0, 30);
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  std::set<std::int32_t> ended;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (ended.size() < 3 && std::chrono::steady_clock::now() < deadline) {
    const auto batch = source->poll(1'000, 50ms);
    ASSERT_TRUE(batch);
    for (const PartitionState& state : batch->partitions) {
      if (state.at_end) ended.insert(state.partition);
    }
  }
  EXPECT_EQ(ended.size(), 3U);
}

TEST_F(MockKafka, a_poll_without_records_ends_in_time) {
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(source->poll(10, 20ms));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(KafkaSettings, plain_without_tls_is_refused_and_unknown_properties_are_named) {
  v1::settings::Kafka settings;
  settings.add_brokers("b:9092");
  settings.mutable_security()->set_protocol("sasl_plaintext");
  settings.mutable_security()->set_mechanism("PLAIN");
  settings.mutable_security()->set_username("u");
  settings.mutable_security()->set_password("hunter2-secret");
  auto properties = connection_properties(settings);
  ASSERT_FALSE(properties);
  EXPECT_EQ(properties.error().kind, ErrorKind::refused);
  EXPECT_EQ(properties.error().text.find("hunter2"), std::string::npos);
  settings.mutable_security()->set_mechanism("SCRAM-SHA-512");
  EXPECT_TRUE(connection_properties(settings));
  (*settings.mutable_client())["fetch.wait.max"] = "1";
  properties = consumer_properties(settings, "s", 1);
  ASSERT_FALSE(properties);
  EXPECT_NE(properties.error().text.find("did you mean `fetch.wait.max.ms`"), std::string::npos);
  settings.clear_client();
  (*settings.mutable_client())["auto.offset.reset"] = "latest";
  EXPECT_FALSE(consumer_properties(settings, "s", 1)) << "what decides exactness is ours";
}

TEST(KafkaSettings, the_list_of_allowed_properties_is_sorted_and_known_to_librdkafka) {
  for (std::size_t i = 1; i < client_properties().size(); ++i) EXPECT_LT(client_properties()[i - 1].name, client_properties()[i].name);
  Kafka<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  for (const ClientProperty& property : client_properties()) {
    std::array<char, 256> value{};
    std::size_t size = value.size();
    EXPECT_EQ(rd_kafka_conf_get(conf.get(), std::string(property.name).c_str(), value.data(), &size), RD_KAFKA_CONF_OK) << property.name;
  }
}

}  // namespace
}  // namespace tocsin::ingest
