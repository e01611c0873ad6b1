// correlate_bench.h: the bench of the windows under correlations.
#pragma once

#include <cstddef>

namespace tocsin {

/// Prints updates a second per correlation type at 1,000, 100,000, … `keys_most` groups, bytes per live key, and one busy group.
/// Ten million groups take some minutes and 2 GB.
void correlate_bench(std::size_t keys_most);

}  // namespace tocsin
