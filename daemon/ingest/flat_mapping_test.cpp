// flat_mapping_test.cpp: documents that nobody described.
#include "daemon/ingest/flat_mapping.h"

#include <gtest/gtest.h>

#include "daemon/ingest/mapper.h"

namespace tocsin::ingest {
namespace {

struct Flat {
  explicit Flat(std::vector<std::string> names) {
    for (const std::string& name : names) fields.intern(name);
    auto made = Mapper::make({flat_mapping()}, fields, {.source = "s", .subject_key = {Secret(std::string(32, 'k')), 1}, .mappings = {}});
    EXPECT_TRUE(made) << made.error().text;
    mapper = std::make_unique<Mapper>(std::move(*made));
  }
  const Event& map(std::string value) {
    record.value = std::move(value);
    DeadLetter dead;
    EXPECT_TRUE(mapper->map(record, events, dead)) << dead.reason << ": " << dead.detail;
    return events.at(0);
  }
  std::string value(std::string_view field) const {
    std::string out;
    for (const Value& each : events.at(0).values(fields.find(field))) out += fmt::format("{}{}", out.empty() ? "" : ",", each.raw);
    return out;
  }

  FieldTable fields;
  std::unique_ptr<Mapper> mapper;
  Record record;
  std::vector<Event> events;
};

TEST(FlatMapping, keys_are_fields_and_dotted_names_reach_nested_and_literal_keys) {
  Flat flat({"Image", "a.b.c", "list"});
  flat.map(R"({"Image":"x.exe","a":{"b":{"c":1}},"list":["u","v"]})");
  EXPECT_EQ(flat.value("Image"), "x.exe");
  EXPECT_EQ(flat.value("a.b.c"), "1");
  EXPECT_EQ(flat.value("list"), "u,v");
  flat.map(R"({"a.b.c":2})");
  EXPECT_EQ(flat.value("a.b.c"), "2");
  // Whoever writes both cannot hide one behind the other.
  flat.map(R"({"a.b.c":"literal","a":{"b.c":"half","b":{"c":"nested"}}})");
  EXPECT_EQ(flat.value("a.b.c"), "literal,half,nested");
}

TEST(FlatMapping, keys_of_another_case_are_other_keys_and_a_nul_is_a_character) {
  Flat flat({"Image", "image"});
  flat.map(R"({"Image":"a","IMAGE":"b","image":"c\u0000d"})");
  EXPECT_EQ(flat.value("Image"), "a");
  EXPECT_EQ(flat.value("image"), std::string_view("c\0d", 3));
  flat.map(R"({"Image\u0000":"a","Image ":"b"})");
  EXPECT_EQ(flat.value("Image"), "");
}

TEST(FlatMapping, the_time_is_read_in_each_usual_form) {
  Flat flat({});
  const std::pair<std::string, std::string> forms[] = {
      {R"({"@timestamp":"2026-11-23T09:15:00+08:00"})", "2026-11-23T01:15:00Z"},
      {R"({"UtcTime":"2026-11-23 01:15:00.250"})", "2026-11-23T01:15:00.250000Z"},
      {R"({"time":1795396500})", "2026-11-23T01:15:00Z"},
      {R"({"time":1795396500.5})", "2026-11-23T01:15:00.500000Z"},
      {R"({"time":"1795396500"})", "2026-11-23T01:15:00Z"},
      {R"({"time":1795396500250})", "2026-11-23T01:15:00.250000Z"},
      {R"({"time":1795396500250000})", "2026-11-23T01:15:00.250000Z"},
      {R"({"time":1795396500250000000})", "2026-11-23T01:15:00.250000Z"},
      {R"({"@timestamp":"yesterday","timestamp":1795396500})", "2026-11-23T01:15:00Z"},
  };
  for (const auto& [document, expected] : forms) EXPECT_EQ(rfc3339(flat.map(document).time), expected) << document;
}

TEST(FlatMapping, an_event_without_a_time_is_an_event) {
  Flat flat({});
  for (const char* document : {"{}", R"({"time":null})", R"({"time":"soon"})", R"({"time":-5})", R"({"time":1e999})", R"({"time":{"a":1}})"}) {
    EXPECT_EQ(flat.map(document).time, Instant{}) << document;
  }
}

TEST(FlatMapping, the_log_source_stands_in_the_event_and_what_is_absent_is_open) {
  Flat flat({});
  const Event& told = flat.map(R"({"product":"windows","category":"process_creation"})");
  EXPECT_EQ(told.log_source.product, "windows");
  EXPECT_EQ(told.log_source.category, "process_creation");
  EXPECT_EQ(told.log_source.service, "");
  EXPECT_TRUE(told.log_source.open);
  const Event& silent = flat.map(R"({"product":7})");
  EXPECT_EQ(silent.log_source.product, "");
  EXPECT_TRUE(silent.log_source.open);
}

}  // namespace
}  // namespace tocsin::ingest
