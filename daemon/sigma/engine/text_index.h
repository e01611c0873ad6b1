// text_index.h: which of many texts stand in a value, by a few neighbouring bytes of each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace tocsin::sigma {

/// Which texts of the scan in work were found already. One thread needs one; it fits every index that it was grown for.
class FoundTexts {
 public:
  void grow(std::size_t texts) { stamps_.resize(std::max(stamps_.size(), texts)); }
  void begin() {
    if (++stamp_ != 0) return;
    std::fill(stamps_.begin(), stamps_.end(), 0U);
    stamp_ = 1;
  }
  bool found(std::uint32_t text) const { return stamps_[text] == stamp_; }
  void set_found(std::uint32_t text) { stamps_[text] = stamp_; }

 private:
  std::vector<std::uint32_t> stamps_;
  std::uint32_t stamp_ = 0;
};

/// Texts filed behind one gram of each: so many neighbouring bytes, those that the fewest others have. Immutable once made.
template <typename Gram>
class GramTable {
 public:
  struct Text {
    std::string_view text;   ///< No shorter than a gram.
    std::uint32_t id;
  };
  explicit GramTable(std::span<const Text> texts);

  /// Calls found(id) for each text inside `value`, once each.
  template <typename Found>
  void find(std::string_view value, FoundTexts& memory, Found&& found) const {
    if (entries_.empty() || value.size() < sizeof(Gram)) return;
    const char* const last = value.data() + value.size() - sizeof(Gram);
    const std::uint64_t* const bits = bits_.data();   // Else they are read again at every step.
    const std::uint32_t shift = shift_;
    const std::size_t stride = stride_;
    for (const char* at = value.data(); at <= last; at += stride) {
      const Gram gram = read(at);
      const std::uint32_t place = hash(gram, shift);
      if ((bits[place / kBits] >> (place % kBits) & 1U) != 0) [[unlikely]] look(gram, place / kBits, value, at, memory, found);
    }
  }

 private:
  struct Entry {
    Gram gram;
    std::uint32_t id, offset;   ///< Where the gram stands in the text.
    std::string_view text;
  };

  static Gram read(const char* at) {
    Gram out = 0;
    std::memcpy(&out, at, sizeof out);
    return out;
  }
  static std::uint32_t hash(Gram gram, std::uint32_t shift) { return static_cast<std::uint32_t>(gram) * 0x9E3779B1U >> shift; }

  template <typename Found>
  [[gnu::noinline]] void look(Gram gram, std::uint32_t bucket, std::string_view value, const char* at, FoundTexts& memory, Found&& found) const {
    for (std::uint32_t i = begins_[bucket]; i < begins_[bucket + 1]; ++i) {
      const Entry& entry = entries_[i];
      if (entry.gram != gram || memory.found(entry.id)) continue;
      const auto before = static_cast<std::size_t>(at - value.data());
      if (before < entry.offset || value.size() - (before - entry.offset) < entry.text.size()) continue;
      if (std::memcmp(at - entry.offset, entry.text.data(), entry.text.size()) != 0) continue;
      memory.set_found(entry.id);
      found(entry.id);
    }
  }

  static constexpr std::uint32_t kBits = 64;          // So many to an entry: a jump that is foretold wrongly costs more than a cache.

  std::uint32_t shift_ = 0;
  /// Every so many places of a value are looked at, where each text is filed behind so many grams in a row.
  std::size_t stride_ = 1;
  std::vector<std::uint64_t> bits_;                   ///< One bit a hash: is there any such gram? A word is a bucket.
  std::vector<std::uint32_t> begins_;                 ///< By bucket; in entries_.
  std::vector<Entry> entries_;
};

/// Immutable; any number of threads look, each with its own memory. Bytes compare as they are: fold both sides first.
class TextIndex {
 public:
  /// Texts must outlive this and not be empty.
  explicit TextIndex(std::span<const std::string_view> texts);

  std::size_t size() const { return size_; }
  /// Appends the place of each text that stands in `value`, once each.
  void find(std::string_view value, FoundTexts& memory, std::vector<std::uint32_t>& out) const {
    memory.begin();
    const auto found = [&](std::uint32_t text) { out.push_back(text); };
    long_.find(value, memory, found);
    short_.find(value, memory, found);
    for (const auto& [text, id] : single_) {
      if (value.find(text) != std::string_view::npos) found(id);
    }
  }

 private:
  using Texts = std::vector<GramTable<std::uint32_t>::Text>;
  struct ByLength {
    Texts long_ones;
    std::vector<GramTable<std::uint16_t>::Text> short_ones;
    std::vector<std::pair<char, std::uint32_t>> single;
  };
  static ByLength sorted(std::span<const std::string_view> texts);
  TextIndex(const ByLength& texts, std::size_t size) : size_(size), long_(texts.long_ones), short_(texts.short_ones), single_(texts.single) {}

  std::size_t size_;
  GramTable<std::uint32_t> long_;
  GramTable<std::uint16_t> short_;
  std::vector<std::pair<char, std::uint32_t>> single_;
};

}  // namespace tocsin::sigma
