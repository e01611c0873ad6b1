// sorted.cpp: adding, dropping and finding by rank.
#include "daemon/sigma/correlate/windows/sorted.h"

#include <algorithm>
#include <bit>

#include "daemon/base/promise.h"

namespace tocsin::sigma::windows {

std::size_t Sorted::block_of(Int128 number) const {
  return static_cast<std::size_t>(std::lower_bound(greatest_.begin(), greatest_.end(), number) - greatest_.begin());
}

void Sorted::count(std::size_t block, std::int32_t change) {
  for (std::size_t i = block + 1; i < counts_.size(); i += i & (~i + 1)) counts_[i] += static_cast<std::uint32_t>(change);
}

void Sorted::recount() {
  counts_.assign(blocks_.size() + 1, 0);
  for (std::size_t i = 1; i < counts_.size(); ++i) {
    counts_[i] += blocks_[i - 1]->size;
    if (const std::size_t parent = i + (i & (~i + 1)); parent < counts_.size()) counts_[parent] += counts_[i];
  }
}

void Sorted::split(std::size_t at) {
  Block& full = *blocks_[at];
  auto upper = std::make_unique_for_overwrite<Block>();
  upper->size = kBlock / 2;
  std::copy(full.numbers + kBlock / 2, full.numbers + kBlock, upper->numbers);
  full.size = kBlock / 2;
  greatest_.insert(greatest_.begin() + static_cast<std::ptrdiff_t>(at), full.numbers[full.size - 1]);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(upper));
  recount();
}

void Sorted::add(Int128 number) {
  ++size_;
  if (blocks_.empty()) {
    blocks_.push_back(std::make_unique_for_overwrite<Block>());
    blocks_[0]->size = 1;
    blocks_[0]->numbers[0] = number;
    greatest_.push_back(number);
    return recount();
  }
  std::size_t at = std::min(block_of(number), blocks_.size() - 1);
  if (blocks_[at]->size == kBlock) {
    split(at);
    if (number > greatest_[at]) ++at;
  }
  Block& block = *blocks_[at];
  Int128* const end = block.numbers + block.size;
  Int128* const place = std::upper_bound(block.numbers, end, number);
  std::move_backward(place, end, end + 1);
  *place = number;
  ++block.size;
  greatest_[at] = block.numbers[block.size - 1];
  count(at, 1);
}

void Sorted::drop(Int128 number) {
  const std::size_t at = block_of(number);
  TOCSIN_ASSERT(at < blocks_.size());
  Block& block = *blocks_[at];
  Int128* const end = block.numbers + block.size;
  Int128* const place = std::lower_bound(block.numbers, end, number);
  TOCSIN_ASSERT(place != end && *place == number);
  std::move(place + 1, end, place);
  --block.size;
  --size_;
  if (block.size > 0) {
    greatest_[at] = block.numbers[block.size - 1];
    return count(at, -1);
  }
  blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
  greatest_.erase(greatest_.begin() + static_cast<std::ptrdiff_t>(at));
  recount();
}

Int128 Sorted::operator[](std::uint32_t k) const {
  TOCSIN_ASSERT(k < size_);
  std::size_t at = 0;
  for (std::size_t step = std::bit_floor(blocks_.size()); step > 0; step /= 2) {
    if (at + step < counts_.size() && counts_[at + step] <= k) {
      at += step;
      k -= counts_[at];
    }
  }
  return blocks_[at]->numbers[k];
}

}  // namespace tocsin::sigma::windows
