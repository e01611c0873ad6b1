// kafka_count_test.cpp: the bare loop sees what was sent.
#include "daemon/ingest/kafka_count.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <sstream>

#include "daemon/ingest/kafka_client.h"

namespace tocsin::ingest {
namespace {

using namespace std::chrono_literals;

class MockTopic : public testing::Test {
 protected:
  MockTopic() {
    auto conf = kafka_conf({{"client.id", "mock"}});
    host_ = std::move(*kafka_client(RD_KAFKA_PRODUCER, std::move(*conf)));
    cluster_ = rd_kafka_mock_cluster_new(host_.get(), 1);
    rd_kafka_mock_topic_create(cluster_, "access", 2, 1);
    settings_.add_brokers(rd_kafka_mock_cluster_bootstraps(cluster_));
    (*settings_.mutable_client())["fetch.wait.max.ms"] = "10";
    settings_.set_start("earliest");
    std::string text;
    for (int i = 0; i < 400; ++i) text += "record\n";
    std::istringstream in(text);
    SendSettings how;
    how.kafka = settings_;
    how.topic = "access";
    const auto sent = send_lines(in, how);
    EXPECT_TRUE(sent) << sent.error().text;
  }
  ~MockTopic() override { rd_kafka_mock_cluster_destroy(cluster_); }

  Kafka<rd_kafka_t> host_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  v1::settings::Kafka settings_;
};

TEST_F(MockTopic, the_bare_loop_counts_what_was_sent) {
  const auto read = count_records(settings_, "access", 10s);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->records, 400);
  EXPECT_EQ(read->bytes, 400 * 6);
}

}  // namespace
}  // namespace tocsin::ingest
