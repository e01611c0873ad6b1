// states_test.cpp: every pair of states, spelled out apart from the table.
#include "daemon/casebook/states.h"

#include <gtest/gtest.h>

#include <set>

namespace tocsin::casebook {
namespace {

TEST(States, every_pair_is_allowed_or_not_as_written_here) {
  // Rows: from; columns: to. 1 suspected 2 confirmed 3 contained 4 notifying 5 reported 6 closed 7 dismissed.
  const char* allowed[] = {
      /* suspected */ ".x....x",
      /* confirmed */ "..xxx.x",
      /* contained */ "...xxxx",
      /* notifying */ "....xx.",
      /* reported  */ "...x.x.",
      /* closed    */ ".......",
      /* dismissed */ ".......",
  };
  for (int from = 1; from <= 7; ++from)
    for (int to = 1; to <= 7; ++to)
      EXPECT_EQ(may_become(static_cast<v1::IncidentState>(from), static_cast<v1::IncidentState>(to)), allowed[from - 1][to - 1] == 'x')
          << word_for(static_cast<v1::IncidentState>(from)) << " → " << word_for(static_cast<v1::IncidentState>(to));
}

TEST(States, a_refusal_can_name_the_ways_that_are_open) {
  EXPECT_EQ(ways_from(v1::SUSPECTED), "a suspected incident can become: confirmed, dismissed");
  EXPECT_EQ(ways_from(v1::CLOSED), "a closed incident stays as it is");
}

}  // namespace
}  // namespace tocsin::casebook
