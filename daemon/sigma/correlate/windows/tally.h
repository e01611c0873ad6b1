// tally.h: how often each value stands in a window: a keyed open-addressing table of 64-bit hashes.
#pragma once

#include <cstdint>
#include <memory>

namespace tocsin::sigma::windows {

/// Folds a 128-bit product: every bit of the value and of the secret reaches every bit of the result.
inline std::uint64_t mix(std::uint64_t value, std::uint64_t seed) {
  __extension__ typedef unsigned __int128 Wide;
  const Wide first = Wide{value ^ (seed ^ 0x9e3779b97f4a7c15U)} * (seed | 0xa0761d6478bd642fU);
  const std::uint64_t folded = static_cast<std::uint64_t>(first) ^ static_cast<std::uint64_t>(first >> 64);
  const Wide second = Wide{folded ^ seed} * 0xe7037ed1a0b428dbU;
  return static_cast<std::uint64_t>(second) ^ static_cast<std::uint64_t>(second >> 64);
}

class Tally {
 public:
  Tally() = default;
  explicit Tally(std::uint64_t seed) : seed_(seed) {}

  std::uint32_t size() const { return size_; }
  /// Zero where the value is new: the caller must then set it above zero.
  std::uint32_t& of(std::uint64_t value) {
    if ((size_ + 1) * 4 > capacity_ * 3) grow();
    Cell& cell = cells_[find(value)];
    if (cell.count == 0) {
      cell.value = value;
      ++size_;
    }
    return cell.count;
  }
  void add(std::uint64_t value) { ++of(value); }
  /// The value stands here.
  void drop(std::uint64_t value) {
    const std::uint32_t at = find(value);
    if (--cells_[at].count == 0) erase(at);
  }

 private:
  struct Cell {
    std::uint64_t value = 0;
    std::uint32_t count = 0;  ///< Zero: free.
  };

  std::uint32_t home(std::uint64_t value) const { return static_cast<std::uint32_t>(mix(value, seed_) >> 32) & (capacity_ - 1); }
  std::uint32_t find(std::uint64_t value) const {
    std::uint32_t at = home(value);
    while (cells_[at].count != 0 && cells_[at].value != value) at = (at + 1) & (capacity_ - 1);
    return at;
  }
  /// Closes the gap, so that no search meets a tombstone.
  void erase(std::uint32_t gap) {
    --size_;
    for (std::uint32_t at = (gap + 1) & (capacity_ - 1); cells_[at].count != 0; at = (at + 1) & (capacity_ - 1)) {
      const std::uint32_t distance = (at - home(cells_[at].value)) & (capacity_ - 1);
      if (distance < ((at - gap) & (capacity_ - 1))) continue;
      cells_[gap] = cells_[at];
      gap = at;
    }
    cells_[gap].count = 0;
  }
  void grow() {
    const std::uint32_t before = capacity_;
    const auto old = std::move(cells_);
    capacity_ = before == 0 ? 8 : before * 2;
    cells_ = std::make_unique<Cell[]>(capacity_);
    for (std::uint32_t i = 0; i < before; ++i)
      if (old[i].count != 0) cells_[find(old[i].value)] = old[i];
  }

  std::unique_ptr<Cell[]> cells_;
  std::uint64_t seed_ = 0;
  std::uint32_t capacity_ = 0, size_ = 0;
};

}  // namespace tocsin::sigma::windows
