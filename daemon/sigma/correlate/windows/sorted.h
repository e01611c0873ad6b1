// sorted.h: numbers in order of size, of which the k-th is found at once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "daemon/sigma/correlate/windows/exact.h"

namespace tocsin::sigma::windows {

/// Blocks of a few hundred numbers, and a binary indexed tree over their sizes: O(log n) to find, O(block) to move.
class Sorted {
 public:
  std::uint32_t size() const { return size_; }
  void add(Int128 number);
  /// The number stands here.
  void drop(Int128 number);
  /// k from 0, below size().
  Int128 operator[](std::uint32_t k) const;

 private:
  static constexpr std::uint32_t kBlock = 256;
  struct Block {
    std::uint32_t size = 0;
    Int128 numbers[kBlock];
  };

  std::size_t block_of(Int128 number) const;
  void count(std::size_t block, std::int32_t change);
  void recount();
  void split(std::size_t block);

  std::vector<std::unique_ptr<Block>> blocks_;  ///< None empty.
  std::vector<Int128> greatest_;                ///< Of each block.
  std::vector<std::uint32_t> counts_;           ///< The tree; [0] is unused.
  std::uint32_t size_ = 0;
};

}  // namespace tocsin::sigma::windows
