// sorted_test.cpp: numbers are found by rank while they come and go.
#include "daemon/sigma/correlate/windows/sorted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tocsin::sigma::windows {
namespace {

TEST(Sorted, finds_every_rank_like_a_sorted_vector_while_blocks_split_and_empty) {
  std::mt19937_64 random(3);
  Sorted ours;
  std::vector<Int128> theirs;
  for (int step = 0; step < 12'000; ++step) {
    const bool grow = step < 6'000 ? random() % 4 != 0 : random() % 4 == 0;
    if (grow || theirs.empty()) {
      const Int128 number = Int128{static_cast<std::int64_t>(random() % 900) - 400} << (random() % 3 * 30);
      ours.add(number);
      theirs.insert(std::upper_bound(theirs.begin(), theirs.end(), number), number);
    } else {
      const std::size_t at = random() % theirs.size();
      ours.drop(theirs[at]);
      theirs.erase(theirs.begin() + static_cast<std::ptrdiff_t>(at));
    }
    ASSERT_EQ(ours.size(), theirs.size());
    for (int look = 0; look < 3 && !theirs.empty(); ++look) {
      const std::size_t k = look == 0 ? theirs.size() - 1 : random() % theirs.size();
      ASSERT_TRUE(ours[static_cast<std::uint32_t>(k)] == theirs[k]) << "step " << step << " rank " << k;
    }
  }
}

}  // namespace
}  // namespace tocsin::sigma::windows
