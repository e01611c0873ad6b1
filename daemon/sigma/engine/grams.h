// grams.h: which pairs of neighbouring bytes a text has, so that most texts that are not inside it are ruled out at a glance.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tocsin::sigma {

/// A few pairs of a text to look for. Empty for texts of one byte: then nothing is ruled out.
struct GramProbe {
  std::array<std::uint16_t, 4> places{};
  std::uint8_t count = 0;
};

class Grams {
 public:
  /// Longer texts have nearly all pairs: looking at them first would only cost time.
  static constexpr std::size_t kLongest = 2'048;
  /// Values of one event whose pairs are kept, 512 bytes each: a list of a hundred thousand texts must not hold memory for ever.
  static constexpr std::size_t kValuesMost = 256;

  void fill(std::string_view text) {
    bits_.fill(0);
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      const std::uint32_t place = place_of(text.data() + i);
      bits_[place / 64] |= std::uint64_t{1} << (place % 64);
    }
  }
  /// False: the text of the probe is not inside. True: look.
  bool may_hold(const GramProbe& probe) const {
    for (std::uint8_t i = 0; i < probe.count; ++i) {
      const std::uint32_t place = probe.places[i];
      if ((bits_[place / 64] >> (place % 64) & 1U) == 0) return false;
    }
    return true;
  }

  /// Pairs from all over the text: its middle tells more than its beginning.
  static GramProbe probe_of(std::string_view text) {
    GramProbe out;
    if (text.size() < 2) return out;
    const std::size_t pairs = text.size() - 1;
    out.count = static_cast<std::uint8_t>(pairs < out.places.size() ? pairs : out.places.size());
    for (std::size_t i = 0; i < out.count; ++i) {
      out.places[i] = static_cast<std::uint16_t>(place_of(text.data() + (out.count == 1 ? 0 : i * (pairs - 1) / (out.count - 1U))));
    }
    return out;
  }

 private:
  static std::uint32_t place_of(const char* pair) {
    std::uint16_t both = 0;
    std::memcpy(&both, pair, 2);
    return (both * 0x9E3779B1U) >> 20U;
  }
  std::array<std::uint64_t, 64> bits_{};
};

}  // namespace tocsin::sigma
