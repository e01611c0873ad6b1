// detect_crash_test.cpp: a detect process is killed at every failpoint, on real files, and started again: nothing is lost or doubled.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "daemon/ingest/file_source.h"
#include "daemon/log/local_log.h"
#include "tests/support/detect_world.h"

namespace tocsin {
namespace {

using namespace tocsin::testing;

constexpr int kPartitions = 3;
constexpr const char* kPlaces[] = {"log_appended",     "log_synced",      "before_commit",    "after_commit",
                                   "snapshot_written", "snapshot_synced", "snapshot_renamed", "snapshot_recorded"};

std::string part(const std::string& folder, int number) { return fmt::format("{}/part-{}.ndjson", folder, number); }

/// What the killed process does: from whatever the folder holds to the end of its input.
void run_to_the_end(const std::string& state, const std::string& input) {
  DetectWorld world(kRules, state + "/store.db");
  world.snapshots = detect::Snapshots(state + "/snapshots", Secret(std::string(32, 's')));
  world.settings.batch_records = 25;
  world.settings.snapshot_every = std::chrono::milliseconds(60);
  auto log = value_or_die(LocalLog::open({.folder = state + "/log", .segment_bytes = 20'000, .disk = {}}));
  std::vector<std::string> paths;
  for (int i = 0; i < kPartitions; ++i) paths.push_back(part(input, i));
  auto detector = value_or_die(world.start(*log, std::make_unique<ingest::FileSource>("access", paths)));
  while (!detector->exhausted()) value_or_die(detector->step());
  if (const auto settled = detector->settle(); !settled) throw std::runtime_error(settled.error().text);
}

TEST(Child, DISABLED_runs_to_the_end) { run_to_the_end(std::getenv("TOCSIN_CRASH_STATE"), std::getenv("TOCSIN_CRASH_INPUT")); }

struct DetectCrash : ::testing::Test {
  TempFolder folder;
  int kills = 0;

  void SetUp() override {
    const History history = history_of({.seed = 77, .partitions = kPartitions, .events = 400, .gaps = false});
    for (int i = 0; i < kPartitions; ++i) {
      std::ofstream out(part(folder.path(), i), std::ios::binary);
      for (const Record& record : history.topic.partitions.at(i)) out << record.value << '\n';
    }
  }

  std::string state(const std::string& name) const {
    const std::string path = folder / name;
    std::filesystem::create_directory(path);
    return path;
  }

  /// True where the process came to its end, false where it was killed; anything else fails the test.
  bool start(const std::string& where, const std::string& failpoints) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("TOCSIN_CRASH_STATE", where.c_str(), 1);
      ::setenv("TOCSIN_CRASH_INPUT", folder.path().c_str(), 1);
      ::setenv("TOCSIN_FAILPOINTS", failpoints.c_str(), 1);
      const int quiet = ::open("/dev/null", O_WRONLY);
      ::dup2(quiet, STDOUT_FILENO);
      ::execl("/proc/self/exe", "child", "--gtest_also_run_disabled_tests", "--gtest_filter=Child.*", static_cast<char*>(nullptr));
      ::_exit(127);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return ++kills, false;
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "with " << failpoints << ": status " << status;
    return true;
  }

  static std::string outcome(const std::string& where) { return DetectWorld(kRules, where + "/store.db").outcome(); }
};

TEST_F(DetectCrash, a_kill_at_every_failpoint_changes_nothing) {
  const std::string whole = state("whole");
  ASSERT_TRUE(start(whole, ""));
  const std::string expected = outcome(whole);
  EXPECT_THAT(expected, ::testing::HasSubstr("many-people"));
  int number = 0;
  for (const char* place : kPlaces) {
    for (const int pass : {1, 2, 5}) {
      const std::string where = state(fmt::format("single-{}", ++number));
      EXPECT_FALSE(start(where, fmt::format("{}:{}", place, pass))) << place << " was not passed " << pass << " times";
      ASSERT_TRUE(start(where, ""));
      EXPECT_EQ(difference(outcome(where), expected), "") << place << ":" << pass;
    }
  }
  EXPECT_EQ(kills, 24);
}

TEST_F(DetectCrash, twenty_seeded_kills_of_one_history_change_nothing) {
  const std::string whole = state("whole");
  ASSERT_TRUE(start(whole, ""));
  const std::string expected = outcome(whole);
  std::mt19937_64 random(20);
  for (int history = 0; history < 3; ++history) {
    const std::string where = state(fmt::format("seeded-{}", history));
    kills = 0;
    for (int i = 0; i < 20; ++i) start(where, fmt::format("{}:{}", kPlaces[random() % std::size(kPlaces)], 1 + random() % 2));
    EXPECT_GE(kills, 10);
    ASSERT_TRUE(start(where, ""));
    EXPECT_EQ(difference(outcome(where), expected), "");
  }
}

}  // namespace
}  // namespace tocsin
