// daemon_test.cpp: the whole house in one process: from lines of a file to a confirmed incident, asked for through the verbs.
#include "daemon/cli/daemon.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <thread>

#include "daemon/base/file.h"
#include "daemon/base/limits.h"
#include "daemon/cli/config.h"
#include "daemon/cli/verbs.h"
#include "daemon/store/store.h"

namespace tocsin::cli {
namespace {

constexpr char kRule[] =
    "title: Denied\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\nlogsource: {product: tocsin, category: access}\n"
    "detection: {s: {outcome: denied}, condition: s}\n";

std::string event(int second, std::string_view actor, std::string_view outcome, int customer) {
  return fmt::format(R"({{"time":"2026-11-23T01:00:{:02}Z","actor":{{"id":"{}"}},"action":{{"verb":"Read"}},"outcome":"{}","subjects":[{{"id":"c-{}","id_type":"customer"}}]}})" "\n",
                     second, actor, outcome, customer);
}

class DaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_folder(path("rules")) && write_file(path("rules/r.yml"), kRule));
    ASSERT_TRUE(write_file(path("day.ndjson"), event(1, "eva", "denied", 1) + event(2, "eva", "denied", 2) + event(3, "ann", "success", 3) + "garbage\n" + event(4, "bob", "denied", 4)));
    ASSERT_TRUE(write_file(path("contacts.csv"), "id,id_type,email\nc-1,customer,one@example.org\nc-2,customer,two@example.org\n"));
    ASSERT_TRUE(write_file(path("tokens"), "officer:0123456789abcdef0123\n", 0600));
    ASSERT_TRUE(write_file(path("tocsin.yml"), R"(
state_dir: state
rules: [rules]
sources: [{name: day, type: file, paths: [day.ndjson]}]
contacts: {csv: contacts.csv}
channels:
  - {name: mail, type: email, host: 127.0.0.1, port: 1, from: "privacy@example.org", security: none}
  - {name: page, type: announcement, base_url: "https://example.org/announcements"}
organisation: {name: Example, name_zh: 示例, contact_name: Privacy office, contact_email: privacy@example.org, contact_phone: "+86 10 0000 0000", help_url: "https://example.org/help"}
jurisdictions: [cn, eu-gdpr]
serve: {http: {listen: "127.0.0.1:0"}, grpc: {listen: "127.0.0.1:0", token_file: tokens}}
)"));
  }

  std::string path(std::string_view name) const { return fmt::format("{}/{}", folder_.path(), name); }

  Result<std::unique_ptr<Daemon>> open() {
    auto config = load_config(path("tocsin.yml"));
    if (!config) return Failure(config.error());
    return Daemon::start(std::move(*config), {.clock = clock_, .log = log_, .installed_pack = TOCSIN_SOURCE_DIR "/rules"});
  }

  void start() {
    auto daemon = open();
    ASSERT_TRUE(daemon) << daemon.error().text;
    daemon_ = std::move(*daemon);
    ASSERT_TRUE(soon([&] { return daemon_->exhausted() || !daemon_->health(); }));
    ASSERT_TRUE(daemon_->health()) << daemon_->health().error().text;
  }

  static bool soon(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  int call(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    World world{clock_, out_, err_, [](std::string_view) { return std::nullopt; }, 0};
    arguments.insert(arguments.end(), {"--config", path("tocsin.yml")});
    return static_cast<int>(run(world, std::move(arguments)));
  }
  int as_officer(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--token-file", path("tokens")});
    return call(std::move(arguments));
  }
  /// The id of eva's incident.
  std::string incident() {
    EXPECT_EQ(call({"incident", "list", "-o", "csv"}), 0) << err_.str();
    std::istringstream lines(out_.str());
    for (std::string line; std::getline(lines, line);) {
      if (line.find("actor.id=eva") != std::string::npos) return line.substr(0, line.find(','));
    }
    ADD_FAILURE() << out_.str();
    return {};
  }
  std::string get(std::string_view target) {
    const std::string address = daemon_->http_address();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(::connect(connection, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target, address);
    EXPECT_EQ(::send(connection, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    std::string answer;
    char piece[4096];
    for (ssize_t n = 0; (n = ::recv(connection, piece, sizeof piece, 0)) > 0;) answer.append(piece, static_cast<std::size_t>(n));
    ::close(connection);
    return answer;
  }
  bool said(std::string_view text) const { return out_.str().find(text) != std::string::npos; }

  TemporaryFolder folder_ = std::move(*TemporaryFolder::make());
  SystemClock clock_;
  std::vector<std::string> lines_;
  Log log_{clock_, {.level = LogLevel::warn, .json = false, .instead = [](std::string_view) {}}};
  std::unique_ptr<Daemon> daemon_;
  std::ostringstream out_, err_;
};

TEST_F(DaemonTest, from_a_file_to_a_confirmed_incident_by_verbs_alone) {
  start();
  EXPECT_EQ(call({"status"}), 0) << out_.str() << err_.str();
  EXPECT_TRUE(said("delivery   HOLD") || said("HOLD")) << out_.str();
  EXPECT_EQ(call({"status", "-o", "csv"}), 0);
  EXPECT_TRUE(said("day,0,0,5,")) << out_.str();
  EXPECT_EQ(call({"alert", "list", "-o", "ndjson"}), 0);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 3) << out_.str();

  const std::string id = incident();
  EXPECT_EQ(call({"incident", "affected", id, "-o", "csv"}), 0);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 3) << out_.str();   // Header and two people.
  EXPECT_FALSE(said("c-1"));
  EXPECT_EQ(call({"incident", "confirm", id, "--aware-at", "2026-11-23T02:00:00Z", "--evidence", "the access log"}), 0) << err_.str();
  EXPECT_TRUE(said("confirmed")) << out_.str();
  EXPECT_TRUE(said("duty cn") && said("duty eu-gdpr")) << out_.str();

  // What is approved must have been looked at: without its binding the answer is 7.
  EXPECT_EQ(as_officer({"incident", "approve", id}), 7) << err_.str();
  ASSERT_EQ(call({"notice", "preview", id, "--locale", "en", "-o", "csv"}), 0) << out_.str() << err_.str();
  std::string binding = out_.str().substr(out_.str().find("binding,") + 8);
  binding.resize(binding.find('\r'));
  EXPECT_EQ(call({"incident", "approve", id, "--binding", binding}), 4) << "the one who confirmed approved: " << out_.str() << err_.str();
  EXPECT_EQ(as_officer({"incident", "approve", id, "--binding", binding}), 0) << err_.str();

  // Fresh from the installation nothing leaves.
  EXPECT_EQ(call({"notice", "status", id, "-o", "csv"}), 0);
  EXPECT_TRUE(said(",queued,0,")) << out_.str();
  EXPECT_EQ(call({"notice", "stop", id, "--reason", "a test"}), 0) << err_.str();
  EXPECT_TRUE(said("stopped       2")) << out_.str();
}

TEST_F(DaemonTest, a_report_is_written_as_two_files) {
  start();
  const std::string id = incident();
  EXPECT_EQ(call({"report", "show", id, "--jurisdiction", "cn", "--language", "zh-CN", "--folder", path("reports")}), 0) << err_.str();
  EXPECT_TRUE(read_file(fmt::format("{}/{}-cn-initial-zh-CN.pdf", path("reports"), id))->starts_with("%PDF"));
  const std::string json = *read_file(fmt::format("{}/{}-cn-initial-zh-CN.json", path("reports"), id));
  EXPECT_EQ(json.find("eva"), std::string::npos) << "the actor's name got out";
  EXPECT_EQ(call({"report", "show", id, "--jurisdiction", "us-ca"}), 5) << err_.str();
  EXPECT_EQ(call({"report", "show", "ffffffff", "--jurisdiction", "cn"}), 5) << err_.str();
}

TEST_F(DaemonTest, dead_letters_are_listed_shown_and_replayed) {
  start();
  EXPECT_EQ(call({"deadletters", "list", "-o", "csv"}), 0);
  EXPECT_TRUE(said("day,0,3,")) << out_.str();
  EXPECT_EQ(call({"deadletters", "show", "day", "0", "3"}), 0);
  EXPECT_EQ(out_.str(), "garbage");
  EXPECT_EQ(call({"deadletters", "show", "day", "0", "1"}), 5);
  EXPECT_EQ(call({"deadletters", "replay"}), 1) << err_.str();
  EXPECT_TRUE(said("still_dead  1")) << out_.str();
}

TEST_F(DaemonTest, rules_are_read_again_all_or_none_of_them) {
  start();
  ASSERT_EQ(call({"rules", "reload", "-o", "json"}), 0) << err_.str();
  EXPECT_TRUE(said("\"added\": []") && said("\"changed\": []") && said("\"compiled\": \"0\"")) << out_.str();
  ASSERT_TRUE(write_file(path("rules/more.yml"), "title: More\nid: more\nlogsource: {product: tocsin, category: access}\ndetection: {s: {outcome: success}, condition: s}\n"));
  ASSERT_TRUE(write_file(path("rules/r.yml"), std::string(kRule) + "tocsin: {detction: {}}\n"));
  EXPECT_EQ(call({"rules", "reload"}), 3);
  EXPECT_NE(err_.str().find("r.yml:6:10: unknown key `detction`"), std::string::npos) << err_.str();
  ASSERT_EQ(call({"status", "-o", "json"}), 0);
  EXPECT_TRUE(said("\"rules\": \"1\"")) << "those in use stay: " << out_.str();
  ASSERT_TRUE(write_file(path("rules/r.yml"), std::string(kRule) + "fields: [path]\n"));
  ASSERT_EQ(call({"rules", "reload"}), 0) << err_.str();
  EXPECT_TRUE(said("added     1: more")) << out_.str();
  ASSERT_EQ(call({"status", "-o", "json"}), 0);
  EXPECT_TRUE(said("\"rules\": \"2\"")) << out_.str();
  EXPECT_NE(get("/metrics").find("tocsin_rules 2"), std::string::npos);
  EXPECT_NE(get("/metrics").find("tocsin_rules_reloads_total{outcome=\"bad_input\"} 1"), std::string::npos);
  // Who did it is in the audit trail, which is whole.
  EXPECT_EQ(call({"verify"}), 0) << out_.str();
}

TEST_F(DaemonTest, verify_finds_an_edited_audit_row_in_the_state_folder) {
  start();
  const std::string id = incident();
  ASSERT_EQ(call({"incident", "dismiss", id, "--reason", "a drill"}), 0) << err_.str();
  EXPECT_EQ(call({"verify"}), 0) << out_.str() << err_.str();
  daemon_.reset();
  EXPECT_EQ(call({"verify", "--state-dir", path("state")}), 0) << out_.str() << err_.str();
  // What an intruder with the disk would do: the triggers first, then the row.
  ASSERT_TRUE(write_file(path("edit.py"), R"py(
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
for name in [row[0] for row in store.execute("select name from sqlite_master where type = 'trigger'")]: store.execute(f"drop trigger {name}")
store.execute("update audit set principal = 'unix:nobody' where seq = (select min(seq) from audit)")
store.commit()
)py"));
  ASSERT_EQ(std::system(fmt::format("python3 {} {}/tocsin.db", path("edit.py"), path("state")).c_str()), 0);
  EXPECT_EQ(call({"verify", "--state-dir", path("state")}), 1) << out_.str() << err_.str();
  EXPECT_TRUE(said("NO")) << out_.str();
}

TEST_F(DaemonTest, metrics_and_readiness_are_served) {
  start();
  const std::string metrics = get("/metrics");
  EXPECT_TRUE(metrics.starts_with("HTTP/1.1 200")) << metrics;
  for (const char* line : {"tocsin_events_total{source=\"day\"} 4", "tocsin_alerts_total 3", "tocsin_incidents 2", "tocsin_contacts 2", "tocsin_delivery_live 0", "tocsin_ready 1",
                           "tocsin_build_info{version=\"0.1.0\"} 1", "tocsin_rules 1", "tocsin_partition_balanced{partition=\"0\",source=\"day\"} 1"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line << "\n" << metrics;
  }
  EXPECT_TRUE(get("/readyz").starts_with("HTTP/1.1 200"));
}

TEST_F(DaemonTest, over_tcp_only_a_token_opens) {
  start();
  const std::string address = fmt::format("127.0.0.1:{}", daemon_->grpc_port());
  EXPECT_EQ(as_officer({"status", "--address", address}), 0) << err_.str();
  ASSERT_TRUE(write_file(path("wrong"), "ffffffffffffffffffff\n", 0600));
  EXPECT_EQ(call({"status", "--address", address, "--token-file", path("wrong")}), 4) << err_.str();
}

TEST_F(DaemonTest, a_signal_ends_it_in_good_order) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto until = [this](int signal) {
    std::thread killer([this, signal] {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);   // Only the daemon's own waiting may take it.
      soon([&] { return call({"status", "--timeout", "1"}) == 0; });
      ::kill(::getpid(), signal);
    });
    std::ostringstream out, err;
    World world{clock_, out, err, [](std::string_view) { return std::nullopt; }, 0};
    const ExitCode code = run(world, {"run", "--config", path("tocsin.yml")});
    killer.join();
    std::exit(static_cast<int>(code));
  };
  EXPECT_EXIT(until(SIGTERM), testing::ExitedWithCode(0), "stopped");
  EXPECT_EXIT(until(SIGINT), testing::ExitedWithCode(130), "stopped");
}

TEST_F(DaemonTest, a_broker_that_does_not_answer_cannot_keep_it_from_ending) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto ends = [this](int signals) {
    // Opening three topics at a port where nobody listens lasts longer than a stop may.
    EXPECT_TRUE(write_file(path("tocsin.yml"), "state_dir: state\nrules: [rules]\nserve: {http: {listen: \"127.0.0.1:0\"}}\n"
                                               "sources: [{name: k, type: kafka, brokers: [\"127.0.0.1:1\"], topics: [a, b, c], start: earliest}]\n"));
    std::thread killer([this, signals] {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      soon([&] { return call({"status", "--timeout", "1"}) == 1; });   // Up, and not ready.
      for (int i = 0; i < signals; ++i) {
        ::kill(::getpid(), SIGTERM);
        std::this_thread::sleep_for(std::chrono::milliseconds(500));   // Two signals at once would be one.
      }
    });
    std::ostringstream out, err;
    World world{clock_, out, err, [](std::string_view) { return std::nullopt; }, 0};
    std::_Exit(static_cast<int>(run(world, {"run", "--config", path("tocsin.yml")})));
  };
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EXIT(ends(2), testing::ExitedWithCode(0), "stopping");
  EXPECT_LT(std::chrono::steady_clock::now() - began, limits::kStopWithin);
  EXPECT_EXIT(ends(1), testing::ExitedWithCode(0), "stopping");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3 * limits::kStopWithin);
}

TEST_F(DaemonTest, a_second_daemon_on_the_same_state_is_refused_and_a_restart_goes_on) {
  start();
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::refused);
  EXPECT_NE(second.error().text.find("held by process"), std::string::npos) << second.error().text;
  ASSERT_EQ(call({"alert", "list", "-o", "ndjson"}), 0);
  const std::string before = out_.str();
  const auto began = std::chrono::steady_clock::now();
  daemon_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  EXPECT_EQ(call({"status", "--timeout", "2"}), 6);
  start();
  ASSERT_EQ(call({"alert", "list", "-o", "ndjson"}), 0);
  EXPECT_EQ(out_.str(), before);
  EXPECT_EQ(call({"status", "-o", "csv"}), 0);
  EXPECT_TRUE(said("day,0,0,5,")) << out_.str();
}

TEST_F(DaemonTest, a_wrong_configuration_or_contact_does_not_start) {
  ASSERT_TRUE(write_file(path("contacts.csv"), "id,id_type,email\nc-1,customer,one@example.org\nc-1,customer,two@example.org\n"));
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::bad_input);
  EXPECT_NE(opened.error().text.find("contacts.csv:3"), std::string::npos) << opened.error().text;
  EXPECT_EQ(opened.error().text.find("one@example.org"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::cli
