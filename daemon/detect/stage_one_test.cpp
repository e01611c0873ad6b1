// stage_one_test.cpp: every record is filed exactly once: applied, late, dead, gap, or dropped as a duplicate.
#include "daemon/detect/stage_one.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/detect_world.h"

namespace tocsin::detect {
namespace {

using namespace tocsin::testing;

struct OneSource : ::testing::Test {
  DetectWorld world;
  ManualClock clock{*parse_rfc3339("2026-11-24T00:00:00Z")};
  std::unique_ptr<ingest::Mapper> mapper = world.mapper();
  StageOne one{"access", *mapper, sigma::LiveMatcher(world.rules), clock, {}};
  Frames begun;
  Instant noon = *parse_rfc3339("2026-11-23T12:00:00Z");

  void SetUp() override { one.begin({}, {{0, 0}, {1, 0}}, begun); }

  static Record record(std::int64_t offset, std::string value, std::int32_t partition = 0) {
    Record out;
    out.position = {"access", partition, offset};
    out.value = std::move(value);
    return out;
  }
  std::string read_at(Instant time, const std::string& actor = "ana", const std::string& verb = "Read") { return access_json(time, actor, verb, {"p"}, 1); }
  Frames take(std::vector<Record> records, std::vector<PartitionState> states = {}) {
    Frames out;
    const Result<void> taken = one.take({std::move(records), std::move(states)}, out);
    EXPECT_TRUE(taken) << taken.error().text;
    return out;
  }
  static const v1::ProgressFrame& progress(const Frames& frames) {
    EXPECT_TRUE(frames.back().has_progress());
    return frames.back().progress();
  }
};

TEST_F(OneSource, a_run_begins_with_a_progress_frame_per_partition_that_does_not_move) {
  ASSERT_EQ(begun.size(), 2U);
  for (const v1::LogFrame& frame : begun) {
    EXPECT_EQ(frame.progress().next(), 0);
    EXPECT_EQ(frame.progress().applied() + frame.progress().gap(), 0);
    EXPECT_FALSE(frame.progress().idle());
  }
}

TEST_F(OneSource, gaps_are_counted_between_records_and_behind_the_last_one) {
  const Frames frames = take({record(3, read_at(noon)), record(5, "garbage")}, {{0, 9, 9, true}});
  const v1::ProgressFrame& p = progress(frames);
  EXPECT_EQ(p.next(), 9);
  EXPECT_EQ(p.applied(), 1);
  EXPECT_EQ(p.dead(), 1);
  EXPECT_EQ(p.gap(), 7);
  EXPECT_EQ(p.events(), 1);
  EXPECT_EQ(p.record_hash(), 0U);   // The offset before our place holds no record.
}

TEST_F(OneSource, a_record_given_again_is_dropped_and_counted_apart) {
  take({record(0, read_at(noon)), record(1, read_at(noon))});
  const Frames frames = take({record(0, read_at(noon)), record(1, read_at(noon)), record(2, read_at(noon))});
  EXPECT_EQ(frames.size(), 1U + 1U);
  EXPECT_EQ(progress(frames).duplicate(), 2);
  EXPECT_EQ(progress(frames).applied(), 1);
}

TEST_F(OneSource, a_record_is_late_against_the_newest_event_before_it_in_its_own_partition) {
  using std::chrono::minutes;
  const Frames frames = take({record(0, read_at(noon)), record(1, read_at(noon - minutes(10))), record(2, read_at(noon - minutes(10) - Microseconds(1))),
                              record(0, read_at(noon - minutes(60)), 1)});
  ASSERT_EQ(frames.size(), 6U);
  EXPECT_FALSE(frames[1].match().events(0).late());
  EXPECT_TRUE(frames[2].match().events(0).late());
  EXPECT_FALSE(frames[3].match().events(0).late());   // Another partition has its own clock.
  EXPECT_EQ(frames[4].progress().late(), 1);
  EXPECT_EQ(frames[4].progress().applied(), 2);
  EXPECT_EQ(frames[5].progress().applied(), 1);
}

TEST_F(OneSource, an_event_from_the_future_is_flagged_and_does_not_make_the_others_late) {
  const Frames frames = take({record(0, read_at(clock.now() + std::chrono::hours(24 * 365))), record(1, read_at(noon)),
                              record(2, read_at(clock.now() + std::chrono::seconds(59)))});
  EXPECT_TRUE(frames[0].match().events(0).skewed());
  EXPECT_FALSE(frames[1].match().events(0).late());
  EXPECT_FALSE(frames[2].match().events(0).skewed());
  EXPECT_EQ(progress(frames).applied(), 3);
  EXPECT_EQ(progress(frames).max_event_time(), micros_of(clock.now() + std::chrono::seconds(59)));
}

TEST_F(OneSource, a_silent_partition_says_so_each_second_and_is_idle_after_half_a_minute) {
  take({record(0, read_at(noon))});
  int said = 0;
  bool idle = false;
  for (int second = 1; second <= 40; ++second) {
    clock.advance(std::chrono::seconds(1));
    Frames frames;
    one.tick(false, frames);
    for (const v1::LogFrame& frame : frames) {
      if (frame.progress().partition() != 0) continue;
      ++said;
      EXPECT_EQ(frame.progress().idle(), second >= 30);
      idle |= frame.progress().idle();
    }
  }
  EXPECT_EQ(said, 30);
  EXPECT_TRUE(idle);
  EXPECT_FALSE(progress(take({record(1, read_at(noon))})).idle());
}

TEST_F(OneSource, an_exhausted_source_is_idle_at_once) {
  Frames frames;
  one.tick(true, frames);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_TRUE(frames[0].progress().idle());
}

TEST_F(OneSource, one_frame_holds_all_matches_of_a_record_for_one_shard) {
  const Frames frames = take({record(0, read_at(noon)), record(1, read_at(noon, "ana", "Nothing"))});
  ASSERT_EQ(frames.size(), 2U);   // No match, no frame.
  const v1::MatchFrame& match = frames[0].match();
  ASSERT_EQ(match.events_size(), 1);
  EXPECT_EQ(match.events(0).matches_size(), 2);   // Two correlations over one base, the same group.
  EXPECT_EQ(match.shard(), shard_of(match.events(0).matches(0).group()));
  EXPECT_LT(match.shard(), limits::kShards);
  EXPECT_EQ(match.ruleset(), world.rules->fingerprint());
  EXPECT_EQ(match.events(0).subjects_size(), 1);
  EXPECT_EQ(match.events(0).subjects(0).ref().size(), 16U);
  EXPECT_EQ(match.SerializeAsString().find("\"p\""), std::string::npos);
}

TEST_F(OneSource, a_dead_letter_keeps_its_bytes) {
  const Frames frames = take({record(0, "{\"broken")});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].dead_letter().value(), "{\"broken");
  EXPECT_EQ(frames[0].dead_letter().reason(), "truncated");
  EXPECT_EQ(progress(frames).dead(), 1);
  EXPECT_EQ(progress(frames).events(), 0);
}

TEST_F(OneSource, the_record_before_our_place_proves_the_source_and_is_no_duplicate) {
  take({record(0, read_at(noon)), record(1, read_at(noon, "bob"))});
  const std::uint64_t hash = progress(take({record(2, read_at(noon, "eve"))})).record_hash();
  ASSERT_NE(hash, 0U);
  const auto resume = [&](std::vector<Record> records, Frames& out) {
    StageOne next("access", *mapper, sigma::LiveMatcher(world.rules), clock, {});
    next.begin({{0, 0, 3, micros_of(noon), hash}}, {{0, 2}}, out);
    out.clear();
    return next.take({std::move(records), {}}, out);
  };
  Frames frames;
  ASSERT_TRUE(resume({record(2, read_at(noon, "eve")), record(3, read_at(noon))}, frames));
  EXPECT_EQ(progress(frames).duplicate(), 0);
  EXPECT_EQ(progress(frames).applied(), 1);
  EXPECT_TRUE(resume({record(3, read_at(noon))}, frames));   // It was compacted away: nothing to compare.
  const Result<void> other = resume({record(2, read_at(noon, "mallory")), record(3, read_at(noon))}, frames);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::refused);
  EXPECT_TRUE(frames.empty());
}

TEST_F(OneSource, matches_over_the_limit_of_a_frame_make_a_dead_letter_of_the_whole_record) {
  std::string rules = "title: Any\nid: any\nlogsource: {product: aws}\ndetection: {sel: {eventName: Get}, condition: sel}\n";
  for (int i = 0; i < 24; ++i) rules += fmt::format("---\ntitle: C{0}\nid: c{0}\ncorrelation: {{type: event_count, rules: [any], group-by: [awsRegion], timespan: 1m, condition: {{gte: 5}}}}\n", i);
  DetectWorld cloud(rules);
  const std::string long_value(230, 'v');
  std::string mapping_text = "name: m\nexplode: Records\ntime: {from: [t]}\nlog_source: {product: aws}\n";
  const std::string path = cloud.folder / "m.yml";
  std::ofstream(path) << mapping_text;
  auto wide = ingest::Mapper::make({value_or_die(ingest::load_mapping(path))}, cloud.rules->fields(), {.source = "access", .subject_key = {Secret(std::string(32, 'h')), 1}, .mappings = {}});
  ASSERT_TRUE(wide) << wide.error().text;
  StageOne stage("access", *wide, sigma::LiveMatcher(cloud.rules), clock, {});
  std::string value = "{\"Records\":[";
  for (int i = 0; i < 8'000; ++i) value += fmt::format("{}{{\"t\":\"2026-11-23T12:00:00Z\",\"eventName\":\"Get\",\"awsRegion\":\"{}\"}}", i == 0 ? "" : ",", long_value.substr(0, 40));
  value += "]}";
  Frames frames;
  ASSERT_TRUE(stage.take({{record(0, value)}, {}}, frames));
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames.front().dead_letter().reason(), "too_many_matches");
  EXPECT_EQ(frames.front().dead_letter().value(), value);
  EXPECT_EQ(frames.back().progress().dead(), 1);
  EXPECT_EQ(frames.back().progress().applied(), 0);
  EXPECT_LT(frames.front().ByteSizeLong(), limits::kFrameBytesMax);
}

TEST_F(OneSource, an_event_without_a_time_is_dead_here_though_its_mapping_allows_it) {
  const std::string path = world.folder / "timeless.yml";
  std::ofstream(path) << "name: m\ntime: {from: [t], optional: true}\n";
  auto timeless = ingest::Mapper::make({value_or_die(ingest::load_mapping(path))}, world.rules->fields(), {.source = "access", .subject_key = {Secret(std::string(32, 'h')), 1}, .mappings = {}});
  ASSERT_TRUE(timeless) << timeless.error().text;
  StageOne stage("access", *timeless, sigma::LiveMatcher(world.rules), clock, {});
  Frames frames;
  ASSERT_TRUE(stage.take({{record(0, R"({"t":"2026-11-23T12:00:00Z"})"), record(1, "{}")}, {}}, frames));
  EXPECT_EQ(frames.front().dead_letter().reason(), "no_time");
  EXPECT_EQ(frames.front().dead_letter().offset(), 1);
  EXPECT_EQ(progress(frames).applied(), 1);
}

TEST_F(OneSource, a_dead_letter_that_would_not_fit_a_frame_is_kept_in_part) {
  const Frames frames = take({record(0, std::string(limits::kFrameBytesMax + 5, 'x'))});
  EXPECT_LT(frames[0].ByteSizeLong(), limits::kFrameBytesMax);
  EXPECT_EQ(frames[0].dead_letter().reason(), "too_large");
  EXPECT_THAT(frames[0].dead_letter().detail(), ::testing::HasSubstr("16777221 bytes"));
}

}  // namespace
}  // namespace tocsin::detect
