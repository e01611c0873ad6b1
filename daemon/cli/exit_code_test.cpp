// exit_code_test.cpp: numbers that scripts rely on.
#include "daemon/cli/exit_code.h"

#include <gtest/gtest.h>

namespace tocsin::cli {
namespace {

TEST(ExitCodes, are_these_numbers_for_ever) {
  const std::vector<std::pair<int, std::string_view>> wanted = {
      {0, "ok"}, {1, "negative"}, {2, "usage"}, {3, "configuration"}, {4, "permission"}, {5, "not_found"}, {6, "unreachable"}, {7, "approval_required"}, {130, "interrupted"}};
  ASSERT_EQ(exit_codes().size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(static_cast<int>(exit_codes()[i].code), wanted[i].first);
    EXPECT_EQ(exit_codes()[i].word, wanted[i].second);
    EXPECT_EQ(word_of(exit_codes()[i].code), wanted[i].second);
  }
}

TEST(ExitCodes, follow_the_kind_of_an_error) {
  EXPECT_EQ(ending_of({ErrorKind::bad_input, "x"}).code, ExitCode::configuration);
  EXPECT_EQ(ending_of({ErrorKind::unavailable, "x"}).code, ExitCode::unreachable);
  EXPECT_EQ(ending_of({ErrorKind::refused, "x"}).code, ExitCode::permission);
}

}  // namespace
}  // namespace tocsin::cli
