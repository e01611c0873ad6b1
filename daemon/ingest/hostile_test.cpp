// hostile_test.cpp: producers that try to see people, to confuse events with one another, or to cost us hours.
#include <gtest/gtest.h>

#include <chrono>

#include "daemon/ingest/file_source.h"
#include "daemon/ingest/mapper.h"
#include "tests/support/temp_folder.h"

namespace tocsin::ingest {
namespace {

constexpr std::string_view kCanary = "canary-7781";

/// Fields that rules name, and a mapper over the shipped mappings.
struct Bench {
  explicit Bench(std::vector<std::string> names, std::vector<std::string> mappings = {}, bool wants_all = false) {
    for (const std::string& name : names) fields.intern(name);
    fields.wants_all = wants_all;
    auto all = load_mappings({TOCSIN_SOURCE_DIR "/rules/mappings"});
    EXPECT_TRUE(all) << all.error().text;
    MapperSettings settings;
    settings.source = "s";
    settings.subject_key.bytes = Secret(std::string(32, 'k'));
    settings.mappings = std::move(mappings);
    auto made = Mapper::make(*all, fields, settings);
    EXPECT_TRUE(made) << made.error().text;
    mapper = std::make_unique<Mapper>(std::move(*made));
  }
  bool map(std::string value) {
    record = {};
    record.value = std::move(value);
    dead = {};
    if (!mapper->map(record, events, dead)) return false;
    for (Event& event : events) mapper->complete(event);
    return true;
  }
  /// Every value of every slot of an event.
  std::string texts(std::size_t event) const {
    std::string out;
    for (FieldTable::Slot slot = 0; slot < fields.size(); ++slot) {
      for (std::size_t i = 0; i < events[event].count(slot); ++i) out += fmt::format("{}={}\n", fields.name(slot), events[event].value(slot, i).raw);
    }
    return out;
  }

  FieldTable fields;
  std::unique_ptr<Mapper> mapper;
  Record record;
  std::vector<Event> events;
  DeadLetter dead;
};

std::string access(std::string_view more) {
  return fmt::format(R"({{"time":"2026-11-23T09:15:00Z","actor":{{"id":"a"}},"action":{{"verb":"Read"}},{}}})", more);
}

TEST(Hostile, a_persons_clear_id_reaches_no_slot_whatever_a_rule_names) {
  Bench bench({"subjects", "subjects.id", "subjects.id_type", "subjects.ref"}, {}, true);
  const std::string subject_shapes[] = {
      fmt::format(R"("subjects":[{{"id":"{}","id_type":"customer"}}])", kCanary),
      fmt::format(R"("subjects":["{}"])", kCanary),
      fmt::format(R"("subjects":[{{"id":"\u0063{}"}}])", kCanary.substr(1)),
  };
  for (const std::string& shape : subject_shapes) {
    ASSERT_TRUE(bench.map(access(shape))) << bench.dead.detail;
    EXPECT_EQ(bench.events[0].subjects.size(), 1U) << shape;
    EXPECT_EQ(bench.texts(0).find(kCanary), std::string::npos) << shape << "\n" << bench.texts(0);
  }
}

TEST(Hostile, keywords_see_the_other_texts_and_only_those_of_their_own_event) {
  Bench bench({}, {"aws_cloudtrail"}, true);
  ASSERT_TRUE(bench.map(R"({"Records":[{"eventTime":"2026-11-23T09:15:00Z","eventName":"first"},{"eventTime":"2026-11-23T09:15:00Z","eventName":"second"}]})"));
  ASSERT_EQ(bench.events.size(), 2U);
  EXPECT_NE(bench.texts(0).find("first"), std::string::npos);
  EXPECT_EQ(bench.texts(0).find("second"), std::string::npos) << bench.texts(0);
  EXPECT_EQ(bench.texts(1).find("first"), std::string::npos) << bench.texts(1);
}

TEST(Hostile, a_readable_document_that_no_mapping_wants_is_not_blamed_on_another_format) {
  Bench bench({}, {"access_event", "access_event_protobuf"});
  EXPECT_FALSE(bench.map(R"({"hello":"world"})"));
  EXPECT_EQ(bench.dead.reason, "no_mapping");
}

/// Seconds that a record took.
double seconds_for(Bench& bench, std::string value) {
  const auto began = std::chrono::steady_clock::now();
  bench.map(std::move(value));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

TEST(Hostile, any_megabyte_is_done_within_two_seconds) {
  Bench bench({"partner.excess_fields", "actor.id", "fields", "resource.classifications"}, {}, true);
  const auto many = [](std::size_t n, auto&& each) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += (i == 0 ? "" : ",") + each(i);
    return out;
  };
  const auto keys = [](std::size_t i) { return fmt::format("\"k{}\":1", i); };
  const std::pair<std::string_view, std::string> attacks[] = {
      {"open brackets", std::string(900'000, '[')},
      {"open objects", [] { std::string out; for (int i = 0; i < 150'000; ++i) out += "{\"a\":"; return out; }()},
      {"keys", access(many(95'000, keys))},
      {"keys of an exploded record", "{\"Records\":[{" + many(95'000, keys) + "}]}"},
      {"one long text", access("\"a\":\"" + std::string(1'000'000, 'x') + "\"")},
      {"one long escaped text", access("\"a\":\"" + [] { std::string out; for (int i = 0; i < 160'000; ++i) out += "\\u0041"; return out; }() + "\"")},
      {"one long number", access("\"record_count\":" + std::string(1'000'000, '9'))},
      {"a key of dots", access("\"" + std::string(1'000'000, '.') + "\":1")},
      {"allowed and read fields", access("\"fields\":[" + many(90'000, [](std::size_t i) { return fmt::format("\"{}\"", i); }) + "],\"partner\":{\"allowed_fields\":[" +
                                         many(60'000, [](std::size_t i) { return fmt::format("\"x{}\"", i % 10); }) + "]}")},
      {"people", access("\"subjects\":[" + many(30'000, [](std::size_t i) { return fmt::format("{{\"id\":\"{}\"}}", i); }) + "]")},
      {"elements", "{\"Records\":[" + many(300'000, [](std::size_t) { return std::string("{}"); }) + "]}"},
      {"backslashes", "\"" + std::string(1'000'000, '\\')},
      {"bytes that are no text", std::string(1'000'000, '\xff')},
  };
  for (const auto& [name, value] : attacks) {
    EXPECT_LT(seconds_for(bench, value), 2.0) << name << " (" << value.size() << " bytes)";
  }
}

TEST(Hostile, no_detail_of_a_dead_letter_tells_a_value) {
  Bench bench({"actor.id"});
  const std::string bad[] = {
      access(fmt::format(R"("record_count":"{}")", kCanary)),
      access(fmt::format(R"("{}":1,"{}":2)", kCanary, kCanary)),
      access(fmt::format(R"("x":"{}\ud800")", kCanary)),
      access(fmt::format(R"("subjects":[[["{}"]]])", kCanary)),
      fmt::format(R"({{"time":"{}","actor":{{}},"action":{{}}}})", kCanary),
      fmt::format(R"({{"a":"{}"}} {{"b":"{}"}})", kCanary, kCanary),
      fmt::format(R"({{"a":"{})", kCanary),
  };
  for (const std::string& value : bad) {
    EXPECT_FALSE(bench.map(value)) << value;
    EXPECT_EQ(bench.dead.detail.find("canary"), std::string::npos) << bench.dead.detail;
  }
}

TEST(Hostile, a_folder_in_place_of_a_file_is_an_error_and_no_crash) {
  const tocsin::testing::TempFolder folder;
  FileSource source("f", {folder.path()});
  const auto opened = source.open({});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::bad_input);
  EXPECT_NE(opened.error().text.find(folder.path()), std::string::npos);
}

}  // namespace
}  // namespace tocsin::ingest
