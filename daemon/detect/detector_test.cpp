// detector_test.cpp: the whole detect plane under power cuts, and mutants of its protocol that must not live.
#include "daemon/detect/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/local_log.h"
#include "tests/support/detect_world.h"

namespace tocsin::detect {
namespace {

using namespace tocsin::testing;
using ::testing::HasSubstr;

/// Cuts the power at the n-th place it is told of.
struct Saboteur {
  std::int64_t left = -1;
  std::map<std::string, int, std::less<>> struck;
  void pass(std::string_view place) {
    if (left > 0 && --left == 0) {
      ++struck[std::string(place)];
      throw PowerCut{};
    }
  }
};

/// Runs to the end, starting again after each cut; `next` says after how many places the next one comes (−1: never).
std::string run_with_cuts(const History& history, const std::function<std::int64_t()>& next, std::uint64_t seed, Saboteur& saboteur, int& starts) {
  DetectWorld world;
  MemoryDisk disk;
  std::mt19937_64 random(seed);
  const auto place = [&](std::string_view name) { saboteur.pass(name); };
  world.clock.at = place;
  for (starts = 1; starts < 10'000; ++starts) {
    saboteur.left = next();
    try {
      MemoryLog log(disk, place);
      const Result<void> done = world.run(history, log, random());
      EXPECT_TRUE(done) << done.error().text;
      break;
    } catch (const PowerCut&) {
      saboteur.left = -1;
      disk.restart(random);
    }
  }
  saboteur.left = -1;
  EXPECT_THAT(world.said, ::testing::Not(::testing::Contains(HasSubstr("error"))));
  return world.outcome();
}

std::string uninterrupted(const History& history, std::uint64_t seed = 1) {
  Saboteur saboteur;
  int starts = 0;
  return run_with_cuts(history, [] { return -1; }, seed, saboteur, starts);
}

TEST(Detector, a_history_gives_alerts_affected_people_and_balanced_counters) {
  const History history = history_of({.seed = 3});
  DetectWorld world;
  MemoryDisk disk;
  MemoryLog log(disk);
  ASSERT_TRUE(world.run(history, log));
  const store::View view = value_or_die(world.store->read());
  std::set<std::string> rules;
  for (const v1::Alert& alert : value_or_die(view.alerts())) rules.insert(alert.rule_id());
  EXPECT_EQ(rules, (std::set<std::string>{"export", "many-people", "many-reads"}));
  const std::string outcome = world.outcome();
  EXPECT_THAT(outcome, HasSubstr("at-threshold"));
  EXPECT_THAT(outcome, ::testing::Not(HasSubstr("below-threshold")));
  std::int64_t applied = 0, dead = 0, gap = 0, span = 0;
  for (const store::PartitionRow& row : value_or_die(view.partitions())) {
    EXPECT_TRUE(row.balanced());
    EXPECT_EQ(row.next, history.topic.ends.at(row.partition));
    applied += row.applied, dead += row.dead, gap += row.gap, span += row.next - row.start;
    EXPECT_EQ(row.late, 0);
  }
  EXPECT_EQ(applied + dead, history.records);
  EXPECT_EQ(dead, history.garbage);
  EXPECT_EQ(gap, history.gaps);
  EXPECT_EQ(span, history.records + history.gaps);
}

TEST(Detector, the_order_of_polling_does_not_matter) {
  const History history = history_of({.seed = 4});
  const std::string first = uninterrupted(history, 1);
  for (std::uint64_t seed = 2; seed < 6; ++seed) EXPECT_EQ(difference(uninterrupted(history, seed), first), "");
}

TEST(Detector, one_power_cut_at_any_place_changes_nothing) {
  const History history = history_of({.seed = 5, .events = 120});
  const std::string expected = uninterrupted(history);
  Saboteur saboteur;
  int cuts = 0;
  for (std::int64_t place = 1;; place += place < 100 ? 1 : 2) {
    int starts = 0;
    bool first = true;
    ASSERT_EQ(difference(run_with_cuts(history, [&] { return std::exchange(first, false) ? place : -1; }, 7, saboteur, starts), expected), "") << "place " << place;
    if (starts == 1) break;   // The run is over before that place.
    ++cuts;
  }
  EXPECT_GT(cuts, 100);
  for (const char* place : {"clock", "frame", "log_appended", "log_synced"}) EXPECT_GT(saboteur.struck[place], 0) << place;
}

TEST(Detector, many_power_cuts_change_nothing) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const History history = history_of({.seed = 100 + seed, .events = 250, .repeated = 0.05});
    const std::string expected = uninterrupted(history);
    std::mt19937_64 random(seed);
    Saboteur saboteur;
    int starts = 0;
    // Each start gets a little further, else a run that never survives its own recovery would never end.
    std::int64_t patience = 20;
    const auto next = [&] { return static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(patience += 8)); };
    EXPECT_EQ(difference(run_with_cuts(history, next, seed, saboteur, starts), expected), "") << "seed " << seed;
    EXPECT_GT(starts, 10) << "seed " << seed;
  }
}

TEST(Detector, shuffled_partitions_with_repeated_records_equal_the_single_file) {
  const casebook::Plan plan{v1::Playbook(), v1::Config()};
  for (const double repeated : {0.0, 0.05}) {
    const History history = history_of({.seed = 8, .partitions = 6, .events = 1500, .repeated = repeated, .garbage = false, .gaps = false,
                                        .shuffle = std::chrono::minutes(9)});
    DetectWorld world;
    MemoryDisk disk;
    MemoryLog log(disk);
    ASSERT_TRUE(world.run(history, log));
    MemoryTopic file;
    for (const std::string& line : history.in_order) file.add(0, line);
    MemorySource source("access", file);
    DetectWorld other;
    const auto mapper = other.mapper();
    const Result<Replayed> replayed = replay(source, *mapper, other.rules, other.clock, {.tenant = "t", .stage_one = {}});
    ASSERT_TRUE(replayed) << replayed.error().text;
    EXPECT_EQ(difference(value_or_die(canonical(*world.store, plan)), canonical(*replayed, plan)), "");
    EXPECT_GT(std::count_if(replayed->alerts.begin(), replayed->alerts.end(), [](const v1::Alert& a) { return a.has_bucket_start(); }), 3);
    EXPECT_GE(history.repeats, repeated > 0 ? 20 : 0);
  }
}

TEST(Detector, records_that_the_source_gives_again_are_dropped_and_counted_as_duplicates) {
  const History history = history_of({.seed = 9, .events = 80});
  class Stutterer final : public MemorySource {
   public:
    using MemorySource::MemorySource;
    Result<Batch> poll(std::size_t records_max, std::chrono::milliseconds wait) override {
      if (++polls_ % 3 == 0) {
        for (auto& [partition, next] : next_) next = std::max<std::int64_t>(0, next - 5);
      }
      return MemorySource::poll(records_max, wait);
    }
    int polls_ = 0;
  };
  const std::string expected = uninterrupted(history);
  DetectWorld world;
  MemoryDisk disk;
  MemoryLog log(disk);
  auto detector = value_or_die(world.start(log, std::make_unique<Stutterer>("access", history.topic)));
  for (int i = 0; i < 400 && !detector->exhausted(); ++i) ASSERT_TRUE(detector->step());
  ASSERT_TRUE(detector->exhausted());
  ASSERT_TRUE(detector->settle());
  EXPECT_EQ(difference(world.outcome(), expected), "");
  EXPECT_GT(world.duplicates(), 10);
}

// ── recovery refuses what it cannot explain ──

struct Stopped : ::testing::Test {
  History history = history_of({.seed = 11, .events = 150});
  DetectWorld world;
  MemoryDisk disk;
  std::unique_ptr<Source> source() { return std::make_unique<MemorySource>("access", history.topic); }
  void run() {
    MemoryLog log(disk);
    const Result<void> done = world.run(history, log);
    ASSERT_TRUE(done) << done.error().text;
  }
  std::string refusal() {
    MemoryLog log(disk);
    auto detector = world.start(log, source());
    if (detector) return "";
    EXPECT_EQ(detector.error().kind, ErrorKind::refused);
    return detector.error().text;
  }
};

TEST_F(Stopped, a_second_start_compares_and_changes_nothing) {
  run();
  const std::string before = world.outcome();
  std::filesystem::remove_all(world.folder / "snapshots");
  MemoryLog log(disk);
  auto detector = value_or_die(world.start(log, source()));
  EXPECT_GT(detector->recovered().compared, 5);
  EXPECT_EQ(detector->recovered().emitted, 0);
  ASSERT_TRUE(detector->settle());
  EXPECT_EQ(difference(world.outcome(), before), "");
}

TEST_F(Stopped, a_start_from_a_snapshot_reads_less_and_ends_the_same) {
  run();
  const std::string before = world.outcome();
  MemoryLog log(disk);
  auto detector = value_or_die(world.start(log, source()));
  EXPECT_GT(detector->recovered().from, 0U);
  EXPECT_LT(detector->recovered().frames, 50);
  ASSERT_TRUE(detector->settle());
  EXPECT_EQ(difference(world.outcome(), before), "");
}

TEST_F(Stopped, a_lost_log_is_refused) {
  run();
  disk = MemoryDisk();
  EXPECT_THAT(refusal(), HasSubstr("log lost"));
}

TEST_F(Stopped, a_log_that_ends_before_the_stores_place_is_refused) {
  run();
  disk.durable.pop_back();
  EXPECT_THAT(refusal(), HasSubstr("log lost"));
}

TEST_F(Stopped, an_older_store_gets_the_missing_effects_again) {
  DetectWorld once{kRules, world.folder / "store.db"};
  const std::string backup = world.folder / "backup.db";
  const History half = history_of({.seed = 11, .events = 150});
  MemoryLog log(disk);
  {
    auto detector = value_or_die(once.start(log, source()));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(detector->step());
    ASSERT_TRUE(detector->settle());
    std::filesystem::copy_file(world.folder / "store.db", backup);
    std::filesystem::copy_file(world.folder / "store.db-wal", backup + "-wal");
    while (!detector->exhausted()) ASSERT_TRUE(detector->step());
    ASSERT_TRUE(detector->settle());
  }
  DetectWorld restored{kRules, backup};
  const Result<void> done = restored.run(history, log);
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(difference(restored.outcome(), once.outcome()), "");
}

TEST_F(Stopped, a_source_whose_last_record_changed_is_stopped) {
  run();
  history.topic.partitions[1].back().value[10] ^= 1;
  MemoryLog log(disk);
  auto detector = value_or_die(world.start(log, source()));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(detector->step());
  EXPECT_FALSE(detector->status().front().running);
  EXPECT_THAT(detector->status().front().reason, HasSubstr("is not the source that was read before"));
}

TEST_F(Stopped, changed_rules_store_what_the_old_matches_prove_under_them) {
  run();
  std::string easier = kRules;
  easier.replace(easier.find("gte: 8"), 6, "gte: 7");
  DetectWorld changed(easier);
  // The same store, another rule set.
  std::swap(changed.store, world.store);
  casebook::Casebook casebook(*changed.store, changed.clock, v1::Config(), v1::Playbook());
  MemoryLog log(disk);
  std::vector<DetectSource> sources;
  sources.push_back({source(), changed.mapper()});
  auto detector = Detector::start({*changed.store, casebook, log, changed.snapshots, changed.rules, changed.clock, changed.metrics, changed.say},
                                  std::move(sources), changed.settings);
  ASSERT_TRUE(detector) << detector.error().text;
  ASSERT_TRUE((*detector)->settle());
  EXPECT_GT((*detector)->recovered().emitted, 0);
  EXPECT_THAT(changed.outcome(), HasSubstr("below-threshold"));
}

// ── errors of the world ──

TEST_F(Stopped, a_source_that_does_not_answer_is_asked_again_and_one_that_refuses_is_stopped) {
  MemoryLog log(disk);
  auto flaky = std::make_unique<MemorySource>("access", history.topic);
  MemorySource& handle = *flaky;
  int polls = 0;
  handle.before_poll = [&]() -> Result<void> { return ++polls % 2 == 1 ? Result<void>(unavailable("the broker is away")) : Result<void>(); };
  auto detector = value_or_die(world.start(log, std::move(flaky)));
  for (int i = 0; i < 4000 && !detector->exhausted(); ++i) ASSERT_TRUE(detector->step());
  EXPECT_TRUE(detector->exhausted());
  EXPECT_TRUE(detector->status().front().running);

  DetectWorld other;
  MemoryDisk fresh;
  MemoryLog other_log(fresh);
  auto gone = std::make_unique<MemorySource>("access", history.topic);
  gone->before_poll = []() -> Result<void> { return refused("offset out of range"); };
  detector = value_or_die(other.start(other_log, std::move(gone)));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(detector->step());
  EXPECT_FALSE(detector->status().front().running);
  EXPECT_THAT(detector->status().front().reason, HasSubstr("offset out of range"));
  EXPECT_THAT(other.metrics.text(), HasSubstr("tocsin_source_running{source=\"access\"} 0"));
}

TEST_F(Stopped, a_source_that_is_away_at_the_start_is_opened_later) {
  class Away final : public MemorySource {
   public:
    using MemorySource::MemorySource;
    Result<std::vector<StartAt>> open(const std::vector<StartAt>& stored) override {
      if (++opens_ < 4) return unavailable("no broker can be reached");
      return MemorySource::open(stored);
    }
    int opens_ = 0;
  };
  MemoryLog log(disk);
  auto detector = value_or_die(world.start(log, std::make_unique<Away>("access", history.topic)));
  EXPECT_THAT(detector->status().front().reason, HasSubstr("no broker"));
  for (int i = 0; i < 4000 && !detector->exhausted(); ++i) ASSERT_TRUE(detector->step());
  ASSERT_TRUE(detector->settle());
  EXPECT_EQ(detector->status().front().reason, "");
  EXPECT_EQ(difference(world.outcome(), uninterrupted(history)), "");
}

TEST_F(Stopped, a_source_without_a_place_to_begin_is_a_fault_of_the_configuration) {
  class Nowhere final : public MemorySource {
   public:
    using MemorySource::MemorySource;
    Result<std::vector<StartAt>> open(const std::vector<StartAt>&) override { return bad_input("say where to begin"); }
  };
  MemoryLog log(disk);
  const auto detector = world.start(log, std::make_unique<Nowhere>("access", history.topic));
  ASSERT_FALSE(detector);
  EXPECT_EQ(detector.error().kind, ErrorKind::bad_input);
}

TEST_F(Stopped, a_full_disk_stops_reading_and_nothing_is_lost) {
  const std::string expected = uninterrupted(history);
  class Full final : public MemoryLog {
   public:
    using MemoryLog::MemoryLog;
    Result<LogOffset> sync() override {
      if (full) return unavailable("no space left on device");
      return MemoryLog::sync();
    }
    bool full = false;
  };
  Full log(disk);
  auto source = std::make_unique<MemorySource>("access", history.topic);
  int polls = 0;
  source->before_poll = [&]() -> Result<void> { return ++polls, Result<void>(); };
  auto detector = value_or_die(world.start(log, std::move(source)));
  ASSERT_TRUE(detector->step());
  log.full = true;
  ASSERT_TRUE(detector->step());
  const int polls_before = polls;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(detector->step());
  EXPECT_EQ(polls, polls_before);
  log.full = false;
  while (!detector->exhausted()) ASSERT_TRUE(detector->step());
  ASSERT_TRUE(detector->settle());
  EXPECT_EQ(difference(world.outcome(), expected), "");
}

TEST_F(Stopped, a_detector_that_ends_with_unsynced_frames_leaves_a_log_that_the_next_one_understands) {
  class Full final : public MemoryLog {
   public:
    using MemoryLog::MemoryLog;
    Result<LogOffset> sync() override { return full ? Result<LogOffset>(unavailable("no space left on device")) : MemoryLog::sync(); }
    bool full = false;
  };
  Full log(disk);
  {
    auto detector = value_or_die(world.start(log, source()));
    ASSERT_TRUE(detector->step());
    log.full = true;
    ASSERT_TRUE(detector->step());
    ASSERT_FALSE(disk.unsynced.empty());
  }
  EXPECT_EQ(world.start(log, source()).error().kind, ErrorKind::unavailable);
  log.full = false;
  ASSERT_TRUE(world.run(history, log));
  EXPECT_EQ(difference(world.outcome(), uninterrupted(history)), "");
  std::filesystem::remove_all(world.folder / "snapshots");
  EXPECT_EQ(refusal(), "");
}

TEST_F(Stopped, old_segments_go_once_neither_snapshots_nor_windows_need_them) {
  world.settings.stage_one.idle_after = std::chrono::hours(100);
  const auto open = [&] { return value_or_die(LocalLog::open({.folder = world.folder / "log", .segment_bytes = 3'000, .disk = {}})); };
  auto log = open();
  {
    auto detector = value_or_die(world.start(*log, source()));
    while (!detector->exhausted()) {
      ASSERT_TRUE(detector->step());
      world.clock.advance(std::chrono::minutes(20));
    }
    ASSERT_TRUE(detector->settle());
  }
  EXPECT_EQ(difference(world.outcome(), uninterrupted(history)), "");
  EXPECT_GT(log->begin(), 0U);
  const auto begins = [&] {
    auto detector = world.start(*log, source());
    return detector ? std::string() : detector.error().text;
  };
  EXPECT_EQ(begins(), "");
  EXPECT_THAT(world.said, ::testing::Not(::testing::Contains(HasSubstr("correlations over older events are missed"))));
  // With damaged snapshots a person must decide; without any, the daemon says what is missed and goes on.
  for (const auto& entry : std::filesystem::directory_iterator(world.folder / "snapshots")) std::filesystem::resize_file(entry.path(), 20);
  EXPECT_THAT(begins(), HasSubstr("no snapshot can be used"));
  std::filesystem::remove_all(world.folder / "snapshots");
  EXPECT_EQ(begins(), "");
  EXPECT_THAT(world.said, ::testing::Contains(HasSubstr("correlations over older events are missed")));
}

TEST_F(Stopped, a_poll_asks_for_no_more_than_the_limits) {
  class Asked final : public MemorySource {
   public:
    using MemorySource::MemorySource;
    Result<Batch> poll(std::size_t records_max, std::chrono::milliseconds wait) override {
      most = std::max(most, records_max);
      longest = std::max(longest, wait);
      return MemorySource::poll(records_max, wait);
    }
    std::size_t most = 0;
    std::chrono::milliseconds longest{};
  };
  world.settings = DetectSettings();
  auto asked = std::make_unique<Asked>("access", history.topic);
  Asked& handle = *asked;
  MemoryLog log(disk);
  auto detector = value_or_die(world.start(log, std::move(asked)));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(detector->step());
  EXPECT_EQ(handle.most, limits::kBatchRecordsMax);
  EXPECT_LE(handle.longest, limits::kBatchWait);
}

TEST_F(Stopped, a_failed_sync_ends_the_detector) {
  class Broken final : public MemoryLog {
   public:
    using MemoryLog::MemoryLog;
    Result<LogOffset> sync() override { return broken ? Result<LogOffset>(refused("EIO")) : MemoryLog::sync(); }
    bool broken = false;
  };
  Broken log(disk);
  auto detector = value_or_die(world.start(log, source()));
  log.broken = true;
  Result<bool> outcome = detector->step();
  EXPECT_FALSE(outcome);
  EXPECT_EQ(detector->replay_dead_letters("", "").error().kind, ErrorKind::unavailable);
}

TEST_F(Stopped, an_older_process_is_fenced_out) {
  MemoryLog log(disk);
  auto older = value_or_die(world.start(log, source()));
  ASSERT_TRUE(older->step());
  value_or_die([&]() -> Result<bool> {
    TOCSIN_ASSIGN(store::Transaction tx, world.store->begin());
    TOCSIN_TRY(tx.acquire_epoch());
    TOCSIN_TRY(tx.commit());
    return true;
  }());
  Result<bool> outcome = true;
  for (int i = 0; i < 1000 && outcome; ++i) outcome = older->step();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::refused);
  EXPECT_THAT(outcome.error().text, HasSubstr("another process has taken over"));
}

// ── dead letters ──

TEST_F(Stopped, a_dead_letter_that_decodes_at_last_fires_once_and_stays_counted_as_dead) {
  history = History();
  const Instant time = *parse_rfc3339("2026-11-23T08:00:00Z");
  history.topic.add(0, "not json");
  history.topic.add(0, R"({"actor":{"id":"x"},"action":{"verb":"Export"},"zeit":"2026-11-23T08:00:00Z"})");
  history.topic.add(0, access_json(time, "y", "Read", {}, 1));
  run();
  const auto dead = [&] { return world.dead_letters(); };
  ASSERT_EQ(dead().size(), 2U);
  MemoryLog log(disk);
  // A mapping that reads the time where this producer writes it.
  v1::Mapping mapping = value_or_die(ingest::load_mapping(std::string(TOCSIN_SOURCE_DIR) + "/rules/mappings/access_event.yml"));
  mapping.mutable_time()->add_from("zeit");
  std::vector<DetectSource> sources;
  sources.push_back({source(), std::make_unique<ingest::Mapper>(value_or_die(
                                   ingest::Mapper::make({mapping}, world.rules->fields(), {.source = "access", .subject_key = {Secret(std::string(32, 'h')), 1}, .mappings = {}})))});
  auto detector = value_or_die(
      Detector::start({*world.store, world.casebook, log, world.snapshots, world.rules, world.clock, world.metrics, world.say}, std::move(sources), world.settings));
  std::atomic<bool> stop = false;
  std::thread loop([&] { EXPECT_TRUE(detector->run(stop)); });
  const auto answer = detector->replay_dead_letters("", "");
  const auto again = detector->replay_dead_letters("", "");
  stop = true;
  loop.join();
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->replayed(), 1);
  EXPECT_EQ(answer->still_dead(), 1);
  EXPECT_EQ(again->replayed(), 0);
  EXPECT_EQ(again->still_dead(), 1);
  const auto alerts = value_or_die(value_or_die(world.store->read()).alerts());
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].rule_id(), "export");
  EXPECT_TRUE(dead()[1].replayed);
  const auto rows = value_or_die(value_or_die(world.store->read()).partitions());
  EXPECT_EQ(rows[0].dead, 2);
  EXPECT_TRUE(rows[0].balanced());
  // And a start from the log's beginning comes to the same.
  detector.reset();
  std::filesystem::remove_all(world.folder / "snapshots");
  EXPECT_EQ(refusal(), "");
}

// ── mutants: a protocol with one step wrong must be found out ──

TEST_F(Stopped, mutant_1_applying_before_the_sync_is_found_out) {
  class Liar final : public MemoryLog {
   public:
    using MemoryLog::MemoryLog;
    Result<LogOffset> sync() override { return end(); }
    LogOffset end() const override {
      LogOffset end = disk_.end();
      for (const std::string& frame : disk_.unsynced) end += frame.size() + 1;
      return end;
    }
  };
  int caught = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    DetectWorld mutant;
    MemoryDisk plate;
    {
      Liar log(plate);
      ASSERT_TRUE(mutant.run(history, log));
    }
    std::mt19937_64 random(seed);
    plate.restart(random);
    MemoryLog log(plate);
    const auto started = mutant.start(log, source());
    if (!started && started.error().text.find("log lost") != std::string::npos) ++caught;
  }
  EXPECT_GE(caught, 4);   // Once in a while all bytes make it to the plate.
}

TEST_F(Stopped, mutant_4_committing_the_offset_before_the_effects_is_found_out) {
  MemoryLog log(disk);
  {
    auto detector = value_or_die(world.start(log, source()));
    ASSERT_TRUE(detector->settle());
  }
  // Everything is read and durable; then the store's place moves, the counters with it, and the power goes before the effects.
  Recovered recovered = value_or_die(recover(*world.store, world.casebook, log, world.snapshots, world.rules, {.lateness = std::chrono::minutes(10)}, world.say));
  const auto mapper = world.mapper();
  StageOne reader("access", *mapper, sigma::LiveMatcher(world.rules), world.clock, {});
  MemorySource all("access", history.topic);
  Frames frames;
  reader.begin({}, value_or_die(all.open({})), frames);
  while (!all.exhausted()) ASSERT_TRUE(reader.take(value_or_die(all.poll(1000, {})), frames));
  for (const v1::LogFrame& frame : frames) ASSERT_TRUE(log.append(frame.SerializeAsString()));
  ASSERT_TRUE(log.sync());
  ASSERT_TRUE(recovered.stage_two.take(std::move(frames)));
  ASSERT_GT(recovered.stage_two.pending().effects.alerts.size(), 3U);
  recovered.stage_two.pending().effects = {};
  ASSERT_TRUE(recovered.stage_two.commit(log.end()));
  EXPECT_THAT(refusal(), HasSubstr("self-check failed"));
}

TEST_F(Stopped, mutant_6_reading_again_without_a_mark_is_found_out) {
  run();
  MemoryLog log(disk);
  Recovered recovered = value_or_die(recover(*world.store, world.casebook, log, world.snapshots, world.rules, {.lateness = std::chrono::minutes(10)}, world.say));
  const auto mapper = world.mapper();
  StageOne forgetful("access", *mapper, sigma::LiveMatcher(world.rules), world.clock, {});   // Begins without the stored marks.
  MemorySource all("access", history.topic);
  Frames frames;
  forgetful.begin({}, value_or_die(all.open({})), frames);
  const Result<void> taken = recovered.stage_two.take(std::move(frames));
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().text, HasSubstr("accounting is broken"));
  EXPECT_THAT(taken.error().text, HasSubstr("twice"));
}

}  // namespace
}  // namespace tocsin::detect
