// cloudtrail_test.cpp: real CloudTrail files, as the envelopes they are. Needs ../shared beside the repository.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <set>

#include "daemon/base/file.h"
#include "daemon/ingest/mapper.h"

namespace tocsin::ingest {
namespace {

namespace fs = std::filesystem;

const fs::path kTrail = fs::path(TOCSIN_SOURCE_DIR) / "../shared/data/cloudtrail-invictus/CloudTrail";

TEST(CloudTrail, every_event_of_the_recorded_envelopes_comes_out_once) {
  if (!fs::exists(kTrail)) GTEST_SKIP() << "SKIPPED: no CloudTrail files at " << kTrail.lexically_normal();
  const auto mappings = load_mappings({TOCSIN_SOURCE_DIR "/rules/mappings"});
  ASSERT_TRUE(mappings) << mappings.error().text;
  FieldTable fields;
  const auto name = fields.intern("eventName");
  const auto arn = fields.intern("userIdentity.arn");
  const auto event_id = fields.intern("eventID");
  MapperSettings settings;
  settings.source = "trail";
  settings.subject_key.bytes = Secret(std::string(32, 'k'));
  auto mapper = Mapper::make(*mappings, fields, settings);
  ASSERT_TRUE(mapper) << mapper.error().text;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(kTrail)) {
    auto text = read_file(entry.path().string());
    ASSERT_TRUE(text) << text.error().text;
    files.push_back(std::move(*text));
  }
  EXPECT_EQ(files.size(), 55U);
  std::vector<Event> events;
  DeadLetter dead;
  std::size_t count = 0, with_arn = 0, bytes = 0;
  std::set<Id128> ids;
  std::set<std::string> names;
  const auto began = std::chrono::steady_clock::now();
  for (const std::string& file : files) {
    Record record;
    record.value = file;
    ASSERT_TRUE(mapper->map(record, events, dead)) << dead.reason << ": " << dead.detail;
    bytes += file.size();
    for (Event& event : events) {
      mapper->complete(event);
      ++count;
      ids.insert(event.id);
      EXPECT_EQ(event.log_source.product, "aws");
      EXPECT_EQ(event.log_source.service, "cloudtrail");
      ASSERT_EQ(event.count(name), 1U);
      ASSERT_EQ(event.count(event_id), 1U);
      names.emplace(event.value(name, 0).raw);
      with_arn += event.count(arn);
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  RecordProperty("events_per_second", fmt::format("{:.0f}", static_cast<double>(count) / seconds));
  RecordProperty("bytes_per_event", fmt::format("{}", bytes / std::max<std::size_t>(count, 1)));
  EXPECT_EQ(count, 2'900U);
  EXPECT_EQ(ids.size(), 2'900U) << "no two events are the same bytes";
  EXPECT_TRUE(names.contains("StopLogging"));
  EXPECT_GT(with_arn, 2'000U);
}

}  // namespace
}  // namespace tocsin::ingest
