// event_memory.cpp: folding and taking pairs, when first asked for.
#include "daemon/sigma/engine/event_memory.h"

#include <algorithm>

#include "daemon/sigma/engine/fold_case.h"

namespace tocsin::sigma {
namespace {

constexpr std::uint32_t kPatience = 8;   // Taking the pairs of a value costs as much as so many searches.

}  // namespace

void FoldedValues::begin(const Event& event) {
  folded_.assign(event.all_values().size(), {});
  gram_of_.assign(event.all_values().size(), 0U);
  grams_used_ = 0;
  used_ = 0;
}

std::string_view FoldedValues::at(const Event& event, const Value& value) {
  std::string_view& kept = folded_[static_cast<std::size_t>(&value - event.all_values().data())];
  if (kept.data() != nullptr) return kept;
  if (value.raw.empty()) return kept = std::string_view("", 0);
  if (room_ - used_ < value.raw.size()) {
    // Room for all values of the event at once: earlier ones are folded again where they are asked again.
    std::size_t all = 0;
    for (const Value& each : event.all_values()) all += each.raw.size();
    if (all > room_) {
      bytes_ = std::make_unique<char[]>(all);
      room_ = all;
    }
    std::fill(folded_.begin(), folded_.end(), std::string_view());
    used_ = 0;
  }
  char* to = bytes_.get() + used_;
  fold_case(value.raw, to);
  used_ += value.raw.size();
  return kept = std::string_view(to, value.raw.size());
}

bool FoldedValues::may_hold(const Event& event, const Value& value, const GramProbe& probe) {
  if (probe.count == 0 || value.raw.size() > Grams::kLongest) return true;
  std::uint32_t& place = gram_of_[static_cast<std::size_t>(&value - event.all_values().data())];
  if (place < kPatience) {
    if (++place < kPatience || grams_used_ == Grams::kValuesMost) {
      place = std::min(place, kPatience - 1);
      return true;
    }
    if (grams_used_ == grams_.size()) grams_.emplace_back();
    grams_[grams_used_++].fill(at(event, value));
    place = kPatience + static_cast<std::uint32_t>(grams_used_) - 1;
  }
  return grams_[place - kPatience].may_hold(probe);
}

void ItemAnswers::begin(std::size_t items) {
  cells_.resize(items);
  if (++stamp_ < (1U << 31U)) return;
  std::fill(cells_.begin(), cells_.end(), 0U);
  stamp_ = 1;
}

}  // namespace tocsin::sigma
