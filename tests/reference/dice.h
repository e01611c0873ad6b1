// dice.h: seeded chance, the same on every machine.
#pragma once

#include <cstdint>
#include <iterator>
#include <random>
#include <string_view>

namespace tocsin::reference {

/// The standard's distributions differ between libraries; its Mersenne twister does not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
  /// Both ends included.
  int between(int least, int most) { return least + static_cast<int>(below(static_cast<std::size_t>(most - least + 1))); }
  bool percent(int n) { return below(100) < static_cast<std::size_t>(n); }
  template <typename List>
  const auto& pick(const List& list) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
  }
  std::uint64_t seed() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tocsin::reference
