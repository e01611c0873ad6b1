// event.cpp: filling and clearing slots.
#include "daemon/model/event.h"

namespace tocsin {

void Event::clear(std::size_t slots) {
  if (cells_.size() != slots) cells_.resize(slots);
  if (++stamp_ == 0) {   // Once in four billion events every cell must be told.
    for (Cell& cell : cells_) cell.stamp = 0;
    stamp_ = 1;
  }
  values_.clear();
  filled_.clear();
  kept_used_ = 0;
  subjects.clear();
  categories.clear();
  clear_ids.clear();
  id = {};
  time = {};
  index = 0;
  log_source = {};
  subject_count = record_count = 0;
  count_basis = v1::COUNT_BASIS_UNSPECIFIED;
}

Event::Cell& Event::cell_of(FieldTable::Slot slot) {
  Cell& cell = cells_[slot];
  if (cell.stamp != stamp_) {
    cell = {stamp_, 0, 0, 0};
    filled_.push_back(slot);
  }
  return cell;
}

void Event::add(FieldTable::Slot slot, ValueType type, std::string_view raw) {
  Cell& cell = cells_[slot];
  if (cell.stamp != stamp_) {   // Most fields have one value: nothing that was just written is read again.
    const auto begin = static_cast<std::uint32_t>(values_.size());
    values_.push_back({type, raw});
    filled_.push_back(slot);
    cell = {stamp_, begin, 1, 1};
    return;
  }
  if (cell.count < cell.room) {
    values_[cell.begin + cell.count++] = {type, raw};
    return;
  }
  const bool last = cell.begin + cell.room == values_.size();
  if (!last && cell.count > 0) {
    // Another slot's values stand behind: move to the end with room to grow, so that interleaved lists stay linear.
    const auto begin = static_cast<std::uint32_t>(values_.size());
    const std::uint32_t room = cell.count * 2;
    values_.resize(begin + room);
    std::copy_n(values_.begin() + cell.begin, cell.count, values_.begin() + begin);
    cell.begin = begin;
    cell.room = room;
    values_[begin + cell.count++] = {type, raw};
    return;
  }
  if (cell.count == 0) cell.begin = static_cast<std::uint32_t>(values_.size());
  values_.push_back({type, raw});
  ++cell.count;
  ++cell.room;
}

std::string_view Event::keep(std::string_view text) {
  if (kept_used_ == kept_.size()) kept_.push_back(std::make_unique<std::string>());
  return *kept_[kept_used_++] = text;
}

}  // namespace tocsin
