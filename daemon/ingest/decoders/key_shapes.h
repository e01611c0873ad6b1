// key_shapes.h: which keys followed one another in earlier documents, so that those of the next are only compared.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/key_hash.h"

namespace tocsin::ingest {

/// Producers write their keys in one order, again and again. A shape stands for an object at its place in the document with the
/// keys that it has shown so far: reaching one by known keys proves that these differ from one another, what they hash to, and
/// which path leads here. Whoever makes up keys finds an end to what is remembered, and then costs what he would without it.
/// Used from one thread.
class KeyShapes {
 public:
  using Shape = std::uint32_t;
  static constexpr Shape kNone = 0;   ///< Not remembered.
  static constexpr Shape kRoot = 1;   ///< Where the whole document stands.

  KeyShapes() { forget(); }

  /// Before a document: its shapes and those of earlier ones stay valid until the generation changes.
  void begin() {
    if (refused_ > kRefusedMost) forget();
  }
  std::uint32_t generation() const { return generation_; }

  /// The beginning of an object that is the value at `at`, or an element of the list there.
  Shape object(Shape at) {
    if (const Shape inner = states_[at].inner; inner != kNone || at == kNone) return inner;
    return states_[at].inner = make(at, {}, 0);
  }
  /// What `key` leads to; kNone where it is a second one of its name, or there is no room to remember it. `wide`: kWide bytes can be
  /// read from where it begins.
  Shape next(Shape last, std::string_view key, bool wide = false) {
    if (wide && key.size() <= kWide) {
      Words words;
      std::memcpy(&words, key.data(), kWide);
      const Words mask = mask_of(key.size());
      words = {words.a & mask.a, words.b & mask.b};
      for (Shape at = states_[last].first; at != kNone; at = states_[at].other) {
        const State& state = states_[at];
        if (((state.begin.a ^ words.a) | (state.begin.b ^ words.b) | (state.length ^ key.size())) == 0) return at;
      }
    } else {
      for (Shape at = states_[last].first; at != kNone; at = states_[at].other) {
        if (same_key({keys_.data() + states_[at].key, states_[at].length}, key)) return at;
      }
    }
    return learn(last, key);
  }
  static constexpr std::size_t kWide = 16;
  std::uint32_t hash(Shape shape) const { return states_[shape].hash; }

 private:
  struct Words {
    std::uint64_t a = 0, b = 0;
  };
  /// For the first n bytes.
  static Words mask_of(std::size_t n) {
    static constexpr std::array<std::uint8_t, 2 * kWide> kOnes = [] {
      std::array<std::uint8_t, 2 * kWide> out{};
      for (std::size_t i = 0; i < kWide; ++i) out[i] = 0xFF;
      return out;
    }();
    Words out;
    std::memcpy(&out, kOnes.data() + kWide - n, kWide);
    return out;
  }

  struct State {
    Words begin;                                   ///< The first bytes of the key, then zeros.
    std::uint32_t key = 0, length = 0, hash = 0;   ///< The key that led here, in keys_.
    Shape before = kNone;                          ///< Without this key.
    Shape first = kNone, other = kNone;            ///< What came next, and what came instead of this.
    Shape inner = kNone;                           ///< The object that stands at the key.
    std::uint32_t keys = 0;                        ///< Of the object so far.
  };
  Shape learn(Shape last, std::string_view key);
  Shape make(Shape before, std::string_view key, std::uint32_t keys);
  void forget();

  static constexpr std::size_t kRefusedMost = 1U << 20U;   ///< So often another shape was met that a producer may have changed.

  std::vector<State> states_;
  std::string keys_;
  std::size_t refused_ = 0;
  std::uint32_t generation_ = 0;
};

}  // namespace tocsin::ingest
