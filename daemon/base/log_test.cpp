// log_test.cpp: lines that cannot be forged by the values in them.
#include "daemon/base/log.h"

#include <gtest/gtest.h>

#include "daemon/base/secret.h"

namespace tocsin {
namespace {

// Logging a credential or a person's address must not compile.
static_assert(!std::is_constructible_v<LogPair, const char*, Secret>);
static_assert(!std::is_constructible_v<LogPair, const char*, Pii>);

class Lines : public testing::Test {
 protected:
  LogSettings settings(LogLevel level, bool json) {
    return {.level = level, .json = json, .instead = [this](std::string_view line) { lines_.emplace_back(line); }};
  }
  ManualClock clock_{*parse_rfc3339("2026-11-24T02:15:00Z")};
  std::vector<std::string> lines_;
};

TEST_F(Lines, text_is_one_line_of_pairs) {
  Log log(clock_, settings(LogLevel::info, false));
  log.info("joined", {{"topic", "access"}, {"partitions", 6}, {"why", "a \"b\"\nc=d"}, {"empty", ""}, {"ok", true}});
  log.debug("not said");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0], R"(2026-11-24T02:15:00Z info  joined topic=access partitions=6 why="a \"b\"\nc=d" empty="" ok=true)");
}

TEST_F(Lines, json_is_one_object_a_line) {
  Log log(clock_, settings(LogLevel::debug, true));
  log.error("a \"quoted\" {} %v", {{"n", -3}, {"text", "x\"}\n{\"level\":\"info"}});
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0], R"({"time":"2026-11-24T02:15:00Z","level":"error","message":"a \"quoted\" {} %v","n":-3,"text":"x\"}\n{\"level\":\"info"})");
}

TEST_F(Lines, a_level_leaves_out_what_is_below_it) {
  Log log(clock_, settings(LogLevel::warn, false));
  log.info("no");
  log.warn("yes");
  log.error("yes");
  EXPECT_EQ(lines_.size(), 2U);
}

TEST(LogLevelWords, are_four) {
  EXPECT_EQ(*log_level_of("warn"), LogLevel::warn);
  EXPECT_FALSE(log_level_of("trace"));
}

}  // namespace
}  // namespace tocsin
