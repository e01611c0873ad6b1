// bounds_test.cpp: what one record may hold at most, and documents that are no events at all.
#include <gtest/gtest.h>

#include "daemon/base/limits.h"
#include "daemon/ingest/mapper.h"

namespace tocsin::ingest {
namespace {

/// The reason why a record is no event, or the number of its events.
std::string outcome(std::string value) {
  const FieldTable fields;
  const auto all = load_mappings({TOCSIN_SOURCE_DIR "/rules/mappings"});
  EXPECT_TRUE(all) << all.error().text;
  MapperSettings settings;
  settings.source = "s";
  settings.subject_key.bytes = Secret(std::string(32, 'k'));
  auto mapper = Mapper::make(*all, fields, settings);
  EXPECT_TRUE(mapper) << mapper.error().text;
  Record record;
  record.value = std::move(value);
  std::vector<Event> events;
  DeadLetter dead;
  return mapper->map(record, events, dead) ? std::to_string(events.size()) : std::string(dead.reason);
}

std::string envelope(std::size_t events) {
  std::string out = R"({"Records":[)";
  for (std::size_t i = 0; i < events; ++i)
    out += fmt::format(R"({}{{"eventVersion":"1.08","eventTime":"2023-07-10T12:00:00Z","eventSource":"s","eventName":"n","eventID":"{}"}})", i == 0 ? "" : ",", i);
  return out + "]}";
}

std::string access(std::string_view subjects) {
  return fmt::format(R"({{"time":"2026-11-23T09:15:00Z","actor":{{"id":"a"}},"action":{{"verb":"Read"}},"subjects":[{}]}})", subjects);
}

std::string people(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += fmt::format(R"({}{{"id":"{}"}})", i == 0 ? "" : ",", i);
  return out;
}

TEST(Bounds, one_record_may_carry_so_many_events_and_no_more) {
  // Both stay below the limit of keys and bytes, so that it is this limit which speaks.
  EXPECT_EQ(outcome(envelope(100)), "100");
  const std::string many = R"({"Records":[)" + [] {
    std::string out;
    for (std::size_t i = 0; i <= limits::kExplodedEventsMax; ++i) out += i == 0 ? "{\"eventVersion\":\"1\",\"eventSource\":\"s\",\"eventName\":\"n\"}" : ",{}";
    return out;
  }() + "]}";
  EXPECT_EQ(outcome(many), "too_many_events");
}

TEST(Bounds, one_event_may_name_so_many_people_and_no_more) {
  EXPECT_EQ(outcome(access(people(limits::kSubjectsPerEventMax))), "1");
  EXPECT_EQ(outcome(access(people(limits::kSubjectsPerEventMax + 1))), "too_many_subjects");
}

TEST(Bounds, a_person_without_an_identifier_is_a_bad_subject) {
  EXPECT_EQ(outcome(access(R"({"id":"  "})")), "bad_subject");
}

TEST(Bounds, json_that_is_no_object_is_no_event) {
  EXPECT_EQ(outcome("[1,2]"), "not_object");
  EXPECT_EQ(outcome("7"), "not_object");
}

}  // namespace
}  // namespace tocsin::ingest
