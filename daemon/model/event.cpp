// event.cpp: filling and clearing slots.
#include "daemon/model/event.h"

#include <algorithm>

namespace tocsin {

void Event::clear(std::size_t slots) {
  if (cells_.size() != slots) {
    cells_.resize(slots);
    filled_.resize(slots);
  }
  if (++stamp_ == 0) {   // Once in four billion events every cell must be told.
    for (Cell& cell : cells_) cell.stamp = 0;
    stamp_ = 1;
  }
  used_ = 0;
  filled_used_ = 0;
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
    filled_[filled_used_++] = slot;
  }
  return cell;
}

void Event::add_further(Cell& cell, ValueType type, std::string_view raw) {
  if (cell.count < cell.room) {
    values_[cell.begin + cell.count++] = {type, raw};
    return;
  }
  const bool last = cell.begin + cell.room == used_;
  if (!last && cell.count > 0) {
    // Another slot's values stand behind: move to the end with room to grow, so that interleaved lists stay linear.
    const std::uint32_t begin = used_, room = cell.count * 2;
    grow(std::size_t{begin} + room);
    std::copy_n(values_.begin() + cell.begin, cell.count, values_.begin() + begin);
    std::fill(values_.begin() + begin + cell.count, values_.begin() + begin + room, Value());   // all_values() shows them.
    used_ = begin + room;
    cell.begin = begin;
    cell.room = room;
    values_[begin + cell.count++] = {type, raw};
    return;
  }
  if (cell.count == 0) cell.begin = used_;
  append(type, raw);
  ++cell.count;
  ++cell.room;
}

void Event::grow(std::size_t values) {
  if (values > values_.size()) values_.resize(std::max<std::size_t>({16, values, values_.size() * 2}));
}

std::string_view Event::keep(std::string_view text) {
  if (kept_used_ == kept_.size()) kept_.push_back(std::make_unique<std::string>());
  return *kept_[kept_used_++] = text;
}

}  // namespace tocsin
