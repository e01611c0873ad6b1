// text_index.cpp: choosing the grams, and filing.
#include "daemon/sigma/engine/text_index.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <bit>

#include "daemon/base/promise.h"

namespace tocsin::sigma {
namespace {

constexpr std::size_t kStrideMost = 4;
constexpr std::size_t kStridedMost = 4'096;   // The bits of more entries than this no longer fit the first cache.

}  // namespace

template <typename Gram>
GramTable<Gram>::GramTable(std::span<const Text> texts) {
  if (texts.empty()) return;
  absl::flat_hash_map<Gram, std::uint32_t> uses;
  std::size_t shortest = texts[0].text.size();
  for (const Text& each : texts) {
    shortest = std::min(shortest, each.text.size());
    for (std::size_t i = 0; i + sizeof(Gram) <= each.text.size(); ++i) ++uses[read(each.text.data() + i)];
  }
  stride_ = std::min(shortest - sizeof(Gram) + 1, kStrideMost);
  if (texts.size() * stride_ > kStridedMost) stride_ = 1;
  const auto places = static_cast<std::uint32_t>(std::bit_ceil(std::max<std::size_t>(texts.size() * stride_ * kBits, 512)));
  shift_ = 32U - static_cast<std::uint32_t>(std::countr_zero(places));

  for (const Text& each : texts) {
    // Of all runs of grams, one for each place modulo the stride, the one that others share least.
    std::size_t best = 0, least = SIZE_MAX;
    for (std::size_t i = 0; i + stride_ + sizeof(Gram) - 1 <= each.text.size(); ++i) {
      std::size_t shared = 0;
      for (std::size_t step = 0; step < stride_; ++step) shared += uses[read(each.text.data() + i + step)];
      if (shared < least) {
        best = i;
        least = shared;
      }
    }
    for (std::size_t i = best; i < best + stride_; ++i) {
      entries_.push_back({read(each.text.data() + i), each.id, static_cast<std::uint32_t>(i), each.text});
    }
  }
  std::stable_sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) { return hash(a.gram, shift_) < hash(b.gram, shift_); });
  bits_.resize(places / kBits);
  begins_.resize(places / kBits + 1);
  for (const Entry& entry : entries_) {
    const std::uint32_t place = hash(entry.gram, shift_);
    bits_[place / kBits] |= std::uint64_t{1} << (place % kBits);
    ++begins_[place / kBits + 1];
  }
  for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
}

template class GramTable<std::uint16_t>;
template class GramTable<std::uint32_t>;

TextIndex::ByLength TextIndex::sorted(std::span<const std::string_view> texts) {
  ByLength out;
  for (std::uint32_t id = 0; id < texts.size(); ++id) {
    const std::string_view text = texts[id];
    TOCSIN_ASSERT(!text.empty());
    if (text.size() >= sizeof(std::uint32_t)) out.long_ones.push_back({text, id});
    else if (text.size() >= sizeof(std::uint16_t)) out.short_ones.push_back({text, id});
    else out.single.emplace_back(text[0], id);
  }
  return out;
}

TextIndex::TextIndex(std::span<const std::string_view> texts) : TextIndex(sorted(texts), texts.size()) {}

}  // namespace tocsin::sigma
