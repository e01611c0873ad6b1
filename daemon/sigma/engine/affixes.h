// affixes.h: which of many beginnings (or ends) a value has, by a hash of a few bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

namespace tocsin::sigma {

/// Immutable once filled. `From::front` holds beginnings, `From::back` ends.
class Affixes {
 public:
  enum class From : std::uint8_t { front, back };
  explicit Affixes(From from) : from_(from) {}

  /// `text` must outlive this and not be empty.
  void add(std::string_view text, std::uint32_t id) {
    const std::size_t width = text.size() >= 8 ? 8 : text.size() >= 4 ? 4 : text.size();
    (width == 8 ? wide_ : width == 4 ? middle_ : narrow_)[key(text, width)].push_back({text, id});
    widths_ |= 1U << width;
  }
  bool empty() const { return widths_ == 0; }

  template <typename Visit>
  void find(std::string_view value, Visit&& visit) const {
    if (value.size() >= 8 && (widths_ & 1U << 8U) != 0) look(wide_, value, 8, visit);
    if (value.size() >= 4 && (widths_ & 1U << 4U) != 0) look(middle_, value, 4, visit);
    for (std::size_t width = 1; width < 4 && width <= value.size(); ++width) {
      if ((widths_ & 1U << width) != 0) look(narrow_, value, width, visit);
    }
  }

 private:
  struct Entry {
    std::string_view text;
    std::uint32_t id;
  };
  using Table = absl::flat_hash_map<std::uint64_t, std::vector<Entry>>;

  /// The outermost bytes, with their number in front where that is not clear.
  std::uint64_t key(std::string_view text, std::size_t width) const {
    std::uint64_t out = 0;
    std::memcpy(&out, from_ == From::front ? text.data() : text.data() + text.size() - width, width);
    return width < 4 ? out | static_cast<std::uint64_t>(width) << 56U : out;
  }
  template <typename Visit>
  void look(const Table& table, std::string_view value, std::size_t width, Visit&& visit) const {
    const auto at = table.find(key(value, width));
    if (at == table.end()) return;
    for (const Entry& entry : at->second) {
      if (from_ == From::front ? value.starts_with(entry.text) : value.ends_with(entry.text)) visit(entry.id);
    }
  }

  From from_;
  std::uint32_t widths_ = 0;
  Table wide_, middle_, narrow_;
};

}  // namespace tocsin::sigma
