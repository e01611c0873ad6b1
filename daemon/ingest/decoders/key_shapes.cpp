// key_shapes.cpp: remembering, and where it ends.
#include "daemon/ingest/decoders/key_shapes.h"

#include <algorithm>

#include "daemon/base/limits.h"

namespace tocsin::ingest {
namespace {

constexpr std::uint32_t kKeysMost = 64;        // Of one object: the first that come are compared with all before them.
constexpr std::uint32_t kInsteadMost = 8;      // Each that is tried in vain costs a comparison.
constexpr std::size_t kKeyBytesMost = 128;

}  // namespace

KeyShapes::Shape KeyShapes::learn(Shape last, std::string_view key) {
  const std::uint32_t keys = states_[last].keys;
  std::uint32_t instead = 0;
  for (Shape at = states_[last].first; at != kNone; at = states_[at].other) ++instead;
  if (keys >= kKeysMost || instead >= kInsteadMost || key.size() > kKeyBytesMost) {
    ++refused_;
    return kNone;
  }
  for (Shape at = last; states_[at].keys > 0; at = states_[at].before) {
    if (same_key({keys_.data() + states_[at].key, states_[at].length}, key)) return kNone;
  }
  const Shape made = make(last, key, keys + 1);
  if (made == kNone) return kNone;
  // Behind those that came earlier: they are the most frequent.
  Shape* to = &states_[last].first;
  while (*to != kNone) to = &states_[*to].other;
  return *to = made;
}

KeyShapes::Shape KeyShapes::make(Shape before, std::string_view key, std::uint32_t keys) {
  if (states_.size() >= limits::kKeyShapesMax) {
    ++refused_;
    return kNone;
  }
  Words begin;
  if (!key.empty()) std::memcpy(&begin, key.data(), std::min(key.size(), kWide));
  states_.push_back({begin, static_cast<std::uint32_t>(keys_.size()), static_cast<std::uint32_t>(key.size()), key_hash(key), before, kNone, kNone, kNone, keys});
  keys_ += key;
  return static_cast<Shape>(states_.size() - 1);
}

void KeyShapes::forget() {
  states_.assign(2, {});   // kNone and kRoot.
  keys_.clear();
  refused_ = 0;
  ++generation_;
}

}  // namespace tocsin::ingest
