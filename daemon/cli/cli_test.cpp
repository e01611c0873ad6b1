// cli_test.cpp: the command line as scripts meet it: words, formats, exit codes.
#include "daemon/cli/cli.h"

#include <gtest/gtest.h>

#include <sstream>

#include "daemon/base/file.h"
#include "daemon/cli/test_call.h"

namespace tocsin::cli {
namespace {

using CliTest = CallTest;

TEST_F(CliTest, the_table_of_verbs_is_sorted) {
  EXPECT_TRUE(std::is_sorted(verbs().begin(), verbs().end(), [](const Verb& a, const Verb& b) { return a.name < b.name; }));
}

TEST_F(CliTest, every_verb_has_help) {
  for (const Verb& verb : verbs()) {
    EXPECT_EQ(call({std::string(verb.name), "--help"}), 0) << verb.name;
    EXPECT_NE(out().find("Usage"), std::string::npos) << out();
  }
  EXPECT_EQ(call({"--help"}), 0);
  EXPECT_NE(out().find("130  stopped by a signal"), std::string::npos) << out();
}

TEST_F(CliTest, wrong_words_end_with_2) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {}, {"nonsense"}, {"incident"}, {"incident", "show"}, {"incident", "confirm", "x"}, {"status", "--output", "xml"}, {"status", "--timeout", "0"}, {"replay"}}) {
    EXPECT_EQ(call(words), 2) << (words.empty() ? "" : words[0]);
    EXPECT_NE(err().find("tocsin: "), std::string::npos);
  }
}

TEST_F(CliTest, errors_are_json_where_json_was_asked_for) {
  EXPECT_EQ(call({"nonsense", "--output", "json"}), 2);
  EXPECT_TRUE(err().starts_with("{\"code\":\"usage\",\"message\":\"")) << err();
  EXPECT_EQ(call({"-o", "json", "status", "--socket", "/nowhere/tocsin.sock", "--timeout", "2"}), 6);
  EXPECT_TRUE(err().starts_with("{\"code\":\"unreachable\"")) << err();
}

TEST_F(CliTest, version_says_the_version) {
  EXPECT_EQ(call({"version"}), 0);
  EXPECT_EQ(out(), "0.1.0\n");
  EXPECT_EQ(call({"version", "-o", "json"}), 0);
  EXPECT_EQ(out(), "{\"version\":\"0.1.0\"}\n");
}

TEST_F(CliTest, a_daemon_that_is_not_there_ends_with_6) {
  EXPECT_EQ(call({"incident", "list", "--socket", "/nowhere/tocsin.sock", "--timeout", "2"}), 6);
  EXPECT_NE(err().find("/nowhere/tocsin.sock"), std::string::npos) << err();
  EXPECT_EQ(call({"alert", "list", "--config", "/nowhere.yml"}), 3);
}

TEST_F(CliTest, a_token_does_not_travel_in_clear) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(write_file(folder->path() + "/token", "officer:0123456789abcdef\n", 0600));
  EXPECT_EQ(call({"status", "--address", "192.0.2.1:9465", "--token-file", folder->path() + "/token"}), 2);
  EXPECT_NE(err().find("the token would travel in clear"), std::string::npos) << err();
  EXPECT_EQ(call({"status", "--address", "127.0.0.1:1"}), 2);
  EXPECT_NE(err().find("needs --token-file"), std::string::npos) << err();
}

TEST_F(CliTest, rules_of_the_pack_are_listed_and_their_tests_pass) {
  const std::string pack = TOCSIN_SOURCE_DIR "/rules";
  EXPECT_EQ(call({"rules", "list", "--rules", pack, "-o", "csv"}), 0) << err();
  EXPECT_TRUE(out().starts_with("id,level,kind,title,title_zh,tests,file\r\n")) << out();
  EXPECT_EQ(call({"test", "--rules", pack}), 0) << out() << err();
  EXPECT_NE(out().find(" tests, 0 failed"), std::string::npos);
}

TEST_F(CliTest, a_failing_rule_test_ends_with_1_and_a_wrong_rule_with_3) {
  auto folder = TemporaryFolder::make();
  const std::string rule = "title: T\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: tocsin, category: access}\ndetection: {s: {outcome: denied}, condition: s}\n";
  ASSERT_TRUE(write_file(folder->path() + "/r.yml", rule + "tocsin: {tests: [{it: fires, given: [{values: {outcome: success}}], expect: {alerts: 1}}]}\n"));
  EXPECT_EQ(call({"test", "--rules", folder->path()}), 1) << out() << err();
  EXPECT_NE(out().find("FAILED rule `T`"), std::string::npos) << out();
  ASSERT_TRUE(write_file(folder->path() + "/r.yml", "title: T\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: tocsin}\ndetection: {s: {outcome|contain: denied}, condition: s}\n"));
  EXPECT_EQ(call({"test", "--rules", folder->path()}), 3);
  EXPECT_NE(err().find("did you mean `contains`?"), std::string::npos) << err();
  EXPECT_EQ(call({"rules", "list", "--rules", folder->path() + "/none"}), 3);
}

TEST_F(CliTest, a_wrong_rule_is_left_out_and_named_unless_strict) {
  auto folder = TemporaryFolder::make();
  const std::string rest = "logsource: {product: tocsin, category: access}\ndetection: ";
  ASSERT_TRUE(write_file(folder->path() + "/a.yml", "title: A\nid: a\n" + rest + "{s: {outcome: denied}, condition: s}\n"));
  ASSERT_TRUE(write_file(folder->path() + "/b.yml", "title: B\nid: b\n" + rest + "{s: {actor.id|expand: '%admins%'}, condition: s}\n"));
  EXPECT_EQ(call({"rules", "list", "--rules", folder->path(), "-o", "csv"}), 0) << err();
  EXPECT_NE(out().find("\na,medium"), std::string::npos) << out();
  EXPECT_EQ(out().find("\nb,medium"), std::string::npos) << out();
  EXPECT_NE(err().find("b.yml:4:35: nothing says what `%admins%` stands for"), std::string::npos) << err();
  EXPECT_NE(err().find("1 documents are left out"), std::string::npos) << err();
  EXPECT_EQ(call({"rules", "list", "--rules", folder->path(), "-o", "ndjson"}), 0);
  EXPECT_NE(err().find(R"({"rejected":"b","title":"B","file":")"), std::string::npos) << err();
  EXPECT_EQ(call({"rules", "list", "--rules", folder->path(), "--strict"}), 3);
  EXPECT_EQ(call({"check", "--rules", folder->path()}), 3);
  EXPECT_EQ(call({"check", "--rules", folder->path(), "--lenient"}), 0) << err();
  EXPECT_NE(err().find("`%admins%`"), std::string::npos) << err();
  ASSERT_TRUE(write_file(folder->path() + "/admins.txt", "ana\n"));
  EXPECT_EQ(call({"check", "--rules", folder->path(), "--placeholders", folder->path() + "/admins.txt"}), 0) << err();
  EXPECT_EQ(call({"test", "--rules", folder->path(), "--placeholders", folder->path() + "/admins.txt"}), 0) << err();
}

TEST_F(CliTest, replay_prints_alerts_as_ndjson) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(write_file(folder->path() + "/r.yml",
                         "title: T\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: tocsin, category: access}\n"
                         "detection: {s: {outcome: denied}, condition: s}\n"));
  ASSERT_TRUE(write_file(folder->path() + "/day.ndjson",
                         R"({"time":"2026-11-23T01:00:00Z","actor":{"id":"eva"},"action":{"verb":"Read"},"outcome":"denied","subjects":[{"id":"7","id_type":"customer"}]})" "\n"
                         R"({"time":"2026-11-23T01:00:01Z","actor":{"id":"eva"},"action":{"verb":"Read"},"outcome":"success"})" "\n"
                         "garbage\n"));
  const std::vector<std::string> words = {"replay", folder->path() + "/day.ndjson", "--rules", folder->path(), "--summary"};
  ASSERT_EQ(call(words), 0) << err();
  const std::string first = out();
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 1) << first;
  EXPECT_NE(first.find("\"rule_id\":\"11111111-1111-4111-8111-111111111111\""), std::string::npos) << first;
  EXPECT_NE(first.find("\"affected\":[\""), std::string::npos) << first;
  EXPECT_EQ(first.find("\"7\""), std::string::npos) << "the clear id of a person got out: " << first;
  EXPECT_NE(err().find("3 records, 2 events, 2 applied, 0 late, 1 dead"), std::string::npos) << err();
  ASSERT_EQ(call(words), 0);
  EXPECT_EQ(out(), first);
  EXPECT_EQ(call({"replay", folder->path() + "/none.ndjson", "--rules", folder->path()}), 5) << err();
}

TEST_F(CliTest, send_needs_a_broker_and_a_file) {
  EXPECT_EQ(call({"send", "x.ndjson", "--topic", "t"}), 2);
  EXPECT_EQ(call({"send", "/nowhere.ndjson", "--topic", "t", "--brokers", "127.0.0.1:1"}), 5);
}

}  // namespace
}  // namespace tocsin::cli
