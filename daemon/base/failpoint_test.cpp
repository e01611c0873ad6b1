// failpoint_test.cpp: the process dies where and when it was told to, by a signal that nothing can catch.
#include "daemon/base/failpoint.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace tocsin {
namespace {

TEST(FailpointDeathTest, the_process_dies_at_the_nth_pass) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto pass = [](int times) {
    setenv("TOCSIN_FAILPOINTS", "other:1,sent:3,broken", 1);
    for (int i = 0; i < times; ++i) failpoint("sent");
    std::_Exit(7);
  };
  EXPECT_EXIT(pass(2), testing::ExitedWithCode(7), "");
  EXPECT_EXIT(pass(3), testing::KilledBySignal(SIGKILL), "");
}

TEST(FailpointDeathTest, without_the_variable_nothing_happens) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto pass = [] {
    unsetenv("TOCSIN_FAILPOINTS");
    for (int i = 0; i < 100; ++i) failpoint("sent");
    std::_Exit(7);
  };
  EXPECT_EXIT(pass(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace tocsin
