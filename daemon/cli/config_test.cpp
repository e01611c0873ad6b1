// config_test.cpp: every way to be wrong has its caret, and `tocsin check` ends with 3.
#include "daemon/cli/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sstream>

#include "daemon/base/file.h"
#include "daemon/cli/verbs.h"
#include "tocsin/v1/settings/channels.pb.h"
#include "tocsin/v1/settings/sources.pb.h"

namespace tocsin::cli {
namespace {

class ConfigTest : public testing::Test {
 protected:
  TemporaryFolder folder_ = std::move(*TemporaryFolder::make());
  std::string path() const { return folder_.path() + "/tocsin.yml"; }
  Result<v1::Config> load(const std::string& text) {
    EXPECT_TRUE(write_file(path(), text));
    return load_config(path(), [](std::string_view name) -> std::optional<std::string> {
      return name == "TENANT" ? std::optional<std::string>("acme") : std::nullopt;
    });
  }
  std::string error_of(const std::string& text) {
    auto loaded = load(text);
    return loaded ? "no error" : loaded.error().text;
  }
  ExitCode check(std::string* said = nullptr) {
    std::ostringstream out, err;
    const SystemClock clock;
    World world{clock, out, err, [](std::string_view) { return std::nullopt; }, 0};
    const ExitCode code = run(world, {"check", "--config", path(), "--rules", TOCSIN_SOURCE_DIR "/rules"});
    if (said != nullptr) *said = err.str() + out.str();
    return code;
  }
  void token_file(unsigned mode = 0600) { ASSERT_TRUE(write_file(folder_.path() + "/tokens", "officer:0123456789abcdef0123\n", mode)); }
};

constexpr char kGood[] = R"(
tenant: ${env:TENANT}
state_dir: state
sources:
  - {name: access, type: kafka, brokers: ["127.0.0.1:9092"], topics: [access], start: earliest}
channels:
  - {name: mail, type: email, host: 127.0.0.1, from: "privacy@example.org", security: none}
delivery: {mode: redirect, redirect_to: {mail: "test@example.org"}}
organisation: {name: Example, time_zone: Asia/Shanghai}
jurisdictions: [cn, eu-gdpr]
)";

TEST_F(ConfigTest, a_good_one_is_read_with_its_defaults) {
  const auto config = load(kGood);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->tenant(), "acme");
  EXPECT_EQ(config->state_dir(), folder_.path() + "/state");
  EXPECT_EQ(config->delivery().mode(), v1::REDIRECT);
  EXPECT_EQ(config->detect().batch_wait().nanos(), 20'000'000);
}

TEST_F(ConfigTest, without_edits_nothing_is_sent_to_anybody) { EXPECT_EQ(load("state_dir: s\n")->delivery().mode(), v1::HOLD); }

// The issue's list, each with its whole text.
TEST_F(ConfigTest, every_way_to_be_wrong_has_its_caret_and_exit_3) {
  struct Row {
    const char* what;
    std::string yaml;
    std::string error;   ///< Behind the path.
  };
  const Row rows[] = {
      {"unknown key", "state_dir: s\ntenent: x\n", ":2:1: unknown key `tenent`\n  2 | tenent: x\n    | ^^^^^^ did you mean `tenant`?"},
      {"wrong type", "state_dir: s\nsources: access\n", ":2:10: expected a list, found `access`\n  2 | sources: access\n    |          ^^^^^^ write [access]"},
      {"wrong enum", "state_dir: s\ndelivery:\n  mode: lve\n",
       ":3:9: expected one of hold, redirect, live, found `lve`\n  3 |   mode: lve\n    |         ^^^ did you mean `live`?"},
      {"out of range", "state_dir: s\ndelivery: {max_recipients: 0}\n",
       ":2:28: `0` is less than 1, the least that `max_recipients` may be\n  2 | delivery: {max_recipients: 0}\n    |                            ^"},
      {"missing", "tenant: x\n", ":1:1: `state_dir` is missing\n  1 | tenant: x\n    | ^ expected a text"},
      {"duplicate key", "state_dir: s\nstate_dir: t\n", ":2:1: key `state_dir` is written twice\n  2 | state_dir: t\n    | ^^^^^^^^^"},
      {"unset ${env:}", "state_dir: s\ntenant: ${env:NOPE}\n",
       ":2:9: environment variable `NOPE` is not set\n  2 | tenant: ${env:NOPE}\n    |         ^^^^^^^^^^^"},
      {"bad duration", "state_dir: s\ndetect: {lateness: 10 minutes}\n",
       ":2:20: expected a duration such as 90s, 10m or 24h, found `10 minutes`\n  2 | detect: {lateness: 10 minutes}\n    |                    ^^^^^^^^^^"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(error_of(row.yaml), path() + row.error) << row.what;
    std::string said;
    EXPECT_EQ(static_cast<int>(check(&said)), 3) << row.what;
    EXPECT_NE(said.find(row.error), std::string::npos) << said;
  }
}

TEST_F(ConfigTest, what_fields_say_together_is_checked) {
  token_file();
  const std::string kafka = "state_dir: s\nsources:\n  - {name: a, type: kafka, brokers: [b], topics: [t]";
  const std::string bind = "state_dir: s\nserve:\n";
  struct Row {
    std::string yaml, error;
  };
  const Row rows[] = {
      {kafka + "}\n", ":3:21: `start` is missing"},
      {kafka + ", start: earlist}\n", ":3:62: expected earliest, latest or a time such as 2026-11-24T00:00:00Z, found `earlist`"},
      {kafka + ", start: latest, security: {protocol: sasl_plaintext, mechanism: PLAIN, username: u, password: p}}\n", "PLAIN without TLS sends the password in clear"},
      {kafka + ", start: latest, security: {protocol: sasl_tls}}\n", "`sasl_tls` needs `mechanism`"},
      {kafka + ", start: latest, security: {ca_file: x}}\n", "certificates are given, but protocol `plaintext` does not use TLS"},
      {kafka + ", start: latest, client: {fetch.min.byte: \"1\"}}\n", ":3:79: client property `fetch.min.byte` may not be set"},
      {kafka + ", start: latest, client: {enable.auto.commit: \"true\"}}\n", "client property `enable.auto.commit` may not be set"},
      {kafka + ", start: latest}\n  - {name: a, type: file, paths: [x]}\n", ":4:12: two sources are named `a`"},
      {bind + "  http: {listen: \"0.0.0.0:9464\"}\n", ":3:18: serve.http.listen: 0.0.0.0 is not a loopback address, so `tls` and `token_file` must be set too"},
      {bind + "  grpc: {listen: \"[::]:9465\", token_file: tokens}\n", ":3:18: serve.grpc.listen: :: is not a loopback address, so `tls` must be set too"},
      {bind + "  grpc: {listen: \"127.0.0.1:9465\"}\n", ":3:18: over TCP only a token says who speaks"},
      {bind + "  grpc: {listen: \"127.0.0.1\", token_file: tokens}\n", "is no address to listen on (no port)"},
      {bind + "  grpc: {listen: \"127.0.0.1:1\", token_file: nope}\n", ":3:45: token file"},
      {bind + "  http: {tls: {cert_file: a, key_file: b}}\n", "a: No such file or directory"},
      {"state_dir: s\ndelivery: {mode: redirect}\n", ":2:18: `redirect` needs `redirect_to`"},
      {"state_dir: s\ndelivery: {redirect_to: {mial: a@b.c}}\nchannels: [{name: mail, type: email, host: h, from: a@b.c}]\n", ":2:26: no channel is named `mial`"},
      {"state_dir: s\norganisation: {time_zone: Asia/Shangai}\n", ":2:27: `Asia/Shangai` is no IANA time zone"},
      {"state_dir: s\nrules: [nowhere]\n", "/nowhere: no such file or folder"},
      {"state_dir: s\ncontacts: {csv: none.csv}\n", "/none.csv: no such file or folder"},
      {"state_dir: s\nchannels:\n  - {name: m, type: push, service_account_file: nope.json}\n", ":3:21: "},
  };
  for (const Row& row : rows) {
    const std::string error = error_of(row.yaml);
    EXPECT_NE(error.find(row.error), std::string::npos) << row.yaml << "gave: " << error;
    EXPECT_TRUE(error.starts_with(path())) << error;
    EXPECT_EQ(check(), ExitCode::configuration);
  }
}

TEST_F(ConfigTest, a_suggestion_comes_with_the_refused_property) {
  EXPECT_NE(error_of("state_dir: s\nsources:\n  - {name: a, type: kafka, brokers: [b], topics: [t], start: latest, client: {fetch.min.byte: \"1\"}}\n")
                .find("^^^^^^^^^^^^^^ did you mean `fetch.min.bytes`?"),
            std::string::npos);
}

TEST_F(ConfigTest, all_faults_are_said_at_once) {
  const std::string error = error_of("state_dir: s\norganisation: {time_zone: X}\ncontacts: {csv: none.csv}\n");
  EXPECT_NE(error.find("IANA"), std::string::npos);
  EXPECT_NE(error.find("none.csv"), std::string::npos);
}

TEST_F(ConfigTest, loopback_needs_no_tls_and_strangers_may_come_with_tls_and_token) {
  token_file();
  EXPECT_TRUE(load("state_dir: s\nserve: {grpc: {listen: \"[::1]:0\", token_file: tokens}, http: {listen: \"127.0.0.1:0\"}}\n"));
  ASSERT_TRUE(write_file(folder_.path() + "/c.pem", "x") && write_file(folder_.path() + "/k.pem", "x"));
  EXPECT_TRUE(load("state_dir: s\nserve: {http: {listen: \"0.0.0.0:1\", token_file: tokens, tls: {cert_file: c.pem, key_file: k.pem}}}\n"));
}

TEST_F(ConfigTest, a_good_one_checks_with_0) {
  ASSERT_TRUE(write_file(path(), "state_dir: s\n"));
  std::string said;
  EXPECT_EQ(check(&said), ExitCode::ok) << said;
  EXPECT_NE(said.find("good: "), std::string::npos) << said;
}

TEST_F(ConfigTest, a_client_finds_the_socket_without_reading_secrets) {
  ASSERT_TRUE(write_file(path(), "state_dir: state\nchannels: [{name: w, type: webhook, url: u, signing_key_file: /nowhere}]\n"));
  EXPECT_EQ(*socket_of(path()), folder_.path() + "/state/tocsin.sock");
  ASSERT_TRUE(write_file(path(), "state_dir: state\nserve: {grpc: {unix_socket: /run/t.sock}}\n"));
  EXPECT_EQ(*socket_of(path()), "/run/t.sock");
  ASSERT_TRUE(write_file(path(), "state_dir: ${env:X}\n"));
  EXPECT_NE(socket_of(path()).error().text.find("use --socket"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::cli
