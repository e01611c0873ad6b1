// allocation_test.cpp: once the memory has grown to its size, a record becomes events without asking for more.
#include "tests/support/allocations.h"

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include "daemon/ingest/flat_mapping.h"
#include "daemon/ingest/mapper.h"
#include "tocsin/v1/event.pb.h"

namespace tocsin::ingest {
namespace {

/// Allocations while all records are mapped for the third time.
std::int64_t allocations_of(const std::vector<std::string>& values, const std::vector<v1::Mapping>& mappings, std::vector<std::string> names,
                            std::vector<std::string> fields, bool wants_all = false) {
  FieldTable table;
  for (const std::string& field : fields) table.intern(field);
  table.wants_all = wants_all;
  auto mapper = Mapper::make(mappings, table, {.source = "s", .subject_key = {Secret(std::string(32, 'k')), 1}, .mappings = std::move(names)});
  EXPECT_TRUE(mapper) << mapper.error().text;
  std::vector<Record> records(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) records[i].value = values[i];
  std::vector<Event> events;
  DeadLetter dead;
  std::size_t filled = 0;
  std::int64_t before = 0;
  for (int round = 0; round < 3; ++round) {
    before = tocsin::testing::allocations;
    for (const Record& record : records) {
      if (!mapper->map(record, events, dead)) {
        ADD_FAILURE() << dead.reason << ": " << dead.detail << " " << record.value;
        return -1;
      }
      filled += events[0].filled().size();
    }
  }
  const std::int64_t made = tocsin::testing::allocations - before;
  EXPECT_GT(filled, records.size());
  return made;
}

std::vector<v1::Mapping> shipped() {
  auto all = load_mappings({TOCSIN_SOURCE_DIR "/rules/mappings"});
  EXPECT_TRUE(all) << all.error().text;
  return *all;
}

TEST(Allocation, the_counter_counts) {
  const std::int64_t before = tocsin::testing::allocations;
  const auto one = std::make_unique<std::string>(100, 'x');
  EXPECT_EQ(tocsin::testing::allocations - before, 2);
}

TEST(Allocation, access_events_are_mapped_without_any) {
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) {
    values.push_back(fmt::format(
        R"({{"uid":"e-{0}","time":"2026-11-23T09:15:{1:02}+08:00","actor":{{"id":"user-{0}","name":"a \"quoted\" name\u00e9 {0}","roles":["one","two","a role with a long name {0}"],"mfa":true}},)"
        R"("action":{{"verb":"Read","operation":"GET /api/v1/customers/{0}"}},"resource":{{"id":"{0}","classifications":["personal","a classification that is long"]}},)"
        R"("subjects":[{{"id":"c-{0}","id_type":"customer"}},{{"count_only":{0}}}],"record_count":{0},"byte_count":{0},"risk":{0}.5e3,"fields":["name","id_number"],"partner":{{"allowed_fields":["name"]}},"case_ref":"{2}"}})",
        i, i % 60, std::string(static_cast<std::size_t>(i), 'x')));
  }
  const std::vector<std::string> fields{"actor.id", "actor.roles", "action.verb", "action.operation", "resource.classifications", "partner.excess_fields", "byte_count", "risk", "case_ref", "subjects", "actor.name"};
  EXPECT_EQ(allocations_of(values, shipped(), {"access_event"}, fields), 0);
  EXPECT_EQ(allocations_of(values, shipped(), {"aws_cloudtrail", "windows_event", "access_event"}, fields, true), 0) << "with keywords, behind mappings that do not match";
}

TEST(Allocation, cloudtrail_records_are_mapped_without_any) {
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) {
    values.push_back(fmt::format(
        R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/u-{0}","sessionContext":{{"attributes":{{"mfaAuthenticated":"false"}}}}}},)"
        R"("eventTime":"2026-11-23T09:15:{1:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","requestParameters":{{"bucketName":"b-{0}","tags":[{{"key":"a","value":null}}]}},"resources":[]}})",
        i, i % 60));
  }
  EXPECT_EQ(allocations_of(values, shipped(), {"aws_cloudtrail"}, {"eventName", "eventSource", "userIdentity.arn", "userIdentity.sessionContext.attributes.mfaAuthenticated", "requestParameters.tags.key", "actor.id"}), 0);
}

TEST(Allocation, windows_events_are_mapped_without_any_flat_or_nested) {
  std::vector<std::string> flat, nested;
  for (int i = 0; i < 300; ++i) {
    const std::string data = fmt::format(R"("UtcTime":"2026-11-23 09:15:{1:02}.123","Image":"C:\\Windows\\System32\\p{0}.exe","CommandLine":"p{0}.exe \"C:\\Users\\u\\a b.txt\" -{0}","User":"HOST\\u{0}","ProcessId":"{0}")", i, i % 60);
    flat.push_back(fmt::format(R"({{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational",{},"product":"windows","category":"process_creation"}})", data));
    nested.push_back(fmt::format(R"({{"Event":{{"System":{{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","TimeCreated":{{"#attributes":{{"SystemTime":"2026-11-23T09:15:{:02}Z"}}}}}},"EventData":{{{}}}}}}})", i % 60, data));
  }
  const std::vector<std::string> fields{"EventID", "Image", "CommandLine", "User", "ParentImage", "Channel"};
  EXPECT_EQ(allocations_of(flat, {flat_mapping()}, {}, fields, true), 0);
  EXPECT_EQ(allocations_of(nested, shipped(), {"windows_event"}, fields, true), 0);
}

TEST(Allocation, protobuf_events_are_mapped_without_any) {
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) {
    v1::AccessEvent event;
    *event.mutable_time() = google::protobuf::util::TimeUtil::SecondsToTimestamp(1'795'396'500 + i);
    event.mutable_actor()->set_id(fmt::format("a user with a long name {}", i));
    event.mutable_actor()->add_roles("one");
    event.mutable_action()->set_verb("Read");
    event.add_subjects()->set_id(fmt::format("c-{}", i));
    event.set_record_count(i);
    event.set_byte_count(i * 1'000);
    event.set_count_basis(v1::COUNT_BASIS_EXACT);
    (*event.mutable_labels())["region"] = "a region with a long name";
    (*event.mutable_labels())["zone"] = "z";
    values.push_back(event.SerializeAsString());
  }
  EXPECT_EQ(allocations_of(values, shipped(), {"access_event_protobuf"}, {"actor.id", "actor.roles", "action.verb", "byte_count", "labels.region"}), 0);
}

}  // namespace
}  // namespace tocsin::ingest
