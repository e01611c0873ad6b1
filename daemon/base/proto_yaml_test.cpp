// proto_yaml_test.cpp: every fault has its exact text; every kind of field is read.
#include "daemon/base/proto_yaml.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "daemon/base/file.h"
#include "daemon/base/json.h"
#include "daemon/base/limits.h"
#include "tocsin/v1/config.pb.h"
#include "tocsin/v1/options.pb.h"
#include "tocsin/v1/settings/channels.pb.h"
#include "tocsin/v1/settings/sources.pb.h"

namespace tocsin {
namespace {

namespace pb = google::protobuf;

constexpr char kProto[] = R"(
syntax = "proto3";
package thing;
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
import "tocsin/v1/options.proto";
enum CountBasis { COUNT_BASIS_UNSPECIFIED = 0; COUNT_BASIS_EXACT = 1; COUNT_BASIS_ROUGH = 2; }
message Inner { string name = 1 [(tocsin.v1.required) = true]; int32 size = 2; }
message Defaults { string colour = 1 [(tocsin.v1.default_text) = "red"]; Deep deep = 2; }
message Deep { google.protobuf.Duration wait = 1 [(tocsin.v1.default_text) = "10m"]; Deep self = 2; }
message Thing {
  string text = 1;
  int32 small = 2 [(tocsin.v1.min) = -5, (tocsin.v1.max) = 5];
  uint64 big = 3;
  double real = 4;
  bool flag = 5;
  bytes raw = 6;
  CountBasis basis = 7;
  google.protobuf.Duration wait = 8 [(tocsin.v1.min) = 1000, (tocsin.v1.max) = 60000];
  google.protobuf.Timestamp at = 9;
  map<string, int32> sizes = 10;
  map<string, Inner> inners = 11;
  repeated string words = 12;
  repeated Inner list = 13;
  google.protobuf.Struct free = 14;
  google.protobuf.Value any = 15;
  google.protobuf.ListValue items = 16;
  google.protobuf.Int64Value boxed = 17;
  oneof choice { string left = 18; string right = 19; }
  string colour = 20 [(tocsin.v1.one_of) = "red|green"];
  Defaults defaults = 21;
  string token = 22 [(tocsin.v1.secret) = true];
  string folder = 23 [(tocsin.v1.path) = true];
  map<int32, string> by_number = 24;
  repeated google.protobuf.Duration waits = 25;
}
)";

/// A message type with everything in it, made at run time so that it is nobody's product.
class ProtoYaml : public testing::Test {
 protected:
  ProtoYaml() : pool_(pb::DescriptorPool::generated_pool()) {
    auto folder = TemporaryFolder::make();
    EXPECT_TRUE(folder && write_file(folder->path() + "/thing.proto", kProto));
    const std::string protoc = fmt::format("protoc -I {0} -I {1}/proto --descriptor_set_out={0}/set thing.proto", folder->path(), TOCSIN_SOURCE_DIR);
    EXPECT_EQ(std::system(protoc.c_str()), 0) << protoc;
    pb::FileDescriptorSet set;
    EXPECT_TRUE(set.ParseFromString(read_file(folder->path() + "/set").value()));
    const pb::FileDescriptorProto& file = set.file(0);
    // Referring to the generated types is what puts their files into the pool below ours.
    EXPECT_NE(pb::Struct::descriptor(), nullptr);
    EXPECT_NE(pb::Int64Value::descriptor(), nullptr);
    EXPECT_NE(v1::Config::descriptor(), nullptr);
    const auto* built = pool_.BuildFile(file);
    EXPECT_NE(built, nullptr);
    thing_.reset(factory_.GetPrototype(built->FindMessageTypeByName("Thing"))->New());
  }

  Result<void> read(const std::string& text, FillSettings settings = {}) {
    auto file = yaml::parse("thing.yml", text);
    if (!file) return Failure(file.error());
    return fill(*file, file->documents.empty() ? yaml::Node{} : file->documents[0], *thing_, settings);
  }
  std::string error_of(const std::string& text, FillSettings settings = {}) {
    thing_->Clear();
    auto done = read(text, std::move(settings));
    return done ? "no error" : done.error().text;
  }
  std::string json() { return to_json(*thing_); }

  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_;
  std::unique_ptr<pb::Message> thing_;
};

TEST_F(ProtoYaml, every_kind_of_field_is_read) {
  auto done = read(R"(
text: 0123
small: -5
big: 18446744073709551615
real: 1.5e3
flag: true
raw: aGk=
basis: exact
wait: 1s
at: 2026-11-24T10:15:00.25+08:00
sizes: {a: 1}
inners: {x: {name: n, size: 3}}
words: [a, "b"]
list: [{name: one}, {name: two}]
free: {a: [1, "1", true, null, 2.5, {c: 123456789012345678901234567890}]}
any: word
items: [1]
boxed: 7
left: l
colour: green
by_number: {3: three}
waits: [10m]
)");
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(json(),
            R"({"text":"0123","small":-5,"big":"18446744073709551615","real":1500,"flag":true,"raw":"aGk=",)"
            R"("basis":"COUNT_BASIS_EXACT","wait":"1s","at":"2026-11-24T02:15:00.250Z","sizes":{"a":1},)"
            R"("inners":{"x":{"name":"n","size":3}},"words":["a","b"],"list":[{"name":"one"},{"name":"two"}],)"
            R"("free":{"a":[1,"1",true,null,2.5,{"c":"123456789012345678901234567890"}]},"any":"word","items":[1],)"
            R"("boxed":"7","left":"l","colour":"green","defaults":{"colour":"red","deep":{"wait":"600s"}},)"
            R"("by_number":{"3":"three"},"waits":["600s"]})");
}

TEST_F(ProtoYaml, an_unknown_key_is_pointed_at_and_the_nearest_is_named) {
  EXPECT_EQ(error_of("text: a\nsmal: 3\n"),
            "thing.yml:2:1: unknown key `smal`\n"
            "  2 | smal: 3\n"
            "    | ^^^^ did you mean `small`?");
}

TEST_F(ProtoYaml, where_nothing_is_near_the_known_keys_are_listed) {
  EXPECT_EQ(error_of("list: [{name: a, zzzzzzzz: 3}]\n"),
            "thing.yml:1:18: unknown key `zzzzzzzz`\n"
            "  1 | list: [{name: a, zzzzzzzz: 3}]\n"
            "    |                  ^^^^^^^^ known here: name, size");
}

TEST_F(ProtoYaml, values_of_the_wrong_type_say_what_was_expected) {
  struct Row {
    const char* yaml;
    const char* message;
  };
  const Row rows[] = {
      {"small: abc", "1:8: expected a whole number, found `abc`"},
      {"small: \"1\"", "1:8: expected a whole number, found `1`"},
      {"small: 1.5", "1:8: expected a whole number, found `1.5`"},
      {"small: 0x10", "1:8: expected a whole number, found `0x10`"},
      {"small: [1]", "1:8: expected a whole number, found a list"},
      {"small:", "expected a whole number, found nothing"},
      {"small: 3000000000", "1:8: `3000000000` does not fit into `small` (-2147483648 to 2147483647)"},
      {"small: 6", "1:8: `6` is more than 5, the most that `small` may be"},
      {"small: -6", "1:8: `-6` is less than -5, the least that `small` may be"},
      {"big: -1", "1:6: `-1` does not fit into `big`"},
      {"real: nan", "1:7: expected a number, found `nan`"},
      {"flag: yes", "1:7: expected true or false, found `yes`"},
      {"flag: 1", "1:7: expected true or false, found `1`"},
      {"raw: '?'", "1:6: expected base64, found `?`"},
      {"basis: exat", "1:8: expected one of exact, rough, found `exat`"},
      {"colour: gren", "1:9: expected one of red, green, found `gren`"},
      {"wait: 10", "1:7: expected a duration such as 90s, 10m or 24h, found `10`"},
      {"wait: 2m", "1:7: `2m` is more than 1m, the most that `wait` may be"},
      {"wait: 1ms", "1:7: `1ms` is less than 1s, the least that `wait` may be"},
      {"at: 2026-11-24T02:15:00", "1:5: expected a time such as 2026-11-24T02:15:00Z, found `2026-11-24T02:15:00`"},
      {"words: a", "1:8: expected a list, found `a`"},
      {"words: {a: b}", "1:8: expected a list, found a map"},
      {"sizes: [1]", "1:8: expected a map, found a list"},
      {"sizes: {a: b}", "1:12: expected a whole number, found `b`"},
      {"list: [a]", "1:8: expected a map, found `a`"},
      {"free: [a]", "1:7: expected a map, found a list"},
      {"items: {a: b}", "1:8: expected a list, found a map"},
      {"by_number: {a: b}", "1:13: expected a whole number, found `a`"},
      {"text: {a: b}", "1:7: expected a text, found a map"},
      {"boxed: a", "1:8: expected a whole number, found `a`"},
      {"list: [{size: 1}]", "1:8: `name` is missing"},
      {"{left: a, right: b}", "1:11: `left` and `right` exclude each other; keep one"},
  };
  for (const Row& row : rows) {
    const std::string text = error_of(row.yaml);
    EXPECT_NE(text.find(row.message), std::string::npos) << row.yaml << "\n gave: " << text;
  }
}

TEST_F(ProtoYaml, hints_come_with_the_caret) {
  EXPECT_EQ(error_of("flag: yes"), "thing.yml:1:7: expected true or false, found `yes`\n  1 | flag: yes\n    |       ^^^ write true");
  EXPECT_EQ(error_of("words: a"), "thing.yml:1:8: expected a list, found `a`\n  1 | words: a\n    |        ^ write [a]");
  EXPECT_NE(error_of("basis: exat").find("^^^^ did you mean `exact`?"), std::string::npos);
  EXPECT_NE(error_of("basis: EXAKT").find("did you mean `exact`?"), std::string::npos);
}

TEST_F(ProtoYaml, all_faults_of_a_file_are_collected_in_order_of_place) {
  const std::string text = error_of("small: x\nlist:\n  - size: y\nzzz: 1\nflag: maybe\n");
  const char* order[] = {"1:8: expected a whole", "3:5: `name` is missing", "3:11: expected a whole", "4:1: unknown key", "5:7: expected true"};
  std::size_t at = 0;
  for (const char* each : order) {
    const std::size_t found = text.find(each, at);
    ASSERT_NE(found, std::string::npos) << each << "\n" << text;
    at = found;
  }
}

TEST_F(ProtoYaml, a_flood_of_faults_is_cut) {
  std::string yaml = "list:\n";
  for (std::size_t i = 0; i < limits::kYamlFaultsMax + 7; ++i) yaml += "  - size: 1\n";
  EXPECT_TRUE(error_of(yaml).ends_with("\nand 7 more"));
}

TEST_F(ProtoYaml, environment_variables_are_replaced_only_where_asked_for) {
  FillSettings settings;
  settings.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "N") return "3";
    if (name == "SECRET") return "hunter2";
    return std::nullopt;
  };
  ASSERT_TRUE(read("text: a${env:N}b$${env:N}\nsmall: ${env:N}\n", settings));
  EXPECT_NE(json().find(R"("text":"a3b${env:N}","small":3)"), std::string::npos) << json();
  EXPECT_EQ(error_of("text: \"ab ${env:NOPE}\"\n", settings),
            "thing.yml:1:11: environment variable `NOPE` is not set\n"
            "  1 | text: \"ab ${env:NOPE}\"\n"
            "    |           ^^^^^^^^^^^");
  EXPECT_NE(error_of("text: ${NOPE}", settings).find("`${` begins something that is not ${env:NAME}"), std::string::npos);
  const std::string shown = error_of("small: ${env:SECRET}", settings);
  EXPECT_EQ(shown.find("hunter2"), std::string::npos) << shown;
  EXPECT_NE(shown.find("found the value of ${env:SECRET}"), std::string::npos) << shown;
  thing_->Clear();
  ASSERT_TRUE(read("text: ${env:NOPE}"));
  EXPECT_NE(json().find(R"("text":"${env:NOPE}")"), std::string::npos);
}

TEST_F(ProtoYaml, a_secret_may_lie_in_a_file) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  ASSERT_TRUE(write_file(folder->path() + "/t", "s3cret\n"));
  ASSERT_TRUE(write_file(folder->path() + "/empty", "\n"));
  FillSettings settings{.environment = {}, .folder = folder->path()};
  ASSERT_TRUE(read("token_file: t", settings));
  EXPECT_NE(json().find(R"("token":"s3cret")"), std::string::npos);
  EXPECT_EQ(error_of("token_file: nope", settings),
            fmt::format("thing.yml:1:13: {}/nope: No such file or directory\n"
                        "  1 | token_file: nope\n"
                        "    |             ^^^^", folder->path()));
  EXPECT_NE(error_of("token_file: empty", settings).find("the file is empty"), std::string::npos);
  EXPECT_NE(error_of("{token: a, token_file: t}", settings).find("`token` and `token_file` are both given; keep one"), std::string::npos);
  EXPECT_NE(error_of("text_file: t", settings).find("unknown key `text_file`"), std::string::npos);
  ASSERT_TRUE(write_file(folder->path() + "/long", std::string(limits::kSecretBytesMax + 1, 'x')));
  EXPECT_NE(error_of("token_file: long", settings).find("longer than"), std::string::npos);
}

TEST_F(ProtoYaml, no_error_shows_the_line_of_a_secret) {
  EXPECT_EQ(error_of("text: a\ntokn: hunter2\n"), "thing.yml:2:1: unknown key `tokn`; did you mean `token`?");
  EXPECT_EQ(error_of("token: [hunter2]\n"), "thing.yml:1:8: expected a text, found a list");
}

TEST_F(ProtoYaml, relative_paths_start_at_the_folder_of_the_file) {
  ASSERT_TRUE(read("folder: a/../b", {.environment = {}, .folder = "/etc"}));
  EXPECT_NE(json().find(R"("folder":"/etc/b")"), std::string::npos) << json();
  ASSERT_TRUE(read("folder: /x", {.environment = {}, .folder = "/etc"}));
  EXPECT_NE(json().find(R"("folder":"/x")"), std::string::npos);
  ASSERT_TRUE(read("folder: '-'", {.environment = {}, .folder = "/etc"}));
  EXPECT_NE(json().find(R"("folder":"-")"), std::string::npos);
}

TEST_F(ProtoYaml, an_empty_map_is_a_message_without_values) {
  ASSERT_TRUE(read("defaults:\n"));
  EXPECT_NE(json().find(R"("defaults":{"colour":"red","deep":{"wait":"600s"}})"), std::string::npos) << json();
  EXPECT_EQ(error_of("- a"), "thing.yml:1:1: expected a map, found a list\n  1 | - a\n    | ^");
}

// ── the configuration's own shape ──

std::string config_error(const std::string& text, v1::Config& config) {
  auto file = yaml::parse("tocsin.yml", text);
  if (!file) return file.error().text;
  auto done = fill(*file, file->documents.at(0), config);
  return done ? "" : done.error().text;
}

TEST(ProtoYamlConfig, the_type_word_chooses_the_message_of_the_other_keys) {
  v1::Config config;
  EXPECT_EQ(config_error(R"(
state_dir: s
sources:
  - {name: a, type: kafka, brokers: [b:1], topics: [t], start: earliest, client: {fetch.wait.max.ms: "10"}}
channels:
  - {name: m, type: email, host: h, from: a@b.c}
)", config), "");
  v1::settings::Kafka kafka;
  ASSERT_TRUE(config.sources(0).settings().UnpackTo(&kafka));
  EXPECT_EQ(kafka.topics(0), "t");
  EXPECT_EQ(kafka.security().protocol(), "plaintext");
  v1::settings::Email email;
  ASSERT_TRUE(config.channels(0).settings().UnpackTo(&email));
  EXPECT_EQ(email.port(), 587U);
  EXPECT_EQ(email.timeout().seconds(), 30);
}

TEST(ProtoYamlConfig, absent_sub_messages_carry_their_defaults_and_required_ones_stay_absent) {
  v1::Config config;
  ASSERT_EQ(config_error("state_dir: s", config), "");
  EXPECT_EQ(config.detect().lateness().seconds(), 600);
  EXPECT_EQ(config.serve().http().listen(), "127.0.0.1:9464");
  EXPECT_FALSE(config.serve().http().has_tls());
  EXPECT_EQ(config.delivery().mode(), v1::HOLD);
  EXPECT_EQ(config.delivery().max_recipients(), 10000);
}

TEST(ProtoYamlConfig, faults_of_typed_settings_have_their_texts) {
  v1::Config config;
  EXPECT_EQ(config_error("state_dir: s\nchannels:\n  - {name: m, type: emial}\n", config),
            "tocsin.yml:3:21: expected one of announcement, email, push, sms, webhook, found `emial`\n"
            "  3 |   - {name: m, type: emial}\n"
            "    |                     ^^^^^ did you mean `email`?");
  EXPECT_NE(config_error("state_dir: s\nchannels:\n  - {name: m, type: kafka}\n", config).find("expected one of announcement"), std::string::npos);
  EXPECT_EQ(config_error("state_dir: s\nchannels:\n  - {name: m, type: email, hots: h, from: a@b.c}\n", config),
            "tocsin.yml:3:5: `host` is missing\n"
            "  3 |   - {name: m, type: email, hots: h, from: a@b.c}\n"
            "    |     ^ expected a text\n"
            "tocsin.yml:3:28: unknown key `hots`\n"
            "  3 |   - {name: m, type: email, hots: h, from: a@b.c}\n"
            "    |                            ^^^^ did you mean `host`?");
  EXPECT_NE(config_error("state_dir: s\nchannels:\n  - {name: m, host: h}\n", config).find("`type` is missing"), std::string::npos);
  EXPECT_NE(config_error("state_dir: s\nsources:\n  - {name: m, type: kafka, topics: [], brokers: [a]}\n", config).find("`topics` needs at least one entry"), std::string::npos);
  EXPECT_NE(config_error("state_dir: s\nchannels:\n  - {name: m, type: webhook, url: u}\n", config).find("`signing_key` is missing"), std::string::npos);
  EXPECT_NE(config_error("state_dir: s\nchannels:\n  - {name: m, type: webhook, url: u, settings: {}}\n", config).find("unknown key `settings`"), std::string::npos);
}

}  // namespace
}  // namespace tocsin
