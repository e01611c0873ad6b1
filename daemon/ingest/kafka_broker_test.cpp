// kafka_broker_test.cpp: against a real broker. TOCSIN_TEST_KAFKA is its address; the one that is restarted is the test's own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "daemon/ingest/kafka_client.h"
#include "daemon/ingest/kafka_sender.h"
#include "daemon/ingest/kafka_source.h"

namespace tocsin::ingest {
namespace {

using namespace std::chrono_literals;

class RealKafka : public testing::Test {
 protected:
  void SetUp() override {
    const char* broker = std::getenv("TOCSIN_TEST_KAFKA");
    if (broker == nullptr) GTEST_SKIP() << "TOCSIN_TEST_KAFKA names no broker; tests/e2e runs this against one";
    settings_.add_brokers(broker);
    settings_.set_start("earliest");
    topic_ = fmt::format("source-{}-{}", ::getpid(), testing::UnitTest::GetInstance()->current_test_info()->name()).substr(0, 80);
  }

  void make_topic(int partitions) const {
    const std::string command = fmt::format("{}/tests/support/kafka/make_topic.py {} {} {}", TOCSIN_SOURCE_DIR, settings_.brokers(0), topic_, partitions);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  /// `record-<number>`, in this order within each partition.
  void send(int from, int count) const {
    std::string text;
    for (int i = from; i < from + count; ++i) text += fmt::format("record-{}\n", i);
    std::istringstream in(text);
    SendSettings how;
    how.kafka = settings_;
    how.topic = topic_;
    const auto sent = send_lines(in, how);
    ASSERT_TRUE(sent) << sent.error().text;
    ASSERT_EQ(sent->records, count);
  }

  std::unique_ptr<KafkaSource> source() const {
    auto made = KafkaSource::make("real", settings_, topic_);
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }

  void delete_before(std::int32_t partition, std::int64_t offset) const {
    auto conf = kafka_conf({{"bootstrap.servers", settings_.brokers(0)}});
    const auto client = std::move(*kafka_client(RD_KAFKA_PRODUCER, std::move(*conf)));
    const Kafka<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = offset;
    rd_kafka_DeleteRecords_t* order = rd_kafka_DeleteRecords_new(list.get());
    const Kafka<rd_kafka_queue_t> queue(rd_kafka_queue_new(client.get()));
    rd_kafka_DeleteRecords(client.get(), &order, 1, nullptr, queue.get());
    rd_kafka_DeleteRecords_destroy(order);
    rd_kafka_event_t* done = rd_kafka_queue_poll(queue.get(), 20'000);
    ASSERT_NE(done, nullptr);
    EXPECT_EQ(rd_kafka_event_error(done), 0) << rd_kafka_event_error_string(done);
    rd_kafka_event_destroy(done);
  }

  v1::settings::Kafka settings_;
  std::string topic_;
};

/// A broker that others do not need: it may be killed.
class OwnBroker {
 public:
  OwnBroker() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tocsin-broker-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    address_ = tell("start");
  }
  ~OwnBroker() {
    tell("kill");
    std::filesystem::remove_all(folder_);
  }
  const std::string& address() const { return address_; }
  /// The first line of the answer.
  std::string tell(const std::string& verb) const {
    const std::string command = fmt::format("{}/tests/support/kafka/broker {} {}", TOCSIN_SOURCE_DIR, verb, folder_);
    FILE* answer = ::popen(command.c_str(), "r");
    std::array<char, 256> line{};
    if (std::fgets(line.data(), line.size(), answer) == nullptr) line[0] = '\0';
    EXPECT_EQ(::pclose(answer), 0) << command;
    std::string text = line.data();
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

 private:
  std::string folder_, address_;
};

/// What a reader saw: every record once, and in order within its partition.
struct Seen {
  std::map<std::int32_t, std::int64_t> next;
  std::set<std::string> values;
  int unavailable = 0;   ///< How often the broker did not answer.

  void take(const Batch& batch) {
    for (const Record& record : batch.records) {
      EXPECT_EQ(record.position.offset, next[record.position.partition]) << "partition " << record.position.partition;
      next[record.position.partition] = record.position.offset + 1;
      EXPECT_TRUE(values.insert(record.value).second) << record.value << " came twice";
    }
  }
  void read(KafkaSource& source, std::size_t until, std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (values.size() < until && std::chrono::steady_clock::now() < deadline) {
      const auto batch = source.poll(1'000, 50ms);
      if (batch) {
        take(*batch);
        continue;
      }
      ASSERT_EQ(batch.error().kind, ErrorKind::unavailable) << batch.error().text;
      ++unavailable;
    }
  }
};

TEST_F(RealKafka, a_topic_that_does_not_exist_is_refused_and_never_made) {
  topic_ = "tocsin-no-such-topic";
  const auto starts = source()->open({});
  ASSERT_FALSE(starts);
  EXPECT_EQ(starts.error().kind, ErrorKind::refused);
}

TEST_F(RealKafka, six_partitions_are_read_whole_and_on_from_the_store) {
  make_topic(6);
  send(0, 50'000);
  Seen seen;
  {
    const auto first = source();
    ASSERT_TRUE(first->open({}));
    seen.read(*first, 20'000, 30s);
  }
  std::vector<StartAt> stored;
  for (std::int32_t i = 0; i < 6; ++i) stored.push_back({i, seen.next[i]});
  const auto second = source();
  const auto starts = second->open(stored);
  ASSERT_TRUE(starts) << starts.error().text;
  seen.read(*second, 50'000, 30s);
  EXPECT_EQ(seen.values.size(), 50'000U);
}

TEST_F(RealKafka, a_broker_that_restarts_in_the_middle_costs_no_record_and_doubles_none) {
  const OwnBroker own;
  ASSERT_FALSE(own.address().empty());
  settings_.set_brokers(0, own.address());
  make_topic(6);
  send(0, 50'000);
  // Little ahead, so that the broker is away while there is much to read.
  (*settings_.mutable_client())["queued.min.messages"] = "100";
  (*settings_.mutable_client())["max.partition.fetch.bytes"] = "4096";
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  Seen seen;
  seen.read(*source, 10'000, 30s);
  ASSERT_LT(seen.values.size(), 40'000U);
  int sent = 50'000;
  for (const char* end : {"stop", "kill"}) {
    std::atomic<bool> back = false;
    std::thread restart([&] {
      own.tell(end);
      EXPECT_EQ(own.tell("start"), own.address());
      back = true;
    });
    seen.unavailable = 0;
    while (!back) seen.read(*source, seen.values.size() + 1, 1s);
    restart.join();
    EXPECT_GT(seen.unavailable, 0) << "a broker that is away must be told of: " << end;
    send(sent, 5'000);
    sent += 5'000;
  }
  seen.read(*source, static_cast<std::size_t>(sent), 60s);
  EXPECT_EQ(seen.values.size(), static_cast<std::size_t>(sent)) << "reading goes on behind the restarts";
}

TEST_F(RealKafka, records_deleted_unread_stop_the_source_while_it_reads_and_when_it_starts) {
  make_topic(1);
  send(0, 20'000);
  const auto plain = settings_;
  (*settings_.mutable_client())["queued.min.messages"] = "1";
  (*settings_.mutable_client())["max.partition.fetch.bytes"] = "1024";
  const auto source = this->source();
  ASSERT_TRUE(source->open({}));
  Seen seen;
  seen.read(*source, 1, 30s);
  settings_ = plain;
  send(20'000, 20'000);
  delete_before(0, 39'999);
  std::optional<Error> error;
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!error && std::chrono::steady_clock::now() < deadline) {
    const auto batch = source->poll(100, 50ms);
    if (!batch) {
      error = batch.error();
    } else {
      seen.take(*batch);
    }
  }
  ASSERT_TRUE(error) << "stalled in silence at " << seen.next[0];
  EXPECT_EQ(error->kind, ErrorKind::refused) << error->text;
  EXPECT_LT(seen.next[0], 39'999);
  EXPECT_NE(error->text.find(fmt::format("at offset {}", seen.next[0])), std::string::npos) << error->text;
  const auto again = this->source()->open({{0, 39'998}});
  ASSERT_FALSE(again) << "one record deleted unread";
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_TRUE(this->source()->open({{0, 39'998, true}}));
}

}  // namespace
}  // namespace tocsin::ingest
