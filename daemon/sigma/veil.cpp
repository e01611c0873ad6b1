// veil.cpp: hiding identifiers in what an alert shows.
#include "daemon/sigma/veil.h"

namespace tocsin::sigma {
namespace {

constexpr std::string_view kSeparators = " \t\r\n/\\?&=,;:|()[]{}<>\"'#%";

const ClearId* find(std::string_view text, const Event& event) {
  const auto at = std::lower_bound(event.clear_ids.begin(), event.clear_ids.end(), text,
                                   [](const ClearId& id, std::string_view wanted) { return id.clear < wanted; });
  return at != event.clear_ids.end() && at->clear == text ? &*at : nullptr;
}

}  // namespace

std::string veiled(std::string_view value, const Event& event) {
  if (event.clear_ids.empty()) return std::string(value);
  if (const ClearId* whole = find(value, event)) return "subject:" + whole->ref.hex();
  std::string out;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(kSeparators), value.size());
    const std::string_view word = value.substr(0, end);
    const ClearId* id = word.empty() ? nullptr : find(word, event);
    out += id == nullptr ? std::string(word) : "subject:" + id->ref.hex();
    if (end < value.size()) out += value[end];
    value.remove_prefix(std::min(value.size(), end + 1));
  }
  return out;
}

}  // namespace tocsin::sigma
